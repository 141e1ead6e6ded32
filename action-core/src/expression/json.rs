//! The tree written back as the JSON of a filter or condition, for metadata and messages.
//!
//! Reading it again by the same checker gives an equal tree. It is the checked tree that is written, not what was
//! sent: a condition whose types decide it alone comes back as `{"and":[]}` (true) or `{"or":[]}` (false).

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::field::Field;
use super::operator::Operator;
use super::tree::Expression;
use crate::Value;

impl Expression {
    /// The tree as JSON.
    ///
    /// ```
    /// use action_core::Kind;
    /// use action_core::expression::{Field, field};
    ///
    /// let fields = [Field::new("year", Kind::Integer)];
    /// let rule = field("year").gte(2020).negate().check(&fields)?;
    /// assert_eq!(rule.to_json().to_string(), r#"{"not":{"field":"year","operator":"gte","value":2020}}"#);
    /// # Ok::<(), action_core::FieldErrors>(())
    /// ```
    pub fn to_json(&self) -> Json {
        let list = |parts: &[Self]| parts.iter().map(Self::to_json).collect::<Json>();
        match self {
            Self::All(parts) => json!({ "and": list(parts) }),
            Self::Any(parts) => json!({ "or": list(parts) }),
            Self::Not(part) => json!({ "not": part.to_json() }),
            Self::Compare { field, op, value } => leaf(field, Operator::Compare(*op), Some(literal(value))),
            Self::In { field, values } => {
                leaf(field, Operator::In, Some(values.iter().map(literal).collect()))
            }
            Self::IsNull { field } => leaf(field, Operator::IsNull, None),
            Self::IsNotNull { field } => leaf(field, Operator::IsNotNull, None),
            Self::Text { field, op, text } => leaf(field, Operator::Text(*op), Some(text.as_str().into())),
            Self::Constant(true) => json!({ "and": [] }),
            Self::Constant(false) => json!({ "or": [] }),
        }
    }
}

fn leaf(field: &Field, operator: Operator, value: Option<Json>) -> Json {
    match value {
        Some(value) => json!({ "field": field.path(), "operator": operator.name(), "value": value }),
        None => json!({ "field": field.path(), "operator": operator.name() }),
    }
}

/// As an answer spells it, but for decimals too long for a binary number, which are written as text.
fn literal(value: &Value) -> Json {
    match value {
        Value::Decimal(decimal) => number(decimal.normalize()),
        other => other.to_json(),
    }
}

fn number(decimal: Decimal) -> Json {
    if decimal.is_integer() {
        if let Ok(whole) = i64::try_from(decimal) {
            return whole.into();
        }
        if let Ok(whole) = u64::try_from(decimal) {
            return whole.into();
        }
    }
    let text = decimal.to_string();
    // The shortest spelling of the binary number is the decimal again, or the decimal has too many digits.
    let float = text.parse::<f64>().ok().filter(|it| it.to_string() == text);
    float.map_or_else(|| text.into(), Json::from)
}
