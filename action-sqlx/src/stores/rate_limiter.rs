//! Counts calls in fixed windows.
//!
//! On PostgreSQL all nodes count in one table, with one statement a call. SQLite belongs to one process, so counting
//! in memory says the same and costs no write.

use std::sync::Arc;

use action_core::Rate;
use action_core::ports::{RateKey, RateLimiter, StoreError, Window};
use async_trait::async_trait;

use crate::backend::Backend;
use crate::bind::Bind;
use crate::statement::Statement;

/// The port on PostgreSQL.
pub(crate) struct SqlRateLimiter {
    pub(crate) backend: Arc<Backend>,
}

/// A window that has ended starts anew with this call. Beyond the limit nothing more is counted, so that a caller who
/// keeps calling cannot make the number run over. `statement_timestamp()` is one instant for the whole statement; it
/// may lie before another node's, hence the bound on what is left of the window.
const HIT: &str = "\
INSERT INTO actions.rate_windows AS w (action_id, tenant_id, user_id, calls, ends_at) \
VALUES ($1, $2, $3, 1, statement_timestamp() + $4 * interval '1 second') \
ON CONFLICT (user_id, action_id, tenant_id) DO UPDATE SET \
calls = CASE WHEN w.ends_at <= statement_timestamp() THEN 1 ELSE LEAST(w.calls, $5) + 1 END, \
ends_at = CASE WHEN w.ends_at <= statement_timestamp() THEN EXCLUDED.ends_at ELSE w.ends_at END \
RETURNING w.calls, LEAST(GREATEST(ceil(extract(epoch FROM w.ends_at - statement_timestamp()) * 1000), 0), $4 * 1000)::bigint";

#[async_trait]
impl RateLimiter for SqlRateLimiter {
    async fn hit(&self, key: &RateKey<'_>, rate: Rate) -> Result<Window, StoreError> {
        let mut statement = Statement::new(HIT);
        statement.bind(Bind::text(key.action));
        statement.bind(Bind::uuid(key.tenant.unwrap_or_default()));
        statement.bind(Bind::uuid(key.user));
        statement.bind(Bind::integer(i64::from(rate.window_seconds())));
        statement.bind(Bind::integer(i64::from(rate.calls())));
        // Sent again after a broken connection it may count twice: on the safe side, and once in an outage.
        let rows = self.backend.write_once(&statement).await?;
        let row = rows.first().ok_or_else(|| StoreError::fault("counting a call gave no answer"))?;
        let calls = u32::try_from(row.i64(0)?).unwrap_or(u32::MAX);
        Ok(Window {
            rate,
            remaining: rate.calls().saturating_sub(calls),
            resets_in_ms: u64::try_from(row.i64(1)?).unwrap_or_default(),
            allowed: calls <= rate.calls(),
        })
    }
}
