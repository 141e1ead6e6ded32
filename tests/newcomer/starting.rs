//! Mistakes in what the program is started with: it says what is wrong, and does not start.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::{binary, says};

/// What the program says when it is started like this, and refuses.
#[track_caller]
fn refusal(environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = binary::command("fleet", folder.path());
    command
        .env("BIND", "127.0.0.1:0")
        .env("DATABASE_URL", "sqlite::memory:")
        .envs(environment.iter().copied());
    // Building it is not part of starting it.
    let began = Instant::now();
    let output = command.output().unwrap();
    assert!(began.elapsed() < Duration::from_secs(8), "it took {:?} to refuse", began.elapsed());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, "", "it must not say that it listens");
    let log = String::from_utf8(output.stderr).unwrap();
    let (_, message) = log.split_once("error: ").unwrap_or_else(|| panic!("no `error: …` in {log}"));
    message.to_owned()
}

fn with_security_json(text: Option<&str>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    if let Some(text) = text {
        std::fs::write(folder.path().join("security.json"), text).unwrap();
    }
    let message = refusal(&[("FLEET_CONFIG", folder.path().to_str().unwrap())]);
    (folder, message)
}

fn security_json_in(folder: &Path) -> String {
    folder.join("security.json").display().to_string()
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    says(
        &refusal(&[("BIND", &address)]),
        &[
            &format!(
                "{address} is already in use; stop the program that listens there, or choose another port"
            ),
            "BIND=127.0.0.1:0 picks a free one",
        ],
    );
}

#[test]
fn an_address_that_is_none() {
    says(
        &refusal(&[("BIND", "localhost")]),
        &["BIND is `localhost`; it must be an address and a port, as in 127.0.0.1:3000"],
    );
}

#[test]
fn a_database_that_is_down() {
    let message = refusal(&[("DATABASE_URL", "postgres://fleet:geheim@127.0.0.1:1/cars")]);
    says(
        &message,
        &[
            "DATABASE_URL: cannot open database `cars` at 127.0.0.1:1: ",
            "refused",
            "check that the server runs there and that user and password are right",
        ],
    );
    assert!(!message.contains("geheim"), "the password: {message}");
}

#[test]
fn the_potholes_without_a_postgresql() {
    for url in [None, Some("sqlite::memory:")] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = binary::command("pothole", folder.path());
        let output = command.envs(url.map(|it| ("DATABASE_URL", it))).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        says(
            &String::from_utf8(output.stderr).unwrap(),
            &[
                "error: DATABASE_URL must name a PostgreSQL database",
                "postgres://user:password@localhost/potholes",
            ],
        );
    }
}

#[test]
fn a_database_url_that_is_none() {
    let known = "write `sqlite://file.db`, `sqlite::memory:` or `postgres://user:password@host/database`";
    for (url, cause) in [
        ("fleet.db", "DATABASE_URL: this URL names no database this storage knows"),
        ("/var/lib/fleet.db", "DATABASE_URL: this URL names no database this storage knows"),
        ("mysql://fleet:geheim@db/cars", "DATABASE_URL: `mysql` names no database this storage knows"),
        ("geheim", "DATABASE_URL: this URL names no database this storage knows"),
    ] {
        let message = refusal(&[("DATABASE_URL", url)]);
        says(&message, &[cause, known]);
        assert!(!message.contains("geheim"), "the password: {message}");
    }
    // An `@` in the password makes the rest of it a host.
    let message = refusal(&[("DATABASE_URL", "postgres://fleet:ge@heim:5432x/cars")]);
    says(
        &message,
        &[
            "DATABASE_URL: the database URL cannot be read: ",
            "postgres://user:password@host:5432/database",
            "`%40` for an `@`",
        ],
    );
    assert!(!message.contains("heim"), "a part of the password: {message}");
}

#[test]
fn an_sqlite_file_in_a_folder_that_is_not_there() {
    says(
        &refusal(&[("DATABASE_URL", "sqlite://no/such/folder/fleet.db")]),
        &[
            "cannot open the SQLite file `no/such/folder/fleet.db`: ",
            "check that its folder exists and may be written",
        ],
    );
}

#[test]
fn the_development_secret_where_others_can_reach_it() {
    for bind in ["0.0.0.0:0", "[::]:0"] {
        says(
            &refusal(&[("BIND", bind)]),
            &[
                "the development secret is known to everybody, and ",
                " can be reached from other machines; set ACTIONS_JWT_SECRET to a secret of at least 32 characters, or BIND to a \
                 loopback address",
            ],
        );
    }
}

#[test]
fn a_secret_that_is_too_short() {
    let message = refusal(&[("ACTIONS_JWT_SECRET", "geheim")]);
    says(
        &message,
        &[
            "ACTIONS_JWT_SECRET: the secret for HS256 has 6 bytes and needs 32; make one with `openssl rand -base64 48`",
        ],
    );
    assert!(!message.contains("geheim"), "the secret: {message}");
}

#[test]
fn a_security_json_that_is_missing() {
    let (folder, message) = with_security_json(None);
    says(
        &message,
        &[
            &format!("`{}` cannot be read: ", security_json_in(folder.path())),
            "Put the file there, or write `{}` into it to grant nothing",
        ],
    );
}

#[test]
fn a_security_json_that_is_no_json() {
    let (folder, message) = with_security_json(Some("{\n  \"groups\": {},\n  \"rights\": [],\n}"));
    says(&message, &[&format!("{}:4:1: not JSON: trailing comma", security_json_in(folder.path()))]);
}

#[test]
fn a_security_json_that_is_broken_in_several_places() {
    let (folder, message) = with_security_json(Some(
        r#"{
  "groups": { "a0000000-0000-4000-8000-000000000001": { "en": "Viewers" } },
  "rights": [
    { "id": "b0000000-0000-4000-8000-000000000001", "resource": "Read", "groupId": "a0000000-0000-4000-8000-000000000001" },
    { "id": "b0000000-0000-4000-8000-000000000001", "resource": "Read/Car", "groupId": "a0000000-0000-4000-8000-000000000009" }
  ],
  "right": []
}"#,
    ));
    let file = security_json_in(folder.path());
    says(
        &message,
        &[
            &format!("`{file}` has 4 problems; nothing of it was taken"),
            &format!(
                "{file}:4:65: rights[0].resource: `Read` is not `action/target`; for a free name write `Read/*`"
            ),
            &format!(
                "{file}:5:13: rights[1].id: the right `b0000000-0000-4000-8000-000000000001` stands here a second time"
            ),
            "the first is `rights[0]` at 4:13; give one of them a new id",
            "the group `a0000000-0000-4000-8000-000000000009` is declared neither in `groups` nor in `wellKnown`; declare it, \
             or correct the id",
            &format!("{file}:7:3: `right` is not known here; write `wellKnown`, `groups` or `rights`"),
        ],
    );
}
