//! The attribute `custom_action` and the derive `Entity`. Users reach both through action-core, which documents them
//! where it re-exports them, so that their examples run.
//!
//! Each macro is four verbs: `parse` knows the spelling, `validate` the meaning, `emit` the expansion, and `errors`
//! collects every mistake on the way, so that one build shows all of them. The author's own item comes out as it
//! went in, whatever is wrong with the attribute. Grammars of text (ids, permissions, rates, durations, selection
//! rules) live in action-core, as `const fn`s that the expansion calls: there is one of each.

mod custom_action;
mod entity;
mod errors;
mod members;
mod names;
mod similar;
mod text;

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "documented where action-core re-exports it")]
#[proc_macro_attribute]
pub fn custom_action(args: TokenStream, item: TokenStream) -> TokenStream {
    custom_action::expand(args.into(), &item.into()).into()
}

#[expect(missing_docs, reason = "documented where action-core re-exports it")]
#[proc_macro_derive(Entity, attributes(entity))]
pub fn derive_entity(item: TokenStream) -> TokenStream {
    entity::expand(item.into()).into()
}
