//! `GET /spark/actions/{objectTypeId}`: the actions that the caller may run on an entity.

use action_tests::{Answer, Ask, Person, TestApp, people};
use serde_json::{Value, json};

use crate::support::members;

on_both_fleets!(
    the_listing_has_what_the_configuration_says,
    an_entry_has_every_member,
    names_are_in_the_callers_language,
    what_is_listed_can_be_run_and_what_is_not_is_refused,
    nothing_is_listed_of_a_type_that_is_not_there_or_without_rights,
);

async fn list(ask: &Ask<'_>, entity: &str) -> Vec<Value> {
    let answer = ask.get(&format!("/spark/actions/{entity}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json.as_array().unwrap().clone()
}

fn names(listed: &[Value]) -> Vec<&str> {
    listed.iter().map(|it| it["name"].as_str().unwrap()).collect()
}

async fn the_listing_has_what_the_configuration_says(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let listed = list(&ask, "Car").await;
    assert_eq!(names(&listed), ["CarCopy", "CarReportStolen", "CarMakeNote"], "by offset");
    let copy = &listed[0];
    assert_eq!(
        *copy,
        json!({
            "name": "CarCopy", "displayName": "Copy",
            "displayNames": { "en": "Copy", "fr": "Copier", "nl": "Kopiëren" },
            "icon": "Copy", "description": "Creates a copy of the selected car", "showedOn": "both",
            "selectionRule": "=1", "refreshOnCompleted": true, "confirmationMessageKey": "AreYouSure",
            "offset": 0, "group": null, "style": null, "params": null,
        })
    );
    assert_eq!((&listed[1]["showedOn"], &listed[1]["selectionRule"]), (&json!("detail"), &json!("=0")));
    let params = &listed[2]["params"];
    assert_eq!(
        (&params["properties"]["text"]["maxLength"], &params["required"]),
        (&json!(500), &json!(["text"]))
    );
    let lines = list(&app.as_person(&people::administrator()), "invoiceline").await;
    assert_eq!(names(&lines), ["ApproveInvoiceLines"]);
}

async fn an_entry_has_every_member(app: TestApp) {
    for entry in list(&app.as_person(&people::administrator()), "Car").await {
        assert_eq!(
            members(&entry),
            [
                "name",
                "displayName",
                "displayNames",
                "icon",
                "description",
                "showedOn",
                "selectionRule",
                "refreshOnCompleted",
                "confirmationMessageKey",
                "offset",
                "group",
                "style",
                "params"
            ]
        );
    }
}

async fn names_are_in_the_callers_language(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (header, name) in [("nl-BE, fr;q=0.5", "Kopiëren"), ("fr", "Copier"), ("ja", "Copy"), ("", "Copy")] {
        let listed = list(&ask.clone().header("accept-language", header), "Car").await;
        assert_eq!(listed[0]["displayName"], name, "{header}");
    }
}

async fn what_is_listed_can_be_run_and_what_is_not_is_refused(app: TestApp) {
    let all = ["CarCopy", "CarReportStolen", "CarMakeNote"];
    let some = people::nobody().permissions(&["CarMakeNote/Car", "CarReportStolen/Invoice"]);
    let callers: [(Person, usize); 6] = [
        (people::administrator(), 3),
        (people::fleet_manager(), 3),
        (people::viewer(), 0),
        (people::nobody(), 0),
        (some, 1),
        (people::administrator().without("tenant_id"), 0),
    ];
    for (person, expected) in callers {
        let ask = app.as_person(&person);
        let listed = list(&ask, "Car").await;
        assert_eq!(listed.len(), expected, "{listed:?}");
        for action in all {
            let answer: Answer = ask.post(&format!("/spark/actions/Car/{action}"), &json!({})).await;
            assert_eq!(answer.status != 403, names(&listed).contains(&action), "{action}: {}", answer.text);
        }
    }
}

async fn nothing_is_listed_of_a_type_that_is_not_there_or_without_rights(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for entity in ["Ghost", "%FF", "Company"] {
        assert!(list(&ask, entity).await.is_empty(), "{entity}");
    }
    assert_eq!(app.anonymous().get("/spark/actions/Car").await.brief(), "401 unauthenticated");
    assert_eq!(ask.get("/spark/actions/Car?x=1").await.brief(), "400 invalid_parameter");
}
