//! Rows on their way from a running statement to a sink, a batch at a time.
//!
//! The statement goes on only while nobody works on a batch: PostgreSQL waits on its socket, SQLite's thread on a short
//! channel. So the memory that a statement takes does not depend on how many rows it has.

use std::ops::ControlFlow;

use action_core::entity::Record;
use action_core::ports::{RowSink, SCAN_BATCH, StoreError};
use futures_util::{Stream, TryStreamExt as _};

use crate::row::Row;

/// Where the rows of one statement go.
pub(crate) struct Drain<'a> {
    pub(crate) read: &'a (dyn Fn(&Row) -> Result<Record, StoreError> + Sync),
    pub(crate) sink: &'a mut dyn RowSink,
    pub(crate) batch: Vec<Record>,
    /// How many rows the sink was given.
    pub(crate) handed: u64,
}

/// How the reading of a stream ended, other than by a broken statement.
pub(crate) enum Drained {
    /// Every row was read.
    All,
    /// The sink wants no more, or a row cannot be read: the statement may still be running.
    Left(Result<(), StoreError>),
}

impl Drain<'_> {
    /// Takes rows until there are none, or none are wanted.
    pub(crate) async fn take<R>(
        &mut self,
        mut rows: impl Stream<Item = Result<R, sqlx::Error>> + Unpin + Send,
        wrap: fn(R) -> Row,
    ) -> Result<Drained, sqlx::Error> {
        while let Some(row) = rows.try_next().await? {
            match (self.read)(&wrap(row)) {
                Ok(record) => self.batch.push(record),
                Err(error) => return Ok(Drained::Left(Err(error))),
            }
            if self.batch.len() >= SCAN_BATCH && self.hand_over().await.is_break() {
                return Ok(Drained::Left(Ok(())));
            }
        }
        // Its end was seen: whether the sink wants more makes no difference.
        if !self.batch.is_empty() {
            let _ = self.hand_over().await;
        }
        Ok(Drained::All)
    }

    async fn hand_over(&mut self) -> ControlFlow<()> {
        self.handed += self.batch.len() as u64;
        self.sink.rows(std::mem::take(&mut self.batch)).await
    }
}
