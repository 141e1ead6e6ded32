//! Nothing configured means refused.

use std::time::{Duration, Instant};

use action_tests::people::administrator;
use action_tests::{TestApp, on_both_fleets};
use serde_json::json;

use crate::callers::callers;
use crate::requests::{Asked, actions, custom_actions};

/// What says in so many words that every signed-in caller may run it.
const OPEN: [&str; 6] = [
    "diagnostics.fail",
    "diagnostics.limited",
    "diagnostics.panic",
    "diagnostics.slow",
    "diagnostics.write_then_fail",
    "echo",
];

on_both_fleets!(without_rights_only_what_is_open_to_everybody_runs);

async fn without_rights_only_what_is_open_to_everybody_runs(app: TestApp) {
    std::fs::write(app.config().join("security.json"), "{}").unwrap();
    // An edit is seen within two seconds.
    let edited = Instant::now();
    while app.as_person(&administrator()).execute("executeQuery", json!({ "entity": "Car" })).await.status
        != 403
    {
        assert!(edited.elapsed() < Duration::from_secs(5), "the rights are still in force");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for asked in actions(&app).await {
        let Asked::Action { id, .. } = &asked else { continue };
        for (name, caller) in callers() {
            let answer = asked.answer(&app, caller.as_ref()).await;
            let is_open = OPEN.contains(&id.as_str());
            match caller {
                None => assert_eq!(answer, "401", "{}, {name}", asked.label()),
                Some(_) if is_open => assert_ne!(answer, "403", "{}, {name}: no longer open", asked.label()),
                Some(_) => {
                    assert!(
                        answer.starts_with("403"),
                        "{}, {name}: {answer}, without any right",
                        asked.label()
                    );
                }
            }
        }
    }
    for asked in custom_actions(&app) {
        for (name, caller) in callers() {
            let answer = asked.answer(&app, caller.as_ref()).await;
            let expected = if caller.is_none() { "401" } else { "403" };
            assert!(answer.starts_with(expected), "{}, {name}: {answer}, without any right", asked.label());
        }
    }
    let registered = app.parts().engine.all_actions();
    for open in OPEN {
        assert!(
            registered.iter().any(|it| it.action_id == open),
            "`{open}` is there no more: take it out of OPEN"
        );
    }
}
