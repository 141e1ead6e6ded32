//! The strict checker: filters of queries and bulk actions, and row rules.
//!
//! A filter comes from a caller who can mend it, so a value that is not one of its column is a mistake
//! (`wrong_type`) and so is an operator that does not fit the column. Values are read by [`Kind::read`], the reader
//! of every request, with one difference: a decimal column is compared with any number, also with one that has too
//! many digits to be stored in it.

use serde_json::Value as Json;

use super::draft::Test;
use super::field::{Field, Fields};
use super::literal::{Literal, exact};
use super::operator::{Comparison, Operator};
use super::tree::Expression;
use super::walk::{Dialect, Place, Walk};
use super::{check, read};
use crate::{FieldErrors, Kind};

impl Expression {
    /// Reads the filter of a query or a bulk action: `{"field","operator","value"}`, `{"and":[…]}`, `{"or":[…]}`,
    /// `{"not":…}`, nested at most 16 deep, at most 500 nodes, at most 1,000 values in an `in`.
    ///
    /// Comparing with `null` is `is_null` for `eq`, `is_not_null` for `ne`, and a mistake for an order. Booleans
    /// have no order; JSON columns know `is_null` and `is_not_null` only; `contains` and `starts_with` are for text.
    ///
    /// The errors are all mistakes, up to a hundred: mistakes in the shape first, then those in the meaning, each
    /// in the order of writing, with the codes `invalid_filter`, `unknown_field`, `unknown_operator` and
    /// `wrong_type`.
    ///
    /// ```
    /// use action_core::Kind;
    /// use action_core::expression::{Expression, Field};
    /// use serde_json::json;
    ///
    /// let fields = [Field::new("year", Kind::Integer)];
    /// let errors = Expression::filter(&json!({"and": [
    ///     {"field": "colour", "operator": "eq", "value": "red"},
    ///     {"field": "year", "operator": "gt", "value": "2020"},
    /// ]}), &fields).unwrap_err();
    ///
    /// let told: Vec<_> = errors.iter().map(|it| (it.field.as_ref(), it.code.as_ref())).collect();
    /// assert_eq!(told, [("filter.and[0].field", "unknown_field"), ("filter.and[1].value", "wrong_type")]);
    /// ```
    pub fn filter(json: &Json, fields: &dyn Fields) -> Result<Self, FieldErrors> {
        let mut walk = Walk::new(Dialect::Filter);
        let draft = read::node(json, &Place::Root(walk.dialect), 0, &mut walk);
        let mut walk = walk.again();
        let tree = check::tree(&draft, fields, &mut walk);
        walk.finish(tree)
    }
}

/// One leaf of a filter or a rule. `None` after a mistake.
pub(super) fn leaf(field: Field, test: &Test, at: &Place<'_>, walk: &mut Walk) -> Option<Expression> {
    let operator = match test {
        Test::IsNull => return Some(check::null(field, true)),
        Test::IsNotNull => return Some(check::null(field, false)),
        Test::Compare(op, _) => Operator::Compare(*op),
        Test::In(_) => Operator::In,
        Test::Text(op, _) => Operator::Text(*op),
    };
    if !fits(operator, field.kind()) {
        let message = format!("`{}` does not fit a {} field", operator.name(), field.kind().name());
        walk.mistake(&Place::Member(at, "operator"), "wrong_type", message);
        return None;
    }
    let at = Place::Member(at, "value");
    match test {
        Test::IsNull | Test::IsNotNull => None,
        Test::Compare(op, literal) => compare(field, *op, literal, &at, walk),
        Test::In(literals) => member(field, literals, &at, walk),
        Test::Text(op, literal) => match literal.as_text() {
            Some(sought) => Some(Expression::Text { field, op: *op, text: sought.to_owned() }),
            None => wrong_type(&field, "text without NUL", &at, walk),
        },
    }
}

fn fits(operator: Operator, kind: Kind) -> bool {
    match operator {
        Operator::IsNull | Operator::IsNotNull => true,
        Operator::Compare(op) if op.is_order() => !matches!(kind, Kind::Boolean | Kind::Json),
        Operator::Compare(_) | Operator::In => kind != Kind::Json,
        Operator::Text(_) => kind == Kind::Text,
    }
}

fn compare(
    field: Field,
    op: Comparison,
    literal: &Literal,
    at: &Place<'_>,
    walk: &mut Walk,
) -> Option<Expression> {
    match (op, literal.is_null()) {
        (Comparison::Eq | Comparison::Ne, true) => Some(check::null(field, op == Comparison::Eq)),
        (_, true) => wrong_type(&field, "a value, not null", at, walk),
        (_, false) => match exact(field.kind(), literal) {
            Ok(position) => Some(position.compare(field, op)),
            Err(phrase) => wrong_type(&field, phrase, at, walk),
        },
    }
}

fn member(field: Field, literals: &[Literal], at: &Place<'_>, walk: &mut Walk) -> Option<Expression> {
    let most = walk.dialect.most_values();
    if literals.len() > most {
        walk.invalid(at, format!("`in` takes at most {most} values; these are {}", literals.len()));
        return None;
    }
    let mut values = Some(Vec::with_capacity(literals.len()));
    let mut or_null = false;
    for (index, literal) in literals.iter().enumerate() {
        if literal.is_null() {
            or_null = true;
            continue;
        }
        match exact(field.kind(), literal) {
            Ok(position) => {
                if let Some(values) = &mut values {
                    values.extend(position.value());
                }
            }
            Err(phrase) => {
                values = None;
                let _: Option<Expression> = wrong_type(&field, phrase, &Place::Index(at, index), walk);
            }
        }
    }
    values.map(|it| check::member(field, it, or_null))
}

fn wrong_type(field: &Field, phrase: &str, at: &Place<'_>, walk: &mut Walk) -> Option<Expression> {
    walk.mistake(at, "wrong_type", format!("the value for `{}` must be {phrase}", field.path()));
    None
}
