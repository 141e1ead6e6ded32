//! The one writer: a task that owns the write connection and lends it to one transaction after another.
//!
//! SQLite has one writer at a time, and a commit at full durability waits for the disk. So the transactions of a
//! process queue here, first come, first served. For the first one the task begins a transaction; each borrower works
//! inside a savepoint of it and gives the connection back with a verdict; when nobody waits any more, or the group has
//! grown to its bound, one COMMIT makes all of them durable, and only then are their callers told. An undone member
//! takes nothing with it but its own savepoint.
//!
//! A statement costs a hundred microseconds of handing over to SQLite's thread and back, and ten of work. So a member's
//! savepoint is opened in the message of its first statement ([`Savepoint`]).
//!
//! Two things end a whole group: COMMIT itself failing, and SQLite rolling the transaction back on its own (full disk,
//! failing disk, a write interrupted in the middle). Then every member that was to be kept is told that the database
//! was unavailable, and nothing of any of them remains.

use std::pin::pin;
use std::time::Duration;

use action_core::ports::StoreError;
use sqlx::{Connection, SqlSafeStr, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::connect::{SqliteTarget, nested};
use super::hooks::Hooks;
use super::lease::{Returned, Verdict, WriterLease, gone};
use crate::cause;

/// How many transactions one COMMIT may make durable.
const GROUP_SIZE: usize = 64;

/// After how long a group takes no more members: the first of them has waited enough.
const GROUP_TIME: Duration = Duration::from_millis(5);

/// How long a statement whose caller is gone may still run before it is interrupted. An interrupted write takes its
/// whole group with it, so a short one is better waited for.
const GRACE: Duration = Duration::from_millis(50);

const OPEN: &str = "BEGIN IMMEDIATE; SAVEPOINT odd";

/// The savepoints of a group's members, in turn.
///
/// They have two names, because a member may be cut off so early that nobody knows how much of the opening was done:
/// going back to the name of its own undoes that member or, where there is no such savepoint, nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    Odd,
    Even,
}

impl Savepoint {
    fn other(self) -> Self {
        match self {
            Self::Odd => Self::Even,
            Self::Even => Self::Odd,
        }
    }

    /// What opens it where the other one holds what is to stay.
    fn opening(self) -> &'static str {
        match self {
            Self::Odd => "RELEASE even; SAVEPOINT odd",
            Self::Even => "RELEASE odd; SAVEPOINT even",
        }
    }

    fn opening_alone(self) -> &'static str {
        match self {
            Self::Odd => "SAVEPOINT odd",
            Self::Even => "SAVEPOINT even",
        }
    }

    /// What undoes all that was written since.
    fn undo(self) -> &'static str {
        match self {
            Self::Odd => "ROLLBACK TO odd",
            Self::Even => "ROLLBACK TO even",
        }
    }
}

/// The way to the writer.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Request>,
    patience: Duration,
}

enum Request {
    /// A transaction that wants the connection.
    Borrow(oneshot::Sender<Result<WriterLease, StoreError>>),
    /// The end: whoever queued before is served, later ones are turned away.
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task.
    pub(crate) async fn start(
        target: SqliteTarget,
        connection: SqliteConnection,
        patience: Duration,
    ) -> Result<Self, sqlx::Error> {
        // Room for a burst; further ones wait for a place, which counts as waiting for the writer.
        let (queue, requests) = mpsc::channel(1_024);
        let mut connection = nested(connection).await?;
        let hooks = Hooks::install(&mut connection).await?;
        let task = Task { target, held: Some(Held { connection: Box::new(connection), hooks }), requests };
        tokio::spawn(task.run());
        Ok(Self { queue, patience })
    }

    /// Waits for the connection.
    pub(crate) async fn borrow(&self) -> Result<WriterLease, StoreError> {
        let (reply, lease) = oneshot::channel();
        let waiting = async {
            self.queue.send(Request::Borrow(reply)).await.map_err(|_| gone())?;
            lease.await.map_err(|_| gone())?
        };
        match tokio::time::timeout(self.patience, waiting).await {
            Ok(lease) => lease,
            Err(_) => {
                metrics::counter!("action_storage_acquire_timeouts_total", "pool" => "sqlite_writer")
                    .increment(1);
                let problem = format!("the writer did not come free within {} ms", self.patience.as_millis());
                Err(StoreError::Unavailable(problem.into()))
            }
        }
    }

    /// Tells how many transactions wait.
    pub(crate) fn measure(&self) {
        let waiting = self.queue.max_capacity().saturating_sub(self.queue.capacity());
        metrics::gauge!("action_storage_writer_waiting").set(u32::try_from(waiting).unwrap_or(u32::MAX));
    }

    /// Serves those who wait, and closes the file.
    pub(crate) async fn close(&self) {
        let (closed, wait) = oneshot::channel();
        if self.queue.send(Request::Close(closed)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

struct Task {
    target: SqliteTarget,
    // None after it broke, until the next transaction.
    held: Option<Held>,
    requests: mpsc::Receiver<Request>,
}

struct Held {
    connection: Box<SqliteConnection>,
    hooks: Hooks,
}

type Borrower = oneshot::Sender<Result<WriterLease, StoreError>>;

impl Task {
    async fn run(mut self) {
        while let Some(request) = self.requests.recv().await {
            let closing = match request {
                Request::Borrow(borrower) if borrower.is_closed() => None,
                Request::Borrow(borrower) => self.serve(borrower).await,
                Request::Close(closed) => Some(closed),
            };
            if let Some(closed) = closing {
                return self.close(closed).await;
            }
        }
    }

    /// A group, begun for this borrower. Returns who asked for the end meanwhile.
    async fn serve(&mut self, first: Borrower) -> Option<oneshot::Sender<()>> {
        let held = match self.take_connection().await {
            Ok(held) => held,
            Err(error) => {
                // The borrower may have left; then there is no one to tell.
                let _ = first.send(Err(StoreError::Unavailable(error.into())));
                return None;
            }
        };
        let mut group = Group { hooks: held.hooks, kept: Vec::new(), closing: None };
        let connection = group.run(held.connection, first, &mut self.requests).await;
        let Group { hooks, closing, .. } = group;
        self.held = connection.map(|connection| Held { connection, hooks });
        closing
    }

    async fn take_connection(&mut self) -> Result<Held, sqlx::Error> {
        if let Some(held) = self.held.take() {
            return Ok(held);
        }
        let mut connection = Box::new(self.target.open_writer().await?);
        let hooks = Hooks::install(&mut connection).await?;
        Ok(Held { connection, hooks })
    }

    async fn close(mut self, closed: oneshot::Sender<()>) {
        self.requests.close();
        if let Some(held) = self.held.take()
            && let Err(error) = held.connection.close().await
        {
            tracing::warn!(%error, "the SQLite file was not closed cleanly; it is repaired when it is next opened");
        }
        let _ = closed.send(());
    }
}

/// One transaction of the database, and the calls' transactions in it.
struct Group {
    hooks: Hooks,
    kept: Vec<oneshot::Sender<Result<(), StoreError>>>,
    closing: Option<oneshot::Sender<()>>,
}

impl Group {
    /// Opens it, lends the connection to one member after another, and commits. Returns the connection where it is
    /// still good.
    async fn run(
        &mut self,
        mut connection: Box<SqliteConnection>,
        first: Borrower,
        requests: &mut mpsc::Receiver<Request>,
    ) -> Option<Box<SqliteConnection>> {
        self.hooks.reset();
        if let Err(error) = execute(&mut connection, OPEN).await {
            let is_broken = cause::is_broken_connection(&error);
            // Another process holds the lock, mostly. The borrower may have left; then there is no one to tell.
            let _ = first.send(Err(cause::of(error, OPEN)));
            // A half-made opening must not stay; where there is none, this is refused.
            let _ = execute(&mut connection, "ROLLBACK").await;
            return (!is_broken).then_some(connection);
        }
        let started = Instant::now();
        let (mut next, mut members) = (Some(first), 0);
        // The savepoint that is open, and whether it holds what a member wrote and is to stay.
        let (mut open, mut written) = (Savepoint::Odd, false);
        while let Some(borrower) = next.take() {
            let own = if written { open.other() } else { open };
            let opening = written.then(|| own.opening());
            let Returned { connection: back, verdict, opened, query_only } =
                lend(connection, &self.hooks, borrower, opening).await?;
            connection = back;
            if query_only && let Err(error) = execute(&mut connection, "PRAGMA query_only = OFF").await {
                return self.abandon(connection, error).await;
            }
            match verdict {
                Verdict::Unused => {}
                Verdict::Keep(committed) => {
                    self.kept.push(committed);
                    if opened {
                        (open, written) = (own, true);
                    }
                }
                // It sent nothing.
                Verdict::Undo if !opened => {}
                Verdict::Undo => match self.undo(&mut connection, own).await {
                    Ok(()) => (open, written) = (own, false),
                    Err(error) => return self.abandon(connection, error).await,
                },
            }
            if self.hooks.was_rolled_back() {
                return self.abandon(connection, rolled_back()).await;
            }
            members += 1;
            if members < GROUP_SIZE && started.elapsed() < GROUP_TIME {
                next = self.next(requests);
            }
        }
        self.commit(connection).await
    }

    /// Whoever waits already. A group waits for nobody.
    fn next(&mut self, requests: &mut mpsc::Receiver<Request>) -> Option<Borrower> {
        while self.closing.is_none() {
            match requests.try_recv().ok()? {
                Request::Borrow(borrower) if borrower.is_closed() => {}
                Request::Borrow(borrower) => return Some(borrower),
                Request::Close(closed) => self.closing = Some(closed),
            }
        }
        None
    }

    /// Undoes what a member wrote, behind the statement of it that may still run. Its savepoint is then open.
    async fn undo(&self, connection: &mut SqliteConnection, own: Savepoint) -> Result<(), sqlx::Error> {
        let end = self.behind_its_statement(execute(connection, own.undo())).await;
        match end {
            // It was cut off before its savepoint was opened, and so before it wrote anything; the one before it may be
            // closed already.
            Err(error) if is_no_such_savepoint(&error) && !self.hooks.was_rolled_back() => {
                execute(connection, own.opening_alone()).await
            }
            end => end,
        }
    }

    /// Waits for what queues behind a statement that nobody waits for any more, and ends that one where it takes long.
    async fn behind_its_statement(
        &self,
        next: impl Future<Output = Result<(), sqlx::Error>>,
    ) -> Result<(), sqlx::Error> {
        let mut next = pin!(next);
        if let Ok(end) = tokio::time::timeout(GRACE, &mut next).await {
            return end;
        }
        self.hooks.interrupt(true);
        let end = next.await;
        self.hooks.interrupt(false);
        end
    }

    async fn commit(&mut self, mut connection: Box<SqliteConnection>) -> Option<Box<SqliteConnection>> {
        if self.kept.is_empty() {
            return match execute(&mut connection, "ROLLBACK").await {
                Ok(()) => Some(connection),
                Err(error) => self.abandon(connection, error).await,
            };
        }
        self.hooks.allow_commit(true);
        let committed = execute(&mut connection, "COMMIT").await;
        self.hooks.allow_commit(false);
        if let Err(error) = committed {
            return self.abandon(connection, error).await;
        }
        metrics::histogram!("action_storage_group_size")
            .record(u32::try_from(self.kept.len()).unwrap_or(u32::MAX));
        for member in self.kept.drain(..) {
            // It is committed, whether or not its caller still listens.
            let _ = member.send(Ok(()));
        }
        Some(connection)
    }

    /// Gives up the whole group.
    async fn abandon(
        &mut self,
        mut connection: Box<SqliteConnection>,
        error: sqlx::Error,
    ) -> Option<Box<SqliteConnection>> {
        // What SQLite did by itself leaves the connection as good as new.
        let is_broken = !self.hooks.was_rolled_back() && cause::is_broken_connection(&error);
        tracing::error!(%error, members = self.kept.len(), "SQLite did not commit; nothing of these calls remains");
        // Mostly there is nothing left to undo, and SQLite says so.
        let _ = execute(&mut connection, "ROLLBACK").await;
        let problem = error.to_string();
        if self.kept.len() == 1
            && let Some(member) = self.kept.pop()
        {
            // Alone, it may have been its own doing: a foreign key that is checked at the commit, say.
            let _ = member.send(Err(match cause::of(error, "COMMIT") {
                StoreError::Fault(cause) => StoreError::Unavailable(cause),
                meaning => meaning,
            }));
        }
        for member in self.kept.drain(..) {
            // Nothing is left of it, whether or not its caller still listens.
            let _ = member.send(Err(StoreError::Unavailable(problem.clone().into())));
        }
        (!is_broken).then_some(connection)
    }
}

fn is_no_such_savepoint(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|it| it.message().starts_with("no such savepoint"))
}

/// Lends the connection to one member, and waits for it. `None` where it never comes back.
async fn lend(
    connection: Box<SqliteConnection>,
    hooks: &Hooks,
    borrower: Borrower,
    opening: Option<&'static str>,
) -> Option<Returned> {
    let (give_back, returned) = oneshot::channel();
    match borrower.send(Ok(WriterLease::new(connection, hooks.clone(), opening, give_back))) {
        Ok(()) => returned.await.ok(),
        // It left while it waited.
        Err(lease) => {
            let connection = lease.ok()?.into_connection()?;
            Some(Returned { connection, verdict: Verdict::Unused, opened: false, query_only: false })
        }
    }
}

fn rolled_back() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other("SQLite rolled the transaction back by itself"))
}

async fn execute(connection: &mut SqliteConnection, text: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(text.into_sql_str()).execute(connection).await.map(drop)
}
