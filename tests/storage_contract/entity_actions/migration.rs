//! A host that has the tables or the functions already keeps them.

use action_sqlx::Storage;
use action_tests::postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

async fn text(url: &str, sql: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap()
}

/// A database with what a host made in it, and then our tables.
async fn migrated(host: &'static str) -> postgres::Database {
    let database = postgres::server().create_database(None).await;
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    sqlx::raw_sql(host).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    Storage::connect(database.url()).await.unwrap().close().await;
    database
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_keeps_the_functions_that_it_has() {
    let database = migrated(
        "CREATE FUNCTION public.get_user_roles() RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT ARRAY['mine'] $$;
         CREATE FUNCTION public.has_rpc_permission(p_rpc_function name) RETURNS boolean LANGUAGE sql STABLE
         AS $$ SELECT p_rpc_function = 'mine' $$;",
    )
    .await;
    assert_eq!(text(database.url(), "SELECT public.get_user_roles()::text").await, "{mine}");
    let may = "SELECT public.has_rpc_permission('mine') || ' ' || public.has_rpc_permission('other')";
    assert_eq!(text(database.url(), may).await, "true false");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_keeps_the_tables_that_it_has_and_what_is_in_them() {
    let database = migrated(
        "CREATE SCHEMA metadata;
         CREATE TABLE metadata.roles (id SMALLINT PRIMARY KEY, role_key TEXT NOT NULL, display_name TEXT NOT NULL,
            since DATE NOT NULL DEFAULT '2020-01-01');
         INSERT INTO metadata.roles VALUES (7, 'editor', 'Editor');
         CREATE TABLE metadata.protected_rpcs (rpc_function NAME PRIMARY KEY, description TEXT,
            created_at TIMESTAMPTZ NOT NULL DEFAULT NOW());
         CREATE TABLE metadata.protected_rpc_roles (
            rpc_function NAME REFERENCES metadata.protected_rpcs (rpc_function) ON DELETE CASCADE,
            role_id SMALLINT REFERENCES metadata.roles (id) ON DELETE CASCADE, PRIMARY KEY (rpc_function, role_id));
         CREATE TABLE metadata.entity_actions (
            id SERIAL PRIMARY KEY, table_name NAME NOT NULL, action_name VARCHAR(100) NOT NULL,
            display_name TEXT NOT NULL, description TEXT, rpc_function NAME NOT NULL, icon VARCHAR(50),
            button_style VARCHAR(20) DEFAULT 'primary', sort_order INT DEFAULT 0,
            requires_confirmation BOOLEAN DEFAULT false, confirmation_message TEXT, visibility_condition JSONB,
            disabled_condition JSONB, disabled_tooltip TEXT, default_success_message TEXT, default_navigate_to TEXT,
            refresh_after_action BOOLEAN DEFAULT true, show_on_detail BOOLEAN DEFAULT true,
            show_on_list BOOLEAN DEFAULT false, created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
            updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(), UNIQUE (table_name, action_name),
            CHECK (button_style IN ('primary', 'secondary', 'accent', 'success', 'warning', 'error')));
         INSERT INTO metadata.protected_rpcs VALUES ('approve', 'Approves');
         INSERT INTO metadata.protected_rpc_roles VALUES ('approve', 7);
         INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function)
         VALUES ('issues', 'approve', 'Approve', 'approve');
         CREATE VIEW public.schema_entity_actions AS SELECT id, action_name FROM metadata.entity_actions;",
    )
    .await;
    let kept = "SELECT a.action_name || ' ' || r.role_key || ' ' || r.since FROM metadata.entity_actions AS a
        JOIN metadata.protected_rpc_roles AS g USING (rpc_function) JOIN metadata.roles AS r ON r.id = g.role_id";
    assert_eq!(text(database.url(), kept).await, "approve editor 2020-01-01");
    let ghost = "UPDATE metadata.entity_actions SET button_style = 'ghost', enabled_condition = '{}'
        RETURNING enabled_condition::text";
    assert_eq!(text(database.url(), ghost).await, "{}");
    let view = "SELECT can_execute::text FROM public.schema_entity_actions";
    assert_eq!(text(database.url(), view).await, "false");
}

/// Where roles had no key, their names were what functions were granted to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_without_a_key_take_their_name_for_it() {
    let database = migrated(
        "CREATE SCHEMA metadata;
         CREATE TABLE metadata.roles (id SMALLSERIAL PRIMARY KEY, display_name TEXT NOT NULL UNIQUE);
         INSERT INTO metadata.roles (display_name) VALUES ('editor'), ('admin');",
    )
    .await;
    let keys = "SELECT string_agg(role_key, ' ' ORDER BY id) FROM metadata.roles";
    assert_eq!(text(database.url(), keys).await, "editor admin anonymous");
}
