//! Rows of the demo data, and the few sentences that many tests share.

use std::sync::Arc;

use action_sqlx::Dialect;
use action_tests::{Answer, Ask, Person, TestApp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// A car of acme: a blue Toyota Corolla of 2017, available, at 4731.25.
pub(crate) const CAR: &str = "ca000000-0000-4000-8000-000000000001";
/// Another car of acme.
pub(crate) const OTHER_CAR: &str = "ca000000-0000-4000-8000-000000000002";
/// A car of globex.
pub(crate) const FOREIGN_CAR: &str = "ca000000-0000-4000-8000-000000000026";
/// Nobody's car.
pub(crate) const NO_CAR: &str = "ca000000-0000-4000-8000-00000000dead";
/// A company of acme, with two invoices.
pub(crate) const COMPANY: &str = "c0000000-0000-4000-8000-000000000001";
/// A company of acme without invoices.
pub(crate) const IDLE_COMPANY: &str = "c0000000-0000-4000-8000-000000000003";
/// A company of globex.
pub(crate) const FOREIGN_COMPANY: &str = "c0000000-0000-4000-8000-000000000004";
/// How many cars acme has at first.
pub(crate) const CARS: u64 = 25;

pub(crate) const EXECUTE: &str = "/ui/actions/execute";

/// The values of a new car: what is required, and the plate.
pub(crate) fn car(plate: &str) -> Value {
    json!({ "licensePlate": plate, "brand": "Lada", "model": "Niva", "year": 1999 })
}

/// `car` with more columns, or other values for these.
pub(crate) fn car_with(plate: &str, more: &Value) -> Value {
    let mut values = car(plate);
    for (name, value) in more.as_object().unwrap() {
        values[name] = value.clone();
    }
    values
}

pub(crate) async fn create(ask: &Ask<'_>, values: Value) -> Answer {
    ask.execute("createRecord", json!({ "entity": "Car", "values": values })).await
}

pub(crate) async fn update(ask: &Ask<'_>, id: &str, values: Value) -> Answer {
    ask.execute("updateRecord", json!({ "entity": "Car", "id": id, "values": values })).await
}

pub(crate) async fn delete(ask: &Ask<'_>, id: &str) -> Answer {
    ask.execute("deleteRecord", json!({ "entity": "Car", "id": id })).await
}

/// A page of cars; `params` has everything but the entity.
pub(crate) async fn query(ask: &Ask<'_>, params: &Value) -> Answer {
    let mut params = params.clone();
    params["entity"] = json!("Car");
    ask.execute("executeQuery", params).await
}

/// The stored car.
pub(crate) async fn read(ask: &Ask<'_>, id: &str) -> Value {
    let found = query(ask, &json!({ "filter": { "field": "id", "operator": "eq", "value": id } })).await;
    found.data()["records"][0].clone()
}

/// How many cars the caller's tenant has.
pub(crate) async fn count(ask: &Ask<'_>) -> u64 {
    query(ask, &json!({ "limit": 1 })).await.data()["total"].as_u64().unwrap()
}

/// The plates of the cars for which a filter holds, by plate.
pub(crate) async fn plates(ask: &Ask<'_>, filter: &Value) -> Vec<String> {
    let sort = json!([{ "field": "licensePlate", "direction": "asc" }]);
    let found = query(ask, &json!({ "filter": filter, "sort": sort, "limit": 1000 })).await;
    column(&found, "licensePlate").iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// One column of a page's records.
pub(crate) fn column(page: &Answer, name: &str) -> Vec<Value> {
    page.data()["records"].as_array().unwrap().iter().map(|it| it[name].clone()).collect()
}

/// The audit as a caller sees it, newest first; `query` begins with `?` or is empty.
pub(crate) async fn audit(ask: &Ask<'_>, query: &str) -> Vec<Value> {
    let listing = ask.get(&format!("/ui/actions/audit{query}")).await;
    assert_eq!(listing.status, 200, "{}", listing.text);
    listing.json["items"].as_array().unwrap().clone()
}

/// What is wrong with which field: `values.year out_of_range`.
pub(crate) fn told(answer: &Answer) -> Vec<String> {
    answer.fields().into_iter().map(|(field, code)| format!("{field} {code}").trim().to_owned()).collect()
}

/// The body, with a constant in the place of its request id.
pub(crate) fn anonymous_text(answer: &Answer) -> String {
    answer.text.replace(answer.json["requestId"].as_str().unwrap(), "-")
}

/// The names of an object's members.
pub(crate) fn members(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The same request many times at once, by one person; what came back, in no order.
pub(crate) async fn at_once<F, Asked>(
    app: &Arc<TestApp>,
    times: usize,
    person: &Person,
    ask: F,
) -> Vec<Answer>
where
    F: Fn(usize, Arc<TestApp>, Person) -> Asked,
    Asked: Future<Output = Answer> + Send + 'static,
{
    let mut asked = JoinSet::new();
    for number in 0..times {
        asked.spawn(ask(number, Arc::clone(app), person.clone()));
    }
    asked.join_all().await
}

/// Rows of one text column, as they are in the database.
pub(crate) async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    use sqlx::Connection as _;
    let (url, text) = (&app.settings().database_url, sqlx::AssertSqlSafe(sql));
    match app.parts().storage.dialect() {
        Dialect::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap()
        }
        Dialect::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap()
        }
    }
}

/// How many of the answers are of each kind, as `200 ×1`.
pub(crate) fn tally(answers: &[Answer]) -> Vec<String> {
    let mut kinds: Vec<String> = answers.iter().map(Answer::brief).collect();
    kinds.sort();
    let mut tally: Vec<(String, usize)> = Vec::new();
    for kind in kinds {
        match tally.last_mut() {
            Some((last, times)) if *last == kind => *times += 1,
            _ => tally.push((kind, 1)),
        }
    }
    tally.into_iter().map(|(kind, times)| format!("{kind} ×{times}")).collect()
}
