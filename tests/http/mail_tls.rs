//! Mail to a server that speaks TLS and wants a password: what arrives, and what never travels or stands anywhere.

use std::time::Duration;

use action_core::mail::MailRetries;
use action_core::ports::{ListedMail, MailState};
use action_tests::smtp_server::{Manners, Security, SignIn, SmtpServer, USER};
use action_tests::{Authority, TestApp, people};
use serde_json::json;

use crate::mail::until;

on_both_fleets!(
    a_mail_arrives_over_tls_from_the_start,
    a_mail_arrives_over_starttls,
    a_mail_arrives_after_signing_in,
    wrong_credentials_leave_the_mail_waiting_and_show_no_password,
    corrected_credentials_send_what_waited,
    without_starttls_nothing_is_sent_where_tls_is_required,
    an_untrusted_certificate_is_refused,
    a_certificate_of_another_host_is_refused,
    where_tls_is_welcome_and_not_there_the_mail_travels_without,
);

/// Its percent-encoding is another text, and so is what AUTH PLAIN and AUTH LOGIN make of it.
const PASSWORD: &str = "p@ss:wörd/42";
const IN_A_URL: &str = "p%40ss%3Aw%C3%B6rd%2F42";
const OTHER_SPELLINGS: [&str; 3] = [IN_A_URL, "cEBzczp3w7ZyZC80Mg==", "AGFkYQBwQHNzOnfDtnJkLzQy"];

fn signing_in(security: Security, mechanism: SignIn) -> Manners {
    Manners { security, sign_in: Some((mechanism, PASSWORD.to_owned())), failures: Vec::new() }
}

/// The fleet, sending by a URL in which `host` stands for the server's address, and trusting an authority.
async fn sending(app: TestApp, smtp: &SmtpServer, url: &str, trusted: Option<&Authority>) -> TestApp {
    let url = url.replace("host", &format!("localhost:{}", smtp.address.port()));
    let root = trusted.map(|it| {
        let file = app.config().join("authority.pem");
        std::fs::write(&file, it.pem()).unwrap();
        file
    });
    app.restart(|settings| {
        settings.smtp_url = Some(url);
        settings.smtp_root_certificate = root;
        settings.mail_retries = MailRetries { first_pause: Duration::from_millis(10), attempts: 1_000 };
    })
    .await
}

async fn send(app: &TestApp) {
    let params = json!({ "to": ["bob@example.com"], "subject": "Your car", "text": "It is ready." });
    assert_eq!(app.as_person(&people::administrator()).execute("sendEmail", params).await.status, 200);
}

async fn arrived(app: &TestApp, smtp: &SmtpServer) {
    until(async || !app.parts().engine.mails().list(MailState::Sent, 1, 0).await.unwrap().is_empty()).await;
    let received = smtp.received();
    assert_eq!(received.len(), 1);
    assert!(String::from_utf8_lossy(&received[0].bytes).contains("It is ready."));
}

/// The mail that failed more than once and still waits.
async fn waiting(app: &TestApp) -> ListedMail {
    let list = async || app.parts().engine.mails().list(MailState::Queued, 1, 0).await.unwrap();
    until(async || list().await.first().is_some_and(|it| it.attempts > 1 && it.last_error.is_some())).await;
    assert!(app.parts().engine.mails().list(MailState::Dead, 1, 0).await.unwrap().is_empty());
    list().await.remove(0)
}

async fn a_mail_arrives_over_tls_from_the_start(app: TestApp) {
    let authority = Authority::new();
    let smtp = SmtpServer::with(Manners {
        security: Security::FromTheStart(authority.clone()),
        ..Manners::default()
    })
    .await;
    let app = sending(app, &smtp, "smtps://host", Some(&authority)).await;
    send(&app).await;
    arrived(&app, &smtp).await;
    assert!(smtp.received()[0].encrypted);
    assert_eq!(smtp.in_the_clear(), "");
}

async fn a_mail_arrives_over_starttls(app: TestApp) {
    let authority = Authority::new();
    let smtp =
        SmtpServer::with(Manners { security: Security::StartTls(authority.clone()), ..Manners::default() })
            .await;
    let app = sending(app, &smtp, "smtp://host?tls=required", Some(&authority)).await;
    send(&app).await;
    arrived(&app, &smtp).await;
    assert!(smtp.received()[0].encrypted);
    only_greets(&smtp);
}

async fn a_mail_arrives_after_signing_in(app: TestApp) {
    let authority = Authority::new();
    let implicit = signing_in(Security::FromTheStart(authority.clone()), SignIn::Plain);
    let starttls = signing_in(Security::StartTls(authority.clone()), SignIn::Login);
    let mut app = app;
    for (manners, scheme, query) in [(implicit, "smtps", ""), (starttls, "smtp", "?tls=required")] {
        let smtp = SmtpServer::with(manners).await;
        let url = format!("{scheme}://{USER}:{IN_A_URL}@host{query}");
        app = sending(app, &smtp, &url, Some(&authority)).await;
        send(&app).await;
        until(async || smtp.received().len() == 1).await;
        let received = smtp.received().remove(0);
        assert_eq!((received.encrypted, received.user.as_deref()), (true, Some(USER)));
        for spelling in OTHER_SPELLINGS.iter().chain([&PASSWORD]) {
            assert!(!smtp.in_the_clear().contains(spelling));
        }
    }
}

async fn wrong_credentials_leave_the_mail_waiting_and_show_no_password(app: TestApp) {
    let mut app = app;
    for mechanism in [SignIn::Plain, SignIn::Login] {
        let authority = Authority::new();
        let mut manners = signing_in(Security::FromTheStart(authority.clone()), mechanism);
        manners.sign_in = Some((mechanism, "another".to_owned()));
        let smtp = SmtpServer::with(manners).await;
        app = sending(app, &smtp, &format!("smtps://{USER}:{IN_A_URL}@host"), Some(&authority)).await;
        send(&app).await;
        let error = waiting(&app).await.last_error.unwrap();
        assert_eq!(error, "not now: the server does not accept the user and password (535)");
        assert!(smtp.received().is_empty());
    }
}

async fn corrected_credentials_send_what_waited(app: TestApp) {
    let authority = Authority::new();
    let smtp = SmtpServer::with(signing_in(Security::FromTheStart(authority.clone()), SignIn::Plain)).await;
    let app = sending(app, &smtp, &format!("smtps://{USER}:wrong@host"), Some(&authority)).await;
    send(&app).await;
    waiting(&app).await;
    let app = sending(app, &smtp, &format!("smtps://{USER}:{IN_A_URL}@host"), Some(&authority)).await;
    arrived(&app, &smtp).await;
}

/// What a listener on the way has heard is no more than how a client greets and asks for TLS.
fn only_greets(smtp: &SmtpServer) {
    for line in smtp.in_the_clear().lines() {
        assert!(["EHLO", "STARTTLS", "QUIT"].iter().any(|it| line.starts_with(it)), "in the clear: {line}");
    }
}

async fn without_starttls_nothing_is_sent_where_tls_is_required(app: TestApp) {
    // A server that has no TLS, or a way on which somebody has struck the offer out.
    let smtp = SmtpServer::with(Manners::default()).await;
    let app = sending(app, &smtp, &format!("smtp://{USER}:{IN_A_URL}@host?tls=required"), None).await;
    send(&app).await;
    let error = waiting(&app).await.last_error.unwrap();
    assert!(error.contains("STARTTLS is not supported on this server"), "{error}");
    assert!(smtp.in_the_clear().starts_with("EHLO"));
    only_greets(&smtp);
}

async fn an_untrusted_certificate_is_refused(app: TestApp) {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let mut app = app;
    for (security, scheme, query) in [
        (Security::FromTheStart(stranger.clone()), "smtps", ""),
        (Security::StartTls(stranger.clone()), "smtp", "?tls=required"),
        // Where TLS is only welcome, a wrong certificate is still no reason to go on without.
        (Security::StartTls(stranger), "smtp", "?tls=opportunistic"),
    ] {
        for trusted in [None, Some(&authority)] {
            let smtp = SmtpServer::with(signing_in(security.clone(), SignIn::Plain)).await;
            let url = format!("{scheme}://{USER}:{IN_A_URL}@host{query}");
            app = sending(app, &smtp, &url, trusted).await;
            send(&app).await;
            let error = waiting(&app).await.last_error.unwrap();
            assert!(error.contains("UnknownIssuer"), "{error}");
            assert!(smtp.received().is_empty());
            only_greets(&smtp);
        }
    }
}

async fn a_certificate_of_another_host_is_refused(app: TestApp) {
    let authority = Authority::new();
    let smtp = SmtpServer::with(Manners {
        security: Security::FromTheStart(authority.clone()),
        ..Manners::default()
    })
    .await;
    // The certificate names `localhost`, and the URL the address.
    let url = format!("smtps://{}", smtp.address);
    let app = sending(app, &smtp, &url, Some(&authority)).await;
    send(&app).await;
    let error = waiting(&app).await.last_error.unwrap();
    assert!(error.contains("not valid for name"), "{error}");
    assert!(smtp.received().is_empty());
}

async fn where_tls_is_welcome_and_not_there_the_mail_travels_without(app: TestApp) {
    let smtp = SmtpServer::with(Manners::default()).await;
    let app = sending(app, &smtp, "smtp://host?tls=opportunistic", None).await;
    send(&app).await;
    arrived(&app, &smtp).await;
    assert!(!smtp.received()[0].encrypted);
}
