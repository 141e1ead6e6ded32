//! The write connection while it is lent: by value, so that nobody else can touch it, and back with a verdict.
//!
//! A lease that is dropped (its call was cut off, panicked, or forgot to end) comes back with the verdict *undo*.

use action_core::ports::StoreError;
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::hooks::Hooks;

/// The write connection, for what is to stand in a savepoint of its own.
pub(crate) struct WriterLease {
    // There until it is given back.
    connection: Option<Box<SqliteConnection>>,
    give_back: Option<oneshot::Sender<Returned>>,
    hooks: Hooks,
    // What opens the savepoint, where it is not open. It goes with the first statement: a message less.
    opening: Option<&'static str>,
    query_only: bool,
}

/// The write connection on its way home.
pub(crate) struct Returned {
    pub(crate) connection: Box<SqliteConnection>,
    pub(crate) verdict: Verdict,
    /// What opens its savepoint was taken, to be sent. Whether it arrived is not known of one that was cut off.
    pub(crate) opened: bool,
    /// It was kept from writing, which must end.
    pub(crate) query_only: bool,
}

/// What is to become of what was written.
pub(crate) enum Verdict {
    /// It stays, and whoever wrote it waits here for the commit.
    Keep(oneshot::Sender<Result<(), StoreError>>),
    /// It goes. A statement may still be running.
    Undo,
    /// It reached nobody.
    Unused,
}

impl WriterLease {
    pub(crate) fn new(
        connection: Box<SqliteConnection>,
        hooks: Hooks,
        opening: Option<&'static str>,
        give_back: oneshot::Sender<Returned>,
    ) -> Self {
        Self { connection: Some(connection), give_back: Some(give_back), hooks, opening, query_only: false }
    }

    /// What must be sent with the next statement, ahead of it: once.
    pub(crate) fn take_opening(&mut self) -> Option<&'static str> {
        self.opening.take()
    }

    /// The connection.
    pub(crate) fn connection(&mut self) -> Option<&mut SqliteConnection> {
        self.connection.as_deref_mut()
    }

    /// From here on it is kept from writing; the writer undoes that.
    pub(crate) fn mark_query_only(&mut self) {
        self.query_only = true;
    }

    /// Whether SQLite undid everything by itself, so that nothing more must be written here.
    pub(crate) fn was_rolled_back(&self) -> bool {
        self.hooks.was_rolled_back()
    }

    /// Takes the connection back from a lease that reached nobody.
    pub(crate) fn into_connection(mut self) -> Option<Box<SqliteConnection>> {
        self.connection.take()
    }

    /// Gives the connection back and waits until what was written is committed.
    pub(crate) async fn keep(mut self) -> Result<(), StoreError> {
        let (committed, wait) = oneshot::channel();
        self.send(Verdict::Keep(committed));
        drop(self);
        wait.await.unwrap_or_else(|_| Err(gone()))
    }

    fn send(&mut self, verdict: Verdict) {
        if let (Some(connection), Some(give_back)) = (self.connection.take(), self.give_back.take()) {
            // Without a writer to take it, the connection is dropped, and closing it undoes what was open.
            let opened = self.opening.is_none();
            let _ = give_back.send(Returned { connection, verdict, opened, query_only: self.query_only });
        }
    }
}

impl Drop for WriterLease {
    fn drop(&mut self) {
        self.send(Verdict::Undo);
    }
}

/// The writer ended: the storage was closed, or its runtime is.
pub(crate) fn gone() -> StoreError {
    StoreError::Unavailable("the storage was closed".into())
}
