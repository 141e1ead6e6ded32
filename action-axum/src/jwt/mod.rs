//! Bearer tokens signed with HS256: one adapter of the authenticator's port.
//!
//! A token says who its bearer is; this module decides whether to believe it. What the bearer may do is decided from
//! roles and permissions, elsewhere. Neither the secret nor a token is ever logged or shown by `Debug`.

mod cache;
mod claims;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use action_core::Caller;
use action_core::ports::{Authenticator, Credentials, Identified, Unauthenticated};
use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use cache::Cache;

/// Longest token that is looked at, in bytes.
const LONGEST_TOKEN: usize = 8 * 1024;

/// Shortest secret: as long as what HMAC-SHA-256 puts out (RFC 7518, section 3.2).
const SHORTEST_SECRET: usize = 32;

/// Takes `Authorization: Bearer <JWT>`, HS256.
///
/// Claims: `sub` (UUID, required), `exp` (required, without leeway), `nbf`, `tenant_id` (UUID), `name`, and lists of
/// texts in `roles` and `groups` (one set to us) and `permissions`. A claim of another type refuses the token; `null`
/// is as if the claim were not there. A verified token is remembered until it expires, and no longer.
///
/// ```
/// use action_axum::Jwt;
/// use action_core::Engine;
///
/// let secret = "at least 32 bytes, from a secret store";
/// let builder = Engine::builder().authenticator(Jwt::hs256(secret)?.issuer("https://login.example"));
/// assert!(Jwt::hs256("short").is_err());
/// # Ok::<(), action_axum::WeakSecret>(())
/// ```
pub struct Jwt {
    key: DecodingKey,
    validation: Validation,
    verified: Cache,
}

/// A secret that could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the secret for HS256 has {bytes} bytes and needs {SHORTEST_SECRET}; make one with `openssl rand -base64 48` and \
     keep it in the host's secret store"
)]
pub struct WeakSecret {
    /// How long it is.
    pub bytes: usize,
}

impl Jwt {
    /// With this secret, of 32 bytes at least.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, WeakSecret> {
        let secret = secret.as_ref();
        if secret.len() < SHORTEST_SECRET {
            return Err(WeakSecret { bytes: secret.len() });
        }
        let mut validation = Validation::new(Algorithm::HS256);
        // Times are judged here, because the library takes a token in the very second in which it expires.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Ok(Self { key: DecodingKey::from_secret(secret), validation, verified: Cache::default() })
    }

    /// Only tokens of this issuer (`iss`).
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.validation.set_issuer(&[issuer.into()]);
        self.validation.required_spec_claims.insert("iss".to_owned());
        self
    }

    /// Only tokens for this audience (`aud`). Without it, any audience will do.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.validation.set_audience(&[audience.into()]);
        self.validation.validate_aud = true;
        self.validation.required_spec_claims.insert("aud".to_owned());
        self
    }

    fn verify(&self, token: &str, now: f64) -> Result<(f64, Identified), Unauthenticated> {
        // The error's text tells what is wrong with the token, and nothing of what is in it.
        let token = decode::<Map<String, Value>>(token, &self.key, &self.validation)
            .map_err(|error| Unauthenticated::invalid(error.to_string()))?;
        if token.header.crit.is_some() {
            return Err(Unauthenticated::invalid("it has critical headers, and we know none"));
        }
        let expires = claims::expiry(&token.claims, now).map_err(Unauthenticated::Invalid)?;
        let identity = claims::identity(token.claims).map_err(Unauthenticated::Invalid)?;
        Ok((expires, Identified::by_token(Caller::new(identity))))
    }
}

#[async_trait]
impl Authenticator for Jwt {
    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Identified, Unauthenticated> {
        let header = credentials.header("authorization").ok_or(Unauthenticated::Missing)?;
        let token = bearer(header).ok_or(Unauthenticated::invalid("it is no bearer token"))?;
        if token.len() > LONGEST_TOKEN {
            return Err(Unauthenticated::invalid("it is longer than 8 KiB"));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |it| it.as_secs_f64());
        let digest = Sha256::digest(token).into();
        if let Some(identified) = self.verified.get(&digest, now) {
            return Ok(identified);
        }
        let (expires, identified) = self.verify(token, now)?;
        self.verified.put(digest, expires, identified.clone(), now);
        Ok(identified)
    }
}

/// The token; the scheme's name ignores case.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("algorithm", &Algorithm::HS256).finish_non_exhaustive()
    }
}
