//! What a person is told when a database cannot be opened: what to do, and never a password.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop loudly")]

use std::time::Duration;

use action_sqlx::Storage;

async fn told(url: &str) -> String {
    let options = Storage::options(url).acquire_timeout(Duration::from_secs(1));
    let error = options.connect().await.unwrap_err().to_string();
    assert!(!error.contains("s3cret"), "{error}");
    error
}

#[tokio::test]
async fn a_url_of_another_database_is_told_with_the_ones_there_are() {
    let error = told("mysql://root:s3cret@localhost/db").await;
    assert!(
        error.contains("`mysql`") && error.contains("sqlite://file.db") && error.contains("postgres://"),
        "{error}"
    );
    assert!(told("s3cret").await.contains("postgres://"));
    assert!(told("s3cret-at-the-start:5432/db").await.contains("postgres://"));
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_file_in_a_missing_folder_is_told_by_its_name() {
    let error = told("sqlite:///nowhere/at/all/fleet.db").await;
    assert!(error.contains("/nowhere/at/all/fleet.db") && error.contains("folder"), "{error}");
    assert!(told("sqlite://").await.contains("names no file"));
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_server_that_does_not_answer_is_told_by_its_place() {
    let error = told("postgres://ada:s3cret@127.0.0.1:1/fleet").await;
    assert!(error.contains("127.0.0.1:1") && error.contains("`fleet`"), "{error}");
    let error = told("postgres://ada:s3cret@127.0.0.1:port/fleet").await;
    assert!(error.contains("cannot be read"), "{error}");
}
