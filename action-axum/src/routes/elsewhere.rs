//! Requests that meet no route, or not with this method.

use axum::Extension;
use axum::response::Response;

use crate::arrival::Arrival;
use crate::problem::Problem;
use crate::reply;

/// Nothing is mounted there.
pub(crate) async fn no_route(Extension(arrival): Extension<Arrival>) -> Response {
    reply::problem(&Problem::NoRoute, &arrival)
}

/// Something is, for other methods; axum adds `Allow`.
pub(crate) async fn method_not_allowed(Extension(arrival): Extension<Arrival>) -> Response {
    reply::problem(&Problem::MethodNotAllowed, &arrival)
}
