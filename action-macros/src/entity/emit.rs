//! The expansion: one `impl EntityType`, which names action-core's public paths and `__private` and nothing else.
//!
//! Every use of a field's type is `<Type as Cell>` at the place of the field, so that a type which is no cell is
//! reported there. What can be judged from a type's kind is a constant that a `const fn` of action-core checks.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::column::Column;
use super::validate::{Model, Tenant};

/// Everything that makes the struct an entity.
pub(super) fn implementation(model: &Model) -> TokenStream {
    let Model { struct_name, name, columns, .. } = model;
    let definition = definition(model);
    let fields = columns.iter().map(|it| &it.field);
    let from_values = columns.iter().map(|it| {
        let cell = cell(it);
        quote!(#cell::from_value(::action_core::__private::next(&mut cells))?)
    });
    let to_values: Vec<_> = columns.iter().map(to_value).collect();
    let key = to_values.get(model.key);
    quote! {
        const _: () = {
            #[automatically_derived]
            impl ::action_core::entity::EntityType for #struct_name {
                const NAME: &'static str = #name;

                fn definition() -> ::core::result::Result<
                    ::action_core::entity::Entity,
                    ::action_core::entity::EntityError,
                > {
                    #definition
                }

                fn from_record(
                    record: ::action_core::entity::Record,
                ) -> ::core::result::Result<Self, ::action_core::entity::CellError> {
                    let mut cells = record.into_values().into_iter();
                    ::core::result::Result::Ok(Self { #(#fields: #from_values,)* })
                }

                fn to_values(
                    &self,
                    entity: &::action_core::entity::Entity,
                ) -> ::std::vec::Vec<(::action_core::entity::ColumnIndex, ::action_core::Value)> {
                    ::action_core::__private::data_cells(entity, [#(#to_values,)*])
                }

                fn key(&self) -> ::action_core::Value {
                    #key
                }
            }
        };
    }
}

fn definition(model: &Model) -> TokenStream {
    let Model { name, table, columns, .. } = model;
    // Not as the trait's own constant, which the compiler leaves alone until somebody uses it.
    let mut checks =
        quote_spanned!(name.span => const NAME: &str = ::action_core::__private::entity_name(#name););
    let mut calls = TokenStream::new();
    calls.extend(model.alias.iter().map(|it| quote!(.alias(#it))));
    if let Some(id) = &model.type_id {
        let value = quote_spanned!(id.span => ::action_core::__private::type_id(#id));
        checks.extend(quote!(const TYPE_ID: ::action_core::__private::Uuid = #value;));
        calls.extend(quote!(.type_id(TYPE_ID)));
    }
    calls.extend(match &model.tenant {
        Tenant::UsualColumn => None,
        Tenant::Column(column) => Some(quote!(.tenant_column(#column))),
        Tenant::Shared => Some(quote!(.without_tenant())),
    });
    calls.extend(model.row_rule.iter().map(|it| quote!(.row_rule(::action_core::entity::RowRule::new(#it)))));
    for it in columns {
        let column = column(it, &mut checks);
        calls.extend(quote!(.column(#column)));
    }
    quote! {
        #checks
        ::action_core::entity::Entity::builder(NAME, #table) #calls .build()
    }
}

/// One column as a chain of setters; adds to the checks what the compiler can know of it.
fn column(column: &Column, checks: &mut TokenStream) -> TokenStream {
    let Column { field, name, stored_as, .. } = column;
    let cell = cell(column);
    let mut kind = quote!(#cell::KIND);
    if let Some((at, [precision, scale])) = column.decimal {
        let constant = format_ident!("KIND_OF_{}", field.unraw().to_string().to_uppercase());
        let value = quote_spanned!(at => ::action_core::__private::decimal(#kind, #precision, #scale));
        checks.extend(quote!(const #constant: ::action_core::Kind = #value;));
        kind = quote!(#constant);
    }
    let mut calls = TokenStream::new();
    if let Some((at, [least, most])) = column.length {
        checks.extend(quote_spanned!(at => const _: () = ::action_core::__private::text(#cell::KIND);));
        calls.extend(quote!(.length(#least, #most)));
    }
    if let Some((at, [least, most])) = column.range {
        checks.extend(quote_spanned!(at => const _: () = ::action_core::__private::number(#cell::KIND);));
        calls.extend(quote!(.range(#least, #most)));
    }
    if let Some((at, values)) = &column.one_of {
        checks.extend(quote_spanned!(*at => const _: () = ::action_core::__private::text(#cell::KIND);));
        calls.extend(quote!(.one_of([#(#values),*])));
    }
    if column.unique {
        calls.extend(quote!(.unique()));
    }
    calls.extend(column.references.iter().map(|it| quote!(.references(#it))));
    for ((at, value), setter) in column
        .default
        .iter()
        .map(|it| (it, "default_value"))
        .chain(column.initially.iter().map(|it| (it, "initially")))
    {
        let setter = format_ident!("{setter}");
        checks.extend(
            quote_spanned!(*at => const _: () = ::action_core::__private::never_null(#cell::NULLABLE);),
        );
        calls.extend(quote!(.#setter(#value)));
    }
    if column.read_only {
        calls.extend(quote!(.read_only()));
    }
    if column.hidden {
        calls.extend(quote!(.hidden()));
    }
    if column.redacted {
        calls.extend(quote!(.redacted()));
    }
    if let Some(role) = column.role {
        let variant = format_ident!("{}", role.variant);
        calls.extend(quote!(.role(::action_core::entity::ColumnRole::#variant)));
    }
    quote!(::action_core::__private::column(#name, #stored_as, #kind, #cell::NULLABLE) #calls)
}

fn cell(column: &Column) -> TokenStream {
    let ty = &column.ty;
    quote!(<#ty as ::action_core::entity::Cell>)
}

fn to_value(column: &Column) -> TokenStream {
    let (field, cell) = (&column.field, cell(column));
    quote!(#cell::to_value(&self.#field))
}
