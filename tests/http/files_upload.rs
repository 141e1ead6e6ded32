//! `uploadFile`, and `multipart/form-data` on the execution endpoint.

use std::path::Path;

use action_sqlx::Dialect;
use action_tests::{Answer, Ask, TestApp, people};
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{CAR, EXECUTE, FOREIGN_CAR, NO_CAR, anonymous_text, audit, texts, told};

on_both_fleets!(
    a_file_is_kept_and_answered,
    it_needs_the_permission_and_a_tenant,
    a_record_needs_the_right_to_read_it_and_must_be_there,
    entity_and_id_go_together,
    exactly_one_file_is_taken,
    an_empty_file_is_refused,
    a_type_is_told_by_the_bytes_and_not_by_the_name,
    a_name_is_cleaned_and_never_a_path,
    a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not,
    a_description_has_a_thousand_characters_at_most,
    an_action_that_takes_no_files_refuses_them,
    the_request_part_is_required_once_and_is_json,
    parts_that_cannot_be_read_are_a_malformed_request,
    the_body_is_not_read_before_the_caller_is_known,
    a_key_covers_the_json_and_each_files_name_and_bytes,
    a_refused_upload_leaves_no_bytes,
    an_action_runs_by_multipart_without_files_too,
    uploads_are_audited_without_their_bytes,
    a_store_that_fails_is_unavailable_and_keeps_nothing,
);

const BOUNDARY: &str = "----fleet";
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// A part: its name, its file's name, its bytes.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

pub(crate) fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").into_bytes());
        if let Some(file) = file {
            body.extend(format!("; filename=\"{file}\"\r\nContent-Type: image/png").into_bytes());
        }
        body.extend(b"\r\n\r\n");
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

pub(crate) async fn send(ask: &Ask<'_>, parts: &[Part<'_>]) -> Answer {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    ask.clone().header("content-type", &content_type).send(Method::POST, EXECUTE, body(parts)).await
}

async fn upload_with(ask: &Ask<'_>, params: Value, name: &str, bytes: &[u8]) -> Answer {
    let request = json!({ "actionId": "uploadFile", "params": params }).to_string();
    send(ask, &[("request", None, request.as_bytes()), ("file", Some(name), bytes)]).await
}

pub(crate) async fn upload(ask: &Ask<'_>, name: &str, bytes: &[u8]) -> Answer {
    upload_with(ask, json!({}), name, bytes).await
}

/// How many files are in the store, finished or not.
fn kept(app: &TestApp) -> usize {
    let files = |folder: &Path| std::fs::read_dir(folder).map_or(0, |it| it.flatten().count());
    let Ok(tenants) = std::fs::read_dir(&app.settings().files) else { return 0 };
    tenants.flatten().map(|it| files(&it.path())).sum()
}

/// How many files the database knows.
async fn rows(app: &TestApp) -> usize {
    let schema = if app.parts().storage.dialect() == Dialect::Postgres { "actions." } else { "" };
    texts(app, &format!("SELECT CAST(id AS TEXT) FROM {schema}stored_files")).await.len()
}

async fn a_file_is_kept_and_answered(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = upload(&ask, "photo.png", PNG).await;
    let data = answer.data();
    assert_eq!((&data["fileName"], &data["contentType"]), (&json!("photo.png"), &json!("image/png")));
    assert_eq!(data["size"], PNG.len());
    assert_eq!(data["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(crate::support::members(data), ["fileId", "fileName", "contentType", "size", "sha256"]);
    assert_eq!(kept(&app), 1);
}

async fn it_needs_the_permission_and_a_tenant(app: TestApp) {
    for (person, expected) in [
        (people::fleet_manager(), "403 permission_denied"),
        (people::Person::new(9).roles(&["Administrators"]), "403 tenant_required"),
    ] {
        assert_eq!(upload(&app.as_person(&person), "a.png", PNG).await.brief(), expected);
    }
    assert_eq!(upload(&app.anonymous(), "a.png", PNG).await.brief(), "401 unauthenticated");
    let with_claim = people::nobody().claim("permissions", json!(["uploadFile"]));
    assert_eq!(upload(&app.as_person(&with_claim), "a.png", PNG).await.status, 200);
}

async fn a_record_needs_the_right_to_read_it_and_must_be_there(app: TestApp) {
    let of = |id: &str| json!({ "entity": "Car", "id": id });
    let claim = |it: Value| people::nobody().claim("permissions", it);
    let uploader = app.as_person(&claim(json!(["uploadFile"]))).clone();
    assert_eq!(upload_with(&uploader, of(CAR), "a.png", PNG).await.brief(), "403 permission_denied");
    let reader = app.as_person(&claim(json!(["uploadFile", "Read/Car"])));
    assert_eq!(upload_with(&reader, of(CAR), "a.png", PNG).await.status, 200);
    let foreign = upload_with(&reader, of(FOREIGN_CAR), "a.png", PNG).await;
    let missing = upload_with(&reader, of(NO_CAR), "a.png", PNG).await;
    assert_eq!(foreign.brief(), "404 not_found");
    assert_eq!(anonymous_text(&foreign), anonymous_text(&missing));
    let unknown = upload_with(&reader, json!({ "entity": "Boat", "id": CAR }), "a.png", PNG).await;
    assert_eq!(unknown.brief(), "404 not_found");
    assert_eq!(kept(&app), 1);
}

async fn entity_and_id_go_together(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(told(&upload_with(&ask, json!({ "entity": "Car" }), "a.png", PNG).await), ["id required"]);
    assert_eq!(told(&upload_with(&ask, json!({ "id": CAR }), "a.png", PNG).await), ["entity required"]);
    let wrong = json!({ "entity": "Car", "id": 7, "color": "red" });
    assert_eq!(told(&upload_with(&ask, wrong, "a.png", PNG).await), ["id wrong_type", "color unknown_field"]);
    let no_text = upload_with(&ask, json!({ "entity": 1, "id": CAR }), "a.png", PNG).await;
    assert_eq!(told(&no_text), ["entity wrong_type"]);
}

async fn exactly_one_file_is_taken(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(told(&ask.execute("uploadFile", json!({})).await), ["file required"]);
    let request = json!({ "actionId": "uploadFile" }).to_string();
    let json = ("request", None, request.as_bytes());
    assert_eq!(told(&send(&ask, &[json]).await), ["file required"]);
    let two = send(&ask, &[json, ("a", Some("a.png"), PNG), ("b", Some("b.png"), PNG)]).await;
    assert_eq!(told(&two), ["b too_many"]);
    assert_eq!(kept(&app), 0);
}

async fn an_empty_file_is_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(told(&upload(&ask, "a.txt", b"").await), ["file empty_file"]);
}

async fn a_type_is_told_by_the_bytes_and_not_by_the_name(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for (name, bytes, expected) in [
        ("a.txt", PNG, "image/png"),
        ("a.png", &b"%PDF-1.7\n%\xe2\xe3"[..], "application/pdf"),
        ("a.png", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "application/zip"),
        ("a.png", b"just words", "text/plain; charset=utf-8"),
        ("a.csv", b"plate;year\r\n", "text/csv; charset=utf-8"),
    ] {
        let answer = upload(&ask, name, bytes).await;
        assert_eq!(answer.data()["contentType"], expected, "{name}");
    }
    for (name, bytes) in [
        ("a.png", &b"<!DOCTYPE html><script>alert(1)</script>"[..]),
        ("a.txt", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("a.png", b"\x7fELF\x02\x01\x01\0\0\0"),
        ("a.png", b"MZ\x90\0\x03\0\0\0"),
        ("a.txt", b"\xff\xfe\x00binary"),
    ] {
        let answer = upload(&ask, name, bytes).await;
        assert_eq!(answer.brief(), "400 file_type_refused", "{}", String::from_utf8_lossy(bytes));
        assert_eq!(told(&answer), ["file file_type_refused"]);
    }
    assert_eq!(kept(&app), 5);
}

async fn a_name_is_cleaned_and_never_a_path(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for (sent, expected) in [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("CON", "_CON"),
        ("", "file"),
        ("fdp.\u{202e}exe.png", "fdp.exe.png"),
        ("J\u{fc}rgens Auto.png", "J\u{fc}rgens Auto.png"),
    ] {
        let answer = upload(&ask, sent, PNG).await;
        assert_eq!(answer.data()["fileName"], expected, "{sent:?}");
    }
    let long = upload(&ask, &format!("{}.png", "x".repeat(300)), PNG).await;
    assert_eq!(long.data()["fileName"].as_str().unwrap().len(), 120);
    let longer = upload(&ask, &"x".repeat(1_001), PNG).await;
    assert_eq!(longer.brief(), "400 malformed_json");
    for tenant in std::fs::read_dir(&app.settings().files).unwrap().flatten() {
        for file in std::fs::read_dir(tenant.path()).unwrap().flatten() {
            let name = file.file_name().into_string().unwrap();
            assert!(uuid::Uuid::parse_str(&name).is_ok(), "{name}");
        }
    }
}

async fn a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let mut bytes = vec![b'a'; 25 * 1024 * 1024];
    let answer = upload(&ask, "a.txt", &bytes).await;
    assert_eq!(answer.data()["size"], bytes.len());
    bytes.push(b'a');
    assert_eq!(upload(&ask, "a.txt", &bytes).await.brief(), "413 payload_too_large");
    let request = json!({ "actionId": "echo", "params": { "text": "a".repeat(1024 * 1024) } }).to_string();
    assert_eq!(send(&ask, &[("request", None, request.as_bytes())]).await.brief(), "413 payload_too_large");
    assert_eq!(kept(&app), 1);
}

async fn a_description_has_a_thousand_characters_at_most(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let said = |length: usize| json!({ "description": "é".repeat(length) });
    assert_eq!(upload_with(&ask, said(1_000), "a.png", PNG).await.status, 200);
    assert_eq!(told(&upload_with(&ask, said(1_001), "a.png", PNG).await), ["description too_long"]);
}

async fn an_action_that_takes_no_files_refuses_them(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let request = json!({ "actionId": "echo", "params": {} }).to_string();
    let answer = send(&ask, &[("request", None, request.as_bytes()), ("photo", Some("a.png"), PNG)]).await;
    assert_eq!(told(&answer), ["photo unexpected_file"]);
}

async fn an_action_runs_by_multipart_without_files_too(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let request = json!({ "actionId": "echo", "params": { "name": "Ada" } }).to_string();
    let answer = send(&ask, &[("request", None, request.as_bytes())]).await;
    assert_eq!(answer.data(), &json!({ "name": "Ada" }));
}

async fn the_request_part_is_required_once_and_is_json(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let request = json!({ "actionId": "uploadFile" }).to_string();
    let file = ("file", Some("a.png"), PNG);
    let json = ("request", None, request.as_bytes());
    assert_eq!(told(&send(&ask, &[file]).await), ["request required"]);
    assert_eq!(send(&ask, &[json, json, file]).await.brief(), "400 malformed_json");
    assert_eq!(send(&ask, &[("request", None, b"{"), file]).await.brief(), "400 malformed_json");
    assert_eq!(send(&ask, &[("request", None, b""), file]).await.brief(), "400 malformed_json");
    assert_eq!(send(&ask, &[file, json]).await.status, 200, "in any order");
}

async fn parts_that_cannot_be_read_are_a_malformed_request(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let request = json!({ "actionId": "uploadFile" }).to_string();
    let whole = body(&[("request", None, request.as_bytes()), ("file", Some("a.png"), PNG)]);
    let post = async |content_type: &str, bytes: Vec<u8>| {
        ask.clone().header("content-type", content_type).send(Method::POST, EXECUTE, bytes).await.brief()
    };
    let right = format!("multipart/form-data; boundary={BOUNDARY}");
    for cut in [0, 10, whole.len() / 2, whole.len() - 30] {
        assert_eq!(post(&right, whole[..cut].to_vec()).await, "400 malformed_json", "cut at {cut}");
    }
    let wrong = "multipart/form-data; boundary=other";
    assert_eq!(post(wrong, whole.clone()).await, "400 malformed_json");
    assert_eq!(post("multipart/form-data", whole.clone()).await, "400 malformed_json");
    assert_eq!(post("multipart/mixed; boundary=x", whole.clone()).await, "415 unsupported_media_type");
    assert_eq!(post(&right, b"\xff\xfe\0garbage".repeat(1_000)).await, "400 malformed_json");
    let many: Vec<Part<'_>> = (0..21).map(|_| ("file", Some("a.png"), PNG)).collect();
    assert_eq!(send(&ask, &many).await.brief(), "400 malformed_json");
    assert_eq!(post(&right, whole).await, "200");
    assert_eq!(kept(&app), 1);
}

async fn the_body_is_not_read_before_the_caller_is_known(app: TestApp) {
    let answer = send(&app.anonymous(), &[("request", None, b"{")]).await;
    assert_eq!(answer.brief(), "401 unauthenticated");
}

async fn a_key_covers_the_json_and_each_files_name_and_bytes(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("idempotency-key", "k");
    let first = upload(&ask, "a.png", PNG).await;
    let again = upload(&ask, "a.png", PNG).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.data(), first.data());
    let mut other = PNG.to_vec();
    other.push(0);
    assert_eq!(upload(&ask, "b.png", PNG).await.brief(), "422 idempotency_key_reused");
    assert_eq!(upload(&ask, "a.png", &other).await.brief(), "422 idempotency_key_reused");
    let described = upload_with(&ask, json!({ "description": "x" }), "a.png", PNG).await;
    assert_eq!(described.brief(), "422 idempotency_key_reused");
    assert_eq!(kept(&app), 1);
}

async fn a_refused_upload_leaves_no_bytes(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let missing = json!({ "entity": "Car", "id": NO_CAR });
    assert_eq!(upload_with(&ask, missing, "a.png", PNG).await.status, 404);
    assert_eq!(upload(&ask, "a.png", b"\x7fELF\x02\x01\x01\0\0\0").await.status, 400);
    assert_eq!(kept(&app), 0);
}

async fn uploads_are_audited_without_their_bytes(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    upload_with(&ask, json!({ "description": "the car" }), "a.png", PNG).await;
    upload(&ask, "a.png", b"\x7fELF\x02\x01\x01\0\0\0").await;
    let records = audit(&ask, "?actionId=uploadFile").await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["errorCode"], "file_type_refused");
    assert_eq!(
        (&records[1]["success"], &records[1]["params"]),
        (&json!(true), &json!({ "description": "the car" }))
    );
}

async fn a_store_that_fails_is_unavailable_and_keeps_nothing(app: TestApp) {
    // A file stands where the folder would be.
    std::fs::write(&app.settings().files, "in the way").unwrap();
    let ask = app.as_person(&people::administrator());
    let answer = upload(&ask, "a.png", PNG).await;
    assert_eq!(answer.brief(), "503 unavailable");
    assert!(!answer.text.contains("files"), "{}", answer.text);
    assert_eq!(rows(&app).await, 0);
    assert_eq!(audit(&ask, "?actionId=uploadFile&outcome=failed").await.len(), 1);
    // The same upload is kept once there is a folder, so it was the store.
    std::fs::remove_file(&app.settings().files).unwrap();
    assert_eq!(upload(&ask, "a.png", PNG).await.status, 200);
    assert_eq!((rows(&app).await, kept(&app)), (1, 1));
}
