//! What SQLite calls back while it runs, and the three flags that decide the answers.
//!
//! - *may commit*: only the writer's own COMMIT may take effect. A handler that says `COMMIT` itself, or goes on
//!   writing after SQLite rolled the transaction back on its own, is refused instead of committing half of a call.
//! - *rolled back*: SQLite undid the whole transaction, as it does when a disk is full or a write was interrupted.
//! - *interrupt*: the statement that is running has no one left who waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::SqliteConnection;

/// After how many of SQLite's own steps the interrupt is looked at: some tenths of a millisecond of work.
const STEPS: i32 = 10_000;

/// The flags of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hooks {
    flags: Arc<Flags>,
}

#[derive(Debug, Default)]
struct Flags {
    may_commit: AtomicBool,
    rolled_back: AtomicBool,
    interrupt: AtomicBool,
}

impl Hooks {
    /// Hooks of a connection that writes.
    pub(crate) async fn install(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let hooks = Self::install_for_reading(connection).await?;
        let mut handle = connection.lock_handle().await?;
        let flags = Arc::clone(&hooks.flags);
        handle.set_commit_hook(move || flags.may_commit.load(Ordering::SeqCst));
        let flags = Arc::clone(&hooks.flags);
        handle.set_rollback_hook(move || flags.rolled_back.store(true, Ordering::SeqCst));
        Ok(hooks)
    }

    /// Hooks of a connection that only reads.
    pub(crate) async fn install_for_reading(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let hooks = Self::default();
        let flags = Arc::clone(&hooks.flags);
        let mut handle = connection.lock_handle().await?;
        // One interrupt ends one statement; what comes after it must run.
        handle.set_progress_handler(STEPS, move || !flags.interrupt.swap(false, Ordering::SeqCst));
        Ok(hooks)
    }

    /// Allows or forbids commits.
    pub(crate) fn allow_commit(&self, allowed: bool) {
        self.flags.may_commit.store(allowed, Ordering::SeqCst);
    }

    /// Whether the whole transaction was rolled back.
    pub(crate) fn was_rolled_back(&self) -> bool {
        self.flags.rolled_back.load(Ordering::SeqCst)
    }

    /// Ends the statement that is running, or no longer wants to.
    pub(crate) fn interrupt(&self, wanted: bool) {
        self.flags.interrupt.store(wanted, Ordering::SeqCst);
    }

    /// A new transaction begins.
    pub(crate) fn reset(&self) {
        self.flags.may_commit.store(false, Ordering::SeqCst);
        self.flags.rolled_back.store(false, Ordering::SeqCst);
        self.flags.interrupt.store(false, Ordering::SeqCst);
    }
}
