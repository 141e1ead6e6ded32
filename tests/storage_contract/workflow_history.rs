//! What happened to rows under their workflows: kept with its transaction, told newest first, to its tenant only.

use action_core::ports::{Ending, HistoryEntry, HistoryQuery, Storage};
use action_tests::databases::TestDatabase;
use chrono::TimeDelta;
use uuid::Uuid;

use crate::calls::{ACME, ADA, GLOBEX, at, begin};

on_both_databases!(
    an_entry_is_kept_with_its_transaction_and_comes_back_as_it_was,
    an_entry_of_a_rolled_back_transition_is_not_there,
    entries_come_newest_first_and_in_pages,
    a_row_has_its_own_entries_only,
);

fn entry(n: i64) -> HistoryEntry {
    HistoryEntry {
        id: Uuid::from_u128(n.unsigned_abs().into()),
        tenant_id: Some(ACME),
        entity: "Car".to_owned(),
        record_id: "7".to_owned(),
        workflow: "car_status".to_owned(),
        transition: "check_out".to_owned(),
        from: "available".to_owned(),
        to: "in_use".to_owned(),
        comment: Some("with \"quotes\", ünd 'more'".to_owned()),
        user_id: ADA,
        request_id: "request-1".to_owned(),
        audit_id: Some(Uuid::from_u128(0xa0d17 + u128::from(n.unsigned_abs()))),
        created_at: at("2026-03-01T10:00:00.123456Z") + TimeDelta::seconds(n),
    }
}

fn of_car() -> HistoryQuery {
    HistoryQuery {
        tenant_id: Some(ACME),
        entity: "Car".to_owned(),
        record_id: "7".to_owned(),
        limit: 50,
        offset: 0,
    }
}

async fn keep(database: &TestDatabase, entries: &[HistoryEntry]) {
    let mut transaction = begin(database).await;
    for entry in entries {
        database.workflow_history().append(transaction.as_mut(), entry).await.unwrap();
    }
    transaction.commit(Ending::default()).await.unwrap();
}

async fn list(database: &TestDatabase, query: &HistoryQuery) -> (Vec<HistoryEntry>, u64) {
    let mut transaction = begin(database).await;
    let page = database.workflow_history().list(transaction.as_mut(), query).await.unwrap();
    transaction.rollback().await;
    (page.items, page.total)
}

async fn an_entry_is_kept_with_its_transaction_and_comes_back_as_it_was(database: TestDatabase) {
    let entries = [entry(1), HistoryEntry { comment: None, from: String::new(), audit_id: None, ..entry(0) }];
    keep(&database, &entries).await;
    assert_eq!(list(&database, &of_car()).await, (entries.to_vec(), 2));
}

async fn an_entry_of_a_rolled_back_transition_is_not_there(database: TestDatabase) {
    let mut transaction = begin(&database).await;
    database.workflow_history().append(transaction.as_mut(), &entry(1)).await.unwrap();
    let own = database.workflow_history().list(transaction.as_mut(), &of_car()).await.unwrap();
    assert_eq!(own.total, 1, "its own transaction sees it");
    transaction.rollback().await;
    assert_eq!(list(&database, &of_car()).await, (Vec::new(), 0));
}

async fn entries_come_newest_first_and_in_pages(database: TestDatabase) {
    let same_time = HistoryEntry { id: Uuid::from_u128(99), ..entry(2) };
    keep(&database, &[entry(2), entry(3), same_time.clone(), entry(1)]).await;
    let (all, _) = list(&database, &of_car()).await;
    assert_eq!(all, [entry(3), same_time.clone(), entry(2), entry(1)]);
    let page = HistoryQuery { limit: 2, offset: 1, ..of_car() };
    assert_eq!(list(&database, &page).await, (vec![same_time, entry(2)], 4));
    let behind = HistoryQuery { offset: 9, ..of_car() };
    assert_eq!(list(&database, &behind).await, (Vec::new(), 4));
}

async fn a_row_has_its_own_entries_only(database: TestDatabase) {
    let others = [
        HistoryEntry { tenant_id: Some(GLOBEX), ..entry(1) },
        HistoryEntry { tenant_id: None, ..entry(2) },
        HistoryEntry { entity: "Boat".to_owned(), ..entry(3) },
        HistoryEntry { record_id: "8".to_owned(), ..entry(4) },
    ];
    keep(&database, &others).await;
    keep(&database, &[entry(5)]).await;
    assert_eq!(list(&database, &of_car()).await, (vec![entry(5)], 1));
    let nobodys = HistoryQuery { tenant_id: None, ..of_car() };
    assert_eq!(list(&database, &nobodys).await, (vec![others[1].clone()], 1));
}
