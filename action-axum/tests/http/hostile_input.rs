//! Whatever is sent: never a panic, never a fault of ours, always a well-formed answer.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Answer, App, Claims, execute};

struct Fixture {
    runtime: Runtime,
    app: App,
    bearer: String,
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let app = runtime.block_on(App::start());
        Fixture { runtime, app, bearer: Claims::ada().bearer() }
    })
}

fn post(body: Vec<u8>) -> Answer {
    let Fixture { runtime, app, bearer } = fixture();
    runtime.block_on(app.send(execute(bearer, body)))
}

/// A refusal of the caller's making, with everything a problem has; or a success.
fn assert_sound(answer: &Answer) {
    assert!(answer.status.as_u16() < 500, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["success"], answer.status.is_success());
    if !answer.status.is_success() && answer.status.as_u16() != 449 {
        assert_eq!(body["status"], answer.status.as_u16());
        assert!(body["errors"].as_array().is_some_and(|it| !it.is_empty()), "{body}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![Just("echo"), Just("greet"), Just("ask"), Just("silent"), Just("step"), Just("\u{0}")]
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let name = prop_oneof![
            Just("actionId".to_owned()),
            Just("params".to_owned()),
            Just("context".to_owned()),
            Just("retryResults".to_owned()),
            Just("pageId".to_owned()),
            Just("step".to_owned()),
            Just("option".to_owned()),
            Just("name".to_owned()),
            ".{0,6}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..6).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let answer = post(body);
        prop_assert!((400..500).contains(&answer.status.as_u16()));
        assert_sound(&answer);
    }

    #[test]
    fn any_json_is_answered(body in any_json()) {
        assert_sound(&post(body.to_string().into_bytes()));
    }

    #[test]
    fn any_members_of_the_envelope_are_answered(
        action in prop_oneof![Just(json!("echo")), Just(json!("greet")), Just(json!("ask")), any_json()],
        params in any_json(),
        context in any_json(),
        answers in any_json(),
    ) {
        let body = json!({ "actionId": action, "params": params, "context": context, "retryResults": answers });
        assert_sound(&post(body.to_string().into_bytes()));
    }

    #[test]
    fn a_damaged_body_is_answered(at in 0_usize..90, byte: u8, cut in any::<bool>()) {
        let mut body = json!({ "actionId": "greet", "params": { "name": "A\u{e9}", "age": 3, "friends": [{ "name": "\"" }] } })
            .to_string()
            .into_bytes();
        let at = at.min(body.len() - 1);
        if cut { body.truncate(at) } else { body[at] = byte }
        assert_sound(&post(body));
    }

    #[test]
    fn any_header_values_are_answered(
        name in prop_oneof![
            Just("x-request-id"), Just("idempotency-key"), Just("accept-language"), Just("traceparent"),
            Just("x-forwarded-for"), Just("user-agent"), Just("content-type"), Just("authorization"), Just("content-length"),
        ],
        value in prop::collection::vec(prop_oneof![32_u8..127, 128_u8..=255], 0..80),
    ) {
        let Fixture { runtime, app, bearer } = fixture();
        let mut request = execute(bearer, r#"{"actionId":"silent"}"#);
        request.headers_mut().insert(name, axum::http::HeaderValue::from_bytes(&value).unwrap());
        assert_sound(&runtime.block_on(app.send(request)));
    }

    #[test]
    fn any_query_is_answered(query in "[ -~]{0,60}") {
        let Fixture { runtime, app, bearer } = fixture();
        let Ok(uri) = format!("/ui/actions/audit?{query}").parse::<axum::http::Uri>() else { return Ok(()) };
        let mut request = crate::support::bare(axum::http::Method::GET, "/");
        *request.uri_mut() = uri;
        request.headers_mut().insert("authorization", bearer.parse().unwrap());
        let answer = runtime.block_on(app.send(request));
        prop_assert!(matches!(answer.outcome().as_str(), "200" | "400 invalid_parameter"), "{}", answer.text());
    }
}
