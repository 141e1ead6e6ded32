//! `#[custom_action(…)]`: registers a function or a handler's type as an action.

mod emit;
mod parse;
mod signature;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

/// The item as it was, what registers it, and every mistake that was found.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let errors = Errors::default();
    let parsed = parse::custom_action(args, item, &errors);
    let model = parsed.and_then(|it| validate::custom_action(it, &errors));
    let (leniency, registration) = model.map(|it| (emit::leniency(&it), emit::registration(&it))).unzip();
    quote! { #leniency #item #registration #errors }
}
