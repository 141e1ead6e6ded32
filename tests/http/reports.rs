//! `generateReport`: who may have a file of what, and what stands in it.

use std::io::Cursor;

use action_tests::people::{self, ACME, GLOBEX};
use action_tests::{Answer, Ask, Person, TestApp};
use axum::body::Body;
use calamine::{Data, Reader as _, Xlsx};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{CARS, FOREIGN_CAR, audit, car_with, create, told};

on_both_fleets!(
    both_permissions_are_needed,
    a_registered_query_needs_its_own_permission_and_that_for_reports,
    every_wrong_parameter_is_told_at_once,
    what_is_unknown_is_refused,
    a_report_says_what_it_is_and_is_offered_for_download,
    a_report_holds_the_rows_of_the_own_tenant_only,
    another_tenant_cannot_fetch_it,
    columns_stand_in_the_order_asked_for,
    rows_stand_in_the_order_asked_for_and_only_those_that_match,
    an_empty_table_is_a_document_with_its_headings,
    csv_can_be_read_back_whatever_stands_in_a_cell,
    what_would_be_a_formula_is_harmless_in_csv,
    no_formula_begins_where_a_spreadsheet_splits_a_csv_at_semicolons,
    what_would_be_a_formula_is_harmless_in_a_spreadsheet,
    a_spreadsheet_has_typed_cells,
    json_has_the_values_of_a_query,
    html_is_escaped_and_written_in_the_callers_language,
    a_pdf_has_pages_a_title_and_its_letters,
    a_registered_query_takes_its_arguments,
    the_title_stands_in_the_document_and_in_the_name,
    a_report_is_audited_and_made_once_for_one_key,
    more_rows_than_pages_hold_are_refused,
);

/// May list cars and have reports of them, and no more.
fn reporter() -> Person {
    Person::new(61).tenant(ACME).permissions(&["generateReport", "Query/Car"])
}

async fn report(ask: &Ask<'_>, params: Value) -> Answer {
    ask.execute("generateReport", params).await
}

fn cars(format: &str) -> Value {
    json!({ "entity": "Car", "format": format })
}

fn cars_with(format: &str, more: &Value) -> Value {
    let mut params = cars(format);
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

fn cars_of_brand(format: &str, brand: &str) -> Value {
    let filter = json!({ "field": "brand", "operator": "eq", "value": brand });
    let sort = json!([{ "field": "licensePlate", "direction": "asc" }]);
    cars_with(format, &json!({ "filter": filter, "sort": sort }))
}

/// The bytes behind a report, fetched as a browser does.
async fn bytes(app: &TestApp, person: &Person, answer: &Answer) -> Vec<u8> {
    let id = answer.data()["fileId"].as_str().unwrap();
    let request = http::Request::get(format!("/ui/files/{id}"))
        .header("authorization", format!("Bearer {}", person.token()))
        .body(Body::empty())
        .unwrap();
    let found = app.parts().router.clone().oneshot(request).await.unwrap();
    assert_eq!(found.status(), 200);
    let (head, body) = found.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    assert_eq!(head.headers["content-type"], answer.data()["contentType"].as_str().unwrap());
    assert!(head.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(bytes.len() as u64, answer.data()["size"].as_u64().unwrap());
    bytes
}

async fn text(app: &TestApp, person: &Person, params: Value) -> String {
    let answer = report(&app.as_person(person), params).await;
    String::from_utf8(bytes(app, person, &answer).await).unwrap()
}

/// The rows of a CSV file, its headings first.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|it| it.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn read_xlsx(bytes: Vec<u8>) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let formulas = book.worksheet_formula(&book.sheet_names()[0]).unwrap();
    assert!(formulas.is_empty(), "no cell is a formula");
    sheet.rows().map(<[Data]>::to_vec).collect()
}

/// How many pages a PDF file has.
fn pages(bytes: &[u8]) -> usize {
    assert!(bytes.starts_with(b"%PDF-1.7") && bytes.ends_with(b"%%EOF"));
    let text = String::from_utf8_lossy(bytes);
    text.matches("/Type/Page").count() - text.matches("/Type/Pages").count()
}

async fn both_permissions_are_needed(app: TestApp) {
    for permissions in [&["Query/Car"][..], &["generateReport"], &["generateReport", "Query/Company"], &[]] {
        let person = Person::new(62).tenant(ACME).permissions(permissions);
        let answer = report(&app.as_person(&person), cars("csv")).await;
        assert_eq!(answer.brief(), "403 permission_denied", "{permissions:?}");
    }
    assert_eq!(report(&app.as_person(&reporter()), cars("csv")).await.status, 200);
    assert_eq!(report(&app.anonymous(), cars("csv")).await.status, 401);
}

async fn a_registered_query_needs_its_own_permission_and_that_for_reports(app: TestApp) {
    let params = || json!({ "query": "cars.available", "format": "csv" });
    for permissions in [&["Query/Car"][..], &["generateReport"]] {
        let person = Person::new(62).tenant(ACME).permissions(permissions);
        let answer = report(&app.as_person(&person), params()).await;
        assert_eq!(answer.brief(), "403 permission_denied", "{permissions:?}");
    }
    assert_eq!(report(&app.as_person(&reporter()), params()).await.status, 200);
}

async fn every_wrong_parameter_is_told_at_once(app: TestApp) {
    let ask = app.as_person(&reporter());
    let wrong = json!({
        "entity": "Car", "format": "docx", "title": "", "fields": ["brand", "nothing", "brand"],
        "sort": [{ "field": "nothing", "direction": "asc" }], "color": "red",
    });
    let answer = report(&ask, wrong).await;
    let mut told = told(&answer);
    told.sort();
    assert_eq!(
        told,
        [
            "color unknown_field",
            "fields[1] unknown_field",
            "fields[2] not_allowed",
            "format not_allowed",
            "sort[0].field unknown_field",
            "title too_short",
        ]
    );
    assert!(answer.text.contains("csv, xlsx, html, pdf, json"), "{}", answer.text);
    for title in ["a\nb", "a\u{0007}b"] {
        let answer = report(&ask, cars_with("csv", &json!({ "title": title }))).await;
        assert_eq!(crate::support::told(&answer), ["title not_allowed"]);
    }
    let long = report(&ask, cars_with("csv", &json!({ "title": "x".repeat(201) }))).await;
    assert_eq!(crate::support::told(&long), ["title too_long"]);
}

async fn what_is_unknown_is_refused(app: TestApp) {
    let ask = app.as_person(&reporter());
    for (params, brief) in [
        (json!({ "entity": "Nothing", "format": "csv" }), "404 not_found"),
        (json!({ "query": "nothing", "format": "csv" }), "404 query_not_found"),
        (json!({ "format": "csv" }), "400 validation_failed"),
        (json!({ "entity": "Car" }), "400 validation_failed"),
        (json!({ "entity": "Car", "query": "cars.available", "format": "csv" }), "400 validation_failed"),
        (json!({ "entity": "Car", "arguments": {}, "format": "csv" }), "400 validation_failed"),
        (json!({ "entity": "Car", "format": "CSV" }), "400 validation_failed"),
    ] {
        assert_eq!(report(&ask, params.clone()).await.brief(), brief, "{params}");
    }
}

async fn a_report_says_what_it_is_and_is_offered_for_download(app: TestApp) {
    let ask = app.as_person(&reporter());
    for (format, content_type) in [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("html", "text/html; charset=utf-8"),
        ("pdf", "application/pdf"),
        ("json", "application/json"),
    ] {
        let answer = report(&ask, cars(format)).await;
        let data = answer.data();
        let day = chrono::Utc::now().format("%Y-%m-%d");
        assert_eq!(data["fileName"], format!("Car-{day}.{format}"));
        assert_eq!(data["contentType"], content_type);
        assert_eq!(data["rows"], CARS);
        assert!(data["size"].as_u64().unwrap() > 100);
        assert_eq!(answer.json["metadata"]["affectedRecords"], CARS);
        let effect = &answer.json["effects"][0];
        assert_eq!(effect["type"], "download", "{effect}");
        assert!(effect.to_string().contains(data["fileId"].as_str().unwrap()));
        bytes(&app, &reporter(), &answer).await;
    }
}

async fn a_report_holds_the_rows_of_the_own_tenant_only(app: TestApp) {
    for format in ["csv", "json", "html"] {
        let own = text(&app, &reporter(), cars(format)).await;
        assert!(!own.contains(FOREIGN_CAR), "{format}");
        let other = text(&app, &reporter().tenant(GLOBEX), cars(format)).await;
        assert!(other.contains(FOREIGN_CAR), "{format}");
    }
}

async fn another_tenant_cannot_fetch_it(app: TestApp) {
    let answer = report(&app.as_person(&reporter()), cars("csv")).await;
    let path = format!("/ui/files/{}", answer.data()["fileId"].as_str().unwrap());
    let foreign = people::administrator().tenant(GLOBEX);
    assert_eq!(app.as_person(&foreign).get(&path).await.status, 404);
}

async fn columns_stand_in_the_order_asked_for(app: TestApp) {
    let fields = json!({ "fields": ["year", "brand", "id"] });
    let rows = read_csv(&text(&app, &reporter(), cars_with("csv", &fields)).await);
    assert_eq!(rows[0], ["year", "brand", "id"]);
    assert_eq!(rows.len() as u64, CARS + 1);
    let json = text(&app, &reporter(), cars_with("json", &fields)).await;
    assert!(json.starts_with("[\n{\"year\":"), "{json}");
    let all = read_csv(&text(&app, &reporter(), cars("csv")).await);
    assert_eq!(all[0][..4], ["id", "licensePlate", "brand", "model"]);
}

async fn rows_stand_in_the_order_asked_for_and_only_those_that_match(app: TestApp) {
    let more = json!({
        "filter": { "field": "year", "operator": "gte", "value": 2015 },
        "sort": [{ "field": "year", "direction": "desc" }], "fields": ["year"],
    });
    let rows = read_csv(&text(&app, &reporter(), cars_with("csv", &more)).await);
    let years: Vec<i64> = rows[1..].iter().map(|it| it[0].parse().unwrap()).collect();
    assert!(!years.is_empty() && years.iter().all(|it| *it >= 2015), "{years:?}");
    assert!(years.is_sorted_by(|a, b| a >= b), "{years:?}");
}

async fn an_empty_table_is_a_document_with_its_headings(app: TestApp) {
    let person = reporter();
    let none = |format: &str| {
        let mut params = cars_of_brand(format, "nobody's");
        params["fields"] = json!(["licensePlate", "createdAt"]);
        params
    };
    assert_eq!(text(&app, &person, none("csv")).await, "licensePlate,createdAt\r\n");
    assert_eq!(serde_json::from_str::<Value>(&text(&app, &person, none("json")).await).unwrap(), json!([]));
    let html = text(&app, &person, none("html")).await;
    assert!(html.contains("License plate</th>") && html.ends_with("</html>\n"), "{html}");
    let answer = report(&app.as_person(&person), none("xlsx")).await;
    let sheet = read_xlsx(bytes(&app, &person, &answer).await);
    assert_eq!(sheet, [["License plate", "Created at (UTC)"].map(|it| Data::String(it.to_owned()))]);
    let answer = report(&app.as_person(&person), none("pdf")).await;
    assert_eq!((pages(&bytes(&app, &person, &answer).await), &answer.data()["rows"]), (1, &json!(0)));
}

const AWKWARD: [&str; 8] = [
    "say \"yes\"; or, no",
    "two\nlines\r\nand a return",
    "emoji 😀 and ünï",
    "שלום עולם mixed",
    " padded ",
    "<b onclick='x'>&amp;</b>",
    "a\tb",
    "'quoted'",
];

async fn with_notes(app: &TestApp, notes: &[&str]) {
    let ask = app.as_person(&people::administrator());
    for (at, note) in notes.iter().enumerate() {
        let more = json!({ "brand": "Awkward", "notes": note, "price": 19.9 });
        create(&ask, car_with(&format!("A-{at}"), &more)).await.data();
    }
}

async fn csv_can_be_read_back_whatever_stands_in_a_cell(app: TestApp) {
    let long = "x".repeat(10_000);
    let notes: Vec<&str> = AWKWARD.into_iter().chain([long.as_str()]).collect();
    with_notes(&app, &notes).await;
    let mut params = cars_of_brand("csv", "Awkward");
    params["fields"] = json!(["notes", "price", "color", "year", "createdAt"]);
    let csv = text(&app, &reporter(), params).await;
    assert!(!csv.starts_with('\u{feff}') && csv.ends_with("\r\n"));
    let rows = read_csv(&csv);
    let read: Vec<&str> = rows[1..].iter().map(|it| it[0].as_str()).collect();
    assert_eq!(read, notes);
    for row in &rows[1..] {
        assert_eq!(row[1..4], ["19.9", "", "1999"]);
        assert!(
            chrono::DateTime::parse_from_rfc3339(&row[4]).is_ok_and(|_| row[4].ends_with('Z')),
            "{row:?}"
        );
    }
}

const FORMULAS: [&str; 8] = ["=1+1", "+1", "-1", "@sum(1)", "\t1", "\r1", "\n1", "＝1"];

async fn what_would_be_a_formula_is_harmless_in_csv(app: TestApp) {
    with_notes(&app, &FORMULAS).await;
    let mut params = cars_of_brand("csv", "Awkward");
    params["fields"] = json!(["notes"]);
    let rows = read_csv(&text(&app, &reporter(), params).await);
    assert_eq!(rows[1..].concat(), FORMULAS.map(|it| format!("'{it}")));
}

async fn no_formula_begins_where_a_spreadsheet_splits_a_csv_at_semicolons(app: TestApp) {
    with_notes(&app, &["a;=1;\"+2", "b\n-3\t＠4", "c; 5"]).await;
    let mut params = cars_of_brand("csv", "Awkward");
    params["fields"] = json!(["notes"]);
    let rows = read_csv(&text(&app, &reporter(), params).await);
    assert_eq!(rows[1..].concat(), ["a;'=1;\"'+2", "b\n'-3\t'＠4", "c; 5"]);
}

async fn what_would_be_a_formula_is_harmless_in_a_spreadsheet(app: TestApp) {
    with_notes(&app, &FORMULAS).await;
    let mut params = cars_of_brand("xlsx", "Awkward");
    params["fields"] = json!(["notes", "year"]);
    let answer = report(&app.as_person(&reporter()), params).await;
    let rows = read_xlsx(bytes(&app, &reporter(), &answer).await);
    for (row, formula) in rows[1..].iter().zip(FORMULAS) {
        let Data::String(note) = &row[0] else { panic!("{row:?}") };
        // How a spreadsheet spells a return; this reader leaves it so.
        assert_eq!(note.replace("_x000D_", "\r"), format!("'{formula}"));
    }
}

async fn a_spreadsheet_has_typed_cells(app: TestApp) {
    with_notes(&app, &["note"]).await;
    let mut params = cars_of_brand("xlsx", "Awkward");
    params["fields"] = json!(["licensePlate", "year", "price", "color", "createdAt"]);
    params["title"] = json!("Cars: [all]/*?");
    let answer = report(&app.as_person(&reporter()), params).await;
    let rows = read_xlsx(bytes(&app, &reporter(), &answer).await);
    assert_eq!(
        rows[1][..4],
        [Data::String("A-0".to_owned()), Data::Float(1999.0), Data::Float(19.9), Data::Empty,]
    );
    let Data::DateTime(at) = &rows[1][4] else { panic!("{:?}", rows[1]) };
    // Days since the end of 1899.
    let today = chrono::Utc::now().date_naive().signed_duration_since("1899-12-30".parse().unwrap());
    assert!((at.as_f64() - f64::from(i32::try_from(today.num_days()).unwrap())).abs() < 2.0, "{at:?}");
}

async fn json_has_the_values_of_a_query(app: TestApp) {
    let sort = json!([{ "field": "licensePlate", "direction": "desc" }]);
    let json = text(&app, &reporter(), cars_with("json", &json!({ "sort": sort }))).await;
    let listed =
        app.as_person(&reporter()).execute("executeQuery", json!({ "entity": "Car", "sort": sort })).await;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), listed.data()["records"]);
}

async fn html_is_escaped_and_written_in_the_callers_language(app: TestApp) {
    with_notes(&app, &AWKWARD).await;
    let mut params = cars_of_brand("html", "Awkward");
    params["title"] = json!("<script>alert(1)</script>");
    let ask = app.as_person(&reporter()).header("accept-language", "nl-NL, en;q=0.5");
    let answer = report(&ask, params).await;
    let html = String::from_utf8(bytes(&app, &reporter(), &answer).await).unwrap();
    assert!(!html.contains("<script") && !html.contains("<b onclick"), "{html}");
    assert!(html.contains("&lt;b onclick=&#39;x&#39;&gt;&amp;amp;&lt;/b&gt;"));
    assert!(html.contains("lang=\"nl\"") && html.contains(">19,90<") && html.contains("😀"));
    assert!(html.contains(&chrono::Utc::now().format(">%d-%m-%Y ").to_string()));
}

async fn a_pdf_has_pages_a_title_and_its_letters(app: TestApp) {
    with_notes(&app, &AWKWARD).await;
    let answer = report(&app.as_person(&reporter()), cars_with("pdf", &json!({ "title": "Fleet" }))).await;
    let bytes = bytes(&app, &reporter(), &answer).await;
    if let Some(folder) = std::env::var_os("REPORTS_KEPT_IN") {
        std::fs::write(std::path::Path::new(&folder).join("cars.pdf"), &bytes).unwrap();
    }
    assert!(pages(&bytes) > 1);
    let shown = String::from_utf8_lossy(&bytes);
    assert!(shown.contains("(Fleet)"), "the title stands in the document's properties");
    assert!(shown.contains("DejaVuSans"), "the letters are in the file");
    assert_eq!(answer.data()["rows"], CARS + AWKWARD.len() as u64);
}

async fn a_registered_query_takes_its_arguments(app: TestApp) {
    let ask = app.as_person(&reporter());
    let params =
        |arguments: Value| json!({ "query": "cars.available", "arguments": arguments, "format": "csv" });
    let listed = ask
        .execute("executeQuery", json!({ "query": "cars.available", "arguments": { "fromYear": 2015 } }))
        .await;
    let answer = report(&ask, params(json!({ "fromYear": 2015 }))).await;
    assert_eq!(answer.data()["rows"], listed.data()["total"]);
    assert!(answer.data()["fileName"].as_str().unwrap().starts_with("Cars available-"), "{}", answer.text);
    let rows = read_csv(&String::from_utf8(bytes(&app, &reporter(), &answer).await).unwrap());
    let [status, year] = ["status", "year"].map(|it| rows[0].iter().position(|name| name == it).unwrap());
    assert!(rows.len() > 1);
    assert!(rows[1..].iter().all(|it| it[status] == "available" && it[year].parse::<i64>().unwrap() >= 2015));
    let wrong = report(&ask, params(json!({ "fromYear": 1 }))).await;
    assert_eq!(told(&wrong), ["arguments.fromYear out_of_range"]);
}

async fn the_title_stands_in_the_document_and_in_the_name(app: TestApp) {
    let ask = app.as_person(&reporter());
    let answer = report(&ask, cars_with("html", &json!({ "title": " ../Cars \"of\" 2026; x=y " }))).await;
    let day = chrono::Utc::now().format("%Y-%m-%d");
    assert_eq!(answer.data()["fileName"], format!("Cars of 2026 x y-{day}.html"));
    let html = String::from_utf8(bytes(&app, &reporter(), &answer).await).unwrap();
    assert!(html.contains("<title>../Cars &quot;of&quot; 2026; x=y</title>"), "{html}");
}

async fn a_report_is_audited_and_made_once_for_one_key(app: TestApp) {
    let ask = app.as_person(&reporter()).header("idempotency-key", "report-1");
    let first = report(&ask, cars("csv")).await;
    let second = report(&ask, cars("csv")).await;
    assert_eq!(first.data(), second.data());
    bytes(&app, &reporter(), &second).await;
    let audited = audit(&app.as_person(&people::administrator()), "?actionId=generateReport").await;
    assert_eq!(audited.len(), 1, "{audited:?}");
}

async fn more_rows_than_pages_hold_are_refused(app: TestApp) {
    let many = r"INSERT INTO cars (id, tenant_id, license_plate, brand, model, year, status, version, created_at)
        SELECT $ID, tenant_id, 'M-' || n, 'Many', 'One', 2020, 'available', 1, created_at
        FROM cars CROSS JOIN ($NUMBERS) AS numbers WHERE cars.id = 'ca000000-0000-4000-8000-000000000001'";
    let script = match app.parts().storage.dialect() {
        action_sqlx::Dialect::Postgres => many
            .replace("$ID", "gen_random_uuid()")
            .replace("$NUMBERS", "SELECT n FROM generate_series(1, 10001) AS n"),
        action_sqlx::Dialect::Sqlite => many
            .replace("$ID", "printf('aa000000-0000-4000-8000-%012d', n)")
            .replace(
                "$NUMBERS",
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 10001) SELECT n FROM s",
            ),
    };
    app.parts().storage.run_script(Box::leak(script.into_boxed_str())).await.unwrap();
    let ask = app.as_person(&reporter());
    let refused = report(&ask, cars_of_brand("pdf", "Many")).await;
    assert_eq!(refused.brief(), "409 too_many_rows");
    assert!(refused.text.contains("10000"), "{}", refused.text);
    let csv = report(&ask, cars_of_brand("csv", "Many")).await;
    assert_eq!(csv.data()["rows"], 10_001);
}
