//! What a function of the database knows of its caller.

use action_core::Kind;
use action_core::ports::{Ending, FunctionCall, FunctionEnd, Storage};
use action_sqlx::{Connection, SqlTransaction};
use action_tests::databases::TestDatabase;
use serde_json::{Map, json};
use sqlx::AssertSqlSafe;

use super::{begin, script};

/// What an expression comes to under these claims, in a transaction of its own.
async fn asked(storage: &dyn Storage, claims: Option<&str>, expression: &str) -> Option<String> {
    let mut tx = begin(storage).await;
    let connection = tx.as_any().downcast_mut::<SqlTransaction>().unwrap().connection().await.unwrap();
    let Connection::Postgres(connection) = connection else { panic!("these are PostgreSQL's") };
    if let Some(claims) = claims {
        let set = "SELECT set_config('request.jwt.claims', $1, true)";
        sqlx::query(set).bind(claims).execute(&mut *connection).await.unwrap();
    }
    let sql = AssertSqlSafe(format!("SELECT ({expression})::text"));
    let text: Option<String> = sqlx::query_scalar(sql).fetch_one(connection).await.unwrap();
    tx.rollback().await;
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_roles_of_a_caller_are_those_of_the_claims() {
    let database = TestDatabase::postgres().await;
    for (claims, expected) in [
        (None, "{anonymous}"),
        (Some(""), "{anonymous}"),
        (Some("{}"), "{}"),
        (Some(r#"{"roles": []}"#), "{}"),
        (Some(r#"{"roles": ["editor", "Fleet managers"]}"#), r#"{editor,"Fleet managers"}"#),
        (Some(r#"{"roles": "editor"}"#), "{}"),
        (Some(r#"{"roles": null}"#), "{}"),
        (Some(r#"{"realm_access": {"roles": ["editor"]}}"#), "{editor}"),
    ] {
        let roles = asked(&database, claims, "public.get_user_roles()").await;
        assert_eq!(roles.as_deref(), Some(expected), "{claims:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protected_function_is_for_the_keys_of_the_roles_it_is_granted_to() {
    let database = TestDatabase::postgres().await;
    let prepare = "INSERT INTO metadata.roles (role_key, display_name) VALUES ('editor', 'The editors');
        INSERT INTO metadata.protected_rpcs (rpc_function, description) VALUES ('approve', 'Approves'), ('locked', NULL);
        INSERT INTO metadata.protected_rpc_roles (rpc_function, role_id)
        SELECT 'approve', id FROM metadata.roles WHERE role_key IN ('editor', 'anonymous');";
    script(&database, prepare).await;
    let claims = |role: &str| json!({ "roles": [role] }).to_string();
    for (claims, function, expected) in [
        (Some(claims("editor")), "approve", "true"),
        (Some(claims("The editors")), "approve", "false"),
        (Some(claims("Editor")), "approve", "false"),
        (Some(claims("admin")), "approve", "true"),
        (Some(claims("admin")), "locked", "true"),
        (Some(claims("editor")), "locked", "false"),
        (Some(claims("editor")), "open to all", "true"),
        (None, "approve", "true"),
        (Some(String::new()), "approve", "true"),
        (None, "locked", "false"),
        (Some("{}".to_owned()), "approve", "false"),
    ] {
        let expression = format!("public.has_rpc_permission('{function}')");
        let may = asked(&database, claims.as_deref(), &expression).await;
        assert_eq!(may.as_deref(), Some(expected), "{claims:?} {function}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_view_says_what_its_reader_may_run() {
    let database = TestDatabase::postgres().await;
    let prepare = "INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function)
        VALUES ('things', 'a', 'A', 'locked'), ('things', 'b', 'B', 'open');
        INSERT INTO metadata.protected_rpcs (rpc_function) VALUES ('locked');";
    script(&database, prepare).await;
    let may = "SELECT string_agg(action_name || ' ' || can_execute, ', ' ORDER BY id) FROM public.schema_entity_actions";
    for reader in ["authenticated", "web_anon"] {
        let mut tx = begin(&database).await;
        crate::calls::run(tx.as_mut(), &format!("SET LOCAL ROLE {reader}")).await.unwrap();
        let connection = tx.as_any().downcast_mut::<SqlTransaction>().unwrap().connection().await.unwrap();
        let Connection::Postgres(connection) = connection else { panic!("it is PostgreSQL") };
        let read: String = sqlx::query_scalar(may).fetch_one(connection).await.unwrap();
        assert_eq!(read, "a false, b true", "{reader}");
        tx.rollback().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_are_never_carried_over_to_the_next_borrower() {
    let database = TestDatabase::postgres().await;
    let prepare = "CREATE FUNCTION who(p_entity_id integer) RETURNS jsonb LANGUAGE sql AS
        $$ SELECT jsonb_build_object('claims', current_setting('request.jwt.claims')::jsonb,
            'headers', current_setting('request.headers')::jsonb) $$;";
    script(&database, prepare).await;
    let storage = database.options().migrate(false).pool_size(1).connect().await.unwrap();
    for keep in [true, false] {
        let mut tx = begin(&storage).await;
        let call = FunctionCall {
            function: "who",
            entity_id: "1",
            key: Kind::Integer,
            params: &Map::new(),
            claims: r#"{"roles": ["admin"]}"#,
            headers: r#"{"x-request-id": "r"}"#,
        };
        let ended = storage.entity_action_store().call(tx.as_mut(), &call).await.unwrap();
        let seen = json!({ "claims": { "roles": ["admin"] }, "headers": { "x-request-id": "r" } });
        assert_eq!(ended, FunctionEnd::Returned(seen));
        if keep {
            tx.commit(Ending::default()).await.unwrap();
        } else {
            tx.rollback().await;
        }
        for setting in ["request.jwt.claims", "request.headers"] {
            let left = asked(&storage, None, &format!("current_setting('{setting}', true)")).await;
            assert_eq!(left.unwrap_or_default(), "", "{setting}");
        }
        assert_eq!(asked(&storage, None, "public.get_user_roles()").await.as_deref(), Some("{anonymous}"));
    }
    storage.close().await;
}

/// The texts are asked where the call is: who has the last connection needs no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_constraint_is_told_on_the_calls_own_connection() {
    let database = TestDatabase::postgres().await;
    let prepare = "CREATE TABLE small (size integer CONSTRAINT small_size CHECK (size < 10));
        CREATE FUNCTION grow(p_entity_id integer) RETURNS void LANGUAGE sql AS 'INSERT INTO small VALUES (99)';
        INSERT INTO metadata.constraint_messages VALUES ('small_size', 'Too big');";
    script(&database, prepare).await;
    let storage = database.options().migrate(false).pool_size(1).connect().await.unwrap();
    let mut tx = begin(&storage).await;
    let call = FunctionCall {
        function: "grow",
        entity_id: "1",
        key: Kind::Integer,
        params: &Map::new(),
        claims: "",
        headers: "",
    };
    let ended = storage.entity_action_store().call(tx.as_mut(), &call).await.unwrap();
    assert_eq!(ended, FunctionEnd::Constraint(Some("Too big".to_owned())));
    tx.rollback().await;
    storage.close().await;
}
