//! What a caller is told of actions and entity types.

use serde_json::json;

use crate::support::{App, Claims};

async fn ids(app: &App, claims: &Claims) -> Vec<String> {
    let listed = app.get_as(claims, "/ui/actions").await.json();
    listed.as_array().unwrap().iter().map(|it| it["actionId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn actions_are_listed_by_id_and_only_those_the_caller_may_run() {
    let app = App::start().await;
    let own = ids(&app, &Claims::ada()).await;
    assert!(
        own.is_sorted() && own.contains(&"echo".to_owned()) && !own.contains(&"guarded".to_owned()),
        "{own:?}"
    );
    let granted = ids(&app, &Claims::ada().with("permissions", json!(["diag.a"]))).await;
    assert!(granted.contains(&"guarded".to_owned()), "{granted:?}");
}

#[tokio::test]
async fn an_action_is_described_with_every_member() {
    let app = App::start().await;
    let action = app.get("/ui/actions/greet").await.json();
    assert_eq!(
        action.as_object().unwrap().keys().collect::<Vec<_>>(),
        [
            "actionId",
            "title",
            "description",
            "permissions",
            "params",
            "rateLimit",
            "idempotent",
            "readOnly",
            "destructive",
        ]
    );
    assert_eq!((&action["title"], &action["params"]["type"]), (&json!("Greet"), &json!("object")));
    assert_eq!(app.get("/ui/actions/limited").await.json()["rateLimit"], "2/min");
}

#[tokio::test]
async fn an_action_that_is_missing_and_one_that_is_forbidden_are_one_answer() {
    let app = App::start().await;
    for path in ["/ui/actions/guarded", "/ui/actions/nothing", "/ui/actions/%ff", "/ui/actions/a%2Fb"] {
        assert_eq!(app.get(path).await.outcome(), "404 action_not_found", "{path}");
    }
}

#[tokio::test]
async fn a_caller_without_a_tenant_may_list() {
    let app = App::start().await;
    let nobody = Claims::ada().without("tenant_id");
    for path in ["/ui/actions", "/ui/actions/echo", "/ui/entities", "/ui/actions/audit"] {
        assert_eq!(app.get_as(&nobody, path).await.outcome(), "200", "{path}");
    }
}

#[tokio::test]
async fn entities_are_a_list() {
    assert_eq!(App::start().await.get("/ui/entities").await.json(), json!([]));
}

#[tokio::test]
async fn parameters_that_a_listing_does_not_know_are_refused() {
    let app = App::start().await;
    for path in ["/ui/actions?page=1", "/ui/actions/echo?x", "/ui/entities?name=Car"] {
        assert_eq!(app.get(path).await.outcome(), "400 invalid_parameter", "{path}");
    }
    assert_eq!(app.get("/ui/actions?").await.outcome(), "200");
}
