//! Who is calling: tokens that are taken, tokens that are not, and routes that ask for none.

use std::time::Duration;

use action_tests::{Ask, Person, TestApp, people};
use fleet::DEVELOPMENT_SECRET;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{EXECUTE, anonymous_text, audit};

on_both_fleets!(
    without_a_token_every_protected_route_is_401,
    some_routes_need_no_token,
    an_expired_token_is_refused_without_leeway,
    a_token_that_was_good_is_refused_from_the_second_it_expires,
    a_token_signed_with_another_secret_is_refused,
    a_token_without_a_signature_is_refused,
    a_token_of_another_algorithm_is_refused,
    what_is_no_token_is_refused,
    a_token_without_a_user_or_an_end_is_refused,
    a_token_with_a_claim_of_the_wrong_type_is_refused,
    two_credentials_are_none,
    every_401_is_the_same_answer,
    an_attempt_by_nobody_knows_whom_is_not_in_the_audit,
    the_name_of_the_scheme_ignores_case,
    roles_and_groups_are_one_set_of_keys,
    the_role_admin_grants_nothing_by_itself,
    a_bearer_token_is_taken_from_another_sites_page,
);

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

fn with_authorization<'a>(app: &'a TestApp, value: &str) -> Ask<'a> {
    app.anonymous().header("authorization", value)
}

async fn refused(ask: &Ask<'_>) {
    let answer = ask.execute("echo", json!({})).await;
    assert_eq!(answer.brief(), "401 unauthenticated");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
}

async fn without_a_token_every_protected_route_is_401(app: TestApp) {
    let ask = app.anonymous();
    refused(&ask).await;
    for path in ["/ui/actions", "/ui/actions/echo", "/ui/actions/audit", "/ui/entities"] {
        let answer = ask.get(path).await;
        assert_eq!(answer.brief(), "401 unauthenticated", "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
    }
}

async fn some_routes_need_no_token(app: TestApp) {
    for path in ["/openapi.json", "/healthz", "/readyz", "/metrics"] {
        assert_eq!(app.anonymous().get(path).await.status, 200, "{path}");
        // Nor does a bad one hurt there.
        assert_eq!(with_authorization(&app, "Bearer nonsense").get(path).await.status, 200, "{path}");
    }
}

async fn an_expired_token_is_refused_without_leeway(app: TestApp) {
    for past in [0, 1, 59, 86_400] {
        refused(&app.as_person(&people::administrator().claim("exp", json!(now() - past)))).await;
    }
}

async fn a_token_that_was_good_is_refused_from_the_second_it_expires(app: TestApp) {
    let end = now() + 2;
    let ask = app.as_person(&people::administrator().claim("exp", json!(end)));
    assert_eq!(ask.execute("echo", json!({})).await.status, 200);
    while now() < end {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    refused(&ask).await;
}

async fn a_token_signed_with_another_secret_is_refused(app: TestApp) {
    let token = people::administrator().signed_with("another secret, and just as long as it must be");
    refused(&with_authorization(&app, &format!("Bearer {token}"))).await;
}

async fn a_token_without_a_signature_is_refused(app: TestApp) {
    let token = people::administrator().token();
    let (_, rest) = token.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    // `{"alg":"none","typ":"JWT"}`, spelled as the usual forgeries spell it.
    for none in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOb25lIn0", "eyJhbGciOiJOT05FIn0"] {
        refused(&with_authorization(&app, &format!("Bearer {none}.{claims}."))).await;
    }
    let (signed, _) = token.rsplit_once('.').unwrap();
    refused(&with_authorization(&app, &format!("Bearer {signed}."))).await;
    refused(&with_authorization(&app, &format!("Bearer {signed}"))).await;
}

async fn a_token_of_another_algorithm_is_refused(app: TestApp) {
    let claims = json!({ "sub": people::administrator().id(), "exp": now() + 60, "tenant_id": people::ACME });
    let key = EncodingKey::from_secret(DEVELOPMENT_SECRET.as_bytes());
    let signed = |algorithm| encode(&Header::new(algorithm), &claims, &key).unwrap();
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        refused(&with_authorization(&app, &format!("Bearer {}", signed(algorithm)))).await;
    }
    let taken = with_authorization(&app, &format!("Bearer {}", signed(Algorithm::HS256)));
    assert_eq!(taken.execute("echo", json!({})).await.status, 200);
}

async fn what_is_no_token_is_refused(app: TestApp) {
    let token = people::administrator().token();
    let credentials = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer x".to_owned(),
        "Bearer a.b.c".to_owned(),
        "Bearer ..".to_owned(),
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer {token}x"),
        format!("Bearer {token} {token}"),
        format!("Bearer {}", "x".repeat(100_000)),
    ];
    for credential in &credentials {
        refused(&with_authorization(&app, credential)).await;
    }
}

async fn a_token_without_a_user_or_an_end_is_refused(app: TestApp) {
    for claim in ["sub", "exp"] {
        refused(&app.as_person(&people::administrator().without(claim))).await;
    }
}

async fn a_token_with_a_claim_of_the_wrong_type_is_refused(app: TestApp) {
    let claims: [(&str, Value); 10] = [
        ("sub", json!("ada")),
        ("sub", json!(7)),
        ("exp", json!("tomorrow")),
        ("tenant_id", json!("acme")),
        ("tenant_id", json!(["11111111-1111-4111-8111-111111111111"])),
        ("name", json!(7)),
        ("roles", json!("Administrators")),
        ("roles", json!([1])),
        ("groups", json!({ "Administrators": true })),
        ("permissions", json!("New/Car")),
    ];
    for (name, value) in claims {
        refused(&app.as_person(&people::administrator().claim(name, value))).await;
    }
}

async fn two_credentials_are_none(app: TestApp) {
    let credential = format!("Bearer {}", people::administrator().token());
    refused(&with_authorization(&app, &credential).header("authorization", &credential)).await;
}

async fn every_401_is_the_same_answer(app: TestApp) {
    let missing = app.anonymous().execute("echo", json!({})).await;
    let expired =
        app.as_person(&people::viewer().claim("exp", json!(now() - 1))).execute("echo", json!({})).await;
    let forged =
        with_authorization(&app, &format!("Bearer {}", people::viewer().signed_with(&"x".repeat(40))));
    let forged = forged.execute("echo", json!({})).await;
    assert_eq!(anonymous_text(&missing), anonymous_text(&expired));
    assert_eq!(anonymous_text(&missing), anonymous_text(&forged));
}

async fn an_attempt_by_nobody_knows_whom_is_not_in_the_audit(app: TestApp) {
    refused(&app.anonymous()).await;
    refused(&app.as_person(&people::viewer().claim("exp", json!(now() - 1)))).await;
    assert_eq!(audit(&app.as_person(&people::administrator()), "").await.len(), 0);
}

async fn the_name_of_the_scheme_ignores_case(app: TestApp) {
    let ask = with_authorization(&app, &format!("bearer {}", people::viewer().token()));
    assert_eq!(ask.execute("echo", json!({})).await.status, 200);
}

async fn roles_and_groups_are_one_set_of_keys(app: TestApp) {
    let params = json!({ "entity": "Car", "limit": 1 });
    let by_group = Person::new(20).tenant(people::ACME).claim("groups", json!(["Viewers"]));
    assert_eq!(app.as_person(&by_group).execute("executeQuery", params.clone()).await.status, 200);
    let by_either = by_group.roles(&["Fleet managers"]);
    let values = json!({ "entity": "Car", "values": crate::support::car("ROLE-1") });
    assert_eq!(app.as_person(&by_either).execute("createRecord", values).await.status, 200);
    assert_eq!(app.as_person(&by_either).execute("executeQuery", params).await.status, 200);
}

async fn the_role_admin_grants_nothing_by_itself(app: TestApp) {
    let admin = Person::new(21).tenant(people::ACME).roles(&["admin"]);
    let ask = app.as_person(&admin);
    for action in ["createRecord", "updateRecord", "deleteRecord", "executeQuery"] {
        assert_eq!(
            ask.execute(action, json!({ "entity": "Car" })).await.brief(),
            "403 permission_denied",
            "{action}"
        );
    }
}

async fn a_bearer_token_is_taken_from_another_sites_page(app: TestApp) {
    let ask = app.as_person(&people::viewer()).header("sec-fetch-site", "cross-site");
    let ask = ask.header("origin", "https://elsewhere.example");
    assert_eq!(ask.post(EXECUTE, &json!({ "actionId": "echo" })).await.status, 200);
}
