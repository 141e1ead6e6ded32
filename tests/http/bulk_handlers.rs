//! A handler of an application's own that changes many rows, among other things.

use action_core::expression::field;
use action_core::records::{Mode, Which};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Caller, Engine, Event, Identity, Value,
};
use action_sqlx::Dialect;
use action_tests::{TestApp, people};
use fleet::Car;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::support::{CAR, CARS, NO_CAR, OTHER_CAR, audit, count, plates, read, texts};

on_both_fleets!(
    changes_of_one_row_and_of_many_are_audited_in_the_order_in_which_they_were_made,
    a_handler_that_fails_afterwards_leaves_nothing,
    a_refused_change_of_many_rows_does_not_end_a_handler,
);

/// Does as it is told: `paint`, `fail`, `refused`.
struct Painter(&'static str);

impl ActionHandler for Painter {
    type Input = ();
    type Output = u64;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<u64> {
        let own = Uuid::parse_str(CAR)?;
        if self.0 == "refused" {
            let missing = Which::keys([own, Uuid::parse_str(NO_CAR)?]);
            let pink = [("color", Value::from("pink"))];
            assert!(ctx.records::<Car>()?.update_all(&missing, pink, Mode::Atomic).await.is_err());
            let most = Which::matching(field("year").gt(0), 3);
            assert!(ctx.records::<Car>()?.delete_all(&most, Mode::Atomic).await.is_err());
        }
        ctx.records::<Car>()?.set(own, [("notes", "one".into())]).await?;
        let all = Which::matching(field("year").gt(0), 100);
        let done = ctx.records::<Car>()?.update_all(&all, [("color", "pink".into())], Mode::Atomic).await?;
        ctx.records::<Car>()?.set(own, [("notes", "two".into())]).await?;
        let gone = Which::keys([Uuid::parse_str(OTHER_CAR)?]);
        ctx.records::<Car>()?.delete_all(&gone, Mode::Independent).await?;
        ctx.emit(Event {
            kind: "cars.painted".into(),
            subject: "cars".into(),
            payload: json!({ "count": done.changed }),
        });
        if self.0 == "fail" {
            return Err(std::io::Error::other("afterwards").into());
        }
        Ok(done.changed)
    }
}

async fn run(app: &TestApp, then: &'static str) -> Result<u64, String> {
    let engine = Engine::builder()
        .storage(app.parts().storage.clone())
        .security_file(app.config().join("security.json"))
        .without_linked_actions()
        .entity::<Car>()
        .action(Action::new("cars.paint").permission("cars.paint"), Painter(then))
        .build()
        .await
        .unwrap();
    let caller = Caller::new(Identity {
        tenant_id: Some(people::ACME.parse().unwrap()),
        roles: vec!["Administrators".to_owned()],
        ..Identity::of(Uuid::from_u128(1))
    });
    match engine.run(caller, action_core::Call::execute("cars.paint", Map::new())).await.result {
        Ok(_) => Ok(CARS),
        Err(refusal) => Err(refusal.code().to_owned()),
    }
}

async fn changes_of_one_row_and_of_many_are_audited_in_the_order_in_which_they_were_made(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(run(&app, "paint").await, Ok(CARS));
    assert_eq!(count(&ask).await, CARS - 1);
    let row = audit(&ask, "?actionId=cars.paint").await.remove(0);
    let changes = row["changedRecords"].as_array().unwrap();
    assert_eq!(row["changedRecordsCount"], CARS + 3);
    assert_eq!((changes.len() as u64, &row["affectedRecords"]), (CARS + 3, &json!(CARS + 3)));
    let last = changes.len() - 1;
    assert_eq!(changes[0]["after"], json!({ "notes": "one" }));
    assert!(changes[1..last - 1].iter().all(|it| it["after"] == json!({ "color": "pink" })));
    assert_eq!(changes[last - 1]["after"], json!({ "notes": "two" }));
    assert_eq!((&changes[last]["operation"], &changes[last]["id"]), (&json!("deleted"), &json!(OTHER_CAR)));

    let schema = if app.parts().storage.dialect() == Dialect::Postgres { "actions." } else { "" };
    let table = format!("{schema}action_audit_changes");
    let record = row["id"].as_str().unwrap();
    let stored = texts(&app, &format!(
        "SELECT position || ' ' || record_id FROM {table} WHERE CAST(audit_id AS TEXT) = '{record}' ORDER BY position"
    )).await;
    let expected: Vec<String> = changes
        .iter()
        .enumerate()
        .map(|(at, it)| format!("{} {}", at + 1, it["id"].as_str().unwrap()))
        .collect();
    assert_eq!(stored, expected);
}

async fn a_handler_that_fails_afterwards_leaves_nothing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(run(&app, "fail").await, Err("internal".to_owned()));
    assert_eq!(count(&ask).await, CARS);
    assert_eq!(read(&ask, CAR).await["version"], 1);
    let schema = if app.parts().storage.dialect() == Dialect::Postgres { "actions." } else { "" };
    let left = texts(&app, &format!("SELECT record_id FROM {schema}action_audit_changes")).await;
    assert!(left.is_empty(), "{left:?}");
}

async fn a_refused_change_of_many_rows_does_not_end_a_handler(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(run(&app, "refused").await, Ok(CARS));
    let pink: Json = json!({ "field": "color", "operator": "eq", "value": "pink" });
    assert_eq!(plates(&ask, &pink).await.len() as u64, CARS - 1);
    assert_eq!(read(&ask, CAR).await["version"], 4, "changed three times");
    let row = audit(&ask, "?actionId=cars.paint").await.remove(0);
    assert_eq!(row["changedRecordsCount"], CARS + 3);
}
