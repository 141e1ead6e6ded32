//! Every route on one screen. Mounting a route documents it: the OpenAPI document is made from what is mounted here.

use action_core::Engine;
use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::openapi::Document;
use crate::options::Options;
use crate::routes::{
    actions, audit_trail, custom_actions, document, elsewhere, entities, entity_actions, execute, files,
    health, page_actions, page_configs,
};

/// `/ui/actions` and `/ui/entities`.
pub(crate) fn execution() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(execute::execute))
        .routes(routes!(actions::list))
        .routes(routes!(audit_trail::list))
        .routes(routes!(actions::one))
        .routes(routes!(entities::list))
        .routes(routes!(files::download))
}

/// Custom actions on entities, below the path that the host sets: `/spark/actions`.
pub(crate) fn custom_actions(options: &Options) -> OpenApiRouter<App> {
    let routes =
        OpenApiRouter::default().routes(routes!(custom_actions::list)).routes(routes!(custom_actions::run));
    OpenApiRouter::default().nest(&options.custom_actions_path, routes)
}

/// `/v1/config`: pages, and the buttons, dropdowns and separators on them.
pub(crate) fn page_actions() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(page_actions::list))
        .routes(routes!(page_actions::create_button))
        .routes(routes!(page_actions::create_dropdown))
        .routes(routes!(page_actions::create_separator))
        .routes(routes!(page_actions::update_button))
        .routes(routes!(page_actions::update_dropdown))
        .routes(routes!(page_actions::update_separator))
        .routes(routes!(page_actions::one, page_actions::delete))
        .routes(routes!(page_actions::history))
        .routes(routes!(page_actions::revert))
        .routes(routes!(page_actions::execute))
        .routes(routes!(page_configs::list, page_configs::create))
        .routes(routes!(page_configs::delete))
        .routes(routes!(page_configs::actions))
        .routes(routes!(page_configs::batch))
        .routes(routes!(page_configs::order))
}

/// `/entity-actions`, `/rpc` and `/schema_entity_actions`.
pub(crate) fn entity_actions() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(entity_actions::schema))
        .routes(routes!(entity_actions::definitions, entity_actions::define))
        .routes(routes!(entity_actions::definition, entity_actions::redefine, entity_actions::undefine))
        .routes(routes!(entity_actions::of_row, entity_actions::run))
        .routes(routes!(entity_actions::availability))
        .routes(routes!(entity_actions::run_many))
        .routes(routes!(entity_actions::rpc))
}

/// `/healthz` and `/readyz`.
pub(crate) fn health() -> OpenApiRouter<App> {
    OpenApiRouter::default().routes(routes!(health::alive)).routes(routes!(health::ready))
}

/// All of it, and the document.
pub(crate) fn every_route(options: &Options) -> OpenApiRouter<App> {
    execution()
        .merge(custom_actions(options))
        .merge(page_actions())
        .merge(entity_actions())
        .merge(health())
        .routes(routes!(document::openapi))
}

/// Puts the engine behind the routes, and answers for those that are not there.
pub(crate) fn finish(routes: OpenApiRouter<App>, engine: Engine, options: Options) -> Router {
    let (mounted, described) = routes.split_for_parts();
    let document = Document::new(&crate::openapi::document(described, &engine, &options));
    let fallback = options.fallback;
    let app = App::new(engine, options, document);
    let mounted = mounted.method_not_allowed_fallback(elsewhere::method_not_allowed);
    let mounted = if fallback { mounted.fallback(elsewhere::no_route) } else { mounted };
    mounted.with_state(app)
}
