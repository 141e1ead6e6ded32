//! What stands behind a member's name, read as the shape that the member has.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, ExprUnary, Lit, Token, UnOp, parenthesized};

use super::spelling::Shape;
use crate::text::{Literal, Number, Text};

/// What a member says.
pub(super) enum Value {
    Flag,
    Texts(Vec<Text>),
    TwoNumbers([Number; 2]),
    Literal(Literal),
    Path(TokenStream),
}

/// What stands behind a member's name.
pub(super) enum Given {
    Nothing,
    Equals(Expr),
    List(Span, Vec<Expr>),
}

/// Reads up to the next comma.
pub(super) fn given(input: ParseStream<'_>) -> syn::Result<Given> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        return input.parse().map(Given::Equals);
    }
    if input.peek(syn::token::Paren) {
        let list;
        let parentheses = parenthesized!(list in input);
        let values = Punctuated::<Expr, Token![,]>::parse_terminated(&list)?;
        return Ok(Given::List(parentheses.span.join(), values.into_iter().collect()));
    }
    if input.is_empty() || input.peek(Token![,]) || input.peek(Ident::peek_any) {
        return Ok(Given::Nothing);
    }
    Err(input.error("`=`, `(` or a comma was expected here"))
}

/// The value, or the place of what has another shape: `None` where that is nothing.
pub(super) fn read(shape: Shape, given: &Given) -> Result<Value, Option<Span>> {
    match (shape, given) {
        (Shape::Flag, Given::Nothing) => Ok(Value::Flag),
        (Shape::Text | Shape::TextOrTexts, Given::Equals(it)) => Ok(Value::Texts(vec![text(it)?])),
        (Shape::Texts | Shape::TextOrTexts, Given::List(_, them)) if !them.is_empty() => {
            them.iter().map(text).collect::<Result<_, _>>().map(Value::Texts)
        }
        (Shape::TwoNumbers, Given::List(_, them)) if let [a, b] = them.as_slice() => {
            Ok(Value::TwoNumbers([number(a)?, number(b)?]))
        }
        (Shape::Literal, Given::Equals(it)) => literal(it).map(Value::Literal),
        (Shape::Path, Given::Equals(it @ Expr::Path(_))) => Ok(Value::Path(it.to_token_stream())),
        (_, Given::Nothing) => Err(None),
        (_, Given::Equals(it)) => Err(Some(it.span())),
        (_, Given::List(at, _)) => Err(Some(*at)),
    }
}

fn text(expr: &Expr) -> Result<Text, Option<Span>> {
    match bare(expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(Text::new(text.value(), text.span())),
        other => Err(Some(other.span())),
    }
}

fn number(expr: &Expr) -> Result<Number, Option<Span>> {
    let wrong = Err(Some(expr.span()));
    match bare(expr) {
        Expr::Lit(ExprLit { lit: Lit::Int(digits), .. }) if digits.suffix().is_empty() => {
            digits.base10_parse().map_or(wrong, |value| Ok(Number { value, span: digits.span() }))
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => {
            let positive = number(expr)?;
            Ok(Number { value: -positive.value, ..positive })
        }
        _ => wrong,
    }
}

fn literal(expr: &Expr) -> Result<Literal, Option<Span>> {
    match bare(expr) {
        Expr::Lit(ExprLit { lit: Lit::Bool(it), .. }) => Ok(Literal::Boolean(it.value, it.span())),
        // A decimal keeps its own digits; binary would not.
        Expr::Lit(ExprLit { lit: Lit::Float(it), .. }) => {
            Ok(Literal::Text(Text::new(it.base10_digits(), it.span())))
        }
        it @ Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => text(it).map(Literal::Text),
        it => number(it).map(Literal::Number),
    }
}

/// Without the invisible parentheses that a `macro_rules!` puts around what it passes on.
fn bare(expr: &Expr) -> &Expr {
    if let Expr::Group(group) = expr { bare(&group.expr) } else { expr }
}
