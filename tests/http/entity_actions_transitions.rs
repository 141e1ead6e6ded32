//! States as data: a table whose ways between states are declared has a button for each, and no other way.

use action_core::{EngineBuilder, Entity};
use action_sqlx::Dialect;
use action_tests::{Ask, Person, TestApp, people};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

on_both_fleets!(
    each_state_that_is_led_to_has_a_button_where_its_way_begins,
    a_way_that_needs_a_role_is_taken_by_who_has_it,
    a_state_behind_a_foreign_key_is_changed_there,
    many_rows_take_a_way_together,
    an_update_takes_no_other_way,
    without_declared_ways_every_change_is_allowed,
    a_row_of_an_entity_is_changed_as_one_and_its_workflow_is_not_passed_by,
);

const TICKETS: &str = "/entity-actions/tickets";
const ONE: &str = "0b000000-0000-4000-8000-000000000001";
const TWO: &str = "0b000000-0000-4000-8000-000000000002";

/// A row under declared ways.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[entity(table = "tickets")]
struct Ticket {
    id: Uuid,
    #[entity(length(1, 20))]
    status: String,
}

/// The fleet with two open tickets, which go from open to closed, and for editors back again.
async fn tickets(app: TestApp, ways: bool) -> TestApp {
    let (uuid, prefix) = match app.parts().storage.dialect() {
        Dialect::Postgres => ("uuid", "metadata."),
        Dialect::Sqlite => ("text", "metadata_"),
    };
    let acme = "11111111-1111-4111-8111-111111111111";
    let table = format!(
        "CREATE TABLE tickets (id {uuid} PRIMARY KEY, tenant_id {uuid} NOT NULL, status text NOT NULL);
         INSERT INTO tickets VALUES ('{ONE}', '{acme}', 'open'), ('{TWO}', '{acme}', 'open')"
    );
    let script = if ways {
        format!(
            "{table}; INSERT INTO {prefix}status_transitions (entity_type, \"from\", \"to\", display_name, required_role, sort_order)
             VALUES ('tickets', 'open', 'closed', 'Close', NULL, 1), ('tickets', 'closed', 'open', 'Open again', 'editor', 2)"
        )
    } else {
        table
    };
    app.parts().storage.run_script(Box::leak(script.into_boxed_str())).await.unwrap();
    app.hosted(EngineBuilder::entity::<Ticket>).await
}

fn editor() -> Person {
    people::nobody().roles(&["editor"])
}

async fn shown(ask: &Ask<'_>, id: &str) -> Vec<Value> {
    let buttons = ask.get(&format!("{TICKETS}/{id}")).await;
    assert_eq!(buttons.status, 200, "{}", buttons.text);
    buttons.json.as_array().unwrap().iter().map(|it| it["action_name"].clone()).collect()
}

async fn go(ask: &Ask<'_>, to: &str, id: &str) -> String {
    ask.post(&format!("{TICKETS}/transition_{to}"), &json!({ "entity_id": id })).await.brief()
}

async fn each_state_that_is_led_to_has_a_button_where_its_way_begins(app: TestApp) {
    let app = tickets(app, true).await;
    let ask = app.as_person(&editor());
    assert_eq!(shown(&ask, ONE).await, ["transition_closed"]);
    let button = ask.get(&format!("{TICKETS}/{ONE}")).await.json[0].clone();
    assert_eq!((&button["display_name"], &button["can_execute"]), (&json!("Close"), &json!(true)));
    let done = ask.post(&format!("{TICKETS}/transition_closed"), &json!({ "entity_id": ONE })).await;
    assert_eq!(
        done.json,
        json!({ "success": true, "message": "Action completed successfully", "refresh": true }),
        "{}",
        done.text
    );
    assert_eq!(shown(&ask, ONE).await, ["transition_open"]);
    assert_eq!(go(&ask, "closed", ONE).await, "409 not_available");
    assert_eq!(go(&ask, "lost", ONE).await, "404 action_not_found");
    assert_eq!(go(&app.as_person(&people::stranger()), "open", ONE).await, "404 not_found");
    let listed = ask.post(&format!("{TICKETS}/availability"), &json!({ "ids": [TWO] })).await.json;
    assert_eq!(listed[TWO].as_array().unwrap().len(), 2);
}

async fn a_way_that_needs_a_role_is_taken_by_who_has_it(app: TestApp) {
    let app = tickets(app, true).await;
    let nobody = app.as_person(&people::nobody());
    assert_eq!(go(&nobody, "closed", ONE).await, "200");
    assert_eq!(go(&nobody, "open", ONE).await, "403 permission_denied");
    assert_eq!(shown(&nobody, ONE).await, Vec::<Value>::new());
    assert_eq!(go(&app.as_person(&people::administrator()), "open", ONE).await, "200");
}

async fn a_state_behind_a_foreign_key_is_changed_there(app: TestApp) {
    let script = match app.parts().storage.dialect() {
        Dialect::Postgres => {
            "INSERT INTO metadata.statuses (id, entity_type, status_key, display_name) VALUES
             (1, 'jobs', 'open', 'Open'), (2, 'jobs', 'closed', 'Closed'), (3, 'other', 'closed', 'Closed');
             INSERT INTO metadata.status_transitions (entity_type, \"from\", \"to\", display_name) VALUES
             ('jobs', 'open', 'closed', 'Close'), ('jobs', 'open', 'nowhere', 'Lose');
             CREATE TABLE jobs (id integer PRIMARY KEY, status_id integer REFERENCES metadata.statuses (id));
             INSERT INTO jobs VALUES (1, 1)"
        }
        Dialect::Sqlite => {
            "INSERT INTO metadata_statuses (id, entity_type, status_key, display_name) VALUES
             (1, 'jobs', 'open', 'Open'), (2, 'jobs', 'closed', 'Closed'), (3, 'other', 'closed', 'Closed');
             INSERT INTO metadata_status_transitions (entity_type, \"from\", \"to\", display_name) VALUES
             ('jobs', 'open', 'closed', 'Close'), ('jobs', 'open', 'nowhere', 'Lose');
             CREATE TABLE jobs (id integer PRIMARY KEY, status_id integer REFERENCES metadata_statuses (id));
             INSERT INTO jobs VALUES (1, 1)"
        }
    };
    app.parts().storage.run_script(script).await.unwrap();
    let ask = app.as_person(&people::nobody());
    let run = async |to: &str| {
        ask.post(&format!("/entity-actions/jobs/transition_{to}"), &json!({ "entity_id": 1 })).await.brief()
    };
    assert_eq!(run("nowhere").await, "409 not_available", "there is no such state");
    assert_eq!(run("closed").await, "200");
    assert_eq!(ask.get("/entity-actions/jobs/1").await.json, json!([]), "no way leads on");
    assert_eq!(run("closed").await, "409 not_available");
}

async fn many_rows_take_a_way_together(app: TestApp) {
    let app = tickets(app, true).await;
    let ask = app.as_person(&people::nobody());
    let body = json!({ "entity_ids": [ONE, TWO] });
    let done = ask.post(&format!("{TICKETS}/transition_closed/bulk"), &body).await;
    assert_eq!((done.status, &done.json["succeeded"]), (200, &json!(2)), "{}", done.text);
}

async fn an_update_takes_no_other_way(app: TestApp) {
    let app = tickets(app, true).await;
    let ask = app.as_person(&people::administrator());
    let to = async |status: &str| {
        let params = json!({ "entity": "Ticket", "id": ONE, "values": { "status": status } });
        ask.execute("updateRecord", params).await.brief()
    };
    assert_eq!(to("lost").await, "409 transition_refused");
    assert_eq!(shown(&ask, ONE).await, ["transition_closed"], "nothing was changed");
    assert_eq!(to("open").await, "200", "it is open already");
    assert_eq!(to("closed").await, "200");
    // One of many is enough.
    let many = async |status: &str| {
        let params = json!({ "entity": "Ticket", "ids": [ONE, TWO], "values": { "status": status } });
        ask.execute("bulkUpdate", params).await.brief()
    };
    assert_eq!(many("lost").await, "409 transition_refused");
    assert_eq!(many("open").await, "200", "one is opened again, the other is open");
    assert_eq!(many("closed").await, "200");
    let all = json!({ "field": "status", "operator": "eq", "value": "closed" });
    let open = json!({ "status": "open" });
    let by_filter = json!({ "entity": "Ticket", "filter": all, "maxAffected": 10, "values": open });
    let refused = ask.execute("bulkUpdate", by_filter).await;
    assert_eq!(
        refused.brief(),
        "409 transition_refused",
        "what a filter picks is not looked at: {}",
        refused.text
    );
}

async fn without_declared_ways_every_change_is_allowed(app: TestApp) {
    let app = tickets(app, false).await;
    let ask = app.as_person(&people::administrator());
    let params = json!({ "entity": "Ticket", "id": ONE, "values": { "status": "anything" } });
    assert_eq!(ask.execute("updateRecord", params).await.brief(), "200");
    let many = json!({ "entity": "Ticket", "ids": [ONE, TWO], "values": { "status": "open" } });
    assert_eq!(ask.execute("bulkUpdate", many).await.brief(), "200");
    assert_eq!(ask.get(&format!("{TICKETS}/{ONE}")).await.brief(), "404 not_found", "no action names it");
}

async fn a_row_of_an_entity_is_changed_as_one_and_its_workflow_is_not_passed_by(app: TestApp) {
    let app = tickets(app, true).await;
    let admin = app.as_person(&people::administrator());
    assert_eq!(go(&admin, "closed", ONE).await, "200");
    let audit = crate::support::audit(&admin, "?actionId=tickets.transition_closed").await;
    assert_eq!(audit.len(), 1, "by its own name");
    assert_eq!(audit[0]["changedRecords"][0]["before"]["status"], "open", "{}", audit[0]);
    assert_eq!(audit[0]["changedRecords"][0]["after"]["status"], "closed");
    // The state of a car is its workflow's.
    let (prefix, car) = match app.parts().storage.dialect() {
        Dialect::Postgres => ("metadata.", crate::support::CAR),
        Dialect::Sqlite => ("metadata_", crate::support::CAR),
    };
    let way = format!(
        "INSERT INTO {prefix}status_transitions (entity_type, \"from\", \"to\", display_name)
         VALUES ('cars', 'available', 'stolen', 'Steal')"
    );
    app.parts().storage.run_script(Box::leak(way.into_boxed_str())).await.unwrap();
    let app = app.restart(|_| {}).await;
    let stolen = app
        .as_person(&people::administrator())
        .post("/entity-actions/cars/transition_stolen", &json!({ "entity_id": car }))
        .await;
    assert_eq!(stolen.brief(), "409 not_available", "{}", stolen.text);
}
