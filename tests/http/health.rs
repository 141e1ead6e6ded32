//! `/healthz` and `/readyz`, and what a caller is told while the database is away.

use action_tests::{TestApp, people};
use serde_json::json;

on_both_fleets!(
    a_living_process_with_a_database_is_alive_and_ready,
    without_its_database_it_is_alive_and_not_ready,
    without_its_database_an_execution_is_unavailable,
);

async fn a_living_process_with_a_database_is_alive_and_ready(app: TestApp) {
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.anonymous().get(path).await.status, 200, "{path}");
    }
}

async fn without_its_database_it_is_alive_and_not_ready(app: TestApp) {
    app.parts().storage.close().await;
    assert_eq!(app.anonymous().get("/healthz").await.status, 200);
    let ready = app.anonymous().get("/readyz").await;
    assert_eq!(ready.brief(), "503 unavailable");
    assert!(ready.header("retry-after").is_some_and(|it| it.parse::<u32>().is_ok()));
    assert_eq!(ready.header("content-type"), Some("application/problem+json"));
}

async fn without_its_database_an_execution_is_unavailable(app: TestApp) {
    app.parts().storage.close().await;
    let ask = app.as_person(&people::administrator());
    for (action, params) in [
        ("createRecord", json!({ "entity": "Car", "values": crate::support::car("H-1") })),
        ("executeQuery", json!({ "entity": "Car" })),
        // What is not in the audit is not answered either.
        ("echo", json!({})),
    ] {
        let answer = ask.execute(action, params).await;
        assert_eq!(answer.brief(), "503 unavailable", "{action}");
        assert!(answer.header("retry-after").is_some_and(|it| it.parse::<u32>().is_ok()), "{action}");
    }
    assert_eq!(ask.get("/ui/actions/audit").await.brief(), "503 unavailable");
}
