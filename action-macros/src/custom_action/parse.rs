//! Syntax: what may stand in the attribute, and which items it may stand on.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, Generics, Lit, LitStr, Meta, Signature, Token, Visibility};

use crate::errors::Errors;
use crate::members::{Members, Spelling};
use crate::text::Text;

/// Everything that may stand in `#[custom_action(…)]`.
const SPELLINGS: &[Spelling] = &[
    // What it is called: an action of the execution endpoint, or one on the rows of an entity, of several
    // (`entity("Car", "Truck")`) or of all (`entity = "*"`), whose name defaults to that of the function in PascalCase,
    // or of the type without one trailing `Action`.
    Spelling::text("id", r#"id = "user.update""#),
    Spelling::text_or_texts("entity", r#"entity = "Car""#),
    Spelling::text("name", r#"name = "CarCopy""#),
    // Who may run it. An action on an entity needs `{name}/{entity}` where none of these is given.
    Spelling::text("permission", r#"permission = "user.edit""#).repeatable(),
    Spelling::texts("permissions", r#"permissions("user.edit", "user.view")"#),
    Spelling::texts("any_permission", r#"any_permission("user.edit", "user.admin")"#),
    Spelling::flag("authenticated"),
    // What people are told. The description defaults to the first paragraph of the doc comment.
    Spelling::text("title", r#"title = "Update a user""#),
    Spelling::text("description", r#"description = "Changes what is known of a user.""#),
    // Its limits, and what the audit leaves out.
    Spelling::text("rate_limit", r#"rate_limit = "30/min""#),
    Spelling::text("timeout", r#"timeout = "5s""#),
    Spelling::text_or_texts("redact", r#"redact("pin", "iban")"#),
    // What it is like.
    Spelling::flag("read_only"),
    Spelling::flag("destructive"),
    Spelling::flag("idempotent"),
    Spelling::flag("allow_unknown"),
    Spelling::text("tenant", r#"tenant = "optional""#),
    // How an action on an entity is offered.
    Spelling::text("shown_on", r#"shown_on = "both""#),
    Spelling::text("selection", r#"selection = "=1""#),
    Spelling::text("icon", r#"icon = "Copy""#),
    Spelling::text("confirm", r#"confirm = "AreYouSure""#),
    Spelling::flag("refresh"),
    Spelling::literal("offset", "offset = 10"),
    Spelling::text("group", r#"group = "workshop""#),
    Spelling::text("style", r#"style = "success""#),
];

/// An attribute and the item under it.
pub(super) struct Parsed {
    pub(super) attribute: Members,
    pub(super) item: Item,
    /// The first paragraph of the item's doc comment.
    pub(super) doc: Option<Text>,
}

/// What the attribute may stand on.
pub(super) enum Item {
    // async fn car_copy(ctx: &mut ActionContext<'_>, car: Selected<Car>) -> ActionResult { … }
    Function(Box<Signature>),
    // struct CarCopy;    struct CarCopy { … }    struct CarCopy(…);    enum CarCopy { … }
    Type { name: Ident, generics: Generics, is_unit: bool },
}

/// Reads the attribute's members and the head of its item; the rest of the item is the compiler's business.
pub(super) fn custom_action(args: TokenStream, item: &TokenStream, errors: &Errors) -> Option<Parsed> {
    let mut attribute = Members::default();
    attribute.read(args, SPELLINGS, errors);
    match head.parse2(item.clone()) {
        Ok((attributes, item)) => Some(Parsed { attribute, item, doc: first_paragraph(&attributes) }),
        Err(error) => {
            errors.add(error);
            None
        }
    }
}

fn head(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Item)> {
    let attributes = input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    let item = if let Ok(signature) = input.fork().parse::<Signature>() {
        Item::Function(Box::new(signature))
    } else if input.peek(Token![struct]) || input.peek(Token![enum]) {
        let is_struct = input.parse::<Option<Token![struct]>>()?.is_some();
        if !is_struct {
            input.parse::<Token![enum]>()?;
        }
        let name = input.parse()?;
        let generics = input.parse()?;
        Item::Type { name, generics, is_unit: is_struct && input.peek(Token![;]) }
    } else {
        return Err(input.error(
            "`#[custom_action]` goes on an `async fn`, or on a struct or enum that implements `ActionHandler`",
        ));
    };
    // What follows is read by the compiler.
    input.step(|cursor| {
        let mut rest = *cursor;
        while let Some((_, after)) = rest.token_tree() {
            rest = after;
        }
        Ok(((), rest))
    })?;
    Ok((attributes, item))
}

/// The lines of the doc comment up to the first blank one, as one.
fn first_paragraph(attributes: &[Attribute]) -> Option<Text> {
    let comments = || {
        attributes.iter().filter_map(|it| match &it.meta {
            Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
                _ => None,
            },
            _ => None,
        })
    };
    let text: Vec<String> = comments().map(LitStr::value).collect();
    let paragraph = text.iter().flat_map(|it| it.split('\n').map(|line| unstarred(line, it)));
    let paragraph: Vec<&str> =
        paragraph.skip_while(|it| it.is_empty()).take_while(|it| !it.is_empty()).collect();
    let span = comments().next()?.span();
    (!paragraph.is_empty()).then(|| Text::new(paragraph.join(" "), span))
}

/// A line of a comment; one of a block comment may have a star before it.
fn unstarred<'a>(line: &'a str, comment: &str) -> &'a str {
    let line = line.trim();
    if comment.contains('\n') { line.trim_start_matches('*').trim_start() } else { line }
}
