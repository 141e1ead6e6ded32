//! A literal as the validated model keeps it: its value and its place, and nothing of syn.

use proc_macro2::{Literal as Token, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

/// Text, and where it stands.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
}

/// A whole number, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Number {
    pub(crate) value: i64,
    pub(crate) span: Span,
}

/// A value that a column can have.
pub(crate) enum Literal {
    Text(Text),
    Number(Number),
    Boolean(bool, Span),
}

impl Text {
    pub(crate) fn new(value: impl Into<String>, span: Span) -> Self {
        Self { value: value.into(), span }
    }
}

impl ToTokens for Text {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut literal = Token::string(&self.value);
        literal.set_span(self.span);
        literal.to_tokens(tokens);
    }
}

impl Number {
    fn tokens(self, digits: impl Fn(i64) -> Token) -> TokenStream {
        let mut positive = digits(self.value.saturating_abs());
        positive.set_span(self.span);
        if self.value < 0 { quote_spanned!(self.span => -#positive) } else { positive.into_token_stream() }
    }
}

impl ToTokens for Number {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens(Token::i64_unsuffixed));
    }
}

impl ToTokens for Literal {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            // A bare number would be taken for 32 bits.
            Self::Number(number) => tokens.extend(number.tokens(Token::i64_suffixed)),
            Self::Boolean(value, span) => tokens.extend(quote_spanned!(*span => #value)),
        }
    }
}
