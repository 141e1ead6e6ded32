//! What is known of files: written with their call, found by their tenant only.

use action_core::files::StoredFile;
use action_core::ports::{Ending, FileName, Storage};
use action_tests::databases::TestDatabase;
use uuid::Uuid;

use crate::calls::{ACME, ADA, GLOBEX, at, begin};

on_both_databases!(
    a_file_is_known_once_its_call_is_committed_and_comes_back_as_it_was,
    a_file_of_a_call_that_was_undone_is_not_known,
    a_file_is_found_by_its_tenant_only,
    the_known_ones_among_many_are_told,
);

fn file(id: u128) -> StoredFile {
    StoredFile {
        id: Uuid::from_u128(id),
        name: "Jahresübersicht 'n \"so\".pdf".to_owned(),
        content_type: "application/pdf".to_owned(),
        size: 5_000_000_000,
        sha256: "ab".repeat(32),
        tenant_id: Some(ACME),
        user_id: ADA,
        entity: Some("Car".to_owned()),
        record_id: Some("7".to_owned()),
        description: None,
        created_at: at("2026-03-01T10:00:00.123456Z"),
    }
}

async fn keep(database: &TestDatabase, files: &[StoredFile]) {
    let mut transaction = begin(database).await;
    for file in files {
        database.file_index().insert(transaction.as_mut(), file).await.unwrap();
    }
    transaction.commit(Ending::default()).await.unwrap();
}

async fn a_file_is_known_once_its_call_is_committed_and_comes_back_as_it_was(database: TestDatabase) {
    let bare = StoredFile {
        entity: None,
        record_id: None,
        description: Some("said".to_owned()),
        tenant_id: None,
        ..file(2)
    };
    keep(&database, &[file(1), bare.clone()]).await;
    let index = database.file_index();
    assert_eq!(index.find(Some(ACME), file(1).id).await.unwrap(), Some(file(1)));
    assert_eq!(index.find(None, bare.id).await.unwrap(), Some(bare));
}

async fn a_file_of_a_call_that_was_undone_is_not_known(database: TestDatabase) {
    let mut transaction = begin(&database).await;
    database.file_index().insert(transaction.as_mut(), &file(1)).await.unwrap();
    transaction.rollback().await;
    assert_eq!(database.file_index().find(Some(ACME), file(1).id).await.unwrap(), None);
}

async fn a_file_is_found_by_its_tenant_only(database: TestDatabase) {
    keep(&database, &[file(1)]).await;
    for tenant in [Some(GLOBEX), None] {
        assert_eq!(database.file_index().find(tenant, file(1).id).await.unwrap(), None);
    }
}

async fn the_known_ones_among_many_are_told(database: TestDatabase) {
    keep(&database, &[file(1), StoredFile { tenant_id: None, ..file(3) }]).await;
    let names: Vec<FileName> = (1..=4).map(|it| file(it).stored_as()).collect();
    let known = database.file_index().known(&names).await.unwrap();
    assert_eq!(known, [file(1).id, file(3).id].into());
    assert!(database.file_index().known(&[]).await.unwrap().is_empty());
}
