//! Syntax: what may stand in `#[entity(…)]` on a struct and on its fields, and which items can be entities.

use proc_macro2::{Ident, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Meta, Type};

use crate::errors::Errors;
use crate::members::{Members, Spelling};

/// Everything that may stand in `#[entity(…)]` on the struct.
const ENTITY: &[Spelling] = &[
    // The table, which has no default, and the name that rights use, by default the struct's.
    Spelling::text("table", r#"table = "cars""#),
    Spelling::text("name", r#"name = "Car""#),
    // Its other names in requests: by default the name in lower case, and an id made from the name.
    Spelling::text("alias", r#"alias = "vehicle""#),
    Spelling::text("type_id", r#"type_id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301""#),
    // Its tenant column, by default `tenant_id`; `"none"` where all tenants share the rows.
    Spelling::text("tenant", r#"tenant = "none""#),
    // A function from caller and action to a condition: which rows a caller may see and touch.
    Spelling::path("row_rule", "row_rule = path::to::function"),
];

/// Everything that may stand in `#[entity(…)]` on a field.
const COLUMN: &[Spelling] = &[
    // Its names: in JSON, by default the field's in camelCase, and in SQL, by default the field's.
    Spelling::text("name", r#"name = "licensePlate""#),
    Spelling::text("column", r#"column = "license_plate""#),
    // Who writes it, where that is not the application. `id`, `version`, `created_at`, `created_by`, `updated_at` and
    // `updated_by` need not say so.
    Spelling::flag("key"),
    Spelling::text("role", r#"role = "version""#),
    // What its values must satisfy.
    Spelling::two_numbers("length", "length(1, 20)"),
    Spelling::two_numbers("range", "range(1886, 2100)"),
    Spelling::two_numbers("decimal", "decimal(12, 2)"),
    Spelling::texts("one_of", r#"one_of("available", "in_use")"#),
    Spelling::flag("unique"),
    Spelling::text("references", r#"references = "Company""#),
    // Its value in a new row that names none; with `initially` only handlers change it afterwards.
    Spelling::literal("default", r#"default = "available""#),
    Spelling::literal("initially", r#"initially = "available""#),
    // What callers may do with it, and whether the audit shows it.
    Spelling::flag("read_only"),
    Spelling::flag("hidden"),
    Spelling::flag("redact"),
];

/// A struct and its attributes.
pub(super) struct Parsed {
    pub(super) attribute: Members,
    pub(super) name: Ident,
    pub(super) fields: Vec<Field>,
}

/// One field and its attributes.
pub(super) struct Field {
    pub(super) attribute: Members,
    pub(super) name: Ident,
    pub(super) ty: Type,
}

/// Reads the struct; `None` where it cannot be an entity at all.
pub(super) fn entity(item: TokenStream, errors: &Errors) -> Option<Parsed> {
    let item: DeriveInput = syn::parse2(item).map_err(|error| errors.add(error)).ok()?;
    let attribute = members(&item.attrs, ENTITY, errors);
    if !item.generics.params.is_empty() {
        errors.push(item.generics.span(), "an entity is one type: it cannot be generic");
    }
    // struct Car { id: Uuid, … }
    let Data::Struct(data) = item.data else {
        errors.push(item.ident.span(), "an entity is a struct with named fields, one for each column");
        return None;
    };
    let Fields::Named(fields) = data.fields else {
        errors.push(item.ident.span(), "an entity is a struct with named fields, one for each column");
        return None;
    };
    let fields = fields.named.into_iter().filter_map(|it| {
        let attribute = members(&it.attrs, COLUMN, errors);
        Some(Field { attribute, name: it.ident?, ty: it.ty })
    });
    let fields = fields.collect();
    Some(Parsed { attribute, name: item.ident, fields })
}

/// What all `#[entity(…)]` of one item say together.
fn members(attributes: &[Attribute], known: &[Spelling], errors: &Errors) -> Members {
    let mut members = Members::default();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("entity")) {
        match &attribute.meta {
            Meta::List(list) => members.read(list.tokens.clone(), known, errors),
            other => errors.push(other.span(), "this is written with parentheses, `#[entity(…)]`"),
        }
    }
    members
}
