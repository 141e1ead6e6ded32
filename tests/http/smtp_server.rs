//! An SMTP server on loopback, whose protocol a crate of its own speaks. It keeps what it is given, and fails as told.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use mailin::{Action, Handler, Response, SessionBuilder, response};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A mail that arrived: its envelope and its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) to: Vec<String>,
    pub(crate) bytes: Vec<u8>,
}

/// What to do with the next mail instead of taking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fail {
    /// 451: not now.
    Later,
    /// 550: the first recipient does not exist.
    NoMailbox,
    /// The connection ends in the middle of the mail.
    HangUp,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    failures: VecDeque<Fail>,
}

/// A server; gone when dropped.
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// Listens at an address; port 0 picks a free one.
    pub(crate) async fn start(address: SocketAddr, failures: &[Fail]) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state =
            Arc::new(Mutex::new(State { failures: failures.iter().copied().collect(), ..State::default() }));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that leaves is no failure of the server's.
                    let _ = serve(stream, peer.ip(), state).await;
                });
            }
        });
        Self { address, state, task }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, peer: IpAddr, state: Arc<Mutex<State>>) -> io::Result<()> {
    let handler = Mailbox {
        state: Arc::clone(&state),
        fail: None,
        mail: Received { to: Vec::new(), bytes: Vec::new() },
    };
    let mut session = SessionBuilder::new("localhost").build(peer, handler);
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(&session.greeting().buffer()?).await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let answer = session.process(&line);
        if answer == HANG_UP {
            return Ok(());
        }
        match answer.action {
            Action::NoReply => {}
            Action::Close => {
                stream.get_mut().write_all(&answer.buffer()?).await?;
                return Ok(());
            }
            Action::Reply | Action::UpgradeTls => stream.get_mut().write_all(&answer.buffer()?).await?,
        }
    }
}

/// Stands for an answer that is never given.
const HANG_UP: Response = response::NO_SERVICE;

struct Mailbox {
    state: Arc<Mutex<State>>,
    fail: Option<Fail>,
    mail: Received,
}

impl Handler for Mailbox {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.fail = self.state.lock().unwrap().failures.pop_front();
        self.mail = Received { to: Vec::new(), bytes: Vec::new() };
        if self.fail == Some(Fail::Later) { response::INTERNAL_ERROR } else { response::OK }
    }

    fn rcpt(&mut self, to: &str) -> Response {
        if self.fail == Some(Fail::NoMailbox) {
            return response::NO_MAILBOX;
        }
        self.mail.to.push(to.to_owned());
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.mail.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if self.fail == Some(Fail::HangUp) {
            return HANG_UP;
        }
        self.state.lock().unwrap().received.push(self.mail.clone());
        response::OK
    }
}
