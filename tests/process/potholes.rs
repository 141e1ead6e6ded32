//! The example `pothole`: started on an empty PostgreSQL, and clicked.

use crate::database::Database;
use crate::first_minute::send;
use crate::host::Host;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_potholes_are_approved_and_rejected_as_their_buttons_say() {
    let database = Database::postgres().await;
    let host = Host::start_program("pothole", database.url(), &[]).await;
    let line = host.line("curl ").await;

    let approved = send(&host, &line).await;
    assert_eq!((approved.status, &approved.json["success"]), (200, &true.into()), "{}", approved.json);
    assert_eq!(approved.json["message"], "Pothole \"Main Street\" approved successfully!");
    let decided = "SELECT status, decided_by::text FROM issues WHERE id = 1";
    assert_eq!(database.rows(decided).await, [["approved", "f0000000-0000-4000-8000-000000000006"]]);
    assert_eq!(send(&host, &line).await.json["code"], "not_available", "it is approved already");

    // The same line, about another pothole or another button.
    let over_budget = send(&host, &line.replace(r#""entity_id":1"#, r#""entity_id":3"#)).await;
    assert_eq!(
        (&over_budget.json["code"], &over_budget.json["detail"]),
        (&"constraint".into(), &"Repairs of more than 5000 are for the town council".into())
    );
    let reject = |reason: &str| {
        let body = format!(r#""entity_id":2,"params":{{"p_reason":"{reason}"}}"#);
        line.replace("approve_fix", "reject_fix").replace(r#""entity_id":1"#, &body)
    };
    assert_eq!(send(&host, &reject("no")).await.json["code"], "action_failed");
    let rejected = send(&host, &reject("no road there")).await;
    assert_eq!(
        (&rejected.json["message"], &rejected.json["navigate_to"]),
        (&"Pothole rejected".into(), &"/view/issues".into())
    );
    host.kill().await;

    // It starts again on what it made, and leaves it as it is.
    let host = Host::start_program("pothole", database.url(), &[]).await;
    assert_eq!(send(&host, &host.line("curl ").await).await.json["code"], "not_available");
}
