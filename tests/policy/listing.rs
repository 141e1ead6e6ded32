//! The listing and the execution ask the same question: a caller is shown what they may run, and nothing else.

use std::collections::BTreeSet;

use action_tests::{TestApp, on_both_fleets};
use serde_json::Value;

use crate::callers::{ask, callers};
use crate::requests::{Asked, actions, custom_actions};

on_both_fleets!(a_caller_is_shown_what_they_may_run, a_caller_is_offered_the_custom_actions_they_may_run);

async fn a_caller_is_offered_the_custom_actions_they_may_run(app: TestApp) {
    let actions = custom_actions(&app);
    for (name, caller) in callers() {
        for asked in &actions {
            let Asked::Custom { name: action, entity } = asked else { continue };
            let listing = ask(&app, caller.as_ref()).get(&format!("/spark/actions/{entity}")).await;
            let named = |it: &Value| it.get("name").and_then(Value::as_str) == Some(action);
            let shown = listing.json.as_array().is_some_and(|it| it.iter().any(named));
            let answer = asked.answer(&app, caller.as_ref()).await;
            let may_run = !answer.starts_with("401") && !answer.starts_with("403");
            assert_eq!(shown, may_run, "{name}, {}: {answer}", asked.label());
        }
    }
}

async fn a_caller_is_shown_what_they_may_run(app: TestApp) {
    let actions = actions(&app).await;
    for (name, caller) in callers() {
        let listing = ask(&app, caller.as_ref()).get("/ui/actions").await;
        let mut may_run = BTreeSet::new();
        for asked in &actions {
            let answer = asked.answer(&app, caller.as_ref()).await;
            if let Asked::Action { id, .. } = asked
                && !answer.starts_with("401")
                && !answer.starts_with("403")
            {
                may_run.insert(id.clone());
            }
        }
        let text = |it: &Value| it.get("actionId").and_then(Value::as_str).map(str::to_owned);
        let shown: BTreeSet<String> =
            listing.json.as_array().into_iter().flatten().filter_map(text).collect();
        assert_eq!(shown, may_run, "{name}");
        for asked in &actions {
            let Asked::Action { id, .. } = asked else { continue };
            let one = ask(&app, caller.as_ref()).get(&format!("/ui/actions/{id}")).await;
            let expected = if caller.is_none() {
                401
            } else if shown.contains(id) {
                200
            } else {
                404
            };
            assert_eq!(one.status, expected, "{name}, {id}");
        }
    }
}
