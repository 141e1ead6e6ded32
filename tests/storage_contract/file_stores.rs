//! What a file store promises, wherever it keeps the bytes: in memory, in a folder, in an object store.

use std::sync::Arc;

use action_core::files::FolderStore;
use action_core::in_memory::InMemoryFiles;
use action_core::ports::{CHUNK, FileName, FileStore, FileStoreError};
use action_object_store::ObjectFiles;
use chrono::{TimeDelta, Utc};
use uuid::Uuid;

/// A test of each function on every kind of store.
macro_rules! on_every_file_store {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn memory() {
                super::$name(std::sync::Arc::new(super::InMemoryFiles::default())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn folder() {
                let folder = tempfile::tempdir().unwrap();
                super::$name(std::sync::Arc::new(super::FolderStore::new(folder.path().join("files")))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn object_store() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("file://{}/files", folder.path().display());
                super::$name(std::sync::Arc::new(super::ObjectFiles::open(&url).unwrap())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn object_store_in_memory() {
                super::$name(std::sync::Arc::new(super::ObjectFiles::open("memory:///a/b").unwrap())).await;
            }
        })+
    };
}

on_every_file_store!(
    a_file_comes_back_as_it_was_written,
    a_part_of_a_file_is_its_bytes_from_start_to_before_end,
    what_is_not_finished_is_not_there,
    what_is_dropped_leaves_nothing,
    a_file_that_is_not_there_is_missing_and_deleting_it_is_fine,
    a_deleted_file_is_gone,
    old_files_are_listed_by_name_and_in_pages,
    a_tenants_file_is_not_anothers,
);

fn name(tenant: u128, id: u128) -> FileName {
    FileName { tenant: Uuid::from_u128(tenant), id: Uuid::from_u128(id) }
}

async fn keep(store: &Arc<impl FileStore>, name: FileName, bytes: &[u8]) {
    let mut writer = store.create(name).await.unwrap();
    for chunk in bytes.chunks(50_000) {
        writer.write(chunk).await.unwrap();
    }
    writer.finish().await.unwrap();
}

async fn read(store: &Arc<impl FileStore>, name: FileName, range: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let mut reader = store.open(name, range).await.unwrap();
    let mut all = Vec::new();
    while let Some(bytes) = reader.next().await.unwrap() {
        assert!(!bytes.is_empty() && bytes.len() <= CHUNK, "{} bytes at once", bytes.len());
        all.extend(bytes);
    }
    all
}

async fn is_missing(store: &Arc<impl FileStore>, name: FileName) -> bool {
    match store.open(name, None).await {
        Err(FileStoreError::Missing) => true,
        Err(other) => panic!("{other}"),
        Ok(_) => false,
    }
}

async fn a_file_comes_back_as_it_was_written(store: Arc<impl FileStore>) {
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    keep(&store, name(1, 1), &bytes).await;
    assert!(read(&store, name(1, 1), None).await == bytes);
    keep(&store, name(1, 2), b"").await;
    assert!(read(&store, name(1, 2), None).await.is_empty());
}

async fn a_part_of_a_file_is_its_bytes_from_start_to_before_end(store: Arc<impl FileStore>) {
    keep(&store, name(1, 1), b"0123456789").await;
    for (range, part) in [(0..3, "012"), (3..4, "3"), (8..10, "89"), (8..99, "89"), (4..4, "")] {
        assert_eq!(read(&store, name(1, 1), Some(range.clone())).await, part.as_bytes(), "{range:?}");
    }
}

async fn what_is_not_finished_is_not_there(store: Arc<impl FileStore>) {
    let mut writer = store.create(name(1, 1)).await.unwrap();
    writer.write(b"half").await.unwrap();
    assert!(is_missing(&store, name(1, 1)).await);
    writer.finish().await.unwrap();
    assert!(!is_missing(&store, name(1, 1)).await);
}

async fn what_is_dropped_leaves_nothing(store: Arc<impl FileStore>) {
    let mut writer = store.create(name(1, 1)).await.unwrap();
    writer.write(b"half").await.unwrap();
    drop(writer);
    assert!(is_missing(&store, name(1, 1)).await);
    let later = Utc::now() + TimeDelta::hours(1);
    assert_eq!(store.older_than(later, None, 10).await.unwrap(), []);
}

async fn a_file_that_is_not_there_is_missing_and_deleting_it_is_fine(store: Arc<impl FileStore>) {
    assert!(is_missing(&store, name(1, 1)).await);
    store.delete(name(1, 1)).await.unwrap();
    assert_eq!(store.older_than(Utc::now(), None, 10).await.unwrap(), []);
}

async fn a_deleted_file_is_gone(store: Arc<impl FileStore>) {
    keep(&store, name(1, 1), b"a").await;
    keep(&store, name(1, 2), b"b").await;
    store.delete(name(1, 1)).await.unwrap();
    assert!(is_missing(&store, name(1, 1)).await);
    assert_eq!(read(&store, name(1, 2), None).await, b"b");
}

async fn old_files_are_listed_by_name_and_in_pages(store: Arc<impl FileStore>) {
    let names = [name(1, 1), name(1, 2), name(2, 1), name(2, 7), name(3, 3)];
    for name in names.iter().rev() {
        keep(&store, *name, b"a").await;
    }
    let later = Utc::now() + TimeDelta::minutes(1);
    assert_eq!(store.older_than(later, None, 10).await.unwrap(), names);
    assert_eq!(store.older_than(later, None, 2).await.unwrap(), names[..2]);
    assert_eq!(store.older_than(later, Some(names[1]), 2).await.unwrap(), names[2..4]);
    assert_eq!(store.older_than(later, Some(names[2]), 9).await.unwrap(), names[3..]);
    assert_eq!(store.older_than(later, Some(names[4]), 9).await.unwrap(), []);
    assert_eq!(store.older_than(Utc::now() - TimeDelta::hours(1), None, 10).await.unwrap(), []);
}

async fn a_tenants_file_is_not_anothers(store: Arc<impl FileStore>) {
    keep(&store, name(1, 1), b"a").await;
    assert!(is_missing(&store, name(2, 1)).await);
}
