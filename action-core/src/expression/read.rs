//! JSON to a draft: the shape, and nothing but the shape.
//!
//! A node is an object with `and`, `or` or `not` alone, or with `field`, `operator` and `value`. What cannot be
//! read is noted and stands in the draft as a node without meaning, so that positions stay and the meaning of the
//! rest is still checked. Long lists are refused before they are copied.

use serde_json::{Map, Value as Json};

use super::draft::{Draft, Leaf, Node, Test, all, always, any};
use super::literal::Literal;
use super::operator::Operator;
use super::walk::{Dialect, Place, Shortened, Walk};

/// Reads one node and what lies under it. The draft means nothing when the walk noted a mistake.
pub(super) fn node(json: &Json, at: &Place<'_>, depth: usize, walk: &mut Walk) -> Draft {
    if !walk.enter(at, depth) {
        return always();
    }
    let Json::Object(members) = json else {
        walk.invalid(
            at,
            "it must be an object with `and`, `or`, `not`, or `field` and `operator`".to_owned(),
        );
        return always();
    };
    let Some((word, inner)) = ["and", "or", "not"].iter().find_map(|it| members.get_key_value(*it)) else {
        return leaf(members, at, walk);
    };
    only_known(members, &[word], at, walk);
    let here = Place::Member(at, word);
    match word.as_str() {
        "and" => all(list(inner, &here, depth, walk)),
        "or" => any(list(inner, &here, depth, walk)),
        _ => node(inner, &here, depth + 1, walk).negate(),
    }
}

fn list(json: &Json, at: &Place<'_>, depth: usize, walk: &mut Walk) -> Vec<Draft> {
    let Json::Array(parts) = json else {
        walk.invalid(at, "it must be a list".to_owned());
        return Vec::new();
    };
    let mut drafts = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if walk.is_full() {
            break;
        }
        drafts.push(node(part, &Place::Index(at, index), depth + 1, walk));
    }
    drafts
}

fn leaf(members: &Map<String, Json>, at: &Place<'_>, walk: &mut Walk) -> Draft {
    only_known(members, &["field", "operator", "value"], at, walk);
    let field = text(members, "field", at, walk);
    let test = text(members, "operator", at, walk)
        .and_then(|word| operator(word, &Place::Member(at, "operator"), walk))
        .and_then(|operator| test(operator, members.get("value"), at, walk));
    match (field, test) {
        (Some(field), Some(test)) => Draft(Node::Leaf(Leaf { field: field.to_owned().into(), test })),
        _ => always(),
    }
}

fn text<'j>(members: &'j Map<String, Json>, name: &str, at: &Place<'_>, walk: &mut Walk) -> Option<&'j str> {
    let found = members.get(name);
    let text = found.and_then(Json::as_str);
    if text.is_none() {
        let message = if found.is_some() { "must be text" } else { "is required" };
        walk.invalid(&Place::Member(at, name), format!("`{name}` {message}"));
    }
    text
}

fn operator(word: &str, at: &Place<'_>, walk: &mut Walk) -> Option<Operator> {
    let known = || Operator::all(walk.dialect != Dialect::Condition);
    let found = known().find(|it| it.name() == word);
    if found.is_none() {
        let known: Vec<_> = known().map(Operator::name).collect();
        let message = format!("`{}` is not an operator; there are {}", Shortened(word), known.join(", "));
        walk.mistake(at, "unknown_operator", message);
    }
    found
}

fn test(operator: Operator, value: Option<&Json>, at: &Place<'_>, walk: &mut Walk) -> Option<Test> {
    let at = Place::Member(at, "value");
    match (operator, value) {
        (Operator::IsNull | Operator::IsNotNull, value) => {
            // `is_null` with `false` is likely meant as its opposite. Conditions are older than this check.
            if walk.dialect != Dialect::Condition && value.is_some_and(|it| !it.is_null()) {
                walk.invalid(&at, format!("`{}` takes no value", operator.name()));
            }
            Some(if operator == Operator::IsNull { Test::IsNull } else { Test::IsNotNull })
        }
        (_, None) => {
            walk.invalid(&at, format!("`{}` needs a `value`", operator.name()));
            None
        }
        (Operator::Compare(op), Some(value)) => Some(Test::Compare(op, Literal::Sent(value.clone()))),
        (Operator::Text(op), Some(value)) => Some(Test::Text(op, Literal::Sent(value.clone()))),
        (Operator::In, Some(Json::Array(values))) if values.len() > walk.dialect.most_values() => {
            let most = walk.dialect.most_values();
            walk.invalid(&at, format!("`in` takes at most {most} values; these are {}", values.len()));
            None
        }
        (Operator::In, Some(Json::Array(values))) => {
            Some(Test::In(values.iter().cloned().map(Literal::Sent).collect()))
        }
        (Operator::In, Some(_)) => {
            walk.invalid(&at, "`in` needs a list".to_owned());
            None
        }
    }
}

fn only_known(members: &Map<String, Json>, known: &[&str], at: &Place<'_>, walk: &mut Walk) {
    // One is enough to say that the object is not understood, and an object may have any number.
    if let Some(name) = members.keys().find(|it| !known.contains(&it.as_str())) {
        let message = format!("`{}` is not known here", Shortened(name));
        walk.mistake(&Place::Member(at, name), "unknown_field", message);
    }
}
