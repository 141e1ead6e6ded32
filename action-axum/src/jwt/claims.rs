//! What the claims of a verified token say. Whatever has the wrong type refuses the token: a half understood token
//! would make its bearer someone else than its issuer meant.

use std::borrow::Cow;

use action_core::Identity;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Most roles and groups together.
const MOST_ROLES: usize = 200;

/// Most permissions.
const MOST_PERMISSIONS: usize = 1_000;

/// What is wrong with a token, for the log.
type Reason = Cow<'static, str>;

/// When the token expires, in seconds since 1970, provided that `now` lies within its time.
pub(super) fn expiry(claims: &Map<String, Value>, now: f64) -> Result<f64, Reason> {
    let expires = instant(claims, "exp")?.ok_or(Reason::Borrowed("it has no `exp`"))?;
    if now >= expires {
        return Err(Reason::Borrowed("it has expired"));
    }
    if instant(claims, "nbf")?.is_some_and(|it| now < it) {
        return Err(Reason::Borrowed("it is not valid yet"));
    }
    Ok(expires)
}

/// Whose token it is.
pub(super) fn identity(claims: Map<String, Value>) -> Result<Identity, Reason> {
    let user_id = uuid(&claims, "sub")?.ok_or(Reason::Borrowed("it has no `sub`"))?;
    let tenant_id = uuid(&claims, "tenant_id")?;
    let name = match present(&claims, "name") {
        Some(value) => Some(value.as_str().ok_or(Reason::Borrowed("its `name` is no text"))?.to_owned()),
        None => None,
    };
    let mut roles = texts(&claims, "roles")?;
    roles.append(&mut texts(&claims, "groups")?);
    let permissions = texts(&claims, "permissions")?;
    if roles.len() > MOST_ROLES || permissions.len() > MOST_PERMISSIONS {
        return Err(format!("it has more than {MOST_ROLES} roles or {MOST_PERMISSIONS} permissions").into());
    }
    Ok(Identity { user_id, name, tenant_id, roles, permissions, claims: Value::Object(claims) })
}

/// A claim that says something: `null` is as good as absent.
fn present<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).filter(|it| !it.is_null())
}

/// A `NumericDate` (RFC 7519, section 2), fractions included.
fn instant(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, Reason> {
    present(claims, name)
        .map(|value| value.as_f64().ok_or_else(|| format!("its `{name}` is no number").into()))
        .transpose()
}

fn uuid(claims: &Map<String, Value>, name: &str) -> Result<Option<Uuid>, Reason> {
    present(claims, name)
        .map(|value| {
            let uuid = value.as_str().and_then(|it| Uuid::try_parse(it).ok());
            uuid.ok_or_else(|| format!("its `{name}` is no UUID").into())
        })
        .transpose()
}

fn texts(claims: &Map<String, Value>, name: &str) -> Result<Vec<String>, Reason> {
    let Some(value) = present(claims, name) else { return Ok(Vec::new()) };
    let texts =
        value.as_array().and_then(|items| items.iter().map(|it| it.as_str().map(str::to_owned)).collect());
    texts.ok_or_else(|| format!("its `{name}` is no list of texts").into())
}
