//! Tokens for the demo's people. A real host gets them from its identity provider.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

/// The tenant most demo data belongs to.
const ACME: &str = "11111111-1111-4111-8111-111111111111";
/// The other one.
const GLOBEX: &str = "22222222-2222-4222-8222-222222222222";

/// Who a demo token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// May do everything in acme.
    Administrator,
    /// Looks after acme's cars.
    FleetManager,
    /// Looks at acme's cars.
    Viewer,
    /// Looks after globex's cars.
    OtherTenant,
}

/// A token that holds for 12 hours.
pub fn demo_token(secret: &str, person: Person) -> Result<String, jsonwebtoken::errors::Error> {
    let (id, name, tenant, roles) = match person {
        Person::Administrator => (1, "Ada", ACME, json!(["Administrators", "admin"])),
        Person::FleetManager => (2, "Finn", ACME, json!(["Fleet managers", "editor"])),
        Person::Viewer => (3, "Vera", ACME, json!(["Viewers"])),
        Person::OtherTenant => (4, "Gus", GLOBEX, json!(["Fleet managers"])),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    let claims = json!({
        "sub": format!("f0000000-0000-4000-8000-{id:012}"),
        "name": name,
        "tenant_id": tenant,
        "roles": roles,
        "exp": now + 12 * 60 * 60,
    });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes()))
}
