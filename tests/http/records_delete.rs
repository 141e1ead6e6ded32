//! `deleteRecord`: gone once, and only what nothing refers to.

use std::sync::Arc;

use action_tests::{TestApp, people};
use serde_json::{Value, json};

use crate::support::{
    CAR, CARS, COMPANY, IDLE_COMPANY, NO_CAR, at_once, count, delete, read, tally, told, update,
};

on_both_fleets!(
    of_many_deletions_at_once_one_is_made,
    changes_and_a_deletion_at_once_leave_no_row_behind,
    a_company_that_is_deleted_while_it_is_invoiced_leaves_no_orphan,
    a_deleted_row_is_gone_and_its_id_is_answered,
    a_second_deletion_finds_nothing,
    a_stale_version_is_a_conflict_that_tells_the_current_one,
    a_version_that_is_still_current_is_taken,
    a_row_that_others_refer_to_is_a_dependency,
    a_row_that_nothing_refers_to_any_more_can_be_deleted,
    an_id_is_required_and_of_the_keys_type,
    every_mistake_is_told_at_once,
    a_deletion_takes_no_values,
);

async fn of_many_deletions_at_once_one_is_made(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::administrator(), |_, app, person| async move {
        delete(&app.as_person(&person), CAR).await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×1", "404 not_found ×15"]);
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS - 1);
}

async fn a_deleted_row_is_gone_and_its_id_is_answered(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let gone = delete(&ask, CAR).await;
    assert_eq!(gone.data(), &json!({ "id": CAR }));
    assert_eq!(gone.json["metadata"]["affectedRecords"], 1);
    assert_eq!(read(&ask, CAR).await, Value::Null);
    assert_eq!(count(&ask).await, CARS - 1);
    assert_eq!(update(&ask, CAR, json!({ "color": "red" })).await.brief(), "404 not_found");
}

async fn a_second_deletion_finds_nothing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(delete(&ask, CAR).await.status, 200);
    assert_eq!(delete(&ask, CAR).await.brief(), "404 not_found");
    assert_eq!(delete(&ask, NO_CAR).await.brief(), "404 not_found");
}

async fn a_stale_version_is_a_conflict_that_tells_the_current_one(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(update(&ask, CAR, json!({ "color": "red" })).await.status, 200);
    let stale = ask.execute("deleteRecord", json!({ "entity": "Car", "id": CAR, "version": 1 })).await;
    assert_eq!(stale.brief(), "409 version_conflict");
    assert_eq!(stale.json["detail"], "the record was changed by someone else; its version is now 2");
    assert_eq!(read(&ask, CAR).await["version"], 2);
}

async fn a_version_that_is_still_current_is_taken(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "entity": "Car", "id": CAR, "version": 1 });
    assert_eq!(ask.execute("deleteRecord", params).await.data(), &json!({ "id": CAR }));
}

async fn a_row_that_others_refer_to_is_a_dependency(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = ask.execute("deleteRecord", json!({ "entity": "Company", "id": COMPANY })).await;
    assert_eq!(answer.brief(), "409 dependency");
    assert_eq!(told(&answer), ["dependency"]);
    for internal in ["invoice", "companies", "FOREIGN", "constraint", "company_id"] {
        assert!(!answer.text.to_lowercase().contains(&internal.to_lowercase()), "{}", answer.text);
    }
    let companies = ask.execute("executeQuery", json!({ "entity": "Company" })).await;
    assert_eq!(companies.data()["total"], 3);
    assert_eq!(
        ask.execute("deleteRecord", json!({ "entity": "Company", "id": IDLE_COMPANY })).await.status,
        200
    );
}

async fn a_row_that_nothing_refers_to_any_more_can_be_deleted(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let all = |entity: &str| json!({ "entity": entity, "limit": 1000 });
    for entity in ["InvoiceLine", "Invoice", "Company"] {
        let rows = ask.execute("executeQuery", all(entity)).await;
        for row in rows.data()["records"].as_array().unwrap() {
            let gone = ask.execute("deleteRecord", json!({ "entity": entity, "id": row["id"] })).await;
            assert_eq!(gone.status, 200, "{}", gone.text);
        }
        assert_eq!(ask.execute("executeQuery", all(entity)).await.data()["total"], 0);
    }
    let others = app.as_person(&people::stranger()).execute("executeQuery", all("Invoice")).await;
    assert_eq!(others.data()["total"], 1, "another tenant's are untouched");
}

async fn an_id_is_required_and_of_the_keys_type(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(told(&ask.execute("deleteRecord", json!({ "entity": "Car" })).await), ["id required"]);
    for id in [json!(1), json!("x"), json!([CAR]), json!({ "id": CAR })] {
        let answer = ask.execute("deleteRecord", json!({ "entity": "Car", "id": id })).await;
        assert_eq!(told(&answer), ["id wrong_type"], "{id}");
    }
}

async fn every_mistake_is_told_at_once(app: TestApp) {
    let params = json!({ "entity": "Car", "id": "seven", "version": 0, "force": true });
    let answer = app.as_person(&people::administrator()).execute("deleteRecord", params).await;
    assert_eq!(told(&answer), ["id wrong_type", "version out_of_range", "force unknown_field"]);
}

async fn a_deletion_takes_no_values(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for name in ["values", "filter", "ids"] {
        let answer = ask.execute("deleteRecord", json!({ "entity": "Car", "id": CAR, name: {} })).await;
        assert_eq!(told(&answer), [format!("{name} unknown_field")]);
    }
    assert_eq!(count(&ask).await, CARS);
}

async fn changes_and_a_deletion_at_once_leave_no_row_behind(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::administrator(), |number, app, person| async move {
        let ask = app.as_person(&person);
        if number == 7 {
            return delete(&ask, CAR).await;
        }
        update(&ask, CAR, json!({ "notes": number.to_string() })).await
    })
    .await;
    assert!(
        answers.iter().all(|it| ["200", "404 not_found"].contains(&it.brief().as_str())),
        "{:?}",
        tally(&answers)
    );
    assert_eq!(answers.iter().filter(|it| it.json["data"] == json!({ "id": CAR })).count(), 1);
    assert_eq!(read(&app.as_person(&people::viewer()), CAR).await, Value::Null);
}

async fn a_company_that_is_deleted_while_it_is_invoiced_leaves_no_orphan(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::administrator(), |number, app, person| async move {
        let ask = app.as_person(&person);
        if number % 2 == 0 {
            return ask.execute("deleteRecord", json!({ "entity": "Company", "id": IDLE_COMPANY })).await;
        }
        let values = json!({ "number": format!("O-{number}"), "companyId": IDLE_COMPANY });
        ask.execute("createRecord", json!({ "entity": "Invoice", "values": values })).await
    })
    .await;
    let expected = ["200", "400 validation_failed", "404 not_found", "409 dependency"];
    assert!(answers.iter().all(|it| expected.contains(&it.brief().as_str())), "{:?}", tally(&answers));
    let ask = app.as_person(&people::administrator());
    let total = async |entity: &str, field: &str| {
        let filter = json!({ "field": field, "operator": "eq", "value": IDLE_COMPANY });
        let page = ask.execute("executeQuery", json!({ "entity": entity, "filter": filter })).await;
        page.data()["total"].as_u64().unwrap()
    };
    let (companies, invoices) = (total("Company", "id").await, total("Invoice", "companyId").await);
    assert!(companies == 1 || invoices == 0, "{invoices} invoices of {companies} companies");
}
