//! Parameters of a handler's own type: every mistake at once, in the spelling of the JSON.

use action_core::{Action, ActionContext, ActionHandler, ActionResult, Params};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::world::*;

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "a field whose JSON name differs from its own is the point")]
struct Order {
    #[garde(skip)]
    order_id: Uuid,
    #[garde(length(chars, min = 1, max = 5))]
    short_name: String,
    #[garde(email)]
    contact: String,
    #[garde(range(min = 1, max = 9))]
    count: Option<i64>,
    #[garde(dive, length(max = 2))]
    lines: Vec<Line>,
}

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[garde(custom(no_semicolon))]
    line_label: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that the validation asks for")]
fn no_semicolon(text: &str, (): &()) -> garde::Result {
    if text.contains(';') { Err(garde::Error::new("must not hold a semicolon")) } else { Ok(()) }
}

struct Place;

impl ActionHandler for Place {
    type Input = (Params<Order>,);
    type Output = (Uuid, String, Option<i64>, usize);

    fn validate(&self, (order,): &(Order,), errors: &mut action_core::FieldErrors) {
        if order.count == Some(7) {
            errors.add("count", "unlucky", "count must not be 7");
        }
    }

    async fn execute(&self, _: &mut ActionContext<'_>, (order,): Self::Input) -> ActionResult<Self::Output> {
        let Order { order_id, short_name, contact: _, count, lines } = order.0;
        Ok((order_id, short_name, count, lines.into_iter().filter(|it| !it.line_label.is_empty()).count()))
    }
}

async fn wrong(params: serde_json::Value) -> Vec<(String, String)> {
    let world = World::with(|builder| builder.action(Action::new("place").authenticated(), Place)).await;
    let reply = world.run(&editor(), "place", params).await;
    assert!(reply.result.is_err(), "{reply:?}");
    fields(&reply)
}

fn listed<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn every_field_that_is_missing_is_told_in_the_order_of_declaration() {
    let expected = ["orderId", "shortName", "contact", "lines"].map(|it| (it, "required"));
    assert_eq!(wrong(json!({})).await, listed(expected));
}

#[tokio::test]
async fn wrong_types_bounds_formats_and_unknown_fields_are_told_together() {
    let params = json!({
        "extra": 1, "lines": [{ "lineLabel": "a" }, { "lineLabel": 5, "more": 1 }], "count": 10,
        "contact": "nobody", "shortName": "toolong", "orderId": "x",
    });
    let expected = [
        ("orderId", "wrong_format"),
        ("shortName", "too_long"),
        ("contact", "wrong_format"),
        ("count", "out_of_range"),
        ("lines[1].lineLabel", "wrong_type"),
        ("extra", "unknown_field"),
        ("lines[1].more", "unknown_field"),
    ];
    let mut found = wrong(params).await;
    let mut expected = listed(expected);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_rule_of_the_types_own_is_told_in_the_spelling_of_the_json() {
    let params = json!({
        "orderId": Uuid::nil(), "shortName": "a", "contact": "a@b.example", "lines": [{ "lineLabel": "a;b" }],
    });
    assert_eq!(wrong(params).await, listed([("lines[0].lineLabel", "invalid")]));
}

#[tokio::test]
async fn a_rule_of_the_handlers_own_is_told_too() {
    let params = json!({ "orderId": Uuid::nil(), "shortName": "a", "contact": "a@b.example", "lines": [], "count": 7 });
    assert_eq!(wrong(params).await, listed([("count", "unlucky")]));
}

#[tokio::test]
async fn no_more_than_a_hundred_mistakes_are_told_and_none_at_any_length() {
    let mut params: serde_json::Map<_, _> = (0..5_000).map(|it| (format!("a{it}"), json!(0))).collect();
    params.insert("b".repeat(100_000), json!(0));
    let found = wrong(params.into()).await;
    assert_eq!(found.len(), 100);
    let long = wrong(json!({ "c".repeat(100_000): 0 })).await;
    assert!(long.iter().all(|(field, _)| field.len() < 1_000));
}

#[tokio::test]
async fn an_action_that_takes_no_parameters_refuses_any() {
    struct Nothing;
    impl ActionHandler for Nothing {
        type Input = ();
        type Output = ();
        async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult {
            Ok(())
        }
    }
    let world = World::with(|builder| {
        builder
            .action(Action::new("nothing").authenticated(), Nothing)
            .action(Action::new("anything").authenticated().allow_unknown(), Nothing)
    })
    .await;
    assert_eq!(world.end(&editor(), "nothing", json!({ "a": 1 })).await, "unknown_field");
    assert_eq!(world.end(&editor(), "nothing", json!({})).await, "done");
    assert_eq!(world.end(&editor(), "anything", json!({ "a": 1 })).await, "done");
}
