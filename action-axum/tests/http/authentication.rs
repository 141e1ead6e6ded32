//! Bearer tokens: which are believed, and what they say of their bearer.

use std::time::Duration;

use action_axum::Jwt;
use action_core::in_memory::InMemory;
use axum::body::Body;
use axum::http::Request;
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};

use crate::support::{ADA, Answer, App, BOB, Claims, SECRET, builder, now};

async fn present(app: &App, authorization: &str) -> Answer {
    app.send(Request::get("/ui/actions").header("authorization", authorization).body(Body::empty()).unwrap())
        .await
}

async fn outcome(authorization: &str) -> String {
    present(&App::start().await, authorization).await.outcome()
}

/// A token put together by hand, with any header; signed with the right secret.
fn by_hand(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| {
        jsonwebtoken::crypto::sign(b"", &jsonwebtoken::EncodingKey::from_secret(b""), Algorithm::HS256)
            .map(|_| base64url(json.to_string().as_bytes()))
            .unwrap()
    };
    let message = format!("{}.{}", part(header), part(claims));
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(LETTERS[(word >> (18 - 6 * index) & 63) as usize]));
        }
    }
    text
}

#[tokio::test]
async fn a_valid_token_is_believed_whatever_the_case_of_its_scheme() {
    let token = Claims::ada().token();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(outcome(&format!("{scheme} {token}")).await, "200");
    }
    assert_eq!(
        outcome(&format!("Bearer {}", by_hand(&json!({ "alg": "HS256" }), &Claims::ada().0))).await,
        "200"
    );
}

#[tokio::test]
async fn a_request_without_a_credential_is_401_and_told_the_scheme() {
    let app = App::start().await;
    let answer = app.send(Request::get("/ui/actions").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.outcome(), "401 unauthenticated");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(answer.json()["detail"], "a valid credential is required");
}

#[tokio::test]
async fn garbage_is_401() {
    let token = Claims::ada().token();
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a.b.c",
        "Bearer ..",
        &token,
        &format!("Basic {token}"),
        &format!("Bearer {token}x"),
        &format!("Bearer {token}.x"),
        &format!("Bearer {}", token.replace('.', " ")),
        &format!("Bearer {}", &token[..token.len() - 1]),
        &format!("Bearer {}", "x".repeat(10_000)),
    ] {
        assert_eq!(outcome(authorization).await, "401 unauthenticated", "{authorization}");
    }
}

#[tokio::test]
async fn two_credentials_are_as_good_as_none() {
    let request = Request::get("/ui/actions")
        .header("authorization", Claims::ada().bearer())
        .header("authorization", Claims::of(BOB).bearer());
    let answer = App::start().await.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.outcome(), "401 unauthenticated");
}

#[tokio::test]
async fn a_token_signed_with_another_secret_is_401() {
    let token = Claims::ada().signed(&Header::new(Algorithm::HS256), "another secret, which is long enough");
    assert_eq!(outcome(&format!("Bearer {token}")).await, "401 unauthenticated");
}

#[tokio::test]
async fn another_algorithm_is_401_even_with_the_right_secret() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let token = Claims::ada().signed(&Header::new(algorithm), SECRET);
        assert_eq!(outcome(&format!("Bearer {token}")).await, "401 unauthenticated", "{algorithm:?}");
    }
    for algorithm in ["none", "None", "RS256", "ES256", "hs256", ""] {
        let token = by_hand(&json!({ "alg": algorithm, "typ": "JWT" }), &Claims::ada().0);
        assert_eq!(outcome(&format!("Bearer {token}")).await, "401 unauthenticated", "{algorithm}");
    }
    let unsigned =
        format!("{}.", by_hand(&json!({ "alg": "none" }), &Claims::ada().0).rsplit_once('.').unwrap().0);
    assert_eq!(outcome(&format!("Bearer {unsigned}")).await, "401 unauthenticated");
}

#[tokio::test]
async fn critical_headers_that_nobody_here_knows_are_401() {
    let token = by_hand(&json!({ "alg": "HS256", "crit": ["b64"], "b64": false }), &Claims::ada().0);
    assert_eq!(outcome(&format!("Bearer {token}")).await, "401 unauthenticated");
}

#[tokio::test]
async fn times_are_kept_to_the_second() {
    for (claim, value, expected) in [
        ("exp", json!(now() - 1), "401 unauthenticated"),
        ("exp", json!(now()), "401 unauthenticated"),
        ("exp", json!(now() + 5), "200"),
        ("exp", json!(f64::from(u32::try_from(now()).unwrap()) + 5.5), "200"),
        ("exp", json!((now() + 60).to_string()), "401 unauthenticated"),
        ("exp", json!(null), "401 unauthenticated"),
        ("nbf", json!(now() + 60), "401 unauthenticated"),
        ("nbf", json!(now() - 1), "200"),
        ("nbf", json!("soon"), "401 unauthenticated"),
    ] {
        assert_eq!(
            outcome(&Claims::ada().with(claim, value.clone()).bearer()).await,
            expected,
            "{claim} {value}"
        );
    }
    assert_eq!(outcome(&Claims::ada().without("exp").bearer()).await, "401 unauthenticated");
}

#[tokio::test]
async fn a_token_that_was_believed_is_not_believed_past_its_time() {
    let app = App::start().await;
    let bearer = Claims::ada().with("exp", now() + 2).bearer();
    assert_eq!(present(&app, &bearer).await.outcome(), "200");
    assert_eq!(present(&app, &bearer).await.outcome(), "200", "remembered");
    tokio::time::sleep(Duration::from_millis(2_050)).await;
    assert_eq!(present(&app, &bearer).await.outcome(), "401 unauthenticated");
}

#[tokio::test]
async fn a_claim_of_the_wrong_type_is_401() {
    assert_eq!(outcome(&Claims::ada().without("sub").bearer()).await, "401 unauthenticated");
    for (claim, value) in [
        ("sub", json!("ada")),
        ("sub", json!(7)),
        ("tenant_id", json!("acme")),
        ("tenant_id", json!("")),
        ("tenant_id", json!([])),
        ("name", json!(7)),
        ("roles", json!("admin")),
        ("roles", json!([1])),
        ("groups", json!({ "a": 1 })),
        ("permissions", json!("*/*")),
        ("permissions", json!([null])),
    ] {
        assert_eq!(
            outcome(&Claims::ada().with(claim, value.clone()).bearer()).await,
            "401 unauthenticated",
            "{claim} {value}"
        );
    }
}

#[tokio::test]
async fn more_roles_or_permissions_than_anybody_has_are_401() {
    let many = |count: usize| (0..count).map(|it| it.to_string()).collect::<Vec<_>>();
    assert_eq!(outcome(&Claims::ada().with("roles", many(200)).bearer()).await, "200");
    assert_eq!(
        outcome(&Claims::ada().with("roles", many(199)).with("groups", many(2)).bearer()).await,
        "401 unauthenticated"
    );
    assert_eq!(
        outcome(&Claims::ada().with("permissions", many(1_001)).bearer()).await,
        "401 unauthenticated"
    );
}

#[tokio::test]
async fn the_claims_say_who_is_calling() {
    let app = App::start().await;
    let claims = Claims::ada()
        .with("name", "Ada")
        .with("roles", json!(["editors"]))
        .with("groups", json!(["Fleet managers"]))
        .with("permissions", json!(["user.edit"]));
    let request = crate::support::execute(&claims.bearer(), r#"{"actionId":"whoami"}"#);
    let data = app.send(request).await.json()["data"].clone();
    assert_eq!((&data["user"], &data["name"]), (&json!(ADA), &json!("Ada")));
    assert_eq!(data["roles"], json!(["editors", "Fleet managers"]));
    assert_eq!(data["permissions"], json!(["user.edit"]));
}

#[tokio::test]
async fn a_null_claim_is_an_absent_one() {
    let app = App::start().await;
    let claims =
        Claims::ada().with("tenant_id", Value::Null).with("name", Value::Null).with("roles", Value::Null);
    let answer = app.send(crate::support::execute(&claims.bearer(), r#"{"actionId":"whoami"}"#)).await;
    assert_eq!(answer.outcome(), "200");
    assert_eq!(answer.json()["data"]["tenant"], Value::Null);
}

#[tokio::test]
async fn a_token_beyond_eight_kilobytes_is_not_looked_at() {
    let of_length = |name: usize| Claims::ada().with("name", "x".repeat(name)).token();
    let (short, long) = (of_length(5_900), of_length(6_100));
    assert!(short.len() < 8_192 && long.len() > 8_192, "{} {}", short.len(), long.len());
    assert_eq!(outcome(&format!("Bearer {short}")).await, "200");
    assert_eq!(outcome(&format!("Bearer {long}")).await, "401 unauthenticated");
}

#[tokio::test]
async fn an_issuer_and_an_audience_are_held_to_where_they_are_set() {
    let jwt = Jwt::hs256(SECRET).unwrap().issuer("https://login").audience("fleet");
    let engine = builder().authenticator(jwt).build().await.unwrap();
    let app = App { router: action_axum::router(engine), storage: InMemory::new() };
    let good = Claims::ada().with("iss", "https://login").with("aud", json!(["other", "fleet"]));
    assert_eq!(present(&app, &good.bearer()).await.outcome(), "200");
    for bad in [
        good.clone().without("iss"),
        good.clone().without("aud"),
        good.clone().with("iss", "https://evil"),
        good.clone().with("aud", "other"),
        good.clone().with("aud", json!([])),
        good.with("aud", 5),
    ] {
        assert_eq!(present(&app, &bad.bearer()).await.outcome(), "401 unauthenticated", "{}", bad.0);
    }
    assert_eq!(outcome(&Claims::ada().with("aud", "anybody").bearer()).await, "200", "where none is set");
}

#[test]
fn a_short_secret_is_refused_with_advice() {
    let error = Jwt::hs256("x".repeat(31)).unwrap_err();
    assert!(
        error.to_string().contains("has 31 bytes and needs 32") && error.to_string().contains("openssl"),
        "{error}"
    );
    assert!(Jwt::hs256("x".repeat(32)).is_ok());
}

#[test]
fn the_secret_is_not_shown() {
    let shown = format!("{:?}", Jwt::hs256(SECRET).unwrap());
    assert!(!shown.contains("secret") && shown.contains("HS256"), "{shown}");
}

#[tokio::test]
async fn an_engine_without_an_authenticator_lets_nobody_in() {
    let engine = action_core::Engine::builder().build().await.unwrap();
    let app = App { router: action_axum::router(engine), storage: InMemory::new() };
    assert_eq!(present(&app, &Claims::ada().bearer()).await.outcome(), "500 internal");
}
