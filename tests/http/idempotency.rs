//! `Idempotency-Key`: one effect, however often and by however many connections a call is sent.

use std::sync::Arc;
use std::time::Duration;

use action_tests::{Ask, TestApp, people};
use serde_json::{Value, json};

use crate::support::{
    CAR, CARS, EXECUTE, at_once, audit, car, count, create, delete, read, tally, told, update,
};

on_both_fleets!(
    sixty_four_calls_at_once_with_one_key_have_one_effect,
    of_many_payloads_at_once_under_one_key_one_has_an_effect,
    a_call_whose_key_is_running_is_in_progress,
    a_repetition_is_answered_as_the_first_call_was,
    a_repetition_has_no_effect_and_no_audit_row,
    a_repeated_deletion_answers_as_the_first_did,
    a_repeated_change_increases_the_version_once,
    a_repeated_query_answers_as_the_first_did,
    another_payload_under_the_key_is_refused,
    another_action_under_the_key_is_refused,
    another_origin_under_the_key_is_refused,
    answers_to_questions_do_not_make_another_request,
    a_key_is_the_same_quoted_and_bare,
    keys_that_differ_in_case_are_two,
    a_key_belongs_to_its_caller,
    a_key_belongs_to_its_tenant,
    a_caller_without_a_tenant_has_keys_too,
    what_could_be_no_key_is_refused_by_the_headers_name,
    a_key_may_have_255_characters,
    a_refusal_is_not_kept,
    a_failure_is_not_kept,
    a_time_out_is_not_kept,
    a_key_is_free_as_soon_as_its_call_was_answered,
    a_caller_who_hangs_up_finds_the_answer_under_the_key,
    a_call_without_a_key_is_made_again,
);

fn keyed<'a>(app: &'a TestApp, key: &str) -> Ask<'a> {
    app.as_person(&people::administrator()).header("idempotency-key", key)
}

fn is_replay(answer: &action_tests::Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

async fn sixty_four_calls_at_once_with_one_key_have_one_effect(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 64, &people::fleet_manager(), |_, app, person| async move {
        create(&app.as_person(&person).header("idempotency-key", "one"), car("ONE-1")).await
    })
    .await;
    let first: Vec<_> = answers.iter().filter(|it| it.status == 200 && !is_replay(it)).collect();
    assert_eq!(first.len(), 1, "{:?}", tally(&answers));
    for answer in &answers {
        match answer.brief().as_str() {
            "200" => assert_eq!(answer.text, first[0].text),
            other => assert_eq!(other, "409 in_progress"),
        }
    }
    let ask = app.as_person(&people::administrator());
    assert_eq!(count(&ask).await, CARS + 1);
    assert_eq!(audit(&ask, "?actionId=createRecord&success=true").await.len(), 1);
}

async fn of_many_payloads_at_once_under_one_key_one_has_an_effect(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::fleet_manager(), |number, app, person| async move {
        create(&app.as_person(&person).header("idempotency-key", "one"), car(&format!("P-{number}"))).await
    })
    .await;
    let expected = ["200", "409 in_progress", "422 idempotency_key_reused"];
    assert!(answers.iter().all(|it| expected.contains(&it.brief().as_str())), "{:?}", tally(&answers));
    assert_eq!(answers.iter().filter(|it| it.status == 200).count(), 1, "{:?}", tally(&answers));
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS + 1);
}

async fn a_call_whose_key_is_running_is_in_progress(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 3, &people::administrator(), |number, app, person| async move {
        let key = if number == 2 { "other" } else { "k" };
        let ask = app.as_person(&person).header("idempotency-key", key);
        ask.execute("diagnostics.slow", json!({ "ms": 350 })).await
    })
    .await;
    assert_eq!(
        tally(&answers),
        ["200 ×2", "409 in_progress ×1"],
        "only a call with the same key is in its way"
    );
    let later = keyed(&app, "k").execute("diagnostics.slow", json!({ "ms": 350 })).await;
    assert!(later.status == 200 && is_replay(&later), "{}", later.text);
}

async fn a_repetition_is_answered_as_the_first_call_was(app: TestApp) {
    let first = create(&keyed(&app, "k"), car("I-1")).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("idempotency-replayed"), None);
    for _ in 0..3 {
        let again = create(&keyed(&app, "k"), car("I-1")).await;
        assert!(is_replay(&again));
        assert_eq!((again.status, &again.text), (200, &first.text));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_ne!(
            again.header("x-request-id"),
            first.header("x-request-id"),
            "another request all the same"
        );
    }
}

async fn a_repetition_has_no_effect_and_no_audit_row(app: TestApp) {
    for _ in 0..3 {
        create(&keyed(&app, "k"), car("I-1")).await;
    }
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS + 1);
    let rows = audit(&app.as_person(&people::administrator()), "?actionId=createRecord").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["idempotencyKey"], "k");
}

async fn a_repeated_deletion_answers_as_the_first_did(app: TestApp) {
    let first = delete(&keyed(&app, "k"), CAR).await;
    let again = delete(&keyed(&app, "k"), CAR).await;
    assert_eq!(first.data(), &json!({ "id": CAR }));
    assert!(is_replay(&again));
    assert_eq!(again.text, first.text);
    assert_eq!(delete(&keyed(&app, "other"), CAR).await.brief(), "404 not_found");
    assert_eq!(delete(&app.as_person(&people::administrator()), CAR).await.brief(), "404 not_found");
}

async fn a_repeated_change_increases_the_version_once(app: TestApp) {
    for _ in 0..3 {
        assert_eq!(update(&keyed(&app, "k"), CAR, json!({ "color": "red" })).await.data()["version"], 2);
    }
    assert_eq!(read(&app.as_person(&people::viewer()), CAR).await["version"], 2);
}

async fn a_repeated_query_answers_as_the_first_did(app: TestApp) {
    let first = crate::support::query(&keyed(&app, "k"), &json!({ "limit": 1 })).await;
    assert_eq!(create(&app.as_person(&people::administrator()), car("I-1")).await.status, 200);
    let again = crate::support::query(&keyed(&app, "k"), &json!({ "limit": 1 })).await;
    assert!(is_replay(&again));
    assert_eq!(again.text, first.text);
}

async fn another_payload_under_the_key_is_refused(app: TestApp) {
    assert_eq!(create(&keyed(&app, "k"), car("I-1")).await.status, 200);
    for other in [
        car("I-2"),
        crate::support::car_with("I-1", &json!({ "color": null })),
        crate::support::car_with("I-1", &json!({ "year": 2000 })),
    ] {
        assert_eq!(create(&keyed(&app, "k"), other).await.brief(), "422 idempotency_key_reused");
    }
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS + 1);
}

async fn another_action_under_the_key_is_refused(app: TestApp) {
    assert_eq!(keyed(&app, "k").execute("echo", json!({})).await.status, 200);
    let other = keyed(&app, "k").execute("diagnostics.limited", json!({})).await;
    assert_eq!(other.brief(), "422 idempotency_key_reused");
}

async fn another_origin_under_the_key_is_refused(app: TestApp) {
    let from = |page: &str| json!({ "actionId": "echo", "context": { "pageId": page } });
    assert_eq!(keyed(&app, "k").post(EXECUTE, &from("a")).await.status, 200);
    assert_eq!(keyed(&app, "k").post(EXECUTE, &from("b")).await.brief(), "422 idempotency_key_reused");
}

async fn answers_to_questions_do_not_make_another_request(app: TestApp) {
    assert_eq!(keyed(&app, "k").post(EXECUTE, &json!({ "actionId": "echo" })).await.status, 200);
    let answered = json!({ "actionId": "echo", "retryResults": [{ "step": 0, "option": "Yes" }] });
    assert!(is_replay(&keyed(&app, "k").post(EXECUTE, &answered).await));
}

async fn a_key_is_the_same_quoted_and_bare(app: TestApp) {
    assert_eq!(keyed(&app, "abc-1").execute("echo", json!({})).await.status, 200);
    assert!(is_replay(&keyed(&app, "\"abc-1\"").execute("echo", json!({})).await));
}

async fn keys_that_differ_in_case_are_two(app: TestApp) {
    assert_eq!(keyed(&app, "key").execute("echo", json!({ "n": 1 })).await.status, 200);
    let other = keyed(&app, "KEY").execute("echo", json!({ "n": 2 })).await;
    assert_eq!((other.status, is_replay(&other)), (200, false));
}

async fn a_key_belongs_to_its_caller(app: TestApp) {
    let by = |person| app.as_person(&person).header("idempotency-key", "k");
    assert_eq!(create(&by(people::administrator()), car("I-1")).await.status, 200);
    let other = create(&by(people::fleet_manager()), car("I-2")).await;
    assert_eq!((other.status, is_replay(&other)), (200, false));
}

async fn a_key_belongs_to_its_tenant(app: TestApp) {
    let at_home = keyed(&app, "k").execute("echo", json!({ "n": 1 })).await;
    assert_eq!(at_home.status, 200);
    // The same person, signed in to another tenant.
    let abroad =
        app.as_person(&people::administrator().tenant(people::GLOBEX)).header("idempotency-key", "k");
    let answer = abroad.execute("echo", json!({ "n": 2 })).await;
    assert_eq!((answer.status, is_replay(&answer)), (200, false));
}

async fn a_caller_without_a_tenant_has_keys_too(app: TestApp) {
    let ask = app.as_person(&people::administrator().without("tenant_id")).header("idempotency-key", "k");
    assert!(!is_replay(&ask.execute("echo", json!({})).await));
    assert!(is_replay(&ask.execute("echo", json!({})).await));
    assert!(!is_replay(&keyed(&app, "k").execute("echo", json!({})).await));
}

async fn what_could_be_no_key_is_refused_by_the_headers_name(app: TestApp) {
    let long = "k".repeat(256);
    for key in ["", "\"\"", "two words", "\"open", "tab\tbed", "ключ", long.as_str()] {
        let answer = keyed(&app, key).execute("echo", json!({})).await;
        assert_eq!(answer.brief(), "400 invalid_parameter", "{key:?}");
        assert_eq!(told(&answer), ["Idempotency-Key invalid_parameter"], "{key:?}");
    }
    let twice = keyed(&app, "a").header("idempotency-key", "a").execute("echo", json!({})).await;
    assert_eq!(twice.brief(), "400 invalid_parameter");
}

async fn a_key_may_have_255_characters(app: TestApp) {
    let key = "~".repeat(255);
    assert_eq!(create(&keyed(&app, &key), car("I-1")).await.status, 200);
    assert!(is_replay(&create(&keyed(&app, &format!("\"{key}\"")), car("I-1")).await));
    assert_eq!(keyed(&app, "!").execute("echo", json!({})).await.status, 200);
}

async fn a_refusal_is_not_kept(app: TestApp) {
    let admin = app.as_person(&people::administrator());
    assert_eq!(create(&keyed(&app, "k"), json!({ "licensePlate": "I-1" })).await.status, 400);
    assert_eq!(create(&keyed(&app, "k"), car("ACM-001")).await.brief(), "409 conflict");
    assert_eq!(delete(&admin, CAR).await.status, 200);
    // The plate is free now, and the key too, for this payload and any other.
    let made = create(&keyed(&app, "k"), car("ACM-001")).await;
    assert_eq!((made.status, is_replay(&made)), (200, false), "{}", made.text);
    assert!(is_replay(&create(&keyed(&app, "k"), car("ACM-001")).await));
}

async fn a_failure_is_not_kept(app: TestApp) {
    for _ in 0..2 {
        let failed =
            keyed(&app, "k").execute("diagnostics.write_then_fail", json!({ "licensePlate": "I-1" })).await;
        assert_eq!((failed.brief().as_str(), is_replay(&failed)), ("500 internal", false));
        assert_eq!(keyed(&app, "k").execute("diagnostics.panic", json!({})).await.brief(), "500 internal");
    }
    assert_eq!(create(&keyed(&app, "k"), car("I-1")).await.status, 200);
    let failed = audit(&app.as_person(&people::administrator()), "?outcome=failed").await;
    assert_eq!(failed.len(), 4);
    assert!(failed.iter().all(|it| it["idempotencyKey"] == "k"));
}

async fn a_time_out_is_not_kept(app: TestApp) {
    let slow = keyed(&app, "k").execute("diagnostics.slow", json!({ "ms": 5_000 })).await;
    assert_eq!(slow.brief(), "504 timeout");
    let next = keyed(&app, "k").execute("diagnostics.slow", json!({ "ms": 1 })).await;
    assert_eq!((next.status, is_replay(&next)), (200, false), "{}", next.text);
}

async fn a_key_is_free_as_soon_as_its_call_was_answered(app: TestApp) {
    // However it ended, nobody who tries again at once is told that it is still running.
    for _ in 0..20 {
        for action in ["diagnostics.panic", "diagnostics.fail"] {
            assert_eq!(keyed(&app, "k").execute(action, json!({})).await.brief(), "500 internal");
        }
        assert_eq!(create(&keyed(&app, "k"), car("ACM-001")).await.brief(), "409 conflict");
    }
    for _ in 0..2 {
        let slow = keyed(&app, "k").execute("diagnostics.slow", json!({ "ms": 5_000 })).await;
        assert_eq!(slow.brief(), "504 timeout");
    }
}

async fn a_caller_who_hangs_up_finds_the_answer_under_the_key(app: TestApp) {
    let params = json!({ "ms": 400 });
    {
        let ask = keyed(&app, "k");
        let call = ask.execute("diagnostics.slow", params.clone());
        // Long enough to have begun, and not to have ended; then the connection is gone.
        assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err());
    }
    let mut answer = keyed(&app, "k").execute("diagnostics.slow", params.clone()).await;
    while answer.brief() == "409 in_progress" {
        tokio::time::sleep(Duration::from_millis(30)).await;
        answer = keyed(&app, "k").execute("diagnostics.slow", params.clone()).await;
    }
    assert!(is_replay(&answer), "{}", answer.text);
    assert_eq!(answer.data(), &json!({ "slept": 400 }));
    let ended =
        audit(&app.as_person(&people::administrator()), "?actionId=diagnostics.slow&outcome=succeeded").await;
    assert_eq!(ended.len(), 1);
}

async fn a_call_without_a_key_is_made_again(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let (first, second) = (create(&ask, car("I-1")).await, create(&ask, car("I-2")).await);
    assert_ne!(first.data()["id"], second.data()["id"]);
    assert_eq!(create(&ask, car("I-2")).await.brief(), "409 conflict");
    assert_ne!(first.data()["id"], Value::Null);
}
