//! Selection rules against the table of cases in `fixtures/selection-rules.json`, and their algebra.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use action_core::custom_actions::SelectionRule;
use proptest::prelude::*;
use serde_json::Value;

#[test]
fn every_case_of_the_table_holds_or_is_refused() {
    let table: Value = serde_json::from_str(include_str!("fixtures/selection-rules.json")).unwrap();
    let counts: Vec<usize> = serde_json::from_value(table["counts"].clone()).unwrap();
    let rules = table["rules"].as_array().unwrap();
    assert!(rules.len() > 20);
    for case in rules {
        let text = case["rule"].as_str().unwrap();
        let parsed = SelectionRule::parse(text);
        if case["error"] == true {
            assert!(parsed.is_err(), "`{text}` must be refused");
            continue;
        }
        let rule = parsed.unwrap_or_else(|error| panic!("`{text}`: {error}"));
        let holds: Vec<bool> = counts.iter().map(|&count| rule.holds(count)).collect();
        assert_eq!(serde_json::to_value(holds).unwrap(), case["holds"], "`{text}`");
    }
}

proptest! {
    #[test]
    fn a_rule_holds_as_its_comparison_does_from_either_side(
        op in prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]), number: u32, count in 0_usize..20,
    ) {
        let number = number % 20;
        let expected = match op {
            "=" => count == number as usize,
            "!=" => count != number as usize,
            "<" => count < number as usize,
            "<=" => count <= number as usize,
            ">" => count > number as usize,
            _ => count >= number as usize,
        };
        let turned = match op { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", same => same };
        for text in [format!("{op}{number}"), format!(" X {op} {number} "), format!("{number}{turned}X")] {
            prop_assert_eq!(SelectionRule::parse(&text).unwrap().holds(count), expected, "{}", text);
        }
    }

    #[test]
    fn two_bounds_hold_when_both_do(low: u8, high: u8, count in 0_usize..300) {
        let rule = SelectionRule::parse(&format!("{low}<=X<{high}")).unwrap();
        prop_assert_eq!(rule.holds(count), low as usize <= count && count < high as usize);
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same_rule(text in "[0-9]{0,2}[<>=!]{0,2}X?[<>=!]{0,2}[0-9]{0,2}") {
        if let Ok(rule) = SelectionRule::parse(&text) {
            let again = SelectionRule::parse(&rule.to_string()).unwrap();
            for count in 0..120 {
                prop_assert_eq!(rule.holds(count), again.holds(count), "{} as {}", text, rule);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = SelectionRule::parse(&text);
    }
}
