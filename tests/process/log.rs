//! The log: a line of JSON for each execution, which says what happened and gives nobody's secrets away.

use std::time::Duration;

use action_tests::people::{administrator, viewer};
use action_tests::smtp_server::{Manners, Security, SignIn, SmtpServer};
use action_tests::{Authority, Person, postgres};
use serde_json::{Value, json};

use crate::host::Host;
use crate::wire::{Reply, request};

const SECRET: &str = "a secret that the operator keeps to themselves";

async fn run(host: &Host, person: &Person, id: &str, action: &str, params: &Value) -> Reply {
    let authorization = format!("Bearer {}", person.signed_with(SECRET));
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
        ("X-Request-Id", id),
    ];
    let body = json!({ "actionId": action, "params": params }).to_string();
    host.wire().await.ask(&request("POST", "/ui/actions/execute", &headers, &body)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_execution_is_one_line_of_json_without_secrets() {
    let database = postgres::server().create_database(None).await;
    let environment = [
        ("ACTIONS_JWT_SECRET", SECRET),
        ("FLEET_DIAGNOSTICS", "1"),
        ("RUST_LOG", "debug"),
        ("RUST_BACKTRACE", "1"),
    ];
    // Over TCP, because that URL has a password.
    let host = Host::start_with(database.tcp_url(), &environment).await;
    let private = json!({
        "password": "hunter2hunter2", "nested": { "apiKey": "k-4711-4711" }, "note": "only-for-ada",
    });
    let car = json!({ "entity": "Car", "values": { "licensePlate": "LOG-1", "brand": "Kia", "model": "Niro", "year": 2020 } });
    let calls = [
        ("log-ok", administrator(), "createRecord", &car, 200, "succeeded"),
        ("log-secret", viewer(), "echo", &private, 200, "succeeded"),
        ("log-refused", viewer(), "createRecord", &car, 403, "refused"),
        ("log-conflict", administrator(), "createRecord", &car, 409, "refused"),
        (
            "log-invalid",
            administrator(),
            "createRecord",
            &json!({ "entity": "Car", "values": {} }),
            400,
            "refused",
        ),
        ("log-fault", viewer(), "diagnostics.fail", &json!({}), 500, "failed"),
        ("log-panic", viewer(), "diagnostics.panic", &json!({}), 500, "failed"),
        ("log-slow", viewer(), "diagnostics.slow", &json!({ "ms": 600 }), 504, "failed"),
    ];
    for (id, person, action, params, status, _) in &calls {
        let reply = run(&host, person, id, action, params).await;
        assert_eq!((reply.status, reply.header("x-request-id")), (*status, Some(*id)), "{}", reply.json);
    }
    let stranger = format!("Bearer {}", viewer().signed_with("some other secret of 32 characters"));
    let stranger = request("GET", "/ui/actions?token=t-4711-4711", &[("Authorization", &stranger)], "");
    assert_eq!(host.wire().await.ask(&stranger).await.unwrap().status, 401);
    host.signal("TERM");
    let (_, log) = host.end(Duration::from_secs(10)).await;

    let lines: Vec<Value> = log
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("a line that is no JSON: {line}")))
        .collect();
    for (id, _, action, _, _, outcome) in &calls {
        let of_this_call: Vec<&Value> = lines
            .iter()
            .filter(|it| it["fields"]["request"] == *id && it["fields"].get("outcome").is_some())
            .collect();
        assert_eq!(of_this_call.len(), 1, "one line for {id}: {of_this_call:?}");
        assert_eq!(of_this_call[0]["fields"]["action"], *action);
        assert_eq!(of_this_call[0]["fields"]["outcome"], *outcome);
        assert!(of_this_call[0]["fields"]["took_us"].is_u64());
    }
    // What went wrong inside is told here, since it is told nowhere else.
    let told = |id: &str| {
        lines.iter().any(|it| {
            it["fields"]["request"] == id && it["fields"]["cause"].to_string().contains("secret-detail")
        })
    };
    assert!(told("log-fault") && told("log-panic"));

    let password = database.tcp_url().split(['@', ':']).nth(2).unwrap();
    let token = administrator().signed_with(SECRET);
    let signature = token.rsplit('.').next().unwrap();
    for secret in [password, signature, SECRET, "hunter2", "k-4711", "only-for-ada", "t-4711", "eyJ"] {
        let found = log.iter().find(|it| it.contains(secret));
        assert!(found.is_none(), "`{secret}` stands in the log: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_refuses_the_password_does_not_bring_it_into_the_log() {
    const PASSWORD: &str = "hunter2-of-the-mail";
    let authority = Authority::new();
    let smtp = SmtpServer::with(Manners {
        security: Security::FromTheStart(authority.clone()),
        sign_in: Some((SignIn::Plain, "another".to_owned())),
        ..Manners::default()
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("authority.pem");
    std::fs::write(&root, authority.pem()).unwrap();
    let url = format!("smtps://ada:{PASSWORD}@localhost:{}", smtp.address.port());
    let environment = [
        ("ACTIONS_JWT_SECRET", SECRET),
        ("ACTIONS_SMTP_URL", url.as_str()),
        ("ACTIONS_SMTP_ROOT_CERTIFICATE", root.to_str().unwrap()),
        ("RUST_LOG", "trace"),
    ];
    let host = Host::start_with("sqlite::memory:", &environment).await;
    let mail = json!({ "to": ["bob@example.com"], "subject": "s", "text": "t" });
    assert_eq!(run(&host, &administrator(), "log-mail", "sendEmail", &mail).await.status, 200);
    let refused = async {
        while !host.log().iter().any(|it| it.contains("a mail was not sent") && it.contains("(535)")) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), refused).await.unwrap();
    host.signal("TERM");
    let (_, log) = host.end(Duration::from_secs(10)).await;
    // As it is, and as AUTH PLAIN spells it: the base64 of NUL, `ada`, NUL and the password begins like this.
    for secret in [PASSWORD, "AGFkYQBodW50ZXIy"] {
        let found = log.iter().find(|it| it.contains(secret));
        assert!(found.is_none(), "the password stands in the log: {found:?}");
    }
}
