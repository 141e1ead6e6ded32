//! Meaning: the struct as a whole. Leaves no syn types behind.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;

use super::column::{Column, column};
use super::parse::Parsed;
use crate::errors::Errors;
use crate::text::Text;

/// An entity.
pub(super) struct Model {
    pub(super) struct_name: Ident,
    pub(super) name: Text,
    pub(super) table: Text,
    pub(super) alias: Option<Text>,
    pub(super) type_id: Option<Text>,
    pub(super) tenant: Tenant,
    pub(super) row_rule: Option<TokenStream>,
    /// In the order of the fields, which is that of a record's values.
    pub(super) columns: Vec<Column>,
    /// The field that holds the key.
    pub(super) key: usize,
}

/// Whose the rows are.
pub(super) enum Tenant {
    /// The tenant's in the column that entities usually have for it.
    UsualColumn,
    /// The tenant's in this column.
    Column(Text),
    /// All tenants'.
    Shared,
}

/// Checks everything, and reports all that is wrong.
pub(super) fn entity(parsed: Parsed, errors: &Errors) -> Option<Model> {
    let Parsed { attribute: mut it, name: struct_name, fields } = parsed;
    let table_is_broken = it.broken(&["table"]);
    let table = it.text("table");
    if table.is_none() && !table_is_broken {
        errors.push(struct_name.span(), "an entity names its table: add `#[entity(table = \"…\")]`");
    }
    let name =
        it.text("name").unwrap_or_else(|| Text::new(struct_name.unraw().to_string(), struct_name.span()));
    let tenant = match it.text("tenant") {
        None => Tenant::UsualColumn,
        Some(none) if none.value == "none" => Tenant::Shared,
        Some(column) => Tenant::Column(column),
    };
    let may_lack_key = fields.iter().any(|it| it.attribute.broken(&["key", "role"]));
    let columns: Vec<Column> = fields.into_iter().map(|it| column(it, errors)).collect();
    repeated_names(&columns, errors);
    let mut keys = columns.iter().enumerate().filter(|(_, it)| it.is_key());
    let key = keys.next().map(|(at, _)| at);
    for (_, second) in keys {
        errors.push(second.field.span(), "an entity has one key, and this is a second one");
    }
    if key.is_none() && !may_lack_key {
        errors.push(
            struct_name.span(),
            "an entity has a key: name a field `id`, or mark one with `#[entity(key)]`",
        );
    }
    let (alias, type_id, row_rule) = (it.text("alias"), it.text("type_id"), it.path("row_rule"));
    let (table, key) = (table?, key?);
    errors.unless_any(Model { struct_name, name, table, alias, type_id, tenant, row_rule, columns, key })
}

fn repeated_names(columns: &[Column], errors: &Errors) {
    for (at, column) in columns.iter().enumerate() {
        let before = || columns.iter().take(at);
        if before().any(|it| it.name.value.eq_ignore_ascii_case(&column.name.value)) {
            errors.push(column.name.span, format!("two columns are called `{}` in JSON", column.name.value));
        }
        if before().any(|it| it.stored_as.value == column.stored_as.value) {
            errors.push(
                column.stored_as.span,
                format!("two columns are stored as `{}`", column.stored_as.value),
            );
        }
    }
}
