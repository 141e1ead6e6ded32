//! `user.update`, the example's action with parameters of its own.

use action_tests::{TestApp, people};
use serde_json::json;

use crate::support::{CAR, told};

on_both_fleets!(
    a_profile_is_changed_and_answered,
    every_invalid_field_is_told_at_once_in_the_order_of_declaration,
    every_missing_field_is_told_at_once,
    a_name_has_one_to_a_hundred_characters,
    an_address_is_held_against_the_grammar_of_addresses,
    a_refused_change_makes_no_profile,
);

async fn a_profile_is_changed_and_answered(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for name in ["Ada", "Ada Lovelace"] {
        let params = json!({ "id": CAR, "name": name, "email": "ada@example.com" });
        let answer = ask.execute("user.update", params.clone()).await;
        assert_eq!(answer.data(), &params);
        assert_eq!(answer.json["metadata"]["affectedRecords"], 1);
    }
}

async fn every_invalid_field_is_told_at_once_in_the_order_of_declaration(app: TestApp) {
    let params = json!({ "unknown": 1, "email": "nobody", "name": "", "id": "7" });
    let answer = app.as_person(&people::administrator()).execute("user.update", params).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    let fields: Vec<String> = answer.fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["id", "name", "email", "unknown"]);
}

async fn every_missing_field_is_told_at_once(app: TestApp) {
    let answer = app.as_person(&people::administrator()).execute("user.update", json!({})).await;
    assert_eq!(told(&answer), ["id required", "name required", "email required"]);
}

async fn a_name_has_one_to_a_hundred_characters(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let named = |name: &str| json!({ "id": CAR, "name": name, "email": "ada@example.com" });
    for (name, status) in [("", 400), ("A", 200), (&"é".repeat(100), 200), (&"é".repeat(101), 400)] {
        let answer = ask.execute("user.update", named(name)).await;
        assert_eq!(answer.status, status, "{} characters: {}", name.chars().count(), answer.text);
    }
}

async fn an_address_is_held_against_the_grammar_of_addresses(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let at = |email: &str| json!({ "id": CAR, "name": "Ada", "email": email });
    for email in ["ada@example.com", "a.b+tag@sub.example.org"] {
        assert_eq!(ask.execute("user.update", at(email)).await.status, 200, "{email}");
    }
    for email in
        ["", "ada", "@example.com", "ada@", "a b@example.com", "ada@example.com\nBcc: eve@example.com"]
    {
        let answer = ask.execute("user.update", at(email)).await;
        assert_eq!(answer.brief(), "400 validation_failed", "{email:?}");
        assert_eq!(answer.fields().len(), 1, "{}", answer.text);
        assert_eq!(answer.fields()[0].0, "email", "{email:?}");
    }
}

async fn a_refused_change_makes_no_profile(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    ask.execute("user.update", json!({ "id": CAR, "name": "", "email": "ada@example.com" })).await;
    let rows = crate::support::audit(&ask, "?actionId=user.update").await;
    assert_eq!(
        (rows.len(), &rows[0]["outcome"], &rows[0]["affectedRecords"]),
        (1, &json!("refused"), &json!(null))
    );
}
