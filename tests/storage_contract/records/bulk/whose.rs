//! Whose rows are changed: keys without a row, other tenants, and rules.

use std::sync::Arc;

use action_core::Value;
use action_core::expression::field;
use action_core::ports::{BulkChange, BulkOutcome, BulkRows, RowFailure, RowScope, RowStop, Storage};
use uuid::Uuid;

use super::{Try, keys, made};
use crate::records::things::{GLOBEX, Tables, in_acme, rule};

on_both_databases!(
    a_missing_key_keeps_all_rows_as_they_are,
    a_missing_key_is_no_matter_to_an_independent_change,
    another_tenants_rows_are_missing,
    without_a_tenant_all_rows_are_missing,
    a_row_the_rule_refuses_is_missing,
    a_row_must_satisfy_its_rule_after_the_change_too,
);

async fn a_missing_key_keeps_all_rows_as_they_are(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let missing = Uuid::new_v4().into();
    for odd in [missing, "not a uuid".into(), Value::Null] {
        let it = Try::new(&tables, &tables.things);
        let outcome = it.update(&[row.key().clone(), odd.clone()], &[("size", 1.into())]).await;
        assert!(
            matches!(&outcome, BulkOutcome::Missing { found } if found == &[row.key().clone()]),
            "{outcome:?}"
        );
        let outcome = it.delete(&[odd, row.key().clone()]).await;
        assert!(
            matches!(&outcome, BulkOutcome::Missing { found } if found == &[row.key().clone()]),
            "{outcome:?}"
        );
        assert!(it.audited().await.is_empty());
    }
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
}

async fn a_missing_key_is_no_matter_to_an_independent_change(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let asked = [Uuid::new_v4().into(), row.key().clone(), "x".into()];
    let it = Try::new(&tables, &tables.things).independent();
    let done = made(it.update(&asked, &[("size", 1.into())]).await);
    assert_eq!((done.changed, done.keys, done.failed.len()), (1, Some(vec![row.key().clone()]), 0));
    assert_eq!(it.audited().await.len(), 1);
    let nothing = made(Try::new(&tables, &tables.things).independent().delete(&[Value::Null]).await);
    assert_eq!((nothing.changed, nothing.keys), (0, Some(Vec::new())));
}

async fn another_tenants_rows_are_missing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let globex = RowScope { tenant: Some(GLOBEX), ..in_acme(&tables.things) };
    let all = [row.key().clone()];
    let it = Try { scope: globex, ..Try::new(&tables, &tables.things) };
    let outcome = it.update(&all, &[("size", 1.into())]).await;
    assert!(matches!(&outcome, BulkOutcome::Missing { found } if found.is_empty()), "{outcome:?}");
    assert_eq!(made(Try { independent: true, ..it }.delete(&all).await).changed, 0);
    let it = Try { scope: globex, ..Try::new(&tables, &tables.things) };
    let filter = rule(&field("name").eq("thing"), &tables.things);
    let matching = BulkRows::Matching { filter: &filter, at_most: 9 };
    assert_eq!(made(it.run(matching, BulkChange::Delete).await.unwrap()).changed, 0);
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
}

async fn without_a_tenant_all_rows_are_missing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let nowhere = RowScope { tenant: None, ..in_acme(&tables.things) };
    let it = Try { scope: nowhere, ..Try::new(&tables, &tables.things) };
    let outcome = it.delete(&[row.key().clone()]).await;
    assert!(matches!(outcome, BulkOutcome::Missing { .. }), "{outcome:?}");
    let done = made(Try { independent: true, ..it }.delete(&[row.key().clone()]).await);
    assert_eq!((done.changed, done.keys), (0, Some(Vec::new())));
}

async fn a_row_the_rule_refuses_is_missing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let own = tables.thing(&[("size", 1.into())]).await;
    let others = tables.thing(&[("size", 2.into())]).await;
    let small = rule(&field("size").eq(1), &tables.things);
    let all = keys(&[own.clone(), others.clone()]);
    let scope = RowScope { rule: Some(&small), ..in_acme(&tables.things) };
    let it = Try { scope, ..Try::new(&tables, &tables.things) };
    for outcome in [it.update(&all, &[("note", "n".into())]).await, it.delete(&all).await] {
        assert!(
            matches!(&outcome, BulkOutcome::Missing { found } if found == &[own.key().clone()]),
            "{outcome:?}"
        );
    }
    let done = made(Try { scope, ..Try::new(&tables, &tables.things).independent() }.delete(&all).await);
    assert_eq!(done.keys, Some(vec![own.key().clone()]));
    assert_eq!(tables.one(others.key()).await.into_values(), others.into_values());
}

async fn a_row_must_satisfy_its_rule_after_the_change_too(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let stays = tables.thing(&[("size", 1.into()), ("note", "in".into())]).await;
    let leaves = tables.thing(&[("size", 1.into())]).await;
    // For the one it holds by its note, whatever its size.
    let held = rule(&field("size").eq(1).or(field("note").eq("in")), &tables.things);
    let all = keys(&[stays.clone(), leaves.clone()]);
    let scope = RowScope { rule: Some(&held), ..in_acme(&tables.things) };
    let it = Try { scope, ..Try::new(&tables, &tables.things) };
    let outcome = it.update(&all, &[("size", 2.into())]).await;
    assert!(matches!(outcome, BulkOutcome::OutOfScope), "{outcome:?}");
    assert_eq!(tables.one(stays.key()).await.into_values(), stays.clone().into_values());

    let it = Try { scope, ..Try::new(&tables, &tables.things).independent() };
    let done = made(it.update(&all, &[("size", 2.into())]).await);
    assert_eq!(done.keys, Some(vec![stays.key().clone()]));
    assert!(
        matches!(done.failed.as_slice(), [RowFailure { key, stop: RowStop::OutOfScope }] if key == leaves.key())
    );
    assert_eq!(tables.one(leaves.key()).await.into_values(), leaves.into_values());
    assert_eq!(it.audited().await.len(), 1);
}
