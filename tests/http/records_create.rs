//! `createRecord`: what the server sets, what a caller may not, and everything that can be wrong with a new record.

use std::sync::Arc;

use action_tests::{Ask, TestApp, people};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    CARS, COMPANY, FOREIGN_COMPANY, NO_CAR, anonymous_text, at_once, car, car_with, count, create, delete,
    members, read, tally, told,
};

on_both_fleets!(
    of_many_calls_at_once_with_one_plate_one_makes_a_car,
    a_plate_is_unique_within_its_tenant,
    another_tenant_may_use_the_same_plate,
    a_plate_that_was_freed_may_be_used_again,
    texts_that_differ_in_case_are_not_the_same_plate,
    what_is_answered_is_what_is_stored,
    the_server_sets_key_version_and_who_and_when,
    what_the_server_sets_cannot_be_sent,
    every_mistake_is_told_at_once_in_the_order_of_declaration,
    mistakes_beside_the_values_are_told_with_those_in_them,
    missing_required_columns_are_told_at_once,
    unknown_columns_are_told_at_once,
    a_columns_sql_name_is_not_its_name,
    a_required_column_cannot_be_null,
    values_are_an_object,
    years_lie_between_1886_and_2100,
    texts_have_bounds_in_characters,
    nothing_is_coerced_from_another_type,
    a_decimal_may_be_sent_as_a_number_or_as_text,
    a_decimal_keeps_every_digit_that_fits,
    a_decimal_that_does_not_fit_is_refused,
    a_new_car_is_available_and_nothing_else,
    an_optional_column_may_be_null,
    any_text_is_stored_as_it_was_sent,
    an_invoice_of_an_unknown_company_is_refused_on_its_field,
    an_invoice_of_another_tenants_company_is_refused_like_one_of_an_unknown_company,
    an_invoice_line_has_its_default,
    an_entity_is_named_or_the_call_is_wrong,
);

async fn make(ask: &Ask<'_>, entity: &str, values: Value) -> action_tests::Answer {
    ask.execute("createRecord", json!({ "entity": entity, "values": values })).await
}

async fn of_many_calls_at_once_with_one_plate_one_makes_a_car(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::fleet_manager(), |_, app, person| async move {
        create(&app.as_person(&person), car("RACE-1")).await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×1", "409 conflict ×15"]);
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS + 1);
}

async fn a_plate_is_unique_within_its_tenant(app: TestApp) {
    let answer = create(&app.as_person(&people::fleet_manager()), car("ACM-001")).await;
    assert_eq!(answer.brief(), "409 conflict");
    assert_eq!(told(&answer), ["values.licensePlate taken"]);
    assert_eq!(answer.json["detail"], "licensePlate is already taken");
}

async fn another_tenant_may_use_the_same_plate(app: TestApp) {
    let answer = create(&app.as_person(&people::stranger()), car("ACM-001")).await;
    assert_eq!(answer.data()["licensePlate"], "ACM-001");
    assert_eq!(create(&app.as_person(&people::stranger()), car("ACM-001")).await.brief(), "409 conflict");
}

async fn a_plate_that_was_freed_may_be_used_again(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(delete(&ask, crate::support::CAR).await.status, 200);
    assert_eq!(create(&ask, car("ACM-001")).await.status, 200);
}

async fn texts_that_differ_in_case_are_not_the_same_plate(app: TestApp) {
    assert_eq!(create(&app.as_person(&people::fleet_manager()), car("acm-001")).await.status, 200);
}

async fn what_is_answered_is_what_is_stored(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let values = json!({
        "licensePlate": "C-1", "brand": "Saab", "model": "900", "year": 1987,
        "color": "green", "status": "available", "price": 1234.5, "notes": "one owner",
    });
    let made = create(&ask, values.clone()).await.data().clone();
    assert_eq!(
        members(&made),
        [
            "id",
            "licensePlate",
            "brand",
            "model",
            "year",
            "color",
            "status",
            "price",
            "notes",
            "version",
            "createdAt",
            "createdBy",
            "updatedAt",
            "updatedBy",
        ]
    );
    for (name, value) in values.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(read(&ask, made["id"].as_str().unwrap()).await, made);
}

async fn the_server_sets_key_version_and_who_and_when(app: TestApp) {
    let before = chrono::Utc::now();
    let made = create(&app.as_person(&people::fleet_manager()), car("C-1")).await.data().clone();
    let id = made["id"].as_str().unwrap();
    assert_eq!(id.parse::<Uuid>().unwrap().hyphenated().to_string(), id);
    assert_eq!(made["version"], 1);
    assert_eq!(made["createdBy"], people::fleet_manager().id());
    assert_eq!((&made["updatedAt"], &made["updatedBy"]), (&Value::Null, &Value::Null));
    let at = made["createdAt"].as_str().unwrap();
    assert!(at.ends_with('Z'), "{at}");
    let at = chrono::DateTime::parse_from_rfc3339(at).unwrap().to_utc();
    assert!((before - chrono::TimeDelta::seconds(1)..=chrono::Utc::now()).contains(&at), "{at}");
}

async fn what_the_server_sets_cannot_be_sent(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let sent = json!({
        "updatedBy": null, "updatedAt": null, "createdBy": people::viewer().id(), "createdAt": "2020-01-01T00:00:00Z",
        "version": 1, "tenantId": people::ACME, "id": NO_CAR,
    });
    let answer = create(&ask, car_with("C-1", &sent)).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(
        told(&answer),
        [
            "values.id read_only",
            "values.version read_only",
            "values.createdAt read_only",
            "values.createdBy read_only",
            "values.updatedAt read_only",
            "values.updatedBy read_only",
            "values.tenantId unknown_field",
        ]
    );
    assert_eq!(count(&ask).await, CARS);
}

async fn every_mistake_is_told_at_once_in_the_order_of_declaration(app: TestApp) {
    let values = json!({
        "zebra": 1, "notes": "n".repeat(10_001), "price": "dear", "status": "stolen", "color": 7, "year": 2101,
        "model": null, "licensePlate": "",
    });
    let answer = create(&app.as_person(&people::fleet_manager()), values).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(
        told(&answer),
        [
            "values.licensePlate too_short",
            "values.brand required",
            "values.model required",
            "values.year out_of_range",
            "values.color wrong_type",
            "values.status read_only",
            "values.price wrong_type",
            "values.notes too_long",
            "values.zebra unknown_field",
        ]
    );
    assert_eq!(answer.json["detail"], "9 fields are invalid");
}

async fn mistakes_beside_the_values_are_told_with_those_in_them(app: TestApp) {
    let params = json!({ "entity": "Car", "values": { "licensePlate": "" }, "force": true });
    let answer = app.as_person(&people::fleet_manager()).execute("createRecord", params).await;
    assert_eq!(
        told(&answer),
        [
            "values.licensePlate too_short",
            "values.brand required",
            "values.model required",
            "values.year required",
            "force unknown_field",
        ]
    );
}

async fn missing_required_columns_are_told_at_once(app: TestApp) {
    let answer = create(&app.as_person(&people::fleet_manager()), json!({})).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    let required = ["licensePlate", "brand", "model", "year"].map(|it| format!("values.{it} required"));
    assert_eq!(told(&answer), required);
}

async fn unknown_columns_are_told_at_once(app: TestApp) {
    let answer = create(
        &app.as_person(&people::fleet_manager()),
        car_with("C-1", &json!({ "wheels": 4, "doors": 5 })),
    )
    .await;
    assert_eq!(answer.brief(), "400 unknown_field");
    let mut unknown = told(&answer);
    unknown.sort();
    assert_eq!(unknown, ["values.doors unknown_field", "values.wheels unknown_field"]);
}

async fn a_columns_sql_name_is_not_its_name(app: TestApp) {
    let values = json!({ "license_plate": "C-1", "brand": "b", "model": "m", "year": 2000, "YEAR": 1 });
    let answer = create(&app.as_person(&people::fleet_manager()), values).await;
    let expected =
        ["values.licensePlate required", "values.license_plate unknown_field", "values.YEAR unknown_field"];
    assert_eq!(told(&answer), expected);
}

async fn a_required_column_cannot_be_null(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for name in ["licensePlate", "brand", "model", "year", "status"] {
        let answer = create(&ask, car_with("C-1", &json!({ name: null }))).await;
        assert_eq!(told(&answer), [format!("values.{name} required")]);
    }
}

async fn values_are_an_object(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    assert_eq!(told(&ask.execute("createRecord", json!({ "entity": "Car" })).await), ["values required"]);
    for values in [json!(null), json!([]), json!("x"), json!([{ "licensePlate": "C-1" }])] {
        assert_eq!(told(&create(&ask, values.clone()).await), ["values wrong_type"], "{values}");
    }
}

async fn years_lie_between_1886_and_2100(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (year, plate) in [(1886, "Y-1"), (2100, "Y-2")] {
        assert_eq!(create(&ask, car_with(plate, &json!({ "year": year }))).await.data()["year"], year);
    }
    for year in [json!(1885), json!(2101), json!(0), json!(-2000), json!(i64::MAX), json!(i64::MIN)] {
        let answer = create(&ask, car_with("Y-3", &json!({ "year": year }))).await;
        assert_eq!(told(&answer), ["values.year out_of_range"], "{year}");
    }
}

async fn texts_have_bounds_in_characters(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let twenty = "车".repeat(20);
    assert_eq!(create(&ask, car(&twenty)).await.data()["licensePlate"], json!(twenty));
    assert_eq!(told(&create(&ask, car(&"车".repeat(21))).await), ["values.licensePlate too_long"]);
    assert_eq!(told(&create(&ask, car("")).await), ["values.licensePlate too_short"]);
    assert_eq!(create(&ask, car("x")).await.status, 200);
}

async fn nothing_is_coerced_from_another_type(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (name, value) in [
        ("year", json!("2000")),
        ("year", json!(2000.5)),
        ("year", json!(true)),
        ("year", json!([2000])),
        ("year", json!(1e300)),
        ("brand", json!(7)),
        ("brand", json!({ "en": "Lada" })),
        ("color", json!(false)),
        ("price", json!(true)),
        ("price", json!([1])),
    ] {
        let answer = create(&ask, car_with("C-1", &json!({ name: value }))).await;
        assert_eq!(told(&answer), [format!("values.{name} wrong_type")], "{value}");
    }
}

async fn a_decimal_may_be_sent_as_a_number_or_as_text(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (number, (sent, answered)) in [
        (json!(19.9), json!(19.9)),
        (json!("19.90"), json!(19.9)),
        (json!("100"), json!(100)),
        (json!(100.00), json!(100)),
        (json!(0), json!(0)),
        (json!("-0.01"), json!(-0.01)),
        (json!(null), json!(null)),
    ]
    .into_iter()
    .enumerate()
    {
        let made = create(&ask, car_with(&format!("D-{number}"), &json!({ "price": sent }))).await;
        assert_eq!(made.data()["price"], answered, "{sent}");
        assert_eq!(read(&ask, made.data()["id"].as_str().unwrap()).await["price"], answered, "{sent}");
    }
}

async fn a_decimal_keeps_every_digit_that_fits(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (plate, sent) in [
        ("D-1", json!("9999999999.99")),
        ("D-2", json!(9_999_999_999.99)),
        ("D-3", json!(0.1)),
        ("D-4", json!("-9999999999.99")),
    ] {
        let made = create(&ask, car_with(plate, &json!({ "price": sent }))).await;
        let text = made.data()["price"].to_string();
        assert_eq!(
            text,
            sent.as_str().map_or_else(|| sent.to_string(), str::to_owned),
            "a number, digit by digit"
        );
        let stored = read(&ask, made.data()["id"].as_str().unwrap()).await;
        assert_eq!(stored["price"].to_string(), text);
    }
}

async fn a_decimal_that_does_not_fit_is_refused(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for price in [
        json!(0.125),
        json!("0.001"),
        json!(10_000_000_000_i64),
        json!("10000000000"),
        json!("dear"),
        json!(""),
        json!("1e2"),
        json!("NaN"),
        json!(" 1"),
        json!("1,5"),
    ] {
        let answer = create(&ask, car_with("D-1", &json!({ "price": price }))).await;
        assert_eq!(told(&answer), ["values.price wrong_type"], "{price}");
    }
}

async fn a_new_car_is_available_and_nothing_else(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(create(&ask, car("S-1")).await.data()["status"], "available");
    assert_eq!(create(&ask, car_with("S-2", &json!({ "status": "available" }))).await.status, 200);
    for status in ["in_use", "stolen", "retired", "Available", "unheard of"] {
        let answer = create(&ask, car_with("S-3", &json!({ "status": status }))).await;
        assert_eq!(answer.status, 400, "{status}");
        assert_eq!(answer.fields()[0].0, "values.status", "{status}");
    }
}

async fn an_optional_column_may_be_null(app: TestApp) {
    let nulls = json!({ "color": null, "price": null, "notes": null });
    let made = create(&app.as_person(&people::fleet_manager()), car_with("C-1", &nulls)).await;
    for name in ["color", "price", "notes"] {
        assert_eq!(made.data()[name], Value::Null, "{name}");
    }
}

async fn any_text_is_stored_as_it_was_sent(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (plate, notes) in [
        ("X-1", "'; DROP TABLE cars; --"),
        ("X-2", "Zoë 車 🚗 e\u{301} \u{202e}rtl"),
        ("X-3", "$1 ?1 :name @p %s {0} \\ \" ' ` \t\r\n"),
        ("X-4", "\u{1}\u{7f}\u{ffff}"),
        ("X-5", ""),
        ("X-6", "  spaces  "),
    ] {
        let made = create(&ask, car_with(plate, &json!({ "notes": notes }))).await;
        assert_eq!(made.data()["notes"], notes);
        assert_eq!(read(&ask, made.data()["id"].as_str().unwrap()).await["notes"], notes);
    }
    assert_eq!(count(&ask).await, CARS + 6);
}

async fn an_invoice_of_an_unknown_company_is_refused_on_its_field(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let made = make(&ask, "Invoice", json!({ "number": "I-1", "companyId": COMPANY })).await;
    assert_eq!(made.data()["companyId"], COMPANY);
    let answer = make(&ask, "Invoice", json!({ "number": "I-2", "companyId": NO_CAR })).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(told(&answer), ["values.companyId unknown_reference"]);
    for wrong in [json!("north"), json!(1), json!("")] {
        let answer = make(&ask, "Invoice", json!({ "number": "I-2", "companyId": wrong })).await;
        assert_eq!(told(&answer), ["values.companyId wrong_type"], "{wrong}");
    }
}

async fn an_invoice_of_another_tenants_company_is_refused_like_one_of_an_unknown_company(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let foreign = make(&ask, "Invoice", json!({ "number": "I-1", "companyId": FOREIGN_COMPANY })).await;
    let unknown = make(&ask, "Invoice", json!({ "number": "I-1", "companyId": NO_CAR })).await;
    assert_eq!(told(&foreign), ["values.companyId unknown_reference"]);
    assert_eq!(anonymous_text(&foreign), anonymous_text(&unknown));
}

async fn an_invoice_line_has_its_default(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let invoice = "d0000000-0000-4000-8000-000000000001";
    let line = |more: Value| {
        let mut values = json!({ "invoiceId": invoice, "description": "Wash", "amount": "12.50" });
        for (name, value) in more.as_object().unwrap() {
            values[name] = value.clone();
        }
        values
    };
    let made = make(&ask, "InvoiceLine", line(json!({}))).await;
    assert_eq!((&made.data()["approved"], &made.data()["amount"]), (&json!(false), &json!(12.5)));
    assert_eq!(make(&ask, "InvoiceLine", line(json!({ "approved": true }))).await.data()["approved"], true);
    assert_eq!(
        told(&make(&ask, "InvoiceLine", line(json!({ "approved": 1 }))).await),
        ["values.approved wrong_type"]
    );
    assert_eq!(
        told(&make(&ask, "InvoiceLine", line(json!({ "approved": null }))).await),
        ["values.approved required"]
    );
    assert_eq!(
        told(&make(&ask, "InvoiceLine", line(json!({ "invoiceId": COMPANY }))).await),
        ["values.invoiceId unknown_reference"]
    );
}

async fn an_entity_is_named_or_the_call_is_wrong(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(
        told(&ask.execute("createRecord", json!({ "values": car("C-1") })).await),
        ["entity required"]
    );
    for entity in ["Ship", "", "action_audit_log", "cars; DROP TABLE cars", "user_profiles", "settings"] {
        assert_eq!(make(&ask, entity, car("C-1")).await.brief(), "404 not_found", "{entity}");
    }
}
