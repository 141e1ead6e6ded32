//! What the body of an execution may look like, and how everything wrong with it is told.

use serde_json::{Value, json};

use crate::support::App;

async fn refused(body: Value) -> (String, Vec<String>) {
    let answer = App::start().await.post(body.to_string()).await;
    (answer.outcome(), answer.fields())
}

#[tokio::test]
async fn every_mistake_is_told_at_once_in_the_order_of_declaration() {
    let (outcome, fields) = refused(json!({
        "extra": 1,
        "retryResults": [{ "step": -1, "option": 5, "why": 0 }, 7],
        "context": { "widgetId": "w".repeat(101), "pageId": 5, "tab": 1 },
        "params": [],
    }))
    .await;
    assert_eq!(outcome, "400 validation_failed");
    assert_eq!(
        fields,
        [
            "actionId required",
            "params wrong_type",
            "context.pageId wrong_type",
            "context.widgetId too_long",
            "context.tab unknown_field",
            "retryResults[0].step wrong_type",
            "retryResults[0].option wrong_type",
            "retryResults[0].why unknown_field",
            "retryResults[1] wrong_type",
            "extra unknown_field",
        ]
    );
}

#[tokio::test]
async fn an_unknown_member_alone_is_an_unknown_field() {
    let (outcome, fields) = refused(json!({ "actionId": "echo", "parameters": {} })).await;
    assert_eq!(
        (outcome.as_str(), fields.as_slice()),
        ("400 unknown_field", &["parameters unknown_field".to_owned()][..])
    );
}

#[tokio::test]
async fn each_kind_of_mistake_has_its_title() {
    let app = App::start().await;
    for (body, title) in [
        (r#"{"actionId":"echo","more":1}"#, "Unknown field"),
        (r#"{"actionId":5}"#, "Validation failed"),
        ("{", "Malformed JSON"),
        (r#"{"actionId":"refuse","params":{"how":"selection_refused"}}"#, "Bad request"),
    ] {
        assert_eq!(app.post(body).await.json()["title"], title, "{body}");
    }
    assert_eq!(app.get("/ui/actions?x=1").await.json()["title"], "Invalid parameter");
}

#[tokio::test]
async fn parameters_are_an_object_or_absent() {
    for params in [json!(null), json!([]), json!("{}"), json!(1), json!(true)] {
        let (outcome, fields) = refused(json!({ "actionId": "echo", "params": params })).await;
        assert_eq!(outcome, "400 validation_failed", "{params}");
        assert_eq!(fields, ["params wrong_type"], "{params}");
    }
}

#[tokio::test]
async fn an_action_id_has_its_letters_and_its_length() {
    let app = App::start().await;
    for id in ["", "1x", ".x", "-x", "a b", "a/b", "é", "a\u{0}b", &"a".repeat(101)] {
        let answer = app.post(json!({ "actionId": id }).to_string()).await;
        assert!(matches!(answer.outcome().as_str(), "400 validation_failed" | "400 malformed_json"), "{id}");
    }
    for id in ["a", "A1._-", &"a".repeat(100)] {
        let answer = app.post(json!({ "actionId": id }).to_string()).await;
        assert_eq!(answer.outcome(), "404 action_not_found", "{id}");
    }
    for id in [json!(null), json!(5), json!(["echo"])] {
        assert_eq!(refused(json!({ "actionId": id })).await.1, ["actionId wrong_type"]);
    }
}

#[tokio::test]
async fn a_place_has_up_to_a_hundred_characters_and_reaches_the_action() {
    let app = App::start().await;
    let page = "é".repeat(100);
    let body = json!({ "actionId": "whoami", "context": { "pageId": page, "widgetId": "" } });
    let data = app.post(body.to_string()).await.json()["data"].clone();
    assert_eq!((&data["page"], &data["widget"]), (&json!(page), &json!("")));
    let body = json!({ "actionId": "whoami", "context": { "pageId": "é".repeat(101) } });
    assert_eq!(app.post(body.to_string()).await.fields(), ["context.pageId too_long"]);
    assert_eq!(refused(json!({ "actionId": "echo", "context": null })).await.1, ["context wrong_type"]);
}

#[tokio::test]
async fn more_answers_than_any_conversation_has_are_refused() {
    let answers: Vec<Value> = (0..101).map(|step| json!({ "step": step, "option": "Yes" })).collect();
    assert_eq!(
        refused(json!({ "actionId": "ask", "retryResults": answers })).await.1,
        ["retryResults too_many"]
    );
    assert_eq!(
        refused(json!({ "actionId": "ask", "retryResults": [{}] })).await.1,
        ["retryResults[0].step required", "retryResults[0].option required"]
    );
}

#[tokio::test]
async fn a_member_given_twice_is_refused_and_of_a_parameter_the_last_counts() {
    let app = App::start().await;
    let twice = app.post(r#"{"actionId":"guarded","actionId":"echo"}"#).await;
    assert_eq!(twice.outcome(), "400 malformed_json");
    assert_eq!(twice.json()["detail"], "`actionId` is given twice");
    let last = app.post(r#"{"actionId":"echo","params":{"a":1,"a":2}}"#).await;
    assert_eq!(last.json()["data"], json!({ "a": 2 }));
}

#[tokio::test]
async fn what_is_no_json_object_is_malformed() {
    let app = App::start().await;
    for body in [
        "",
        " ",
        "{",
        "[]",
        "null",
        "\"echo\"",
        "5",
        "{}{}",
        "{\"actionId\":\"echo\"} x",
        "{'actionId':'echo'}",
        "{\"actionId\":\"echo\",}",
        "{\"actionId\":\"echo\",\"params\":{\"x\":1e999}}",
        "{\"actionId\":\"echo\",\"params\":{\"x\":\"\\ud800\"}}",
        "\u{feff}{\"actionId\":\"echo\"}",
    ] {
        assert_eq!(app.post(body).await.outcome(), "400 malformed_json", "{body}");
    }
    assert_eq!(app.post("").await.json()["detail"], "the body is empty");
    assert_eq!(app.post("[]").await.json()["detail"], "the body must be a JSON object");
}

#[tokio::test]
async fn invalid_utf8_and_nul_are_malformed_wherever_they_stand() {
    let app = App::start().await;
    for body in [
        &b"{\"actionId\":\"echo\",\"params\":{\"x\":\"\xff\"}}"[..],
        b"{\"actionId\":\"echo\",\"params\":{\"\xc3\x28\":1}}",
        b"{\"actionId\":\"echo\",\"params\":{\"x\":\"a\\u0000b\"}}",
        b"{\"actionId\":\"echo\",\"params\":{\"a\\u0000\":[]}}",
        b"{\"actionId\":\"ec\\u0000ho\"}",
        b"{\"actionId\":\"echo\",\"params\":{\"x\":\"a\0b\"}}",
        b"\0{\"actionId\":\"echo\"}",
    ] {
        assert_eq!(app.post(body).await.outcome(), "400 malformed_json", "{}", String::from_utf8_lossy(body));
    }
    let harmless = app.post(r#"{"actionId":"echo","params":{"x":"\\u0000"}}"#).await;
    assert_eq!(harmless.json()["data"]["x"], "\\u0000");
}

#[tokio::test]
async fn sixty_four_levels_are_taken_and_one_more_is_not() {
    let app = App::start().await;
    // The envelope and `params` are two of them.
    let nested = |levels: usize| {
        format!(r#"{{"actionId":"echo","params":{{"x":{}{}}}}}"#, "[".repeat(levels), "]".repeat(levels))
    };
    assert_eq!(app.post(nested(62)).await.outcome(), "200");
    assert_eq!(app.post(nested(63)).await.outcome(), "400 malformed_json");
    assert_eq!(app.post("[".repeat(1_000_000)).await.outcome(), "400 malformed_json");
    assert_eq!(app.post("{\"a\":".repeat(200_000)).await.outcome(), "400 malformed_json");
}

#[tokio::test]
async fn a_long_list_of_long_unknown_members_is_told_in_part() {
    let mut body = json!({ "actionId": "echo" });
    for member in 0..500 {
        body[format!("{member}{}", "x".repeat(300))] = json!(1);
    }
    let answer = App::start().await.post(body.to_string()).await;
    assert_eq!(answer.outcome(), "400 unknown_field");
    assert_eq!(answer.fields().len(), 100);
    assert!(answer.body.len() < 60_000, "{}", answer.body.len());
}
