//! A throw-away PostgreSQL for tests: one server per test process, started on first use, gone when the process is.
//!
//! [`server`] is what nearly every test wants, with [`Server::template`] and [`Server::create_database`] to get a
//! migrated database of its own in a few hundredths of a second. [`Server::private`] starts a second server that a
//! test may stop and start, to see what happens while a database is down.
//!
//! A small `sh` supervises each server. It holds the reading end of a pipe, and the test process the only writing
//! end: however the process ends, `kill -9` included, the supervisor reads end-of-file, stops the server and deletes
//! its folder. When root runs the tests, supervisor and server run as another user, since PostgreSQL refuses root.
//!
//! Nothing here falls back or skips: without the server binaries the tests fail and say what to install.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test without its database has nothing left to prove; stopping loudly is the point"
)]

use std::collections::HashMap;
use std::env;
use std::fs;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::{Mutex as AsyncMutex, OnceCell};

/// The superuser of every throw-away server.
const USER: &str = "postgres";

/// TCP ports to choose from: below the range systems hand out by themselves, so that nobody takes the port of a
/// server that is stopped for a moment.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

/// Nothing here outlives the process, so nothing waits for a disk; and no housekeeping runs beside the tests.
/// `synchronous_commit` stays on: without `fsync` it costs nothing, and a crash must not lose what was committed.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 512MB
autovacuum = off
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
";

/// What the supervising `sh` runs. It answers each line it reads with one line: `ready`, `stopped` or `failed`.
///
/// SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, nobody is asked to hang up.
const SUPERVISOR: &str = r#"
# The end of the tests is heard through the pipe and from nothing else; PIPE is what answering to the dead raises.
trap '' HUP INT TERM PIPE
umask 077
cd "$PG_DIR" || exit 1
server=

initialise() {
    printf '%s' "$PG_PASSWORD" >password &&
    "$PG_BIN/initdb" -D data -U postgres --pwfile=password --auth-local=trust --auth-host=password \
        --encoding=UTF8 --locale=C --no-sync </dev/null >>log 2>&1 &&
    printf '%s\n' "$PG_SETTINGS" >>data/postgresql.conf
}

start() {
    [ -z "$server" ] || return 0
    rm -f data/postmaster.pid
    "$PG_BIN/postgres" -D data -k "$PG_DIR" -p "$1" </dev/null >>log 2>&1 &
    server=$!
    until grep -q '^ready' data/postmaster.pid 2>/dev/null; do
        kill -0 "$server" 2>/dev/null || { server=; return 1; }
        sleep 0.02
    done
}

stop() {
    [ -n "$server" ] || return 0
    kill -QUIT "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    server=
}

initialise && echo ready || echo failed
while read -r command port; do
    case $command in
        start) start "$port" && echo ready || echo failed ;;
        stop) stop; echo stopped ;;
    esac
done
stop
cd / && rm -rf "$PG_DIR"
"#;

/// The server shared by all tests of this process; the first call starts it and takes about a second.
///
/// # Panics
/// Where PostgreSQL is not installed or does not start. The message says what to do.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::launch)
}

/// A running PostgreSQL. It has no way to be stopped: that is for an [`OwnedServer`], which nobody shares.
#[derive(Debug)]
pub struct Server {
    dir: PathBuf,
    port: u16,
    password: String,
    copy_strategy: &'static str,
    supervisor: Mutex<Supervisor>,
    databases: AtomicU32,
    // One at a time: PostgreSQL refuses to copy a template that another session uses.
    creating: AsyncMutex<()>,
    templates: Mutex<HashMap<String, Arc<OnceCell<String>>>>,
    dropped: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server for one test alone, which may [stop](OwnedServer::stop) and [start](OwnedServer::start) it.
    /// Dropping it stops it and deletes its data.
    ///
    /// # Panics
    /// As [`server`].
    pub fn private() -> OwnedServer {
        OwnedServer { server: Self::launch() }
    }

    /// The URL of one of this server's databases, over the Unix socket in the server's folder:
    /// `postgres://postgres@localhost:…/database?host=…`. Only the user who runs the tests can enter that folder, so
    /// no password is asked, and a connection takes a quarter of the time of [`tcp_url`](Self::tcp_url).
    pub fn url(&self, database: &str) -> String {
        let dir = self.dir.display().to_string().replace('%', "%25").replace('/', "%2F").replace(' ', "%20");
        format!("postgres://{USER}@localhost:{}/{database}?host={dir}&sslmode=disable", self.port)
    }

    /// The same database over TCP, for programs and tests that care how a connection is made:
    /// `postgres://postgres:…@127.0.0.1:…/database`. Every user of the machine can reach that port, hence a password.
    pub fn tcp_url(&self, database: &str) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://{USER}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// What the server wrote to its log so far; worth printing when a test cannot explain a failure.
    pub fn log(&self) -> String {
        log_of(&self.dir)
    }

    /// Makes a database with a name of its own: empty, or a copy of `template` (a name that
    /// [`template`](Self::template) returned).
    ///
    /// It lives as long as the returned value. After that it is dropped, together with connections still open to
    /// it, by the next call of this function.
    ///
    /// # Panics
    /// When the server cannot be reached or refuses.
    pub async fn create_database(&self, template: Option<&str>) -> Database {
        let name = self.next_name("test");
        self.create(&name, template).await;
        Database {
            url: self.url(&name),
            tcp_url: self.tcp_url(&name),
            name,
            dropped: Arc::clone(&self.dropped),
        }
    }

    /// The name of the template database called `key`. The first call with a key makes it: an empty database whose
    /// URL is handed to `prepare`, which migrates and fills it. Later calls, from any test of the process, wait for
    /// the first and share what it made; their `prepare` never runs.
    ///
    /// ```no_run
    /// # async fn example() {
    /// # use action_tests::postgres;
    /// # async fn migrate(url: String) {}
    /// let template = postgres::server().template("migrated", migrate).await;
    /// let database = postgres::server().create_database(Some(&template)).await;
    /// # }
    /// ```
    ///
    /// # Panics
    /// When `prepare` does; the next call with the key then tries again.
    pub async fn template<F, Prepared>(&self, key: &str, prepare: F) -> String
    where
        F: FnOnce(String) -> Prepared,
        Prepared: Future<Output = ()>,
    {
        let cell = {
            let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(templates.entry(key.to_owned()).or_default())
        };
        let make = || async {
            let name = self.next_name("template");
            self.create(&name, None).await;
            prepare(self.url(&name)).await;
            // A pool that `prepare` left open would block every copy.
            self.run(&[format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"), end_sessions(&name)])
                .await;
            name
        };
        cell.get_or_init(make).await.clone()
    }

    async fn create(&self, name: &str, template: Option<&str>) {
        let _one_at_a_time = self.creating.lock().await;
        let dropped = std::mem::take(&mut *self.dropped.lock().unwrap_or_else(PoisonError::into_inner));
        // PostgreSQL waits a tenth of a second for sessions it ends; told first, they are gone by the time it drops.
        let mut statements: Vec<String> = dropped.iter().map(|old| end_sessions(old)).collect();
        let template = template.unwrap_or("template0");
        statements.push(format!("CREATE DATABASE {name} TEMPLATE {template} {}", self.copy_strategy));
        statements.extend(dropped.iter().map(|old| format!("DROP DATABASE IF EXISTS {old} WITH (FORCE)")));
        self.run(&statements).await;
    }

    /// Over a connection of its own: a pool would belong to the runtime of whichever test opened it.
    async fn run(&self, statements: &[String]) {
        let url = self.url("postgres");
        let mut connection = PgConnection::connect(&url).await.unwrap_or_else(|error| {
            panic!("the throw-away PostgreSQL cannot be reached: {error}\n{}", self.log())
        });
        for statement in statements {
            if let Err(error) = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await
            {
                panic!("the throw-away PostgreSQL refused `{statement}`: {error}");
            }
        }
        connection.close().await.expect("a connection to the throw-away PostgreSQL closes");
    }

    fn next_name(&self, kind: &str) -> String {
        format!("{kind}_{}", self.databases.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn launch() -> Self {
        let bin = find_binaries().unwrap_or_else(|| {
            panic!(
                "\n\nPostgreSQL is not installed, and these tests run against a real one.\n\
                 Looked for `initdb` and `postgres` on PATH, in /usr/lib/postgresql/*/bin, where `pg_config --bindir` \
                 points, and in Homebrew's folders.\n\
                 Run `scripts/test`, which installs it on Debian and Ubuntu, or install it yourself:\n  \
                 Debian, Ubuntu  apt-get install postgresql\n  \
                 Fedora          dnf install postgresql-server\n  \
                 macOS           brew install postgresql\n\n"
            )
        });
        let folder = tempfile::Builder::new()
            .prefix("action-postgres-")
            .tempdir_in(parent_folder())
            .expect("the folder for temporary files is writable");
        let password = format!("{:016x}{:016x}", random(), random());

        // The owner of what we just made is the user we run as.
        let runs_as_root = folder.path().metadata().expect("a new folder has an owner").uid() == 0;
        let mut command = if runs_as_root { as_another_user(folder.path()) } else { Command::new("sh") };
        command
            .args(["-c", SUPERVISOR])
            .current_dir("/")
            .env("PG_BIN", bin)
            .env("PG_DIR", folder.path())
            .env("PG_PASSWORD", &password)
            .env("PG_SETTINGS", SETTINGS)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in the terminal is for the tests; the supervisor hears of their end through the pipe.
            .process_group(0);
        let mut supervisor = Supervisor::over(command);
        // From here on the supervisor deletes it.
        let dir = folder.keep();
        supervisor.expect("ready", &dir);

        Self {
            port: supervisor.start_on_a_free_port(&dir),
            copy_strategy: copy_strategy(&dir),
            dir,
            password,
            supervisor: Mutex::new(supervisor),
            databases: AtomicU32::new(0),
            creating: AsyncMutex::new(()),
            templates: Mutex::default(),
            dropped: Arc::default(),
        }
    }

    fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        self.supervisor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server that belongs to one test. See [`Server::private`].
#[derive(Debug)]
pub struct OwnedServer {
    server: Server,
}

impl OwnedServer {
    /// Takes the server away as a crash does: connections break, new ones are refused. Databases are kept.
    ///
    /// # Panics
    /// When the supervisor is gone.
    pub fn stop(&self) {
        self.server.supervisor().ask("stop", "stopped", &self.server.dir);
    }

    /// Brings a stopped server back on the same port, so that every URL stays good, and waits until it answers.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&self) {
        self.server.supervisor().ask(&format!("start {}", self.server.port), "ready", &self.server.dir);
    }
}

impl Deref for OwnedServer {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// A database of one test; see [`Server::create_database`].
#[derive(Debug)]
#[must_use = "the database is dropped with this value"]
pub struct Database {
    name: String,
    url: String,
    tcp_url: String,
    dropped: Arc<Mutex<Vec<String>>>,
}

impl Database {
    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, as [`Server::url`] spells it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its URL over TCP, as [`Server::tcp_url`] spells it.
    pub fn tcp_url(&self) -> &str {
        &self.tcp_url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    }
}

/// Our end of the conversation with the `sh` that owns the server process.
#[derive(Debug)]
struct Supervisor {
    // `None` only while dropping: closing the pipe is what ends the supervisor.
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    process: Child,
}

impl Supervisor {
    fn over(mut command: Command) -> Self {
        let mut process = command.spawn().expect("`sh` runs");
        let orders = process.stdin.take();
        let replies = BufReader::new(process.stdout.take().expect("standard output is a pipe"));
        Self { orders, replies, process }
    }

    fn start_on_a_free_port(&mut self, dir: &Path) -> u16 {
        // Somebody may take the port between our look and the server's; then the next one is tried.
        for _ in 0..5 {
            let port = free_port();
            if self.answer(&format!("start {port}")) == "ready" {
                return port;
            }
        }
        panic!("the throw-away PostgreSQL does not start; its log:\n{}", log_of(dir));
    }

    fn ask(&mut self, order: &str, wanted: &str, dir: &Path) {
        let reply = self.answer(order);
        assert!(reply == wanted, "the throw-away PostgreSQL could not `{order}`; its log:\n{}", log_of(dir));
    }

    fn expect(&mut self, wanted: &str, dir: &Path) {
        let reply = self.reply();
        assert!(
            reply == wanted,
            "`initdb` failed in {}; its log:\n{}\n\
             (as root, the tests start PostgreSQL as another user, who must be able to reach that folder: \
             set TMPDIR to one that everybody can enter)",
            dir.display(),
            log_of(dir)
        );
    }

    fn answer(&mut self, order: &str) -> String {
        let orders = self.orders.as_mut().expect("the pipe is open until the supervisor is dropped");
        if writeln!(orders, "{order}").is_err() {
            return String::new();
        }
        self.reply()
    }

    /// The next line, or an empty one when the supervisor is gone.
    fn reply(&mut self) -> String {
        let mut line = String::new();
        match self.replies.read_line(&mut line) {
            Ok(_) => line.trim_end().to_owned(),
            Err(_) => String::new(),
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.orders = None;
        // Nothing is left to do about a failure here, and a panic would hide the test's own.
        let _ = self.process.wait();
    }
}

/// Copying files takes a fraction of the time of writing them through the log, the default since PostgreSQL 15, and
/// the only way before it.
fn copy_strategy(dir: &Path) -> &'static str {
    let version = fs::read_to_string(dir.join("data/PG_VERSION")).unwrap_or_default();
    match version.trim().parse::<u32>() {
        Ok(15..) => "STRATEGY file_copy",
        _ => "",
    }
}

fn end_sessions(database: &str) -> String {
    format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
}

/// A command that runs the program to be appended as a user PostgreSQL accepts, who is given `dir`.
fn as_another_user(dir: &Path) -> Command {
    let (user, uid, gid) = ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((user, id("-u", user)?, id("-g", user)?)))
        .expect(
            "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`",
        );
    chown(dir, Some(uid), Some(gid)).expect("root gives its folder away");

    let setpriv = format!("setpriv --reuid={uid} --regid={gid} --clear-groups sh");
    let runuser = format!("runuser -u {user} -- sh");
    let su = format!("su -s /bin/sh {user}");
    for candidate in [&setpriv, &runuser, &su] {
        let mut words = candidate.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir("/");
        // Small systems have programs of these names that know fewer options: try before relying on one.
        if succeeds(rebuilt(&command).args(["-c", "true"])) {
            return command;
        }
    }
    panic!(
        "PostgreSQL refuses to run as root, and none of `setpriv`, `runuser` and `su` changed the user to `{user}`"
    );
}

fn rebuilt(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args()).current_dir("/");
    copy
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success())
}

fn id(what: &str, user: &str) -> Option<u32> {
    let output = Command::new("id").args([what, user]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Where the server's folder goes: `TMPDIR` where it is set, else memory where there is plenty, else the usual folder
/// for temporary files. In memory a database is copied in a tenth of the time most disks take for its 300 files.
fn parent_folder() -> PathBuf {
    const MEMORY: &str = "/dev/shm";
    const PLENTY_KIB: u64 = 2 * 1024 * 1024;
    if env::var_os("TMPDIR").is_none() && free_kib(MEMORY) >= PLENTY_KIB {
        return PathBuf::from(MEMORY);
    }
    env::temp_dir()
}

fn free_kib(dir: &str) -> u64 {
    let Ok(output) = Command::new("df").args(["-Pk", dir]).stderr(Stdio::null()).output() else { return 0 };
    let table = String::from_utf8_lossy(&output.stdout);
    // File system, size, used, available, capacity, mounted on: a format POSIX fixes for -P.
    let available = table.lines().nth(1).and_then(|row| row.split_whitespace().nth(3));
    available.and_then(|it| it.parse().ok()).unwrap_or_default()
}

/// The folder with `initdb` and `postgres`; `scripts/test` looks in the same places.
fn find_binaries() -> Option<PathBuf> {
    let on_path =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let debian = newest_first("/usr/lib/postgresql", "").into_iter().map(|dir| dir.join("bin"));
    let homebrew = ["/opt/homebrew/opt", "/usr/local/opt"]
        .into_iter()
        .flat_map(|opt| newest_first(opt, "postgresql"))
        .map(|dir| dir.join("bin"));
    on_path
        .into_iter()
        .chain(debian)
        .chain(pg_config_bindir())
        .chain(homebrew)
        .find(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
}

fn newest_first(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let mut dirs: Vec<(u32, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.trim_start_matches('@').parse().unwrap_or_default();
            Some((version, entry.path()))
        })
        .collect();
    dirs.sort();
    dirs.into_iter().rev().map(|(_, dir)| dir).collect()
}

fn pg_config_bindir() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn free_port() -> u16 {
    let span = u64::from(PORTS.end - PORTS.start);
    loop {
        let offset = u16::try_from(random() % span).unwrap_or_default();
        let port = PORTS.start + offset;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Sixty-four bits that differ from process to process: the keys of a new `RandomState` come from the system.
fn random() -> u64 {
    RandomState::new().hash_one("action")
}

fn log_of(dir: &Path) -> String {
    fs::read_to_string(dir.join("log")).unwrap_or_else(|error| format!("(no log: {error})"))
}
