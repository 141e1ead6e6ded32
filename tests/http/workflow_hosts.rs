//! Workflows in a host of one's own: handlers that make transitions, and rows that a rule keeps from them.

use action_core::entity::{Column, Entity, RowRule};
use action_core::expression::field;
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Call, Caller, Engine, EngineBuilder, Identity, Kind,
    Outcome,
};
use action_tests::{TestApp, people};
use fleet::Car;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{CAR, NO_CAR, OTHER_CAR, audit, read, update};

on_both_fleets!(
    a_handlers_transition_asks_for_the_callers_role,
    a_handler_leaves_the_callers_role_out_by_saying_so_only,
    a_handlers_transition_asks_for_a_comment_and_bounds_it,
    a_handler_that_fails_after_a_transition_leaves_nothing,
    a_row_that_the_rule_hides_looks_missing,
    a_row_that_the_rule_keeps_from_transitions_is_listed_with_none_allowed,
);

/// Retires a car, as it is told: `guarded`, `unguarded`, `silent`, `long`, `fail`.
struct Scrap(&'static str);

impl ActionHandler for Scrap {
    type Input = ();
    type Output = String;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<String> {
        let own = Uuid::parse_str(CAR)?;
        let mut cars = ctx.records::<Car>()?;
        let long = "é".repeat(2_001);
        let made = match self.0 {
            "guarded" => cars.transition(own, "retire", Some("It rusts")).await?,
            "silent" => cars.transition_unguarded(own, "retire", Some(" \n")).await?,
            "long" => cars.transition_unguarded(own, "retire", Some(&long)).await?,
            _ => cars.transition_unguarded(own, "retire", Some("It rusts")).await?,
        };
        if self.0 == "fail" {
            return Err(std::io::Error::other("afterwards").into());
        }
        Ok(format!("{} {}", made.from, made.to))
    }
}

fn host(app: &TestApp) -> EngineBuilder {
    Engine::builder()
        .storage(app.parts().storage.clone())
        .security_file(app.config().join("security.json"))
        .workflows_file(app.config().join("workflows.json"))
        .without_linked_actions()
}

async fn run(engine: Engine, roles: &[&str], action: &str, params: Value) -> Result<Value, String> {
    let caller = Caller::new(Identity {
        tenant_id: Some(people::ACME.parse().unwrap()),
        roles: roles.iter().map(|it| (*it).to_owned()).collect(),
        ..Identity::of(Uuid::from_u128(1))
    });
    let params = params.as_object().unwrap().clone();
    match engine.run(caller, Call::execute(action, params)).await.result {
        Ok(Outcome::Done(done)) => Ok(serde_json::from_str(done.data.unwrap().get()).unwrap()),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(format!("{}: {refusal}", refusal.code())),
    }
}

async fn scrap(app: &TestApp, how: &'static str, roles: &[&str]) -> Result<Value, String> {
    let action = Action::new("cars.scrap").permission("cars.scrap");
    let engine = host(app).entity::<Car>().action(action, Scrap(how)).build().await.unwrap();
    run(engine, roles, "cars.scrap", json!({})).await
}

async fn history(app: &TestApp) -> Vec<Value> {
    let ask = app.as_person(&people::administrator());
    let answer = ask.execute("workflowHistory", json!({ "entity": "Car", "id": CAR })).await;
    answer.data()["items"].as_array().unwrap().clone()
}

async fn a_handlers_transition_asks_for_the_callers_role(app: TestApp) {
    let refused = scrap(&app, "guarded", &["Administrators"]).await.unwrap_err();
    assert!(refused.starts_with("permission_denied"), "{refused}");
    assert_eq!(history(&app).await, Vec::<Value>::new());
    assert_eq!(scrap(&app, "guarded", &["Administrators", "ADMIN"]).await.unwrap(), "available retired");
}

async fn a_handler_leaves_the_callers_role_out_by_saying_so_only(app: TestApp) {
    assert_eq!(scrap(&app, "unguarded", &["Administrators"]).await.unwrap(), "available retired");
    let ask = app.as_person(&people::administrator());
    let attempt = &audit(&ask, "?actionId=cars.scrap").await[0];
    assert_eq!(attempt["changedRecords"][0]["after"], json!({ "status": "retired" }));
    let history = history(&app).await;
    assert_eq!((history.len(), &history[0]["comment"]), (1, &json!("It rusts")));
    assert_eq!(history[0]["auditId"], attempt["id"]);
    let refused = scrap(&app, "unguarded", &["Administrators"]).await.unwrap_err();
    assert_eq!(
        refused, "transition_refused: `retire` does not leave `retired`; allowed: `report_stolen`",
        "the state is asked for all the same"
    );
}

async fn a_handlers_transition_asks_for_a_comment_and_bounds_it(app: TestApp) {
    for how in ["silent", "long"] {
        let refused = scrap(&app, how, &["Administrators"]).await.unwrap_err();
        assert!(refused.starts_with("validation_failed"), "{how}: {refused}");
    }
    assert_eq!(history(&app).await, Vec::<Value>::new());
}

async fn a_handler_that_fails_after_a_transition_leaves_nothing(app: TestApp) {
    let failed = scrap(&app, "fail", &["Administrators"]).await.unwrap_err();
    assert!(failed.starts_with("internal"), "{failed}");
    assert_eq!(history(&app).await, Vec::<Value>::new());
    assert_eq!(read(&app.as_person(&people::viewer()), CAR).await["status"], "available");
}

/// A host whose callers see the blue cars, and make transitions of those of 2017 among them.
async fn with_a_rule(app: &TestApp) -> Engine {
    let cars = Entity::builder("Car", "cars")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("year", Kind::Integer).required())
        .column(Column::new("color", Kind::Text))
        .column(Column::new("status", Kind::Text))
        .column(Column::new("version", Kind::Integer))
        .row_rule(RowRule::new(|_, action| match action {
            "Transition" => field("year").eq(2017),
            _ => field("color").eq("blue"),
        }))
        .build()
        .unwrap();
    host(app).entity_definition(cars).build().await.unwrap()
}

fn check_out(id: &str) -> Value {
    json!({ "entity": "Car", "id": id, "transition": "check_out" })
}

async fn a_row_that_the_rule_hides_looks_missing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(update(&ask, OTHER_CAR, json!({ "color": "pink", "year": 2017 })).await.status, 200);
    let engine = with_a_rule(&app).await;
    for action in ["processWorkflow", "listTransitions", "workflowHistory"] {
        let mut refusals = Vec::new();
        for id in [OTHER_CAR, NO_CAR] {
            let params = if action == "processWorkflow" {
                check_out(id)
            } else {
                json!({ "entity": "Car", "id": id })
            };
            refusals.push(run(engine.clone(), &["Administrators"], action, params).await.unwrap_err());
        }
        assert_eq!(refusals[0], refusals[1], "{action}");
        assert!(refusals[0].starts_with("not_found"), "{}", refusals[0]);
    }
    assert_eq!(read(&ask, OTHER_CAR).await["status"], "available");
    let made = run(engine, &["Administrators"], "processWorkflow", check_out(CAR)).await.unwrap();
    assert_eq!(made["to"], "in_use");
}

async fn a_row_that_the_rule_keeps_from_transitions_is_listed_with_none_allowed(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(update(&ask, OTHER_CAR, json!({ "color": "blue", "year": 2016 })).await.status, 200);
    let engine = with_a_rule(&app).await;
    let all = &["Administrators", "admin"];
    let refused = run(engine.clone(), all, "processWorkflow", check_out(OTHER_CAR)).await.unwrap_err();
    assert!(refused.starts_with("not_found"), "{refused}");
    let of = |id: &str| json!({ "entity": "Car", "id": id });
    for (id, expected) in [(OTHER_CAR, false), (CAR, true)] {
        let listed = run(engine.clone(), all, "listTransitions", of(id)).await.unwrap();
        let listed = listed["transitions"].as_array().unwrap();
        assert_eq!(listed.len(), 3, "{id}");
        assert!(listed.iter().all(|it| it["allowed"] == expected), "{id}: {listed:?}");
    }
}
