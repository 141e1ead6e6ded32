//! The expansion: a handler around a function, and one registration. Reaches action-core by its public paths and
//! through `__private`, and never depends on what its author imported.
//!
//! What an attribute says in a grammar of its own becomes a constant that a `const fn` of action-core reads; its
//! tokens carry the literal's place, which is where the compiler then points.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::validate::{Called, Function, Handler, Model, Needs, Place, Trait};
use crate::text::Text;

/// Everything that stands behind the author's item.
pub(super) fn registration(model: &Model) -> TokenStream {
    let (handler_impl, handler, make_handler) = match &model.handler {
        Handler::Function(function) => (Some(handler_of(function)), quote!(__Handler), quote!(__Handler)),
        Handler::Type { name, is_unit: true } => (None, quote!(#name), quote_spanned!(name.span() => #name {})),
        Handler::Type { name, .. } => {
            (None, quote!(#name), quote_spanned!(name.span() => <#name as ::core::default::Default>::default()))
        }
    };
    let mut constants = Constants::default();
    let action = action(model, &handler, &mut constants);
    let constants = constants.0;
    quote! {
        const _: () = {
            #handler_impl

            fn __candidate() -> ::action_core::__private::Candidate {
                #constants
                ::action_core::__private::Candidate::new(#action, #make_handler)
            }

            ::action_core::__private::inventory::submit! {
                ::action_core::__private::Registration { make: __candidate }
            }
        };
    }
}

/// A type whose `execute` calls the function.
fn handler_of(function: &Function) -> TokenStream {
    let Function { name, context, arguments, output } = function;
    // Out of reach of the function's own name, whatever that is.
    let local = |name: &str, at: Span| Ident::new(name, Span::mixed_site().located_at(at));
    let ctx = local("ctx", *context);
    let places: Vec<_> =
        (1..=arguments.len()).map(|it| local(&format!("argument_{it}"), Span::call_site())).collect();
    let input = arguments.iter().map(|it| projected(it, &quote!(::action_core::__private::Argument), "Itself"));
    let result = quote!(::action_core::__private::HandlerResult);
    let into_result = projected(output, &result, "into_result");
    let output_type = projected(output, &result, "Output");
    let call = quote_spanned!(name.span() => #name(#ctx, #(#places),*).await);
    quote! {
        struct __Handler;

        #[automatically_derived]
        impl ::action_core::ActionHandler for __Handler {
            type Input = (#(#input,)*);
            type Output = #output_type;

            async fn execute(
                &self,
                #ctx: &mut ::action_core::ActionContext<'_>,
                (#(#places,)*): Self::Input,
            ) -> ::action_core::ActionResult<#output_type> {
                #into_result(#call)
            }
        }
    }
}

/// `<Type as Trait>::item` at the place of the type, from its first token to its last: where the type lacks the
/// trait, the compiler points at it.
fn projected(ty: &TokenStream, of: &TokenStream, item: &str) -> TokenStream {
    let mut spans = ty.clone().into_iter().map(|it| it.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    let last = spans.last().unwrap_or(first);
    let item = Ident::new(item, last);
    let mut projected = quote_spanned!(first=> <);
    projected.extend(quote!(#ty as));
    projected.extend(of.clone());
    projected.extend(quote_spanned!(last=> >::#item));
    projected
}

/// The constants of a registration: what the compiler checks of it.
#[derive(Default)]
struct Constants(TokenStream);

impl Constants {
    /// `const NAME: Type = ::action_core::__private::function("text", …);` at the text's place.
    fn add(&mut self, name: &str, ty: &TokenStream, function: &str, text: &Text, more: &TokenStream) -> Ident {
        let (name, function) = (format_ident!("{name}"), Ident::new(function, text.span));
        let value = quote_spanned!(text.span => ::action_core::__private::#function(#text #more));
        self.0.extend(quote!(const #name: #ty = #value;));
        name
    }

    fn text(&mut self, name: &str, function: &str, text: &Text) -> Ident {
        self.add(name, &quote!(&str), function, text, &TokenStream::new())
    }

    fn permissions(&mut self, permissions: &[Text]) -> Vec<Ident> {
        let numbered = permissions.iter().enumerate();
        numbered.map(|(at, it)| self.text(&format!("PERMISSION_{}", at + 1), "permission", it)).collect()
    }
}

/// The builder's chain, one call for each thing that was said.
fn action(model: &Model, handler: &TokenStream, constants: &mut Constants) -> TokenStream {
    let called = match &model.called {
        Called::Id(id) => {
            let id = constants.text("ID", "action_id", id);
            quote!(::action_core::Action::new(#id))
        }
        Called::OnEntity { name, entity, .. } => {
            let name = constants.text("NAME", "action_name", name);
            quote!(::action_core::Action::on_entity(#name, #entity))
        }
    };
    let mut calls = vec![needs(model, constants)];
    calls.extend(model.title.iter().map(|it| quote!(.title(#it))));
    calls.extend(model.description.iter().map(|it| quote!(.description(#it))));
    if let Some(rate) = &model.rate_limit {
        let rate = constants.add("RATE", &quote!(::action_core::Rate), "rate", rate, &TokenStream::new());
        calls.push(quote!(.rate_limit(#rate)));
    }
    if let Some(timeout) = &model.timeout {
        let ty = quote!(::core::time::Duration);
        let limit = constants.add("TIME_LIMIT", &ty, "time_limit", timeout, &TokenStream::new());
        calls.push(quote!(.time_limit(#limit)));
    }
    if let redact @ [_, ..] = model.redact.as_slice() {
        calls.push(quote!(.redact([#(#redact),*])));
    }
    calls.extend(model.traits.iter().map(|it| match it {
        Trait::ReadOnly => quote!(.read_only()),
        Trait::Destructive => quote!(.destructive()),
        Trait::Idempotent => quote!(.idempotent()),
        Trait::AllowUnknown => quote!(.allow_unknown()),
        Trait::TenantOptional => quote!(.tenant_optional()),
    }));
    calls.push(offer(&model.called, handler, constants));
    quote!(#called #(#calls)* .site(::core::concat!(::core::file!(), ":", ::core::line!())))
}

fn needs(model: &Model, constants: &mut Constants) -> TokenStream {
    match (&model.needs, &model.called) {
        (Needs::Authenticated, _) => quote!(.authenticated()),
        (Needs::All(permissions), _) => {
            let permissions = constants.permissions(permissions);
            quote!(#(.permission(#permissions))*)
        }
        (Needs::Any(permissions), _) => {
            let permissions = constants.permissions(permissions);
            quote!(.any_permission([#(#permissions),*]))
        }
        // The engine makes the permission; that it is one is known here.
        (Needs::OwnPermission, Called::OnEntity { name, entity, .. }) => {
            let own = Text::new(format!("{}/{}", name.value, entity.value), entity.span);
            constants.text("_", "permission", &own);
            TokenStream::new()
        }
        (Needs::OwnPermission, Called::Id(_)) => TokenStream::new(),
    }
}

fn offer(called: &Called, handler: &TokenStream, constants: &mut Constants) -> TokenStream {
    let Called::OnEntity { offer, .. } = called else { return TokenStream::new() };
    let mut calls = TokenStream::new();
    let shown_on = match offer.shown_on {
        Some(Place::Detail) => quote!(::action_core::ShownOn::Detail),
        Some(Place::Query) => quote!(::action_core::ShownOn::Query),
        Some(Place::Both) | None => quote!(::action_core::ShownOn::Both),
    };
    if offer.shown_on.is_some() {
        calls.extend(quote!(.shown_on(#shown_on)));
    }
    if let Some(rule) = &offer.selection {
        let ty = quote!(::action_core::custom_actions::SelectionRule);
        let rows = quote! {
            , <<#handler as ::action_core::ActionHandler>::Input as ::action_core::input::Input>::ROWS, #shown_on
        };
        let rule = constants.add("SELECTION", &ty, "selection", rule, &rows);
        calls.extend(quote!(.selection(#rule)));
    }
    calls.extend(offer.icon.iter().map(|it| quote!(.icon(#it))));
    calls.extend(offer.confirm.iter().map(|it| quote!(.confirm(#it))));
    if offer.refresh {
        calls.extend(quote!(.refresh()));
    }
    calls
}
