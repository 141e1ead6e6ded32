//! Files in a host of one's own: stores that fail in every way they can, and rules of its own for uploads.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use action_core::files::UploadRules;
use action_core::in_memory::InMemoryFiles;
use action_core::ports::{FileName, FileReader, FileStore, FileStoreError, FileWriter, Storage as _};
use action_tests::{Answer, Ask, TestApp, people};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Method, Request};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::files_upload::{PNG, send, upload};
use crate::support::{audit, told};

on_both_fleets!(
    a_store_that_fails_in_the_middle_of_a_file_keeps_nothing,
    a_store_that_fails_at_the_end_of_a_file_keeps_nothing,
    a_store_that_loses_a_file_while_it_is_written_is_unavailable,
    a_store_that_is_down_is_unavailable_and_back_when_it_is_back,
    a_store_that_fails_in_the_middle_of_an_answer_cuts_it_short,
    a_host_says_how_large_an_upload_may_be,
    a_host_says_which_types_are_taken,
);

/// Memory that fails as it is told.
#[derive(Clone, Default)]
struct Moody {
    kept: InMemoryFiles,
    mood: Arc<Mutex<Mood>>,
    /// Every file that was begun.
    begun: Arc<Mutex<Vec<FileName>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mood {
    #[default]
    Well,
    /// Does not answer at all.
    Down,
    /// Has room for as many bytes of a file.
    Full(usize),
    /// Keeps the file, and fails to say so.
    Silent,
    /// Somebody removes the folder that a file is written into.
    Swept,
    /// Gives one piece of a file and no more.
    Breaks,
}

impl Moody {
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    /// Neither bytes nor rows of anything that was begun, of which there is something.
    async fn kept_nothing(&self, app: &TestApp) {
        assert_eq!(self.kept.count(), 0);
        let begun = self.begun.lock().unwrap().clone();
        assert!(!begun.is_empty());
        assert!(app.parts().storage.file_index().known(&begun).await.unwrap().is_empty());
    }
}

fn broken(what: &str) -> FileStoreError {
    FileStoreError::Unavailable(format!("secret-detail: {what}").into())
}

#[async_trait]
impl FileStore for Moody {
    async fn create(&self, name: FileName) -> Result<Box<dyn FileWriter>, FileStoreError> {
        if self.mood() == Mood::Down {
            return Err(broken("nobody answers"));
        }
        self.begun.lock().unwrap().push(name);
        Ok(Box::new(Writing { inner: self.kept.create(name).await?, mood: self.mood(), written: 0 }))
    }

    async fn open(
        &self,
        name: FileName,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn FileReader>, FileStoreError> {
        if self.mood() == Mood::Down {
            return Err(broken("nobody answers"));
        }
        Ok(Box::new(Reading { inner: self.kept.open(name, range).await?, mood: self.mood(), gave: false }))
    }

    async fn delete(&self, name: FileName) -> Result<(), FileStoreError> {
        self.kept.delete(name).await
    }

    async fn older_than(
        &self,
        before: DateTime<Utc>,
        after: Option<FileName>,
        limit: usize,
    ) -> Result<Vec<FileName>, FileStoreError> {
        self.kept.older_than(before, after, limit).await
    }
}

struct Writing {
    inner: Box<dyn FileWriter>,
    mood: Mood,
    written: usize,
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileStoreError> {
        self.written += bytes.len();
        match self.mood {
            Mood::Full(room) if self.written > room => Err(broken("no space left")),
            // As a writer does that hands on the errors of the system.
            Mood::Swept => Err(std::io::Error::from(std::io::ErrorKind::NotFound).into()),
            _ => self.inner.write(bytes).await,
        }
    }

    async fn finish(self: Box<Self>) -> Result<(), FileStoreError> {
        self.inner.finish().await?;
        if self.mood == Mood::Silent { Err(broken("the answer is lost")) } else { Ok(()) }
    }
}

struct Reading {
    inner: Box<dyn FileReader>,
    mood: Mood,
    gave: bool,
}

#[async_trait]
impl FileReader for Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        if std::mem::replace(&mut self.gave, true) && self.mood == Mood::Breaks {
            return Err(broken("the connection is gone"));
        }
        self.inner.next().await
    }
}

async fn moody(app: TestApp, mood: Mood) -> (TestApp, Moody) {
    let store = Moody::default();
    store.is(mood);
    let files = store.clone();
    (app.hosted(|builder| builder.files(files)).await, store)
}

fn words(size: usize) -> Vec<u8> {
    b"0123456789abcdef".iter().copied().cycle().take(size).collect()
}

/// It says when to come back, and nothing of what is inside.
fn is_unavailable(answer: &Answer) {
    assert_eq!(answer.brief(), "503 unavailable", "{}", answer.text);
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert!(!answer.text.contains("secret-detail"), "{}", answer.text);
}

/// The one upload is there as a failure.
async fn is_audited_as_failed(ask: &Ask<'_>) {
    let records = audit(ask, "?actionId=uploadFile").await;
    assert_eq!(records.len(), 1);
    assert_eq!(
        (&records[0]["outcome"], &records[0]["errorCode"]),
        (&json!("failed"), &json!("unavailable")),
        "{}",
        records[0]
    );
}

async fn a_store_that_fails_in_the_middle_of_a_file_keeps_nothing(app: TestApp) {
    let (app, store) = moody(app, Mood::Full(100_000)).await;
    let ask = app.as_person(&people::administrator());
    is_unavailable(&upload(&ask, "a.txt", &words(300_000)).await);
    store.kept_nothing(&app).await;
    is_audited_as_failed(&ask).await;
    assert_eq!(upload(&ask, "a.txt", &words(99_000)).await.status, 200);
}

async fn a_store_that_fails_at_the_end_of_a_file_keeps_nothing(app: TestApp) {
    let (app, store) = moody(app, Mood::Silent).await;
    let ask = app.as_person(&people::administrator());
    is_unavailable(&upload(&ask, "a.png", PNG).await);
    store.kept_nothing(&app).await;
    is_audited_as_failed(&ask).await;
}

async fn a_store_that_loses_a_file_while_it_is_written_is_unavailable(app: TestApp) {
    let (app, store) = moody(app, Mood::Swept).await;
    let ask = app.as_person(&people::administrator());
    is_unavailable(&upload(&ask, "a.png", PNG).await);
    store.kept_nothing(&app).await;
    is_audited_as_failed(&ask).await;
}

async fn a_store_that_is_down_is_unavailable_and_back_when_it_is_back(app: TestApp) {
    let (app, store) = moody(app, Mood::Well).await;
    let ask = app.as_person(&people::administrator());
    let kept = upload(&ask, "a.txt", b"0123456789").await;
    let path = format!("/ui/files/{}", kept.data()["fileId"].as_str().unwrap());
    store.is(Mood::Down);
    is_unavailable(&ask.get(&path).await);
    is_unavailable(&ask.clone().header("range", "bytes=0-1").get(&path).await);
    let head = ask.send(Method::HEAD, &path, "").await;
    assert_eq!((head.status, head.header("retry-after").is_some()), (503, true));
    is_unavailable(&upload(&ask, "b.png", PNG).await);
    store.is(Mood::Well);
    assert_eq!(ask.get(&path).await.text, "0123456789");
    assert_eq!(upload(&ask, "b.png", PNG).await.status, 200);
}

async fn a_store_that_fails_in_the_middle_of_an_answer_cuts_it_short(app: TestApp) {
    let (app, store) = moody(app, Mood::Well).await;
    let ask = app.as_person(&people::administrator());
    let kept = upload(&ask, "a.txt", &words(300_000)).await;
    let path = format!("/ui/files/{}", kept.data()["fileId"].as_str().unwrap());
    store.is(Mood::Breaks);
    let token = format!("Bearer {}", people::administrator().token());
    let request = Request::get(&path).header("authorization", token).body(Body::empty()).unwrap();
    let answer = app.parts().router.clone().oneshot(request).await.unwrap();
    // The head was sent by then: that the bytes end early is all that can be told, and a length promises more.
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-length"]),
        (200, &"300000".parse().unwrap())
    );
    assert!(answer.into_body().collect().await.is_err());
}

async fn a_host_says_how_large_an_upload_may_be(app: TestApp) {
    let rules = UploadRules::default().largest(1_000);
    let app = app.hosted(|builder| builder.upload_rules(rules)).await;
    let ask = app.as_person(&people::administrator());
    assert_eq!(upload(&ask, "a.txt", &words(1_000)).await.status, 200);
    let large = upload(&ask, "a.txt", &words(1_001)).await;
    assert_eq!(large.brief(), "413 payload_too_large");
    assert!(large.text.contains("1000"), "it tells the limit: {}", large.text);
    // All files of a request together.
    let request = json!({ "actionId": "uploadFile" }).to_string();
    let json = ("request", None, request.as_bytes());
    let half = words(501);
    let two = send(&ask, &[json, ("a", Some("a.txt"), &half), ("b", Some("b.txt"), &half)]).await;
    assert_eq!(two.brief(), "413 payload_too_large");
}

async fn a_host_says_which_types_are_taken(app: TestApp) {
    let rules = UploadRules::default().types(["text/plain", "image/bmp"]);
    let app = app.hosted(|builder| builder.upload_rules(rules)).await;
    let ask = app.as_person(&people::administrator());
    for (name, bytes, expected) in [
        ("a.txt", &b"just words"[..], "200"),
        // One that is not among the usual ones.
        ("a.bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", "200"),
        ("a.txt", PNG, "400 file_type_refused"),
        ("a.csv", b"plate;year\r\n", "400 file_type_refused"),
        ("a.txt", b"%PDF-1.7\n%\xe2\xe3", "400 file_type_refused"),
    ] {
        let answer = upload(&ask, name, bytes).await;
        assert_eq!(answer.brief(), expected, "{}", String::from_utf8_lossy(bytes));
        if answer.status == 400 {
            assert_eq!(told(&answer), ["file file_type_refused"]);
        }
    }
}
