//! An SMTP server on loopback, whose protocol a crate of its own speaks. It keeps what it is given, and fails as told.
//!
//! It speaks in the clear, or TLS from the start, or STARTTLS, and may want a user and a password. What reached it
//! before any TLS is kept too, as whoever listens on the way would have it.

#![expect(clippy::unwrap_used, reason = "a test without its server has nothing left to prove")]

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;

/// A mail that arrived: its envelope and its bytes.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Whom it is for.
    pub to: Vec<String>,
    /// Headers and body.
    pub bytes: Vec<u8>,
    /// Whether the connection was encrypted.
    pub encrypted: bool,
    /// Who had signed in.
    pub user: Option<String>,
}

/// What to do with the next mail instead of taking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fail {
    /// 451: not now.
    Later,
    /// 550: the first recipient does not exist.
    NoMailbox,
    /// The connection ends in the middle of the mail.
    HangUp,
}

/// When TLS begins.
#[derive(Clone)]
pub enum Security {
    /// Never.
    Clear,
    /// With the first byte.
    FromTheStart(Authority),
    /// When the client asks.
    StartTls(Authority),
}

/// By which mechanism a client signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// AUTH PLAIN.
    Plain,
    /// AUTH LOGIN.
    Login,
}

/// How a server behaves.
#[derive(Clone)]
pub struct Manners {
    /// When TLS begins.
    pub security: Security,
    /// Whoever sends must sign in first, as `ada` with this password.
    pub sign_in: Option<(SignIn, String)>,
    /// What becomes of the first mails.
    pub failures: Vec<Fail>,
}

impl Default for Manners {
    /// In the clear, for everybody, without failures.
    fn default() -> Self {
        Self { security: Security::Clear, sign_in: None, failures: Vec::new() }
    }
}

/// The one user there is.
pub const USER: &str = "ada";

#[derive(Default)]
struct State {
    received: Vec<Received>,
    failures: VecDeque<Fail>,
    in_the_clear: Vec<u8>,
}

/// A server; gone when dropped.
pub struct SmtpServer {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    /// Listens at an address, in the clear; port 0 picks a free one.
    ///
    /// # Panics
    /// When the address is taken.
    pub async fn start(address: SocketAddr, failures: &[Fail]) -> Self {
        Self::at(address, Manners { failures: failures.to_vec(), ..Manners::default() }).await
    }

    /// Listens at a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn with(manners: Manners) -> Self {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), manners).await
    }

    async fn at(address: SocketAddr, manners: Manners) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let failures = manners.failures.iter().copied().collect();
        let state = Arc::new(Mutex::new(State { failures, ..State::default() }));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                let (state, manners) = (Arc::clone(&shared), manners.clone());
                tokio::spawn(async move {
                    // A client that leaves is no failure of the server's.
                    let _ = serve(stream, peer.ip(), state, manners).await;
                });
            }
        });
        Self { address, state, task }
    }

    /// The mails that arrived.
    ///
    /// # Panics
    /// When the server has.
    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }

    /// What clients said before any TLS.
    ///
    /// # Panics
    /// When the server has.
    pub fn in_the_clear(&self) -> String {
        String::from_utf8_lossy(&self.state.lock().unwrap().in_the_clear).into_owned()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn serve(tcp: TcpStream, peer: IpAddr, state: Arc<Mutex<State>>, manners: Manners) -> io::Result<()> {
    let mut protocol = SessionBuilder::new("localhost");
    match &manners.sign_in {
        Some((SignIn::Plain, _)) => drop(protocol.enable_auth(AuthMechanism::Plain)),
        Some((SignIn::Login, _)) => drop(protocol.enable_auth(AuthMechanism::Login)),
        None => {}
    }
    if matches!(manners.security, Security::StartTls(_)) {
        protocol.enable_start_tls();
    }
    let password = manners.sign_in.map(|(_, password)| password);
    let mailbox =
        Mailbox { state: Arc::clone(&state), password, user: None, fail: None, mail: Received::default() };
    let mut session = protocol.build(peer, mailbox);
    let mut encrypted = false;
    let mut stream: BufReader<Box<dyn Stream>> = BufReader::new(Box::new(tcp));
    if let Security::FromTheStart(authority) = &manners.security {
        stream = encrypt(stream, authority).await?;
        encrypted = true;
        session.tls_active();
    }
    stream.get_mut().write_all(&session.greeting().buffer()?).await?;
    stream.get_mut().flush().await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        if !encrypted {
            state.lock().unwrap().in_the_clear.extend_from_slice(&line);
        }
        let known = state.lock().unwrap().received.len();
        let answer = session.process(&line);
        if answer == HANG_UP {
            return Ok(());
        }
        for mail in state.lock().unwrap().received.iter_mut().skip(known) {
            mail.encrypted = encrypted;
        }
        if answer.action != Action::NoReply {
            stream.get_mut().write_all(&answer.buffer()?).await?;
            stream.get_mut().flush().await?;
        }
        match (answer.action, &manners.security) {
            (Action::Close, _) => return Ok(()),
            (Action::UpgradeTls, Security::StartTls(authority)) => {
                stream = encrypt(stream, authority).await?;
                encrypted = true;
                session.tls_active();
            }
            _ => {}
        }
    }
}

async fn encrypt(
    stream: BufReader<Box<dyn Stream>>,
    authority: &Authority,
) -> io::Result<BufReader<Box<dyn Stream>>> {
    let stream = TlsAcceptor::from(authority.server()).accept(stream.into_inner()).await?;
    Ok(BufReader::new(Box::new(stream)))
}

/// Stands for an answer that is never given.
const HANG_UP: Response = response::NO_SERVICE;

struct Mailbox {
    state: Arc<Mutex<State>>,
    password: Option<String>,
    user: Option<String>,
    fail: Option<Fail>,
    mail: Received,
}

impl Mailbox {
    /// A refusal repeats what it was given, as a careless server may.
    fn sign_in(&mut self, user: &str, password: &str) -> Response {
        if user == USER && self.password.as_deref() == Some(password) {
            self.user = Some(user.to_owned());
            return response::AUTH_OK;
        }
        Response::custom(535, format!("{user} is not known by the password {password}"))
    }
}

impl Handler for Mailbox {
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        self.sign_in(user, password)
    }

    fn auth_login(&mut self, user: &str, password: &str) -> Response {
        self.sign_in(user, password)
    }

    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.fail = self.state.lock().unwrap().failures.pop_front();
        self.mail = Received { user: self.user.clone(), ..Received::default() };
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
