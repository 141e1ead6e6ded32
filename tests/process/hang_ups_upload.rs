//! Clients that hang up in the middle of an upload: no row, no bytes, and nothing in the spool.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::{Duration, Instant};

use action_tests::people::administrator;

use crate::database::{Database, on_both};
use crate::host::Host;

on_both!(an_upload_that_is_cut_off_leaves_nothing);

const CLIENTS: usize = 20;

/// The beginning of a request that uploads a text of `size` bytes, up to the text; and its end.
fn around(size: usize) -> (Vec<u8>, &'static [u8]) {
    let end = b"\r\n--cut--\r\n";
    let parts = "--cut\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n{\"actionId\":\"uploadFile\"}\r\n\
                 --cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n";
    let head = format!(
        "POST /ui/actions/execute HTTP/1.1\r\nHost: fleet\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {}\r\n\r\n{parts}",
        administrator().token(),
        parts.len() + size + end.len()
    );
    (head.into_bytes(), end)
}

/// The files that the program has open in its folder for temporary ones, which have no name there.
fn spooled(host: &Host, temporary: &Path) -> usize {
    let open = std::fs::read_dir(format!("/proc/{}/fd", host.process())).unwrap();
    open.flatten()
        .filter(|it| std::fs::read_link(it.path()).is_ok_and(|it| it.starts_with(temporary)))
        .count()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never is so that {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Files below a folder, finished or not.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|it| if it.path().is_dir() { files(&it.path()) } else { 1 }).sum()
}

async fn an_upload_that_is_cut_off_leaves_nothing(database: Database) {
    let temporary = tempfile::tempdir().unwrap();
    let temporary = temporary.path();
    let host = Host::start_with(database.url(), &[("TMPDIR", temporary.to_str().unwrap())]).await;
    let (head, end) = around(4 * 1024 * 1024);
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut wire = host.wire().await;
        wire.send(&head).await.unwrap();
        wire.send(&vec![b'a'; 300_000]).await.unwrap();
        clients.push(wire);
    }
    until("all of them are in the middle", || spooled(&host, temporary) == CLIENTS).await;
    drop(clients);
    until("the spool is empty", || spooled(&host, temporary) == 0).await;
    assert_eq!((files(temporary), files(&host.folder().join("fleet-files"))), (0, 0));
    let rows = "SELECT CAST(count(*) AS TEXT) FROM {library}stored_files";
    let audited = "SELECT CAST(count(*) AS TEXT) FROM {library}action_audit_log";
    assert_eq!(
        (database.number(rows).await, database.number(audited).await),
        (0, 0),
        "it never became a call"
    );

    // The same request, sent to its end.
    let mut wire = host.wire().await;
    wire.send(&head).await.unwrap();
    wire.send(&vec![b'a'; 4 * 1024 * 1024]).await.unwrap();
    wire.send(end).await.unwrap();
    assert_eq!(wire.read().await.unwrap().data()["size"], 4 * 1024 * 1024);
    assert_eq!((database.number(rows).await, files(&host.folder().join("fleet-files"))), (1, 1));
    until("the spool is empty again", || spooled(&host, temporary) == 0).await;
}
