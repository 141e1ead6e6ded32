//! `POST /ui/actions/execute`: what may be sent, and the body of a success.

use action_tests::{Ask, TestApp, people};
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{EXECUTE, audit, car, count, create, members, told};

on_both_fleets!(
    a_success_has_data_and_metadata_and_nothing_it_has_nothing_for,
    an_action_that_changed_records_says_how_many,
    an_action_that_returned_records_says_how_many,
    absent_params_are_an_empty_object,
    params_that_are_no_object_are_told_on_params,
    an_action_id_is_required_and_text,
    an_action_id_that_could_not_be_one_is_told_on_its_field,
    an_action_id_of_a_hundred_characters_is_looked_for,
    an_action_id_is_matched_exactly,
    an_unknown_member_of_the_envelope_is_refused,
    an_unknown_member_of_the_context_is_refused,
    an_unknown_parameter_is_refused,
    everything_wrong_with_the_envelope_is_told_at_once_in_the_order_of_declaration,
    page_and_widget_are_texts_of_a_hundred_characters,
    a_body_that_is_no_json_object_is_malformed,
    a_body_nested_deeper_than_64_levels_is_refused,
    nul_in_a_text_and_invalid_utf8_are_refused,
    a_body_that_is_not_declared_json_is_refused,
    a_charset_beside_the_media_type_is_fine,
    a_body_over_a_mebibyte_is_refused_and_one_of_exactly_that_is_taken,
    texts_come_back_as_they_were_sent,
);

/// The answer to a body of any text.
async fn posted(ask: &Ask<'_>, body: impl Into<axum::body::Body>) -> action_tests::Answer {
    ask.clone().header("content-type", "application/json").send(Method::POST, EXECUTE, body).await
}

async fn a_success_has_data_and_metadata_and_nothing_it_has_nothing_for(app: TestApp) {
    let answer = app.as_person(&people::nobody()).execute("echo", json!({ "name": "Ada" })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(members(&answer.json), ["success", "data", "metadata"]);
    assert_eq!(answer.json["success"], true);
    assert_eq!(answer.json["data"], json!({ "name": "Ada" }));
    assert_eq!(members(&answer.json["metadata"]), ["executionTime"]);
    assert!(answer.json["metadata"]["executionTime"].as_f64().unwrap() >= 0.0, "{}", answer.text);
}

async fn an_action_that_changed_records_says_how_many(app: TestApp) {
    let answer = create(&app.as_person(&people::fleet_manager()), car("NEW-1")).await;
    assert_eq!(answer.json["metadata"]["affectedRecords"], 1);
    assert!(answer.json["metadata"]["executionTime"].as_f64().unwrap() > 0.0, "{}", answer.text);
}

async fn an_action_that_returned_records_says_how_many(app: TestApp) {
    let params = json!({ "entity": "Car", "limit": 7 });
    let answer = app.as_person(&people::viewer()).execute("executeQuery", params).await;
    assert_eq!(answer.json["metadata"]["affectedRecords"], 7);
}

async fn absent_params_are_an_empty_object(app: TestApp) {
    let answer = app.as_person(&people::nobody()).post(EXECUTE, &json!({ "actionId": "echo" })).await;
    assert_eq!(answer.data(), &json!({}));
}

async fn params_that_are_no_object_are_told_on_params(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    for params in [json!(null), json!([]), json!([1]), json!("text"), json!(3), json!(true)] {
        let answer = ask.post(EXECUTE, &json!({ "actionId": "echo", "params": params })).await;
        assert_eq!(answer.brief(), "400 validation_failed", "{params}");
        assert_eq!(told(&answer), ["params wrong_type"], "{params}");
    }
}

async fn an_action_id_is_required_and_text(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    assert_eq!(told(&ask.post(EXECUTE, &json!({})).await), ["actionId required"]);
    for id in [json!(null), json!(7), json!(["echo"])] {
        assert_eq!(
            told(&ask.post(EXECUTE, &json!({ "actionId": id })).await),
            ["actionId wrong_type"],
            "{id}"
        );
    }
}

async fn an_action_id_that_could_not_be_one_is_told_on_its_field(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let long = "a".repeat(101);
    for id in ["", "9lives", ".echo", "_echo", "-echo", "ec ho", "echo/x", "écho", "echo\n", long.as_str()] {
        let answer = ask.execute(id, json!({})).await;
        assert_eq!(answer.brief(), "400 validation_failed", "{id:?}");
        assert_eq!(told(&answer), ["actionId wrong_format"], "{id:?}");
    }
}

async fn an_action_id_of_a_hundred_characters_is_looked_for(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    for id in ["a".repeat(100), "a-._9Z".to_owned(), "x".to_owned()] {
        assert_eq!(ask.execute(&id, json!({})).await.brief(), "404 action_not_found", "{id}");
    }
}

async fn an_action_id_is_matched_exactly(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for id in ["Echo", "ECHO", "echo.", "createrecord", "user.Update"] {
        assert_eq!(ask.execute(id, json!({})).await.brief(), "404 action_not_found", "{id}");
    }
}

async fn an_unknown_member_of_the_envelope_is_refused(app: TestApp) {
    let body = json!({ "actionId": "echo", "parameters": {} });
    let answer = app.as_person(&people::nobody()).post(EXECUTE, &body).await;
    assert_eq!(answer.brief(), "400 unknown_field");
    assert_eq!(told(&answer), ["parameters unknown_field"]);
}

async fn an_unknown_member_of_the_context_is_refused(app: TestApp) {
    let body = json!({ "actionId": "echo", "context": { "pageId": "p", "userId": "u" } });
    let answer = app.as_person(&people::nobody()).post(EXECUTE, &body).await;
    assert_eq!(answer.brief(), "400 unknown_field");
    assert_eq!(told(&answer), ["context.userId unknown_field"]);
}

async fn an_unknown_parameter_is_refused(app: TestApp) {
    let params =
        json!({ "id": crate::support::CAR, "name": "Ada", "email": "ada@example.com", "admin": true });
    let answer = app.as_person(&people::administrator()).execute("user.update", params).await;
    assert_eq!(answer.brief(), "400 unknown_field");
    assert_eq!(told(&answer), ["admin unknown_field"]);
}

async fn everything_wrong_with_the_envelope_is_told_at_once_in_the_order_of_declaration(app: TestApp) {
    let body = json!({
        "extra": 1,
        "context": { "widgetId": 5, "pageId": "p".repeat(101) },
        "params": [],
        "actionId": "",
    });
    let answer = app.as_person(&people::nobody()).post(EXECUTE, &body).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(
        told(&answer),
        [
            "actionId wrong_format",
            "params wrong_type",
            "context.pageId too_long",
            "context.widgetId wrong_type",
            "extra unknown_field",
        ]
    );
    assert_eq!(answer.json["detail"], "5 fields are invalid");
}

async fn page_and_widget_are_texts_of_a_hundred_characters(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let sent = |page: Value| json!({ "actionId": "echo", "context": { "pageId": page } });
    // Characters, not bytes.
    assert_eq!(ask.post(EXECUTE, &sent(json!("ü".repeat(100)))).await.status, 200);
    assert_eq!(told(&ask.post(EXECUTE, &sent(json!("ü".repeat(101)))).await), ["context.pageId too_long"]);
    assert_eq!(told(&ask.post(EXECUTE, &sent(json!(1))).await), ["context.pageId wrong_type"]);
    let no_context = ask.post(EXECUTE, &json!({ "actionId": "echo", "context": "users" })).await;
    assert_eq!(told(&no_context), ["context wrong_type"]);
}

async fn a_body_that_is_no_json_object_is_malformed(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    for body in
        ["", "{", "nul", "[]", "\"echo\"", "1", "null", r#"{"actionId":"echo"} x"#, r"{'actionId':'echo'}"]
    {
        assert_eq!(posted(&ask, body).await.brief(), "400 malformed_json", "{body:?}");
    }
}

async fn a_body_nested_deeper_than_64_levels_is_refused(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    // The envelope and `params` are two levels.
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 2), "]".repeat(levels - 2));
        format!(r#"{{"actionId":"echo","params":{{"deep":{open}{close}}}}}"#)
    };
    assert_eq!(posted(&ask, nested(64)).await.status, 200);
    assert_eq!(posted(&ask, nested(65)).await.brief(), "400 malformed_json");
    assert_eq!(posted(&ask, nested(100_000)).await.brief(), "400 malformed_json");
    assert_eq!(posted(&ask, "[".repeat(1_000_000)).await.brief(), "400 malformed_json");
}

async fn nul_in_a_text_and_invalid_utf8_are_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let values = |plate: &str| {
        let values = format!(r#"{{"licensePlate":"{plate}","brand":"b","model":"m","year":2000}}"#);
        format!(r#"{{"actionId":"createRecord","params":{{"entity":"Car","values":{values}}}}}"#)
    };
    assert_eq!(posted(&ask, values("A\\u0000B")).await.brief(), "400 malformed_json");
    assert_eq!(posted(&ask, values("A\0B")).await.brief(), "400 malformed_json");
    let mut bytes = values("A#B").into_bytes();
    let at = bytes.iter().position(|it| *it == b'#').unwrap();
    bytes[at] = 0xff;
    assert_eq!(posted(&ask, bytes).await.brief(), "400 malformed_json");
    assert_eq!(posted(&ask, values("A\\ud800B")).await.brief(), "400 malformed_json");
    assert_eq!(count(&ask).await, crate::support::CARS);
    assert_eq!(posted(&ask, values("A\\\\u0000")).await.data()["licensePlate"], "A\\u0000");
}

async fn a_body_that_is_not_declared_json_is_refused(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let body = r#"{"actionId":"echo"}"#;
    assert_eq!(ask.send(Method::POST, EXECUTE, body).await.brief(), "415 unsupported_media_type");
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "text/json", "application/json-patch+json"]
    {
        let answer = ask.clone().header("content-type", kind).send(Method::POST, EXECUTE, body).await;
        assert_eq!(answer.brief(), "415 unsupported_media_type", "{kind}");
    }
}

async fn a_charset_beside_the_media_type_is_fine(app: TestApp) {
    let body = r#"{"actionId":"echo"}"#;
    for kind in ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"] {
        let ask = app.as_person(&people::nobody()).header("content-type", kind);
        assert_eq!(ask.send(Method::POST, EXECUTE, body).await.status, 200, "{kind}");
    }
}

async fn a_body_over_a_mebibyte_is_refused_and_one_of_exactly_that_is_taken(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let of = |bytes: usize| {
        let (start, end) = (r#"{"actionId":"echo","params":{"text":""#, r#""}}"#);
        format!("{start}{}{end}", "x".repeat(bytes - start.len() - end.len()))
    };
    assert_eq!(posted(&ask, of(1024 * 1024)).await.status, 200);
    assert_eq!(posted(&ask, of(1024 * 1024 + 1)).await.brief(), "413 payload_too_large");
    // What is too large is not in the audit: nobody knows which action it was for.
    assert_eq!(audit(&ask, "").await.len(), 1);
}

async fn texts_come_back_as_they_were_sent(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let params = json!({ "text": "Zoë \"quoted\" \\ 車 🚗 \u{1} <script>", "number": 12_345_678_901_234_567_u64, "none": null });
    assert_eq!(ask.execute("echo", params.clone()).await.data(), &params);
}
