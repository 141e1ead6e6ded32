//! Who is calling, told from what the request carries.

use async_trait::async_trait;

use crate::Caller;
use crate::refusal::BoxError;

/// Turns a request's credential into a caller.
///
/// A host with sessions of its own writes one in a few lines:
///
/// ```
/// use action_core::ports::{Authenticator, Credentials, Identified, Unauthenticated};
/// use action_core::{Caller, Identity};
///
/// struct Sessions;
///
/// #[async_trait::async_trait]
/// impl Authenticator for Sessions {
///     async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Identified, Unauthenticated> {
///         let cookie = credentials.header("cookie").ok_or(Unauthenticated::Missing)?;
///         # let look_up = |_: &str| Some(Identity::default());
///         let identity = look_up(cookie).ok_or(Unauthenticated::invalid("no such session"))?;
///         Ok(Identified::by_cookie(Caller::new(identity)))
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticator: Send + Sync {
    /// The caller, or why there is none.
    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Identified, Unauthenticated>;
}

/// What a request carries that may identify its sender.
pub struct Credentials<'a> {
    headers: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
}

impl<'a> Credentials<'a> {
    /// Credentials looked up by header name in lower case.
    pub fn new(headers: &'a (dyn Fn(&str) -> Option<&'a str> + Sync)) -> Self {
        Self { headers }
    }

    /// A header's value, where it is text. `name` is in lower case.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        (self.headers)(name)
    }
}

/// A caller, and how the credential travelled.
#[derive(Debug, Clone)]
pub struct Identified {
    /// Who it is.
    pub caller: Caller,
    /// Whether browsers send this credential by themselves (a cookie, a client certificate), so that a request from
    /// another site's page would carry it too. Such requests are refused.
    pub ambient: bool,
}

impl Identified {
    /// By a credential that a page must add itself, such as a bearer token.
    pub fn by_token(caller: Caller) -> Self {
        Self { caller, ambient: false }
    }

    /// By a credential that the browser adds by itself.
    pub fn by_cookie(caller: Caller) -> Self {
        Self { caller, ambient: true }
    }
}

/// Why there is no caller. The caller is told one constant sentence; the reason is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Unauthenticated {
    /// The request carries no credential.
    #[error("no credential")]
    Missing,
    /// It carries one that does not hold.
    #[error("the credential is not valid: {0}")]
    Invalid(std::borrow::Cow<'static, str>),
    /// It could not be checked, because something outside does not answer.
    #[error("the credential could not be checked")]
    Unavailable(#[source] BoxError),
}

impl Unauthenticated {
    /// A credential that does not hold, with the reason for the log. Never the credential itself.
    pub fn invalid(reason: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::Invalid(reason.into())
    }
}
