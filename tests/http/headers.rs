//! Headers that every request may have and every answer has: the request's id, languages, traces.

use action_tests::{Answer, Ask, TestApp, people};
use axum::http::Method;
use serde_json::json;

use crate::support::{EXECUTE, audit, car, create};

on_both_fleets!(
    every_answer_carries_the_requests_id,
    an_id_is_made_where_none_was_sent,
    an_id_that_could_not_be_one_is_replaced,
    the_id_is_the_one_of_the_body_and_of_the_audit,
    a_refusal_is_told_in_the_callers_language,
    the_exact_tag_comes_before_its_base_and_english_last,
    what_is_no_language_is_passed_over,
    codes_and_fields_are_the_same_in_every_language,
    a_trace_is_taken_and_a_broken_one_passed_over,
);

/// One answer of every kind of route and of end.
async fn all_kinds(ask: &Ask<'_>) -> Vec<(&'static str, Answer)> {
    let json = ask.clone().header("content-type", "application/json");
    vec![
        ("success", ask.execute("echo", json!({})).await),
        ("invalid", create(ask, json!({})).await),
        ("malformed", json.send(Method::POST, EXECUTE, "{").await),
        ("failed", ask.execute("diagnostics.fail", json!({})).await),
        ("panicked", ask.execute("diagnostics.panic", json!({})).await),
        ("actions", ask.get("/ui/actions").await),
        ("one action", ask.get("/ui/actions/none").await),
        ("audit", ask.get("/ui/actions/audit").await),
        ("entities", ask.get("/ui/entities").await),
        ("document", ask.get("/openapi.json").await),
        ("alive", ask.get("/healthz").await),
        ("ready", ask.get("/readyz").await),
        ("metrics", ask.get("/metrics").await),
        ("no route", ask.get("/nowhere").await),
        ("no method", ask.get(EXECUTE).await),
    ]
}

async fn every_answer_carries_the_requests_id(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("x-request-id", "My_request-1.a");
    for (kind, answer) in all_kinds(&ask).await {
        assert_eq!(answer.header("x-request-id"), Some("My_request-1.a"), "{kind}");
    }
    let anonymous = app.anonymous().header("x-request-id", "r").execute("echo", json!({})).await;
    assert_eq!(anonymous.header("x-request-id"), Some("r"));
}

async fn an_id_is_made_where_none_was_sent(app: TestApp) {
    let mut seen = std::collections::BTreeSet::new();
    for (kind, answer) in all_kinds(&app.as_person(&people::administrator())).await {
        let id = answer.header("x-request-id").unwrap_or_else(|| panic!("{kind} has none"));
        assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 7, "{kind}");
        assert!(seen.insert(id.to_owned()), "{kind}");
    }
}

async fn an_id_that_could_not_be_one_is_replaced(app: TestApp) {
    let (longest, too_long) = ("x".repeat(64), "x".repeat(65));
    for kept in ["a", "0", longest.as_str(), ".-_"] {
        let answer = app.anonymous().header("x-request-id", kept).get("/healthz").await;
        assert_eq!(answer.header("x-request-id"), Some(kept));
    }
    for replaced in ["", " ", "a b", "a/b", "a\tb", "ünï", "<script>", "a,b", too_long.as_str()] {
        let answer = app.anonymous().header("x-request-id", replaced).get("/healthz").await;
        assert!(answer.header("x-request-id").unwrap().parse::<uuid::Uuid>().is_ok(), "{replaced:?}");
    }
}

async fn the_id_is_the_one_of_the_body_and_of_the_audit(app: TestApp) {
    let refused = create(&app.as_person(&people::viewer()), car("H-1")).await;
    let id = refused.header("x-request-id").unwrap();
    assert_eq!(refused.json["requestId"], id);
    assert_eq!(audit(&app.as_person(&people::viewer()), "").await[0]["requestId"], id);
}

async fn in_language(app: &TestApp, languages: &str) -> (String, String) {
    let ask = app.as_person(&people::viewer()).header("accept-language", languages);
    let refused = create(&ask, car("H-1")).await;
    (
        refused.json["title"].as_str().unwrap().to_owned(),
        refused.header("content-language").unwrap().to_owned(),
    )
}

async fn a_refusal_is_told_in_the_callers_language(app: TestApp) {
    for (language, title) in [
        ("en", "Permission denied"),
        ("fr", "Accès refusé"),
        ("nl", "Toegang geweigerd"),
        ("de", "Zugriff verweigert"),
        ("pt", "Acesso negado"),
    ] {
        assert_eq!(in_language(&app, language).await, (title.to_owned(), language.to_owned()));
    }
}

async fn the_exact_tag_comes_before_its_base_and_english_last(app: TestApp) {
    for (languages, chosen) in [
        ("nl-BE", "nl"),
        ("FR-ca", "fr"),
        ("ja, fr;q=0.5", "fr"),
        ("fr;q=0.2, de;q=0.9", "de"),
        ("fr;q=0, de;q=0.1", "de"),
        ("ja, zh", "en"),
        ("*", "en"),
    ] {
        assert_eq!(in_language(&app, languages).await.1, chosen, "{languages}");
    }
}

async fn what_is_no_language_is_passed_over(app: TestApp) {
    for languages in ["", ";;;,,", "q=1", "fr;q=x", &"x,".repeat(5_000), "\u{e9}"] {
        assert_eq!(in_language(&app, languages).await.1, "en", "{languages}");
    }
}

async fn codes_and_fields_are_the_same_in_every_language(app: TestApp) {
    let in_language = async |language: &str| {
        let ask = app.as_person(&people::fleet_manager()).header("accept-language", language);
        create(&ask, json!({ "year": 1, "wheels": 4 })).await
    };
    let (english, french) = (in_language("en").await, in_language("fr").await);
    assert_eq!(english.fields(), french.fields());
    assert_eq!(english.json["code"], french.json["code"]);
    assert_ne!(english.json["title"], french.json["title"]);
    assert_ne!(english.json["detail"], french.json["detail"]);
}

async fn a_trace_is_taken_and_a_broken_one_passed_over(app: TestApp) {
    for trace in [
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-0000000000000000-00",
        "ff-x",
        "",
    ] {
        let answer =
            app.as_person(&people::viewer()).header("traceparent", trace).execute("echo", json!({})).await;
        assert_eq!(answer.status, 200, "{trace}");
    }
}
