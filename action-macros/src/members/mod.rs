//! The grammar that both attributes share: members with commas between them, each in one of a few shapes.
//!
//! ```text
//! name                 a flag
//! name = value         text, or another literal, or a path
//! name(value, …)       several
//! ```
//!
//! A macro gives the table of its members; what is not in it, stands twice, or has another shape is a mistake at its
//! own place, and the parser goes on behind the next comma. What the values mean is left to the macro.

mod spelling;
mod value;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

pub(crate) use spelling::Spelling;
use value::{Value, given, read};

use crate::errors::Errors;
use crate::similar::closest;
use crate::text::{Literal, Number, Text};

/// The members of one attribute, or of several on one item. Each is taken out once.
#[derive(Default)]
pub(crate) struct Members {
    read: Vec<Member>,
    /// Those that were meant but could not be read, so that nobody complains that they are missing.
    broken: Vec<&'static str>,
}

struct Member {
    name: &'static str,
    span: Span,
    value: Value,
}

impl Members {
    /// Reads what stands in the parentheses of an attribute, on top of what was read before.
    pub(crate) fn read(&mut self, args: TokenStream, known: &[Spelling], errors: &Errors) {
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = self.member(input, known, errors) {
                    errors.add(error);
                    skip_to_comma(input);
                }
                if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                    errors.push(input.span(), "a comma is missing before this");
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(args) {
            errors.add(error);
        }
    }

    /// Reads one member to its end, or as far as it can be read.
    fn member(&mut self, input: ParseStream<'_>, known: &[Spelling], errors: &Errors) -> syn::Result<()> {
        let names = || known.iter().map(|it| it.name);
        if !input.peek(Ident::peek_any) {
            return Err(
                input.error("a member of the attribute was expected here, such as `name = \"value\"`")
            );
        }
        let name = Ident::parse_any(input)?;
        let written = name.unraw().to_string();
        let given = given(input);
        let Some(spelling) = known.iter().find(|it| it.name == written) else {
            let meant = closest(&written, names());
            let hint = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            errors.push(name.span(), format!("unknown member `{written}`; {hint}"));
            self.broken.extend(meant);
            return given.map(drop);
        };
        let wrong_shape = format!("this is written `{}`", spelling.example);
        let value = match given {
            Ok(given) => read(spelling.shape, &given).map_err(|at| at.unwrap_or(name.span())),
            Err(error) => {
                self.broken.push(spelling.name);
                return Err(syn::Error::new(error.span(), wrong_shape));
            }
        };
        match value {
            Ok(_) if !spelling.repeatable && self.read.iter().any(|it| it.name == spelling.name) => {
                errors.push(name.span(), format!("`{written}` is given twice"));
            }
            Ok(value) => self.read.push(Member { name: spelling.name, span: name.span(), value }),
            Err(at) => {
                self.broken.push(spelling.name);
                errors.push(at, wrong_shape);
            }
        }
        Ok(())
    }

    fn take(&mut self, name: &str) -> Option<Member> {
        let at = self.read.iter().position(|it| it.name == name)?;
        Some(self.read.remove(at))
    }

    /// Where one of these stands first, of those that were not taken out yet.
    pub(crate) fn place(&self, name: &str) -> Option<Span> {
        self.read.iter().find(|it| it.name == name).map(|it| it.span)
    }

    /// Whether one of these was meant but could not be read.
    pub(crate) fn broken(&self, names: &[&str]) -> bool {
        self.broken.iter().any(|it| names.contains(it))
    }

    /// Where a flag stands.
    pub(crate) fn flag(&mut self, name: &str) -> Option<Span> {
        self.take(name).map(|it| it.span)
    }

    /// A text.
    pub(crate) fn text(&mut self, name: &str) -> Option<Text> {
        self.texts(name).and_then(|(_, texts)| texts.into_iter().next())
    }

    /// Texts, and where their member stands.
    pub(crate) fn texts(&mut self, name: &str) -> Option<(Span, Vec<Text>)> {
        let member = self.take(name)?;
        if let Value::Texts(texts) = member.value { Some((member.span, texts)) } else { None }
    }

    /// Two numbers, and where their member stands.
    pub(crate) fn two_numbers(&mut self, name: &str) -> Option<(Span, [Number; 2])> {
        let member = self.take(name)?;
        if let Value::TwoNumbers(numbers) = member.value { Some((member.span, numbers)) } else { None }
    }

    /// A literal, and where its member stands.
    pub(crate) fn literal(&mut self, name: &str) -> Option<(Span, Literal)> {
        let member = self.take(name)?;
        if let Value::Literal(literal) = member.value { Some((member.span, literal)) } else { None }
    }

    /// A path.
    pub(crate) fn path(&mut self, name: &str) -> Option<TokenStream> {
        let member = self.take(name)?;
        if let Value::Path(path) = member.value { Some(path) } else { None }
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
