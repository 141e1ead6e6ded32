//! Effects and audit, held against each other in the database itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::Database;

/// Reads the books, and fails unless they agree: a car has one succeeded `createRecord`, which names it; its version
/// is one more than its succeeded changes; no key took effect twice; every key's answer is kept. Gives the keys that took
/// effect.
pub(crate) async fn balanced(database: &Database) -> BTreeSet<String> {
    let cars: BTreeMap<String, usize> = database
        .rows("SELECT CAST(id AS TEXT), CAST(version AS TEXT) FROM cars WHERE created_by IS NOT NULL")
        .await
        .into_iter()
        .map(|row| (row[0].clone(), row[1].parse().unwrap()))
        .collect();
    let succeeded = "SELECT action_id, idempotency_key, CAST(id AS TEXT), CAST(changed_records_count AS TEXT)
                     FROM {library}action_audit_log WHERE outcome = 'succeeded'";
    let succeeded = database.rows(succeeded).await;
    let changes = "SELECT c.record_id, c.operation, a.action_id, a.outcome, CAST(a.id AS TEXT)
                   FROM {library}action_audit_changes c
                   LEFT JOIN {library}action_audit_log a ON a.id = c.audit_id WHERE c.entity = 'Car'";
    let changes = database.rows(changes).await;

    let mut created: BTreeMap<&str, usize> = BTreeMap::new();
    let mut updated: BTreeMap<&str, usize> = BTreeMap::new();
    for change in &changes {
        let [record, operation, action, outcome] = [0, 1, 2, 3].map(|at| change[at].as_str());
        assert_eq!(outcome, "succeeded", "a change of a call that did not succeed: {change:?}");
        let (counts, expected) = match operation {
            "created" => (&mut created, "createRecord"),
            _ => (&mut updated, "updateRecord"),
        };
        assert_eq!(action, expected, "{change:?}");
        *counts.entry(record).or_default() += 1;
    }
    for (car, version) in &cars {
        assert_eq!(created.get(car.as_str()), Some(&1), "car {car}: succeeded createRecord calls");
        let changes = updated.get(car.as_str()).copied().unwrap_or_default();
        assert_eq!(*version, 1 + changes, "car {car}: its version, and its succeeded updateRecord calls");
    }
    let lost: Vec<_> = created.keys().filter(|it| !cars.contains_key(**it)).collect();
    assert!(lost.is_empty(), "created, says the audit, and not there: {lost:?}");
    let with_changes: BTreeSet<&str> = changes.iter().map(|it| it[4].as_str()).collect();
    for call in &succeeded {
        let wrote = matches!(call[0].as_str(), "createRecord" | "updateRecord");
        assert_eq!(call[3], if wrote { "1" } else { "0" }, "{call:?}");
        assert_eq!(with_changes.contains(call[2].as_str()), wrote, "{call:?}");
    }

    let mut calls_by_key: BTreeMap<String, usize> = BTreeMap::new();
    for call in succeeded.iter().filter(|it| !it[1].is_empty()) {
        *calls_by_key.entry(call[1].clone()).or_default() += 1;
    }
    let twice: Vec<_> = calls_by_key.iter().filter(|it| *it.1 != 1).collect();
    assert!(twice.is_empty(), "keys that took effect more than once: {twice:?}");
    let kept = database.rows("SELECT key FROM {library}idempotency_keys").await;
    let kept: BTreeSet<String> = kept.into_iter().map(|row| row[0].clone()).collect();
    assert!(kept.iter().eq(calls_by_key.keys()), "a kept answer for every keyed success, and none besides");
    kept
}

/// The ids of the requests whose calls succeeded, as the audit has them.
pub(crate) async fn succeeded_requests(database: &Database) -> BTreeSet<String> {
    let requests = "SELECT request_id FROM {library}action_audit_log WHERE outcome = 'succeeded'";
    database.rows(requests).await.into_iter().map(|row| row[0].clone()).collect()
}
