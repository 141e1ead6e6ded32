//! Meaning of a function's signature: which part is the context, which the input, and what cannot be a handler.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, ReturnType, Safety, Signature, Type};

use crate::errors::Errors;

/// As many arguments as a handler's input has places.
const MOST_ARGUMENTS: usize = 8;

/// A function that can be a handler.
pub(super) struct Function {
    pub(super) name: Ident,
    /// Where its context is declared.
    pub(super) context: Span,
    /// Where its arguments are listed.
    pub(super) parameters: Span,
    /// The types of its arguments, without the context.
    pub(super) arguments: Vec<TokenStream>,
    /// The type it returns.
    pub(super) output: TokenStream,
}

/// Checks a signature, and reports all that is wrong with it.
pub(super) fn function(signature: &Signature, errors: &Errors) -> Option<Function> {
    let name = signature.ident.clone();
    if signature.asyncness.is_none() {
        errors.push(signature.fn_token.span, "an action is an `async fn`");
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.push(token.span, "an action cannot be `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.push(abi.span(), "an action is a Rust function");
    }
    for parameter in &signature.generics.params {
        // Lifetimes are fine: whoever calls finds them.
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.push(parameter.span(), "an action is one function: it cannot be generic");
        }
    }
    if let Some(receiver) = signature.receiver() {
        errors.push(receiver.self_token.span, "an action is a free function: it has no `self`");
        return None;
    }
    let context = context(signature, errors);
    let types = signature.inputs.iter().skip(1).filter_map(|it| match it {
        FnArg::Typed(argument) => Some(&*argument.ty),
        FnArg::Receiver(_) => None,
    });
    let arguments: Vec<_> = types.map(|it| argument(it, errors)).collect();
    if arguments.len() > MOST_ARGUMENTS
        && let Some(extra) = signature.inputs.iter().nth(MOST_ARGUMENTS + 1)
    {
        errors.push(
            extra.span(),
            "an action takes 8 arguments at most beside its context; put parameters into one type",
        );
    }
    let output = match &signature.output {
        ReturnType::Type(_, output) => output.to_token_stream(),
        ReturnType::Default => {
            errors.push(
                name.span(),
                "an action returns an `ActionResult`: add `-> ActionResult` behind the parentheses",
            );
            return None;
        }
    };
    let parameters = signature.paren_token.span.join();
    Some(Function { name, context: context?, parameters, arguments, output })
}

fn context(signature: &Signature, errors: &Errors) -> Option<Span> {
    let wrong =
        |at: Span| errors.push(at, "the first argument is the context: `ctx: &mut ActionContext<'_>`");
    let Some(FnArg::Typed(first)) = signature.inputs.first() else {
        wrong(signature.paren_token.span.join());
        return None;
    };
    if let Type::Reference(reference) = &*first.ty
        && reference.mutability.is_some()
    {
        return Some(reference.elem.span());
    }
    wrong(first.ty.span());
    None
}

fn argument(ty: &Type, errors: &Errors) -> TokenStream {
    match ty {
        Type::Reference(_) => {
            errors.push(ty.span(), "an argument is an extractor and owns what it holds: no reference");
        }
        Type::ImplTrait(_) => errors.push(ty.span(), "an argument is one type: no `impl Trait`"),
        _ => {}
    }
    ty.to_token_stream()
}
