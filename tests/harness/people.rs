//! Who calls in a test: a token, made as an identity provider would make it.

#![expect(clippy::expect_used, reason = "a test without its caller has nothing left to prove")]

use fleet::DEVELOPMENT_SECRET;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

/// The tenant most demo data belongs to.
pub const ACME: &str = "11111111-1111-4111-8111-111111111111";
/// The other one.
pub const GLOBEX: &str = "22222222-2222-4222-8222-222222222222";

/// The claims of a caller. Build on one of the functions and change what the test is about.
#[derive(Debug, Clone)]
pub struct Person(Value);

/// May do everything in acme.
pub fn administrator() -> Person {
    Person::new(1).tenant(ACME).roles(&["Administrators", "admin"])
}

/// Looks after acme's cars.
pub fn fleet_manager() -> Person {
    Person::new(2).tenant(ACME).roles(&["Fleet managers"])
}

/// Looks at acme's cars.
pub fn viewer() -> Person {
    Person::new(3).tenant(ACME).roles(&["Viewers"])
}

/// May do everything in globex.
pub fn stranger() -> Person {
    Person::new(4).tenant(GLOBEX).roles(&["Administrators", "admin"])
}

/// Signed in to acme, and holds nothing.
pub fn nobody() -> Person {
    Person::new(5).tenant(ACME)
}

impl Person {
    /// A caller of whom only the id is known; their token holds for an hour.
    pub fn new(number: u32) -> Self {
        let exp = chrono::Utc::now().timestamp() + 3_600;
        Self(json!({ "sub": format!("f0000000-0000-4000-8000-{number:012}"), "exp": exp }))
    }

    /// The caller's id.
    pub fn id(&self) -> &str {
        self.0.get("sub").and_then(Value::as_str).unwrap_or_default()
    }

    /// With a tenant.
    pub fn tenant(self, tenant: &str) -> Self {
        self.claim("tenant_id", json!(tenant))
    }

    /// With roles.
    pub fn roles(self, roles: &[&str]) -> Self {
        self.claim("roles", json!(roles))
    }

    /// With permissions of the token's own.
    pub fn permissions(self, permissions: &[&str]) -> Self {
        self.claim("permissions", json!(permissions))
    }

    /// With any claim.
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        if let Some(claims) = self.0.as_object_mut() {
            claims.insert(name.to_owned(), value);
        }
        self
    }

    /// Without a claim.
    pub fn without(mut self, name: &str) -> Self {
        if let Some(claims) = self.0.as_object_mut() {
            claims.remove(name);
        }
        self
    }

    /// The token.
    ///
    /// # Panics
    /// When it cannot be signed.
    pub fn token(&self) -> String {
        self.signed_with(DEVELOPMENT_SECRET)
    }

    /// The token, signed with another secret.
    ///
    /// # Panics
    /// When it cannot be signed.
    pub fn signed_with(&self, secret: &str) -> String {
        encode(&Header::default(), &self.0, &EncodingKey::from_secret(secret.as_bytes()))
            .expect("claims are JSON")
    }
}
