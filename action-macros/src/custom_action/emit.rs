//! The expansion: a handler around a function, and one registration. Reaches action-core by its public paths and
//! through `__private`, and never depends on what its author imported.
//!
//! What an attribute says in a grammar of its own becomes a constant that a `const fn` of action-core reads; its
//! tokens carry the literal's place, which is where the compiler then points.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::validate::{Called, Entities, Function, Handler, Model, Needs, Place, Trait};
use crate::names::pascal_case;
use crate::text::Text;

/// Everything that stands behind the author's item.
pub(super) fn registration(model: &Model) -> TokenStream {
    let (handler_impl, handler, make_handler) = match &model.handler {
        Handler::Function(function) => (Some(handler_of(function)), quote!(__Handler), quote!(__Handler)),
        Handler::Type { name, is_unit: true } => {
            (None, quote!(#name), quote_spanned!(name.span() => #name {}))
        }
        Handler::Type { name, .. } => (
            None,
            quote!(#name),
            quote_spanned!(name.span() => <#name as ::core::default::Default>::default()),
        ),
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

/// What stands before the author's item.
pub(super) fn leniency(model: &Model) -> Option<TokenStream> {
    matches!(model.handler, Handler::Function(_)).then(|| {
        quote!(#[allow(clippy::unused_async, reason = "an action is async, whether it waits for something or not")])
    })
}

/// A type whose `execute` calls the function.
fn handler_of(function: &Function) -> TokenStream {
    let Function { name, context, parameters, arguments, output } = function;
    // Out of reach of the function's own name, whatever that is.
    let local = |name: &str, at: Span| Ident::new(name, Span::mixed_site().located_at(at));
    let ctx = local("ctx", *context);
    let places: Vec<_> =
        (1..=arguments.len()).map(|it| local(&format!("argument_{it}"), Span::call_site())).collect();
    let input = quote_spanned!(*parameters => (#(#arguments,)*));
    let arguments = arguments.iter().map(assertion);
    // Every use of the returned type at one place, so that the compiler says once what is wrong with it.
    let returned = first_span(output);
    let result = quote_spanned!(returned=> <#output as ::action_core::__private::HandlerResult>);
    let execute_returns = quote_spanned!(returned=> ::action_core::ActionResult<#result::Output>);
    let call = quote_spanned!(name.span() => #name(#ctx, #(#places),*).await);
    let execute = quote_spanned! { name.span() =>
        async fn execute(
            &self,
            #ctx: &mut ::action_core::ActionContext<'_>,
            (#(#places,)*): Self::Input,
        ) -> #execute_returns
    };
    let output = quote_spanned!(returned=> type Output = #result::Output;);
    let body = quote_spanned!(returned=> #result::into_result(#call));
    quote! {
        #(#arguments)*

        struct __Handler;

        #[automatically_derived]
        impl ::action_core::ActionHandler for __Handler {
            type Input = #input;
            #output

            #execute {
                #body
            }
        }
    }
}

/// Only compiles for an argument that is one, and points at it otherwise.
fn assertion(argument: &TokenStream) -> TokenStream {
    let mut spans = argument.clone().into_iter().map(|it| it.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    let last = spans.last().unwrap_or(first);
    let end = quote_spanned!(last=> >);
    quote_spanned!(first=> const _: ::action_core::__private::Argument<#argument #end = ::action_core::__private::Argument::IS_ONE;)
}

fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |it| it.span())
}

/// The constants of a registration: what the compiler checks of it.
#[derive(Default)]
struct Constants(TokenStream);

impl Constants {
    /// `const NAME: Type = ::action_core::__private::function("text", …);` at the text's place.
    fn add(
        &mut self,
        name: &str,
        ty: &TokenStream,
        function: &str,
        text: &Text,
        more: &TokenStream,
    ) -> Ident {
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
            let rows = quote!(, ::action_core::__private::rows::<#handler>());
            let id = constants.add("ID", &quote!(&str), "action_id", id, &rows);
            quote!(::action_core::Action::new(#id))
        }
        Called::OnEntity { name, entities, .. } => {
            let name = constants.text("NAME", "action_name", name);
            match entities {
                Entities::One(entity) => {
                    let entity = constants.text("ENTITY", "entity_name", entity);
                    quote!(::action_core::Action::on_entity(#name, #entity))
                }
                Entities::Several(entities) => {
                    let numbered = entities.iter().enumerate();
                    let entities: Vec<_> = numbered
                        .map(|(at, it)| constants.text(&format!("ENTITY_{}", at + 1), "entity_name", it))
                        .collect();
                    quote!(::action_core::Action::on_entities(#name, [#(#entities),*]))
                }
                Entities::Any => quote!(::action_core::Action::on_any_entity(#name)),
            }
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
        // The engine makes `{name}/{entity}` of it.
        (Needs::OwnPermission, _) => TokenStream::new(),
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
        let rows = quote!(, ::action_core::__private::rows::<#handler>(), #shown_on);
        let rule = constants.add("SELECTION", &ty, "selection", rule, &rows);
        calls.extend(quote!(.selection(#rule)));
    }
    calls.extend(offer.icon.iter().map(|it| quote!(.icon(#it))));
    calls.extend(offer.confirm.iter().map(|it| quote!(.confirm(#it))));
    if offer.refresh {
        calls.extend(quote!(.refresh()));
    }
    calls.extend(offer.offset.iter().map(|it| quote!(.offset(#it))));
    calls.extend(offer.group.iter().map(|it| quote!(.group(#it))));
    calls.extend(offer.style.iter().map(|it| {
        let style = Ident::new(&pascal_case(&it.value), it.span);
        quote!(.style(::action_core::custom_actions::ButtonStyle::#style))
    }));
    calls
}
