//! `GET /ui/actions/audit`: what was attempted, newest first.
//!
//! Only rows of the caller's own tenant, and without `Read/action_audit_log` only their own. A caller without a tenant
//! has no tenant's rows to read: they see those of theirs that have none.

use action_core::audit::AuditOutcome;
use action_core::ports::{AuditPage, AuditQuery, AuditRow};
use action_core::{Caller, Kind, Value};
use axum::extract::{Request, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::Uri;
use http::request::Parts;
use serde::Serialize;

use crate::app::App;
use crate::openapi::{AuditFilters, AuditListing, ListProblems};
use crate::problem::Problem;
use crate::query::{Parameters, number, uuid};
use crate::serve::serve;
use crate::{extract, reply};

const LAST_PAGE: u32 = 1_000_000;
const PAGE_SIZE: u32 = 50;
const LARGEST_PAGE: u32 = 200;

/// Longest id that is looked for, in characters: `CarCopy/Car` is two names.
const LONGEST_ACTION_ID: usize = 200;

/// What was attempted, newest first.
///
/// A caller without `Read/action_audit_log` sees their own rows only.
#[utoipa::path(
    get,
    path = "/ui/actions/audit",
    operation_id = "listAudit",
    tag = "actions",
    params(AuditFilters),
    responses(
        (status = 200, description = "A page of the audit.", body = AuditListing),
        ListProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| Ok(reply::json(&page(&app, parts).await?, arrival))).await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    items: Vec<AuditRow>,
    total: u64,
    page: u32,
    page_size: u32,
}

async fn page(app: &App, parts: &Parts) -> Result<Listing, Problem> {
    let caller = extract::caller(app, parts).await?;
    let mut query = read(&parts.uri)?;
    query.tenant = caller.tenant_id();
    let (page, page_size) = (query.page, query.page_size);
    let found = if narrow(app, &caller, &mut query).await? {
        app.engine().audit(&query).await?
    } else {
        AuditPage { items: Vec::new(), total: 0 }
    };
    Ok(Listing { items: found.items, total: found.total, page, page_size })
}

/// Narrows the query to what the caller may see; `false` where nothing of what they ask for is.
async fn narrow(app: &App, caller: &Caller, query: &mut AuditQuery) -> Result<bool, Problem> {
    let sees_all = caller.tenant_id().is_some() && {
        let grants = app.engine().grants(caller).await?;
        app.read_audit().is_some_and(|it| grants.allows(it))
    };
    if sees_all {
        return Ok(true);
    }
    let own = caller.user_id();
    Ok(query.user.replace(own).is_none_or(|it| it == own))
}

fn read(uri: &Uri) -> Result<AuditQuery, Problem> {
    let mut given = Parameters::of(uri)?;
    let query = AuditQuery {
        tenant: None,
        action_id: given.take("actionId", "an action's id", action_id),
        user: given.take("userId", "a UUID", uuid),
        success: given.take("success", "true or false", |it| it.parse().ok()),
        outcome: given.take("outcome", "succeeded, refused, asked or failed", AuditOutcome::from_name),
        from: given.take("from", "a time such as 2026-01-31T12:00:00Z", time),
        to: given.take("to", "a time such as 2026-01-31T12:00:00Z", time),
        page: given.take("page", "a number from 1 to 1000000", |it| number(it, 1, LAST_PAGE)).unwrap_or(1),
        page_size: given
            .take("pageSize", "a number from 1 to 200", |it| number(it, 1, LARGEST_PAGE))
            .unwrap_or(PAGE_SIZE),
    };
    given.end()?;
    Ok(query)
}

fn action_id(text: &str) -> Option<String> {
    let fits = (1..=LONGEST_ACTION_ID).contains(&text.chars().count()) && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

/// RFC 3339. A `+` that was not escaped arrives as a blank.
fn time(text: &str) -> Option<DateTime<Utc>> {
    // Read as a column's value would be, so that the same instants can be told and asked for.
    let read = |text: &str| match Kind::Timestamp.read(&text.into()) {
        Ok(Value::Timestamp(at)) => Some(at),
        _ => None,
    };
    read(text).or_else(|| read(&text.replace(' ', "+")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_whatever_its_offset_and_even_with_a_blank_for_its_plus() {
        let noon = time("2026-01-31T12:00:00Z");
        assert!(noon.is_some());
        for same in ["2026-01-31T13:00:00+01:00", "2026-01-31T13:00:00 01:00", "2026-01-31T11:00:00-01:00"] {
            assert_eq!(time(same), noon, "{same}");
        }
        for text in ["", "2026-01-31", "2026-01-31T12:00:00", "noon", "2026-13-01T00:00:00Z", "1769860800"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
