//! `sendEmail`: what may be sent, when it is sent, and what becomes of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use action_core::mail::{MailRetries, SmtpMailer};
use action_core::ports::MailState;
use action_tests::smtp_server::{Fail, SmtpServer};
use action_tests::{Answer, Ask, TestApp, people};
use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::{Value, json};

use crate::support::{at_once, audit, tally, told};

on_both_fleets!(
    it_needs_the_permission,
    every_mistake_is_told_at_once,
    a_header_cannot_be_injected,
    a_mail_has_one_body_or_two_alternatives_or_a_template,
    recipients_are_bounded,
    a_template_is_filled_in_the_callers_language_and_escaped,
    a_template_that_is_not_there_or_does_not_fit_is_told,
    a_mail_arrives_as_it_was_sent,
    without_a_server_mails_are_files_in_the_outbox,
    a_file_in_the_outbox_says_who_gets_a_blind_copy,
    a_template_that_becomes_too_long_is_told_at_its_data,
    the_audit_shows_to_whom_and_not_what,
    a_repetition_with_a_key_sends_one_mail,
    a_mail_waits_for_a_server_that_is_down,
    what_fails_for_now_is_tried_again,
    what_is_refused_for_good_is_dead_until_it_is_queued_again,
    what_fails_too_often_is_dead,
    many_mails_are_each_sent_once,
    two_nodes_send_each_mail_once,
);

/// With short pauses between the attempts.
const SOON: MailRetries = MailRetries { first_pause: Duration::from_millis(10), attempts: 4 };

async fn server(failures: &[Fail]) -> SmtpServer {
    SmtpServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), failures).await
}

/// The same fleet, sending to a server.
async fn sending(app: TestApp, to: SocketAddr) -> TestApp {
    app.restart(|settings| {
        settings.smtp_url = Some(format!("smtp://{to}"));
        settings.mail_retries = SOON;
    })
    .await
}

fn letter() -> Value {
    json!({ "to": ["ada@example.com"], "subject": "Your car", "text": "It is ready." })
}

fn with(changes: &Value) -> Value {
    let mut params = letter();
    for (name, value) in changes.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

async fn send(ask: &Ask<'_>, params: Value) -> Answer {
    ask.execute("sendEmail", params).await
}

/// Waits until it holds, for half a minute at most.
pub(crate) async fn until(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come to hold");
}

async fn in_state(app: &TestApp, state: MailState) -> usize {
    app.parts().engine.mails().list(state, 1_000, 0).await.unwrap().len()
}

async fn it_needs_the_permission(app: TestApp) {
    for person in [people::fleet_manager(), people::viewer(), people::nobody()] {
        assert_eq!(send(&app.as_person(&person), letter()).await.brief(), "403 permission_denied");
    }
    let with_claim = people::nobody().claim("permissions", json!(["sendemail"]));
    assert_eq!(send(&app.as_person(&with_claim), letter()).await.status, 200);
    assert_eq!(in_state(&app, MailState::Dead).await, 0);
}

async fn every_mistake_is_told_at_once(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let wrong = json!({ "to": ["a@example.com", "b", 7], "cc": ["c@"], "bcc": "d", "priority": 1 });
    assert_eq!(
        told(&send(&ask, wrong).await),
        [
            "to[2] wrong_type",
            "cc[0] wrong_format",
            "bcc wrong_type",
            "subject required",
            "text required",
            "priority unknown_field",
        ]
    );
    let wrong = json!({ "to": ["a", "b@example.com", "c d@example.com"], "subject": " ", "text": "x" });
    let answer = send(&ask, wrong).await;
    assert_eq!(told(&answer), ["to[0] wrong_format", "to[2] wrong_format", "subject required"]);
    assert_eq!(in_state(&app, MailState::Queued).await, 0);
}

async fn a_header_cannot_be_injected(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for subject in ["a\r\nBcc: eve@example.com", "a\nb", "a\rb", "a\u{2028}b", "a\u{85}b", "a\tb"] {
        let answer = send(&ask, with(&json!({ "subject": subject }))).await;
        assert_eq!(told(&answer), ["subject wrong_format"], "{subject:?}");
    }
    for address in
        ["a@example.com\r\nBcc: eve@example.com", "a@example.com, eve@example.com", "<a@example.com>"]
    {
        let answer = send(&ask, with(&json!({ "to": [address] }))).await;
        assert_eq!(told(&answer), ["to[0] wrong_format"], "{address:?}");
    }
}

async fn a_mail_has_one_body_or_two_alternatives_or_a_template(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let none = json!({ "to": ["ada@example.com"], "subject": "s" });
    assert_eq!(told(&send(&ask, none).await), ["text required"]);
    let both = with(&json!({ "html": "<p>x</p>" }));
    assert_eq!(send(&ask, both).await.status, 200);
    let mixed = with(&json!({ "template": "welcome", "html": "<p>x</p>", "data": {} }));
    assert_eq!(told(&send(&ask, mixed).await), ["text not_allowed", "html not_allowed"]);
    let data_alone = with(&json!({ "data": {} }));
    assert_eq!(told(&send(&ask, data_alone).await), ["data not_allowed"]);
    let long = with(&json!({ "text": "é".repeat(500_001) }));
    assert_eq!(told(&send(&ask, long).await), ["text too_long"]);
    let subject = with(&json!({ "subject": "é".repeat(201) }));
    assert_eq!(told(&send(&ask, subject).await), ["subject too_long"]);
}

async fn recipients_are_bounded(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let many = |count: usize| (0..count).map(|it| format!("p{it}@example.com")).collect::<Vec<_>>();
    for field in ["to", "cc", "bcc"] {
        assert_eq!(send(&ask, with(&json!({ field: many(50) }))).await.status, 200, "{field}");
        assert_eq!(told(&send(&ask, with(&json!({ field: many(51) }))).await), [format!("{field} too_many")]);
    }
    assert_eq!(told(&send(&ask, with(&json!({ "to": [] }))).await), ["to too_few"]);
}

async fn a_template_is_filled_in_the_callers_language_and_escaped(app: TestApp) {
    let smtp = server(&[]).await;
    let app = sending(app, smtp.address).await;
    let ask = app.as_person(&people::administrator()).header("accept-language", "nl");
    let params = json!({ "to": ["ada@example.com"], "subject": "Dag", "template": "welcome",
                         "data": { "name": "<b>Ada</b>" } });
    assert_eq!(send(&ask, params).await.status, 200);
    until(async || smtp.received().len() == 1).await;
    let bytes = smtp.received()[0].bytes.clone();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert!(mail.body_text(0).unwrap().starts_with("Dag <b>Ada</b>,"), "{:?}", mail.body_text(0));
    assert!(
        mail.body_html(0).unwrap().contains("Dag &lt;b&gt;Ada&lt;&#x2f;b&gt;,"),
        "{:?}",
        mail.body_html(0)
    );
}

async fn a_template_that_is_not_there_or_does_not_fit_is_told(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let filled = |template: &str, data: Value| json!({ "to": ["ada@example.com"], "subject": "s", "template": template, "data": data });
    let answer = send(&ask, filled("farewell", json!({}))).await;
    assert_eq!(told(&answer), ["template unknown_template"]);
    let answer = send(&ask, filled("welcome", json!({ "nam": "Ada" }))).await;
    assert_eq!(told(&answer), ["data does_not_fit"]);
    assert_eq!(in_state(&app, MailState::Queued).await, 0);
}

async fn a_template_that_becomes_too_long_is_told_at_its_data(app: TestApp) {
    let params = json!({ "to": ["ada@example.com"], "subject": "s", "template": "welcome",
                         "data": { "name": "x".repeat(500_000) } });
    let answer = send(&app.as_person(&people::administrator()), params).await;
    assert_eq!(told(&answer), ["data does_not_fit"]);
    assert_eq!(in_state(&app, MailState::Queued).await, 0);
}

async fn a_mail_arrives_as_it_was_sent(app: TestApp) {
    let smtp = server(&[]).await;
    let app = sending(app, smtp.address).await;
    let params = json!({
        "to": ["ada@example.com", "ADA@example.com"], "cc": ["bob@example.com"], "bcc": ["eve@example.com"],
        "subject": "Grüße aus 東京: dein Auto ist fertig, und dieser Betreff ist so lang, dass er gefaltet wird",
        "text": "Größe\n.\nEnde", "html": "<p>Größe</p>",
    });
    let answer = send(&app.as_person(&people::administrator()), params.clone()).await;
    let id = answer.data()["messageId"].as_str().unwrap().to_owned();
    until(async || smtp.received().len() == 1).await;
    let received = smtp.received().remove(0);
    let addresses: Vec<_> = received.to.iter().map(|it| it.trim_matches(['<', '>'])).collect();
    assert_eq!(addresses, ["ada@example.com", "bob@example.com", "eve@example.com"]);
    assert!(!String::from_utf8_lossy(&received.bytes).contains("eve@"), "nobody sees a blind copy");
    let mail = MessageParser::default().parse(&received.bytes).unwrap();
    assert_eq!(mail.subject(), params["subject"].as_str());
    assert_eq!(mail.message_id(), Some(format!("{id}@localhost").as_str()));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("ada@example.com"));
    assert_eq!(mail.cc().unwrap().first().unwrap().address(), Some("bob@example.com"));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("Fleet"));
    assert!(mail.is_content_type("multipart", "alternative"));
    assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), "Größe\n.\nEnde");
    assert_eq!(mail.body_html(0).unwrap().trim_end(), "<p>Größe</p>");
    until(async || in_state(&app, MailState::Sent).await == 1).await;
}

async fn without_a_server_mails_are_files_in_the_outbox(app: TestApp) {
    let answer = send(&app.as_person(&people::administrator()), letter()).await;
    let file = app.settings().outbox.join(format!("{}.eml", answer.data()["messageId"].as_str().unwrap()));
    until(async || file.exists()).await;
    let bytes = std::fs::read(file).unwrap();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!((mail.subject(), mail.body_text(0).unwrap().trim_end()), (Some("Your car"), "It is ready."));
}

async fn a_file_in_the_outbox_says_who_gets_a_blind_copy(app: TestApp) {
    let params = with(&json!({ "cc": ["bob@example.com"], "bcc": ["eve@example.com", "dan@example.com"] }));
    let answer = send(&app.as_person(&people::administrator()), params).await;
    let file = app.settings().outbox.join(format!("{}.eml", answer.data()["messageId"].as_str().unwrap()));
    until(async || file.exists()).await;
    let bytes = std::fs::read(file).unwrap();
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let blind: Vec<_> = mail.bcc().unwrap().iter().filter_map(|it| it.address()).collect();
    assert_eq!(blind, ["eve@example.com", "dan@example.com"]);
}

async fn the_audit_shows_to_whom_and_not_what(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let bodies = json!({ "text": "the secret text", "html": "<p>the secret page</p>" });
    assert_eq!(send(&ask, with(&bodies)).await.status, 200);
    let filled = json!({ "to": ["ada@example.com"], "subject": "Your car", "template": "welcome",
                         "data": { "name": "the secret name" } });
    assert_eq!(send(&ask, filled).await.status, 200);
    let refused = with(&json!({ "to": ["ada@example.com"], "subject": "a\nb", "html": "a secret, too" }));
    assert_eq!(send(&ask, refused).await.status, 400);
    let records = audit(&ask, "?actionId=sendEmail").await;
    assert_eq!(records.len(), 3);
    for record in &records {
        assert!(!record.to_string().contains("secret"), "{record}");
        assert_eq!(record["params"]["to"], json!(["ada@example.com"]));
    }
    let hidden = json!("[redacted]");
    assert_eq!((&records[2]["params"]["text"], &records[2]["params"]["html"]), (&hidden, &hidden));
    assert_eq!(
        (&records[1]["params"]["data"], &records[1]["params"]["template"]),
        (&hidden, &json!("welcome"))
    );
    assert_eq!(records[1]["params"]["subject"], "Your car");
}

async fn a_repetition_with_a_key_sends_one_mail(app: TestApp) {
    let smtp = server(&[]).await;
    let app = sending(app, smtp.address).await;
    let ask = app.as_person(&people::administrator()).header("idempotency-key", "k");
    let first = send(&ask, letter()).await;
    assert_eq!(send(&ask, letter()).await.data(), first.data());
    until(async || in_state(&app, MailState::Sent).await == 1).await;
    assert_eq!((smtp.received().len(), in_state(&app, MailState::Queued).await), (1, 0));
}

async fn a_mail_waits_for_a_server_that_is_down(app: TestApp) {
    let down = server(&[]).await;
    let address = down.address;
    drop(down);
    let app = app
        .restart(|settings| {
            settings.smtp_url = Some(format!("smtp://{address}"));
            settings.mail_retries = MailRetries { attempts: 1_000, ..SOON };
        })
        .await;
    assert_eq!(send(&app.as_person(&people::administrator()), letter()).await.status, 200);
    until(async || {
        let queued = app.parts().engine.mails().list(MailState::Queued, 1, 0).await.unwrap();
        queued[0].attempts > 1 && queued[0].last_error.is_some()
    })
    .await;
    let up = SmtpServer::start(address, &[]).await;
    until(async || in_state(&app, MailState::Sent).await == 1).await;
    assert_eq!(up.received().len(), 1);
}

async fn what_fails_for_now_is_tried_again(app: TestApp) {
    let smtp = server(&[Fail::Later, Fail::HangUp]).await;
    let app = sending(app, smtp.address).await;
    assert_eq!(send(&app.as_person(&people::administrator()), letter()).await.status, 200);
    until(async || in_state(&app, MailState::Sent).await == 1).await;
    assert_eq!(smtp.received().len(), 1);
    assert_eq!(app.parts().engine.mails().list(MailState::Sent, 1, 0).await.unwrap()[0].attempts, 3);
}

async fn what_is_refused_for_good_is_dead_until_it_is_queued_again(app: TestApp) {
    let smtp = server(&[Fail::NoMailbox]).await;
    let app = sending(app, smtp.address).await;
    send(&app.as_person(&people::administrator()), letter()).await;
    until(async || in_state(&app, MailState::Dead).await == 1).await;
    let mails = app.parts().engine.mails();
    let dead = mails.list(MailState::Dead, 10, 0).await.unwrap().remove(0);
    assert_eq!(dead.attempts, 1);
    assert!(dead.last_error.unwrap().contains("550"), "it says why");
    assert!(smtp.received().is_empty());
    mails.requeue(dead.id).await.unwrap();
    until(async || in_state(&app, MailState::Sent).await == 1).await;
    assert!(mails.requeue(dead.id).await.is_err(), "it is dead no more");
}

async fn what_fails_too_often_is_dead(app: TestApp) {
    let smtp = server(&[Fail::Later; 9]).await;
    let app = sending(app, smtp.address).await;
    send(&app.as_person(&people::administrator()), letter()).await;
    until(async || in_state(&app, MailState::Dead).await == 1).await;
    assert_eq!(app.parts().engine.mails().list(MailState::Dead, 1, 0).await.unwrap()[0].attempts, 4);
}

fn subjects(servers: &[&SmtpServer]) -> Vec<String> {
    let subject = |bytes: &[u8]| MessageParser::default().parse(bytes).unwrap().subject().unwrap().to_owned();
    let received = servers.iter().flat_map(|it| it.received());
    let mut subjects: Vec<_> = received.map(|it| subject(&it.bytes)).collect();
    subjects.sort();
    subjects
}

fn numbered(number: usize) -> String {
    format!("mail {number:04}")
}

/// A hundred mails, numbered on from `first`, and sent.
async fn send_a_hundred(app: &Arc<TestApp>, first: usize) {
    let answers = at_once(app, 100, &people::administrator(), |number, app, person| async move {
        let params = with(&json!({ "subject": numbered(first + number) }));
        send(&app.as_person(&person), params).await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×100"]);
    until(async || in_state(app, MailState::Sent).await == first + 100).await;
}

async fn many_mails_are_each_sent_once(app: TestApp) {
    let smtp = server(&[]).await;
    let app = Arc::new(sending(app, smtp.address).await);
    send_a_hundred(&app, 0).await;
    assert_eq!(subjects(&[&smtp]), (0..100).map(numbered).collect::<Vec<_>>());
}

async fn two_nodes_send_each_mail_once(app: TestApp) {
    // Each has a server of its own, which tells who sent what.
    let (first, second) = (server(&[Fail::Later, Fail::Later]).await, server(&[]).await);
    let app = Arc::new(sending(app, first.address).await);
    let mailer = SmtpMailer::open(&format!("smtp://{}", second.address), "fleet@localhost").unwrap();
    let _other = app.second_engine(|it| it.mailer(mailer).mail_retries(SOON)).await;
    let mut sent = 0;
    while sent == 0 || first.received().is_empty() || second.received().is_empty() {
        // A thousand are the most that are counted.
        assert!(sent < 1_000, "one node sent all of them");
        send_a_hundred(&app, sent).await;
        sent += 100;
    }
    assert_eq!(subjects(&[&first, &second]), (0..sent).map(numbered).collect::<Vec<_>>());
}
