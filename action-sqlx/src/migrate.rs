//! Brings our tables up to date, with a history of our own: the host's migrations never meet ours.
//!
//! The files stand in `migrations/`, numbered and named alike for both databases. A host that runs its schema changes
//! itself takes the same SQL from [`migrations`].

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, MigrationType, Migrator};

use crate::dialect::Dialect;

/// One numbered change of our tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migration {
    /// Its number, from 1. They are applied in this order, each once.
    pub number: i64,
    /// What it is about.
    pub name: &'static str,
    /// Its statements.
    pub sql: &'static str,
}

macro_rules! migrations {
    ($folder:literal: $($number:literal $file:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../migrations/", $folder, "/", $file, ".sql")),
        }),*]
    };
}

const POSTGRES: &[Migration] = migrations!("postgres":
    1 "0001_foundation" "foundation",
    2 "0002_workflows" "workflows",
    3 "0003_files" "files",
    4 "0004_mail" "mail",
    5 "0005_workflow_audit" "workflow_audit",
    6 "0006_signing_keys" "signing_keys",
    7 "0007_page_actions" "page_actions",
    8 "0008_unreadable_events" "unreadable_events",
    9 "0009_entity_actions" "entity_actions",
);
const SQLITE: &[Migration] = migrations!("sqlite":
    1 "0001_foundation" "foundation",
    2 "0002_workflows" "workflows",
    3 "0003_files" "files",
    4 "0004_mail" "mail",
    5 "0005_workflow_audit" "workflow_audit",
    6 "0006_signing_keys" "signing_keys",
    7 "0007_page_actions" "page_actions",
    8 "0008_unreadable_events" "unreadable_events",
    9 "0009_entity_actions" "entity_actions",
);

/// All of them, in order.
pub(crate) const fn migrations(dialect: Dialect) -> &'static [Migration] {
    dialect.choose(POSTGRES, SQLITE)
}

/// What applies them and keeps the history.
pub(crate) fn migrator(dialect: Dialect) -> Migrator {
    let all = migrations(dialect).iter().map(|it| {
        let sql = it.sql.into_sql_str();
        sqlx::migrate::Migration::new(it.number, Cow::Borrowed(it.name), MigrationType::Simple, sql, false)
    });
    let mut migrator = Migrator::with_migrations(all.collect());
    // A newer version of the program may have been here already, and be rolled back now; it only adds.
    migrator.set_ignore_missing(true);
    // The name is ours from the first version on, so no history can be lost by it.
    migrator.dangerous_set_table_name(dialect.choose("actions.schema_history", "actions_schema_history"));
    if dialect == Dialect::Postgres {
        migrator.create_schema("actions");
    }
    migrator
}

/// What went wrong, without a type's name.
pub(crate) fn problem(error: &MigrateError) -> String {
    match error {
        MigrateError::ExecuteMigration(error, number) => format!("migration {number} failed: {error}"),
        MigrateError::VersionMismatch(number) => {
            format!("migration {number} was applied with another text than this version of the program has")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_numbers_and_names() {
        let named = |it: &[Migration]| it.iter().map(|it| (it.number, it.name)).collect::<Vec<_>>();
        assert_eq!(named(POSTGRES), named(SQLITE));
        assert!(POSTGRES.iter().zip(1..).all(|(it, number)| it.number == number));
    }
}
