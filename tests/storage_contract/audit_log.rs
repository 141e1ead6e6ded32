//! The audit: nothing is lost, and a page shows exactly what was asked for.

use std::sync::Arc;

use action_core::audit::{AuditOutcome, AuditRecord, Change, Operation};
use action_core::ports::{AuditQuery, Storage};
use action_tests::databases::TestDatabase;
use chrono::Duration;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::calls::{ACME, ADA, BOB, GLOBEX, at, begin, count, number, ours, record, with_audit};

on_both_databases!(
    a_record_comes_back_as_it_was_written,
    a_record_of_a_success_is_the_same_as_one_that_was_appended,
    the_first_hundred_changes_stand_in_the_record_and_all_beside_it,
    many_records_at_once_are_all_written,
    a_record_that_cannot_be_written_does_not_take_others_with_it,
    a_page_is_filtered_sorted_and_counted,
    another_tenants_records_are_never_listed,
);

fn query() -> AuditQuery {
    AuditQuery {
        tenant: Some(ACME),
        user: None,
        action_id: None,
        success: None,
        outcome: None,
        from: None,
        to: None,
        page: 1,
        page_size: 50,
    }
}

fn full() -> AuditRecord {
    AuditRecord {
        outcome: AuditOutcome::Refused,
        error_code: Some("permission_denied".into()),
        error_message: Some("you do not have permission for this".to_owned()),
        ip_address: Some("2001:db8::7".parse().unwrap()),
        user_agent: Some("curl/8".into()),
        page_id: Some("fleet".to_owned()),
        widget_id: Some("row-menu".to_owned()),
        affected_records: None,
        idempotency_key: Some("key-1".to_owned()),
        ..record()
    }
}

async fn a_record_comes_back_as_it_was_written(database: TestDatabase) {
    let record = full();
    database.audit_log().append(record.clone()).await.unwrap();
    let page = database.audit_log().list(&query()).await.unwrap();
    assert_eq!(page.total, 1);
    assert_eq!(
        serde_json::to_value(&page.items[0]).unwrap(),
        json!({
            "id": record.id, "actionId": "user.update", "userId": ADA, "tenantId": ACME, "params": {"name": "Ada"},
            "success": false, "outcome": "refused", "errorCode": "permission_denied",
            "errorMessage": "you do not have permission for this", "executionTimeMs": 7, "ipAddress": "2001:db8::7",
            "userAgent": "curl/8", "pageId": "fleet", "widgetId": "row-menu", "affectedRecords": null,
            "changedRecords": [], "changedRecordsCount": 0, "requestId": "request-1", "idempotencyKey": "key-1",
            "createdAt": "2026-03-01T10:00:00.123456Z",
        })
    );
}

async fn a_record_of_a_success_is_the_same_as_one_that_was_appended(database: TestDatabase) {
    let first = AuditRecord { ip_address: Some("10.1.2.3".parse().unwrap()), ..full() };
    let second = AuditRecord { id: Uuid::now_v7(), ..first.clone() };
    database.audit_log().append(first.clone()).await.unwrap();
    begin(&database).await.commit(with_audit(&second)).await.unwrap();
    let items = database.audit_log().list(&query()).await.unwrap().items;
    let mut appended = items.iter().find(|it| it.id == first.id).unwrap().clone();
    appended.id = second.id;
    assert_eq!(items.iter().find(|it| it.id == second.id), Some(&appended));
}

async fn the_first_hundred_changes_stand_in_the_record_and_all_beside_it(database: TestDatabase) {
    let change = |n: i32| Change {
        entity: "Car".into(),
        id: json!(n),
        operation: Operation::Updated,
        before: json!({"brand": "a", "n": n}),
        after: if n % 2 == 0 { json!(null) } else { json!({"brand": "b"}) },
    };
    for changes in [1_i32, 100, 101, 12_000] {
        let record =
            AuditRecord { id: Uuid::now_v7(), changes: (0..changes).map(change).collect(), ..record() };
        begin(&database).await.commit(with_audit(&record)).await.unwrap();
        let items = database.audit_log().list(&query()).await.unwrap().items;
        let item = items.iter().find(|it| it.id == record.id).unwrap();
        assert_eq!(item.changed_records_count, i64::from(changes));
        let shown = item.changed_records.as_array().unwrap();
        assert_eq!(i32::try_from(shown.len()), Ok(changes.min(100)));
        assert_eq!(
            shown[0],
            json!({"entity": "Car", "id": 0, "operation": "updated", "before": {"brand": "a", "n": 0}, "after": null})
        );
        let of_record = |what: &str, more: &str| {
            ours(
                &database,
                &format!(
                    "SELECT {what} FROM actions.action_audit_changes WHERE audit_id = '{}'{more}",
                    record.id
                ),
            )
        };
        assert_eq!(number(&database, &of_record("count(*)", "")).await, i64::from(changes));
        assert_eq!(number(&database, &of_record("max(position)", "")).await, i64::from(changes));
        let first = " AND position = 1 AND record_id = '0' AND entity = 'Car' AND before IS NOT NULL AND after IS NULL";
        assert_eq!(number(&database, &of_record("count(*)", first)).await, 1);
    }
}

async fn many_records_at_once_are_all_written(database: TestDatabase) {
    let log = database.audit_log();
    let mut appends = JoinSet::new();
    for _ in 0..500 {
        let log = Arc::clone(&log);
        appends.spawn(async move { log.append(AuditRecord { id: Uuid::now_v7(), ..full() }).await });
    }
    while let Some(end) = appends.join_next().await {
        end.unwrap().unwrap();
    }
    assert_eq!(count(&database, "actions.action_audit_log").await, 500);
}

async fn a_record_that_cannot_be_written_does_not_take_others_with_it(database: TestDatabase) {
    let log = database.audit_log();
    let mut appends = JoinSet::new();
    for n in 0..60 {
        let log = Arc::clone(&log);
        // No JSON at all, which only PostgreSQL minds; and a NUL, which must not keep an attempt out of the audit.
        let params = if n % 20 == 0 { "{".to_owned() } else { r#"{"a":"\u0000"}"#.to_owned() };
        let user_agent = Some("a\0b".into());
        appends.spawn(async move {
            log.append(AuditRecord { id: Uuid::now_v7(), params, user_agent, ..full() }).await
        });
    }
    let mut refused = 0;
    while let Some(end) = appends.join_next().await {
        refused += i64::from(end.unwrap().is_err());
    }
    assert_eq!(count(&database, "actions.action_audit_log").await, 60 - refused);
    assert!(refused == 0 || refused == 3, "{refused}");
}

async fn a_page_is_filtered_sorted_and_counted(database: TestDatabase) {
    let log = database.audit_log();
    for n in 0..30_u32 {
        let outcome = AuditOutcome::ALL[(n % 4) as usize];
        let record = AuditRecord {
            // Ids against the order of time, and two records of each instant.
            id: Uuid::from_u128(1_000 - u128::from(n)),
            user_id: if n % 3 == 0 { BOB } else { ADA },
            action_id: if n % 5 == 0 { "CarCopy/Car".into() } else { "user.update".into() },
            outcome,
            created_at: at("2026-03-01T10:00:00Z") + Duration::minutes(i64::from(n / 2)),
            ..record()
        };
        log.append(record).await.unwrap();
    }
    let ids = |query: AuditQuery| {
        let log = Arc::clone(&log);
        async move {
            let page = log.list(&query).await.unwrap();
            (page.items.iter().map(|it| 1_000 - it.id.as_u128()).collect::<Vec<_>>(), page.total)
        }
    };
    assert_eq!(ids(AuditQuery { page_size: 5, ..query() }).await, (vec![28, 29, 26, 27, 24], 30));
    assert_eq!(ids(AuditQuery { page_size: 5, page: 6, ..query() }).await, (vec![5, 2, 3, 0, 1], 30));
    assert_eq!(ids(AuditQuery { page_size: 5, page: 99, ..query() }).await, (vec![], 30));
    assert_eq!(ids(AuditQuery { user: Some(BOB), page_size: 3, ..query() }).await, (vec![27, 24, 21], 10));
    let copies = AuditQuery { action_id: Some("CarCopy/Car".to_owned()), ..query() };
    assert_eq!(ids(copies).await, (vec![25, 20, 15, 10, 5, 0], 6));
    assert_eq!(ids(AuditQuery { success: Some(true), page_size: 2, ..query() }).await, (vec![28, 24], 8));
    assert_eq!(ids(AuditQuery { success: Some(false), page_size: 1, ..query() }).await, (vec![29], 22));
    let asked = AuditQuery { outcome: Some(AuditOutcome::Asked), page_size: 2, ..query() };
    assert_eq!(ids(asked).await, (vec![26, 22], 7));
    let from = Some(at("2026-03-01T10:14:00Z"));
    assert_eq!(ids(AuditQuery { from, ..query() }).await, (vec![28, 29], 2), "from this instant on");
    let to = Some(at("2026-03-01T10:01:00Z"));
    assert_eq!(ids(AuditQuery { to, ..query() }).await, (vec![0, 1], 2), "before that instant");
}

async fn another_tenants_records_are_never_listed(database: TestDatabase) {
    let log = database.audit_log();
    for tenant_id in [Some(ACME), Some(GLOBEX), Some(GLOBEX), None] {
        log.append(AuditRecord { id: Uuid::now_v7(), tenant_id, ..record() }).await.unwrap();
    }
    for (tenant, total) in [(Some(ACME), 1), (Some(GLOBEX), 2), (None, 1), (Some(Uuid::nil()), 0)] {
        let page = log.list(&AuditQuery { tenant, ..query() }).await.unwrap();
        assert_eq!((page.total, page.items.len() as u64), (total, total));
        assert!(page.items.iter().all(|it| it.tenant_id == tenant));
    }
}
