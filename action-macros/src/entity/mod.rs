//! `#[derive(Entity)]`: a struct whose values are rows of a table that actions may work on.

mod column;
mod emit;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// What makes the struct an entity, and every mistake that was found.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let errors = Errors::default();
    let parsed = parse::entity(item, &errors);
    let model = parsed.and_then(|it| validate::entity(it, &errors));
    let implementation = model.map(|it| emit::implementation(&it));
    quote! { #implementation #errors }
}
