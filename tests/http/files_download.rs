//! `GET /ui/files/{fileId}`: the bytes of one's own tenant's files, to be saved.

use action_tests::{Answer, Ask, TestApp, people};
use axum::http::Method;

use crate::files_upload::{PNG, upload};
use crate::support::anonymous_text;

on_both_fleets!(
    the_bytes_come_back_as_they_were,
    an_answer_is_something_to_save_and_never_to_show,
    a_hostile_name_stays_a_name,
    a_file_needs_a_caller_with_a_tenant_and_no_more,
    another_tenants_file_looks_missing_and_so_does_what_is_no_id,
    a_range_is_answered_with_its_part,
    a_range_outside_is_416,
    a_client_that_has_it_is_told_so,
    a_range_of_another_version_is_the_whole,
    head_tells_the_same_without_the_bytes,
    a_large_file_comes_whole,
    a_file_whose_bytes_are_gone_is_missing,
    bytes_that_no_row_knows_are_swept_after_an_hour,
);

async fn kept(ask: &Ask<'_>, name: &str, bytes: &[u8]) -> String {
    let answer = upload(ask, name, bytes).await;
    format!("/ui/files/{}", answer.data()["fileId"].as_str().unwrap())
}

async fn get(ask: &Ask<'_>, path: &str) -> Answer {
    ask.send(Method::GET, path, "").await
}

const WORDS: &[u8] = b"0123456789";

async fn the_bytes_come_back_as_they_were(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", "Grüße\n".as_bytes()).await;
    let answer = get(&ask, &path).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "Grüße\n"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("content-length"), Some("8"));
}

async fn an_answer_is_something_to_save_and_never_to_show(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = get(&ask, &kept(&ask, "a.png", PNG).await).await;
    for (name, value) in [
        ("content-disposition", "attachment; filename=\"a.png\"; filename*=UTF-8''a.png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cache-control", "private, no-cache"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    assert!(answer.header("x-request-id").is_some());
}

async fn a_hostile_name_stays_a_name(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = get(&ask, &kept(&ask, "e%22; x=ü\u{202e}.png", PNG).await).await;
    let disposition = answer.header("content-disposition").unwrap();
    assert_eq!(
        disposition,
        "attachment; filename=\"e_22_ x__.png\"; filename*=UTF-8''e%2522_%20x%3D%C3%BC.png"
    );
}

async fn a_file_needs_a_caller_with_a_tenant_and_no_more(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    assert_eq!(get(&app.anonymous(), &path).await.brief(), "401 unauthenticated");
    let without_tenant = app.as_person(&action_tests::Person::new(9)).clone();
    assert_eq!(get(&without_tenant, &path).await.brief(), "403 tenant_required");
    assert_eq!(get(&app.as_person(&people::nobody()), &path).await.status, 200);
}

async fn another_tenants_file_looks_missing_and_so_does_what_is_no_id(app: TestApp) {
    let path = kept(&app.as_person(&people::administrator()), "a.txt", WORDS).await;
    let stranger = app.as_person(&people::stranger());
    let foreign = get(&stranger, &path).await;
    assert_eq!(foreign.brief(), "404 not_found");
    let without_path = |it: &Answer, path: &str| anonymous_text(it).replace(path, "");
    for other in [
        "/ui/files/00000000-0000-4000-8000-00000000dead",
        "/ui/files/7",
        "/ui/files/..%2f..%2fpasswd",
        "/ui/files/%ff",
    ] {
        let missing = get(&stranger, other).await;
        assert_eq!(missing.brief(), "404 not_found", "{other}");
        assert_eq!(without_path(&missing, other), without_path(&foreign, &path), "{other}");
    }
}

async fn a_range_is_answered_with_its_part(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    for (range, part, told) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=5-500", "56789", "bytes 5-9/10"),
    ] {
        let answer = get(&ask.clone().header("range", range), &path).await;
        assert_eq!((answer.status, answer.text.as_str()), (206, part), "{range}");
        assert_eq!(answer.header("content-range"), Some(told));
        assert_eq!(answer.header("content-length"), Some(part.len().to_string().as_str()));
    }
    for range in ["bytes=0-1,4-5", "lines=1-2", "bytes=x-"] {
        let answer = get(&ask.clone().header("range", range), &path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "0123456789"), "{range}");
    }
}

async fn a_range_outside_is_416(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    let answer = get(&ask.clone().header("range", "bytes=10-"), &path).await;
    assert_eq!(answer.brief(), "416 range_not_satisfiable");
    assert_eq!(answer.json["detail"], "the file has 10 bytes, and none of them is in the range");
    assert_eq!(answer.header("content-range"), Some("bytes */10"));
}

async fn a_client_that_has_it_is_told_so(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    let tag = get(&ask, &path).await.header("etag").unwrap().to_owned();
    assert_eq!(tag.len(), 66);
    for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let answer = get(&ask.clone().header("if-none-match", &known), &path).await;
        assert_eq!((answer.status, answer.text.as_str()), (304, ""), "{known}");
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert_eq!(get(&ask.clone().header("if-none-match", "\"x\""), &path).await.status, 200);
}

async fn a_range_of_another_version_is_the_whole(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    let tag = get(&ask, &path).await.header("etag").unwrap().to_owned();
    let part = ask.clone().header("range", "bytes=0-1");
    assert_eq!(get(&part.clone().header("if-range", &tag), &path).await.status, 206);
    assert_eq!(get(&part.header("if-range", "\"other\""), &path).await.status, 200);
}

async fn head_tells_the_same_without_the_bytes(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    let answer = ask.send(Method::HEAD, &path, "").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), Some("10"));
}

async fn a_large_file_comes_whole(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let words = "0123456789abcdef".repeat(64 * 1024);
    let path = kept(&ask, "a.txt", words.as_bytes()).await;
    assert!(get(&ask, &path).await.text == words);
    let part = get(&ask.clone().header("range", "bytes=500000-700000"), &path).await;
    assert!(part.text == words[500_000..=700_000]);
}

async fn a_file_whose_bytes_are_gone_is_missing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    std::fs::remove_dir_all(&app.settings().files).unwrap();
    // Nothing that the client or another attempt could mend, and for the caller there is no such file: the host's log
    // tells which one is lost.
    assert_eq!(get(&ask, &path).await.brief(), "404 not_found");
    assert_eq!(get(&ask.clone().header("range", "bytes=0-1"), &path).await.brief(), "404 not_found");
    let head = ask.send(Method::HEAD, &path, "").await;
    assert_eq!((head.status, head.header("content-disposition")), (404, None));
}

async fn bytes_that_no_row_knows_are_swept_after_an_hour(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = kept(&ask, "a.txt", WORDS).await;
    let tenant = std::path::Path::new(&app.settings().files).join(action_tests::people::ACME);
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3_700);
    let names =
        ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002.part", "notes.txt"];
    for name in names {
        let file = std::fs::File::create(tenant.join(name)).unwrap();
        file.set_modified(old).unwrap();
    }
    std::fs::write(tenant.join("00000000-0000-4000-8000-000000000003"), "young").unwrap();
    let known = path.trim_start_matches("/ui/files/").to_owned();
    std::fs::File::options().append(true).open(tenant.join(&known)).unwrap().set_modified(old).unwrap();
    assert_eq!(app.parts().engine.sweep_files().await.unwrap(), 2);
    let mut left: Vec<String> = std::fs::read_dir(&tenant)
        .unwrap()
        .flatten()
        .map(|it| it.file_name().into_string().unwrap())
        .collect();
    left.sort();
    let mut expected = vec!["00000000-0000-4000-8000-000000000003".to_owned(), known, "notes.txt".to_owned()];
    expected.sort();
    assert_eq!(left, expected);
    assert_eq!(get(&ask, &path).await.status, 200);
}
