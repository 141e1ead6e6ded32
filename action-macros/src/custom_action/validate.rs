//! Meaning: what the members say together, and whether a function can be a handler. Leaves no syn types behind.

use proc_macro2::{Ident, Span};

use super::parse::{Item, Parsed};
use super::signature;
pub(super) use super::signature::Function;
use crate::errors::Errors;
use crate::members::Members;
use crate::names::{pascal_case, without_action};
use crate::similar::closest;
use crate::text::{Literal, Number, Text};

/// An action, and what runs.
pub(super) struct Model {
    pub(super) called: Called,
    pub(super) needs: Needs,
    pub(super) title: Option<Text>,
    pub(super) description: Option<Text>,
    pub(super) rate_limit: Option<Text>,
    pub(super) timeout: Option<Text>,
    pub(super) redact: Vec<Text>,
    pub(super) traits: Vec<Trait>,
    pub(super) handler: Handler,
}

/// How an action is reached.
pub(super) enum Called {
    Id(Text),
    OnEntity { name: Text, entities: Entities, offer: Box<Offer> },
}

/// The entities whose rows an action acts on.
pub(super) enum Entities {
    One(Text),
    Several(Vec<Text>),
    Any,
}

/// How an action on an entity is offered.
pub(super) struct Offer {
    pub(super) shown_on: Option<Place>,
    pub(super) selection: Option<Text>,
    pub(super) icon: Option<Text>,
    pub(super) confirm: Option<Text>,
    pub(super) refresh: bool,
    pub(super) offset: Option<Number>,
    pub(super) group: Option<Text>,
    pub(super) style: Option<Text>,
}

/// Where an action on an entity is offered.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Detail,
    Query,
    Both,
}

/// What a caller must hold.
pub(super) enum Needs {
    /// `{name}/{entity}`.
    OwnPermission,
    Authenticated,
    All(Vec<Text>),
    Any(Vec<Text>),
}

/// What an action is like.
#[derive(Clone, Copy)]
pub(super) enum Trait {
    ReadOnly,
    Destructive,
    Idempotent,
    AllowUnknown,
    TenantOptional,
}

/// What runs.
pub(super) enum Handler {
    Function(Function),
    Type { name: Ident, is_unit: bool },
}

/// The members that only an action on an entity has.
const OFFER: [&str; 8] = ["shown_on", "selection", "icon", "confirm", "refresh", "offset", "group", "style"];

/// Checks everything, and reports all that is wrong.
pub(super) fn custom_action(parsed: Parsed, errors: &Errors) -> Option<Model> {
    let Parsed { mut attribute, item, doc } = parsed;
    let it = &mut attribute;
    let needs = needs(it, errors);
    let called = called(it, &item, errors);
    let description = it.text("description").or(doc);
    let (title, rate_limit, timeout) = (it.text("title"), it.text("rate_limit"), it.text("timeout"));
    let redact = it.texts("redact").map(|(_, fields)| fields).unwrap_or_default();
    let traits = traits(it, errors);
    let handler = handler(item, errors)?;
    let (called, needs) = (called?, needs?);
    errors.unless_any(Model {
        called,
        needs,
        title,
        description,
        rate_limit,
        timeout,
        redact,
        traits,
        handler,
    })
}

fn called(attribute: &mut Members, item: &Item, errors: &Errors) -> Option<Called> {
    let entity_is_broken = attribute.broken(&["entity"]);
    let (id, name, entities) = (attribute.text("id"), attribute.text("name"), attribute.texts("entity"));
    let Some((_, entities)) = entities else {
        for member in OFFER.iter().filter(|_| !entity_is_broken) {
            if let Some(at) = attribute.place(member) {
                errors.push(at, format!("`{member}` is for actions on an entity; add `entity = \"…\"`"));
            }
        }
        if let Some(name) = name.filter(|_| !entity_is_broken) {
            errors.push(name.span, "an action without `entity` is called by its `id`");
        } else if id.is_none() && !entity_is_broken && !attribute.broken(&["id"]) {
            errors.push(
                Span::call_site(),
                "an action has an id, `id = \"user.update\"`, or acts on the rows of an entity, `entity = \"Car\"`",
            );
        }
        return id.map(Called::Id);
    };
    if let Some(id) = id {
        errors
            .push(id.span, "an action on an entity is called by its name: write `name = \"…\"`, or nothing");
    }
    let name = name.unwrap_or_else(|| match item {
        Item::Function(function) => {
            Text::new(without_action(&pascal_case(&unraw(&function.ident))), function.ident.span())
        }
        Item::Type { name, .. } => Text::new(without_action(&unraw(name)), name.span()),
    });
    let shown_on = attribute.text("shown_on").and_then(|it| place(&it, errors));
    let (selection, icon) = (attribute.text("selection"), attribute.text("icon"));
    let (confirm, refresh) = (attribute.text("confirm"), attribute.flag("refresh").is_some());
    let offset = attribute.literal("offset").and_then(|(at, it)| offset(at, &it, errors));
    let (group, style) = (attribute.text("group"), attribute.text("style"));
    let style = style.filter(|it| is_style(it, errors));
    let offer = Offer { shown_on, selection, icon, confirm, refresh, offset, group, style };
    Some(Called::OnEntity { name, entities: acted_on(entities, errors), offer: Box::new(offer) })
}

/// One entity, several, or `*` for all of them.
fn acted_on(mut names: Vec<Text>, errors: &Errors) -> Entities {
    if let Some(any) = names.iter().find(|it| it.value == "*") {
        if names.len() > 1 {
            errors.push(any.span, "`*` means every entity: leave the others out");
        }
        return Entities::Any;
    }
    for (at, name) in names.iter().enumerate() {
        if names.iter().take(at).any(|it| it.value.eq_ignore_ascii_case(&name.value)) {
            errors.push(name.span, "this entity is named twice");
        }
    }
    match (names.pop(), names.is_empty()) {
        (Some(only), true) => Entities::One(only),
        (last, _) => {
            names.extend(last);
            Entities::Several(names)
        }
    }
}

fn offset(at: Span, literal: &Literal, errors: &Errors) -> Option<Number> {
    let offset = match literal {
        Literal::Number(number) if i32::try_from(number.value).is_ok() => Some(*number),
        _ => None,
    };
    if offset.is_none() {
        errors.push(at, "an offset is a whole number, such as `offset = 10`");
    }
    offset
}

/// The words of `action_core::custom_actions::ButtonStyle`, which this crate cannot ask.
const STYLES: [&str; 7] = ["primary", "secondary", "accent", "success", "warning", "error", "ghost"];

fn is_style(text: &Text, errors: &Errors) -> bool {
    let known = STYLES.contains(&text.value.as_str());
    if !known {
        let hint = closest(&text.value, STYLES).map(|it| format!("; did you mean `style = \"{it}\"`?"));
        let styles = STYLES.map(|it| format!("`{it}`")).join(", ");
        errors.push(text.span, format!("a style is one of {styles}{}", hint.unwrap_or_default()));
    }
    known
}

fn place(text: &Text, errors: &Errors) -> Option<Place> {
    match text.value.as_str() {
        "detail" => Some(Place::Detail),
        "query" => Some(Place::Query),
        "both" => Some(Place::Both),
        other => {
            let meant = closest(other, ["detail", "query", "both"]).unwrap_or("both");
            errors.push(
                text.span,
                format!("it is shown on `detail`, `query` or `both`; did you mean `shown_on = \"{meant}\"`?"),
            );
            None
        }
    }
}

fn needs(attribute: &mut Members, errors: &Errors) -> Option<Needs> {
    let mut all = Vec::new();
    let several = attribute.place("permissions");
    while let Some(permission) = attribute.text("permission") {
        all.push(permission);
    }
    if let Some((_, permissions)) = attribute.texts("permissions") {
        all.extend(permissions);
    }
    let any = attribute.texts("any_permission");
    let authenticated = attribute.flag("authenticated");
    if let Some(at) = authenticated
        && (any.is_some() || !all.is_empty())
    {
        errors.push(
            at,
            "`authenticated` means every signed-in caller, and a permission means fewer: keep one of them",
        );
    }
    if let Some((at, _)) = any
        && let Some(of_all) = several.or(all.first().map(|it| it.span))
    {
        const EITHER: &str =
            "either all of these permissions are needed, or any of those is enough: keep one of them";
        errors.push(at, EITHER);
        errors.push(of_all, EITHER);
    }
    if authenticated.is_some() {
        return Some(Needs::Authenticated);
    }
    if let Some((_, permissions)) = any {
        return Some(Needs::Any(permissions));
    }
    if !all.is_empty() {
        return Some(Needs::All(all));
    }
    if attribute.place("entity").is_some() {
        return Some(Needs::OwnPermission);
    }
    if !attribute.broken(&["permission", "permissions", "any_permission", "authenticated", "entity"]) {
        errors.push(
            Span::call_site(),
            "say who may run it: `permission = \"…\"`, `any_permission(…)`, or `authenticated` for every signed-in caller",
        );
    }
    None
}

fn traits(attribute: &mut Members, errors: &Errors) -> Vec<Trait> {
    let mut traits = Vec::new();
    let read_only = attribute.flag("read_only");
    let destructive = attribute.flag("destructive");
    if let (Some(_), Some(at)) = (read_only, destructive) {
        errors.push(at, "what is `read_only` takes nothing away: keep one of them");
    }
    traits.extend(read_only.map(|_| Trait::ReadOnly));
    traits.extend(destructive.map(|_| Trait::Destructive));
    traits.extend(attribute.flag("idempotent").map(|_| Trait::Idempotent));
    traits.extend(attribute.flag("allow_unknown").map(|_| Trait::AllowUnknown));
    if let Some(tenant) = attribute.text("tenant") {
        if tenant.value == "optional" {
            traits.push(Trait::TenantOptional);
        } else {
            errors.push(tenant.span, "a tenant is required unless it says `tenant = \"optional\"`");
        }
    }
    traits
}

fn handler(item: Item, errors: &Errors) -> Option<Handler> {
    match item {
        Item::Function(function) => signature::function(&function, errors).map(Handler::Function),
        Item::Type { name, generics, is_unit } => {
            if !generics.params.is_empty() {
                errors.push(name.span(), "a handler is one type: it cannot be generic");
                return None;
            }
            Some(Handler::Type { name, is_unit })
        }
    }
}

fn unraw(name: &Ident) -> String {
    use syn::ext::IdentExt;
    name.unraw().to_string()
}
