//! Every mistake of one expansion, each at its own place.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far. As tokens it is one `compile_error!` for each.
#[derive(Default)]
pub(crate) struct Errors(RefCell<Vec<syn::Error>>);

impl Errors {
    /// Adds a mistake.
    pub(crate) fn push(&self, at: Span, message: impl Display) {
        self.add(syn::Error::new(at, message));
    }

    /// Adds what the parser found.
    pub(crate) fn add(&self, error: syn::Error) {
        self.0.borrow_mut().push(error);
    }

    /// What was made, unless a mistake was found on the way: half an expansion would bring errors of its own.
    pub(crate) fn unless_any<T>(&self, made: T) -> Option<T> {
        self.0.borrow().is_empty().then_some(made)
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.borrow().iter().map(syn::Error::to_compile_error));
    }
}
