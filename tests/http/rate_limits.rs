//! Rate limits: what an answer tells of its window, and who shares one.

use std::sync::Arc;

use action_tests::{Answer, Person, TestApp, people};
use serde_json::json;

use crate::support::{at_once, audit, tally};

on_both_fleets!(
    of_many_calls_at_once_as_many_run_as_the_limit_allows,
    every_answer_of_a_limited_action_tells_the_window,
    a_call_over_the_limit_is_refused_and_told_when_to_come_back,
    a_call_over_the_limit_does_not_run,
    a_window_belongs_to_its_user,
    a_window_belongs_to_its_tenant,
    a_window_belongs_to_its_action,
    an_action_without_a_limit_tells_of_none,
);

async fn limited(app: &TestApp, person: &Person) -> Answer {
    app.as_person(person).execute("diagnostics.limited", json!({ "ran": true })).await
}

/// `r` and `t` of the header `RateLimit`.
fn window(answer: &Answer) -> (u32, u32) {
    let text = answer.header("ratelimit").unwrap();
    let rest = text.strip_prefix("\"default\";r=").unwrap();
    let (remaining, resets) = rest.split_once(";t=").unwrap();
    (remaining.parse().unwrap(), resets.parse().unwrap())
}

async fn of_many_calls_at_once_as_many_run_as_the_limit_allows(app: TestApp) {
    let app = Arc::new(app);
    let answers =
        at_once(&app, 24, &people::nobody(), |_, app, person| async move { limited(&app, &person).await })
            .await;
    assert_eq!(tally(&answers), ["200 ×5", "429 rate_limited ×19"]);
    let mut left: Vec<u32> = answers.iter().filter(|it| it.status == 200).map(|it| window(it).0).collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
}

async fn every_answer_of_a_limited_action_tells_the_window(app: TestApp) {
    for left in [4, 3, 2, 1, 0, 0] {
        let answer = limited(&app, &people::nobody()).await;
        assert_eq!(answer.header("ratelimit-policy"), Some("\"default\";q=5;w=60"));
        let (remaining, resets) = window(&answer);
        assert_eq!(remaining, left);
        assert!((1..=60).contains(&resets), "{resets}");
    }
}

async fn a_call_over_the_limit_is_refused_and_told_when_to_come_back(app: TestApp) {
    for _ in 0..5 {
        assert_eq!(limited(&app, &people::nobody()).await.header("retry-after"), None);
    }
    let refused = limited(&app, &people::nobody()).await;
    assert_eq!(refused.brief(), "429 rate_limited");
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(wait, window(&refused).1);
    assert!((1..=60).contains(&wait), "{wait}");
}

async fn a_call_over_the_limit_does_not_run(app: TestApp) {
    for _ in 0..7 {
        limited(&app, &people::nobody()).await;
    }
    let rows = audit(&app.as_person(&people::administrator()), "?actionId=diagnostics.limited").await;
    let ends: Vec<_> = rows.iter().rev().map(|it| it["outcome"].as_str().unwrap()).collect();
    assert_eq!(ends, ["succeeded", "succeeded", "succeeded", "succeeded", "succeeded", "refused", "refused"]);
    assert_eq!(rows[0]["errorCode"], "rate_limited");
}

async fn a_window_belongs_to_its_user(app: TestApp) {
    for _ in 0..6 {
        limited(&app, &people::nobody()).await;
    }
    assert_eq!(window(&limited(&app, &people::viewer()).await).0, 4);
    assert_eq!(limited(&app, &people::nobody()).await.status, 429);
}

async fn a_window_belongs_to_its_tenant(app: TestApp) {
    for _ in 0..6 {
        limited(&app, &people::nobody()).await;
    }
    assert_eq!(window(&limited(&app, &people::nobody().tenant(people::GLOBEX)).await).0, 4);
    assert_eq!(window(&limited(&app, &people::nobody().without("tenant_id")).await).0, 4);
}

async fn a_window_belongs_to_its_action(app: TestApp) {
    for _ in 0..6 {
        limited(&app, &people::nobody()).await;
    }
    assert_eq!(app.as_person(&people::nobody()).execute("echo", json!({})).await.status, 200);
}

async fn an_action_without_a_limit_tells_of_none(app: TestApp) {
    let answer = app.as_person(&people::nobody()).execute("echo", json!({})).await;
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
}
