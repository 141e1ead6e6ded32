//! The decisions of `fixtures/rights.json`: one security file, and for each caller what they may do under it.

use std::{error::Error, sync::Arc};

use action_core::permissions::{Permission, Rights};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    security: serde_json::Value,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    roles: Option<Vec<String>>,
    permission: String,
    allowed: bool,
}

#[test]
fn every_caller_of_the_fixture_may_do_what_it_says() -> Result<(), Box<dyn Error>> {
    let fixture: Fixture = serde_json::from_str(include_str!("fixtures/rights.json"))?;
    let rights = Arc::new(Rights::from_json(&fixture.security.to_string(), "fixtures/rights.json")?);
    let mut wrong = Vec::new();
    for case in &fixture.cases {
        let grants = rights.grants_for(case.roles.as_deref(), &[] as &[&str]);
        if grants.allows(&Permission::new(&case.permission)?) != case.allowed {
            wrong.push(case);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(fixture.cases.len() >= 30);
    Ok(())
}
