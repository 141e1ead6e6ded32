//! Rows that a filter picks, and no more of them than may be.

use std::sync::Arc;

use action_core::Value;
use action_core::expression::{Expression, field};
use action_core::ports::{BulkChange, BulkOutcome, BulkRows, Storage};
use serde_json::json;

use super::{Try, made, sorted};
use crate::records::things::{Tables, fields, indexed, rule};

on_both_databases!(a_filter_changes_the_rows_it_matches, more_rows_than_may_be_changed_are_counted_and_left,);

async fn a_filter_changes_the_rows_it_matches(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows: Vec<_> = (0..20).map(|it| vec![("name", "x".into()), ("size", it.into())]).collect();
    let all = tables.many_things(&rows).await;
    let filter = json!({"or": [{"field": "size", "operator": "lt", "value": 3}, {"field": "size", "operator": "gte", "value": 18}]});
    let filter = Expression::filter(&filter, &fields(&tables.things)).expect("the filter is right");
    let matching = BulkRows::Matching { filter: &filter, at_most: 5 };
    let values = indexed(&tables.things, &[("size", 10.into())]);
    let it = Try::new(&tables, &tables.things);
    let done = made(it.run(matching, BulkChange::Update(&values)).await.unwrap());
    let expected: Vec<Value> = [0, 1, 2, 18, 19].map(|it: usize| all[it].key().clone()).to_vec();
    assert_eq!(done.keys, Some(sorted(expected)));
    assert_eq!(it.audited().await.len(), 5);
    let again = made(Try::new(&tables, &tables.things).run(matching, BulkChange::Delete).await.unwrap());
    assert_eq!((again.changed, again.keys), (0, Some(Vec::new())), "they match no more");
}

async fn more_rows_than_may_be_changed_are_counted_and_left(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows: Vec<_> = (0..20).map(|_| vec![("name", "x".into()), ("size", 1.into())]).collect();
    tables.many_things(&rows).await;
    let filter = rule(&field("size").eq(1), &tables.things);
    let values = indexed(&tables.things, &[("size", 2.into())]);
    for at_most in [1, 19] {
        let matching = BulkRows::Matching { filter: &filter, at_most };
        for independent in [false, true] {
            let it = Try { independent, ..Try::new(&tables, &tables.things) };
            for change in [BulkChange::Update(&values), BulkChange::Delete] {
                let outcome = it.run(matching, change).await.unwrap();
                assert!(matches!(outcome, BulkOutcome::TooMany { matching: 20 }), "{outcome:?}");
            }
            assert!(it.audited().await.is_empty());
        }
    }
    let matching = BulkRows::Matching { filter: &filter, at_most: 20 };
    let it = Try::new(&tables, &tables.things);
    assert_eq!(made(it.run(matching, BulkChange::Update(&values)).await.unwrap()).changed, 20);
}
