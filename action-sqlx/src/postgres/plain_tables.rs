//! Which tables take a change and its tenant in one statement.
//!
//! In a transaction of several statements the tenant is set before any of them runs. A statement that sets it by itself
//! does so while it runs, before it touches a row. That is early enough for row triggers and too late for two things:
//! a policy of row-level security, which may be asked while the row is looked for, and a trigger that fires before the
//! statement. Tables that have either, or that are no tables but views, take the ordinary way.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sqlx::{PgConnection, SqlSafeStr};

/// How long an answer holds: a host that turns row-level security on waits this long for all its effect, or restarts.
const HOLDS: Duration = Duration::from_mins(1);

/// `tgtype`: bit 0, for each row; bit 1, before. Ours are asked for, too, because the statement writes the audit.
const IS_PLAIN: &str = "SELECT count(*) = 3 AND bool_and(c.relkind IN ('r', 'p') AND NOT c.relrowsecurity AND NOT c.relhasrules \
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgtype & 3 = 2)) \
     FROM pg_catalog.pg_class AS c WHERE c.oid IN (to_regclass($1), \
     to_regclass('actions.action_audit_log'), to_regclass('actions.action_audit_changes'))";

/// What is known of the tables, by their quoted names.
#[derive(Debug, Default)]
pub(super) struct PlainTables {
    known: Mutex<HashMap<String, (bool, Instant)>>,
}

impl PlainTables {
    /// Whether it is such a table, as far as that is known.
    pub(super) fn known(&self, table: &str) -> Option<bool> {
        let known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(table).filter(|(_, at)| at.elapsed() < HOLDS).map(|(plain, _)| *plain)
    }

    /// Asks the server.
    pub(super) async fn ask(&self, connection: &mut PgConnection, table: &str) -> Result<bool, sqlx::Error> {
        let asked = sqlx::query_scalar::<_, Option<bool>>(IS_PLAIN.into_sql_str()).bind(table);
        let plain = asked.fetch_one(connection).await?.unwrap_or(false);
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.insert(table.to_owned(), (plain, Instant::now()));
        Ok(plain)
    }
}
