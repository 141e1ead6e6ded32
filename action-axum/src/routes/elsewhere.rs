//! Requests that meet no route, or not with this method.

use axum::extract::{Request, State};
use axum::response::Response;

use crate::app::App;
use crate::problem::Problem;
use crate::serve::serve;

/// Nothing is mounted there.
pub(crate) async fn no_route(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |_, _, _| Err(Problem::NoRoute)).await
}

/// Something is, for other methods; axum adds `Allow`.
pub(crate) async fn method_not_allowed(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |_, _, _| Err(Problem::MethodNotAllowed)).await
}
