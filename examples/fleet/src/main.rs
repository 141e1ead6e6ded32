//! Starts the example: `cargo run` at the root of the workspace.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use fleet::{App, DEVELOPMENT_SECRET, Person, Settings, StartError, app, demo_token};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// How long running executions may take to end after a signal to stop.
const GRACE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    // Otherwise a panic is several lines on stderr that no reader of logs can take.
    std::panic::set_hook(Box::new(|panic| tracing::error!(%panic)));
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), StartError> {
    let settings = Settings::from_env()?;
    // The address first: a port that is taken should not cost a migration.
    let listener =
        TcpListener::bind(settings.bind).await.map_err(|error| StartError::bind(settings.bind, &error))?;
    let address = listener.local_addr().map_err(|error| StartError::bind(settings.bind, &error))?;
    let App { router, engine, storage } = app(&settings).await?;
    announce(&settings, address);

    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = stopping.await;
    });
    let server = tokio::spawn(server.into_future());
    signal().await;
    tracing::info!("stopping: no new calls, and running ones have 10 s to end");
    let _ = stop.send(());
    let ended = tokio::time::timeout(GRACE, async {
        let _ = server.await;
        engine.drain(GRACE).await
    });
    if !ended.await.unwrap_or(false) {
        tracing::warn!("some calls did not end in time and are rolled back");
    }
    storage.close().await;
    Ok(())
}

/// What a newcomer needs: where it listens, and a line to try.
fn announce(settings: &Settings, address: std::net::SocketAddr) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on http://{address}");
    if settings.jwt_secret == DEVELOPMENT_SECRET
        && let Ok(token) = demo_token(&settings.jwt_secret, Person::FleetManager)
    {
        let body = r#"{"actionId":"executeQuery","params":{"entity":"Car","limit":3}}"#;
        let _ = writeln!(
            out,
            "\nTry it, as a fleet manager of the tenant acme (the token holds for 12 hours):\n\n\
             curl -s http://{address}/ui/actions/execute -H 'Content-Type: application/json' \
             -H 'Authorization: Bearer {token}' -d '{body}'\n"
        );
    }
    let _ = out.flush();
}

/// Waits for Ctrl-C or SIGTERM.
async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
