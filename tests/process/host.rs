//! One running program: `fleet`, or another example.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use action_tests::Person;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::binary;
use crate::wire::{Reply, Wire, execute, request};

/// A program under test; killed when it is dropped.
pub(crate) struct Host {
    child: Child,
    address: SocketAddr,
    stdout: Lines,
    stderr: Lines,
    folder: TempDir,
}

/// What a program has written so far.
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    reader: JoinHandle<()>,
}

impl Lines {
    fn of(stream: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let reader = tokio::spawn(async move {
            let mut stream = BufReader::new(stream).lines();
            while let Ok(Some(line)) = stream.next_line().await {
                written.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Self { lines, reader }
    }

    fn now(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Host {
    /// Starts it, and waits until it listens.
    pub(crate) async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[]).await
    }

    /// Starts it with more in its environment.
    pub(crate) async fn start_with(database_url: &str, environment: &[(&str, &str)]) -> Self {
        Self::start_program("fleet", database_url, environment).await
    }

    /// Starts another example.
    pub(crate) async fn start_program(
        name: &'static str,
        database_url: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::from(binary::command(name, folder.path()));
        command
            .env("BIND", "127.0.0.1:0")
            .env("DATABASE_URL", database_url)
            .envs(environment.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let stdout = Lines::of(child.stdout.take().unwrap());
        let stderr = Lines::of(child.stderr.take().unwrap());
        let address = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut host = Self { child, address, stdout, stderr, folder };
        let line = host.line("listening on http://").await;
        host.address = line.trim_start_matches("listening on http://").parse().unwrap();
        host
    }

    /// The first line of its output that begins like this.
    pub(crate) async fn line(&self, beginning: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(line) = self.stdout.now().into_iter().find(|it| it.starts_with(beginning)) {
                return line;
            }
            assert!(
                began.elapsed() < Duration::from_secs(20) && !self.stdout.reader.is_finished(),
                "it did not say `{beginning}…`, but: {:?} {:?}",
                self.stdout.now(),
                self.stderr.now()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder it runs in, with its uploads in `fleet-files`.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Its output so far.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.stdout.now()
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.stderr.now()
    }

    pub(crate) async fn wire(&self) -> Wire {
        Wire::connect(self.address).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.wire().await.ask(&request("GET", path, &[], "")).await.unwrap()
    }

    pub(crate) async fn execute(&self, person: &Person, action: &str, params: &Value) -> Reply {
        self.wire().await.ask(&execute(person, action, params, None)).await.unwrap()
    }

    /// `kill -9`: it has no say in it.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process().to_string();
        let sent = std::process::Command::new("kill").args(["-s", name, &process]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it ends by itself; then how, and what it wrote to its log.
    pub(crate) async fn end(mut self, within: Duration) -> (ExitStatus, Vec<String>) {
        let ended = tokio::time::timeout(within, self.child.wait()).await;
        let status =
            ended.unwrap_or_else(|_| panic!("it still runs after {within:?}: {:?}", self.log())).unwrap();
        (&mut self.stderr.reader).await.unwrap();
        (status, self.stderr.now())
    }
}
