//! A tree before it is checked: names that nobody has looked up, values that nobody has typed.
//!
//! Rust code writes a row rule as a draft, with [`field()`], [`all`], [`any`], [`always`] and [`never()`]; the JSON
//! reader makes the same drafts. Nothing can go wrong while one is written. Whether its fields exist and its values
//! fit is told by [`Draft::check`], all mistakes at once.

use std::borrow::Cow;
use std::ops::Not;

use super::check;
use super::field::Fields;
use super::literal::Literal;
use super::operator::{Comparison, TextMatch};
use super::tree::Expression;
use super::walk::{Dialect, Walk};
use crate::{FieldErrors, Value};

/// An unchecked tree.
///
/// ```
/// use action_core::Kind;
/// use action_core::expression::{Field, always, field, never};
///
/// let (user, is_admin) = (7, false);
/// let rule = if is_admin { always() } else { field("ownerId").eq(user).or(field("public").eq(true)) };
///
/// let fields = [Field::new("ownerId", Kind::Integer), Field::new("public", Kind::Boolean)];
/// assert_eq!(rule.check(&fields)?.nodes(), 3);
///
/// let wrong = field("ownerId").eq("ada").and(field("colour").is_null());
/// assert_eq!(wrong.check(&fields).unwrap_err().len(), 2);
/// # let _ = never();
/// # Ok::<(), action_core::FieldErrors>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Draft(pub(super) Node);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    All(Vec<Draft>),
    Any(Vec<Draft>),
    Not(Box<Draft>),
    Leaf(Leaf),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub(super) field: Cow<'static, str>,
    pub(super) test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Compare(Comparison, Literal),
    In(Vec<Literal>),
    IsNull,
    IsNotNull,
    Text(TextMatch, Literal),
}

/// True for every row.
pub fn always() -> Draft {
    all([])
}

/// False for every row.
pub fn never() -> Draft {
    any([])
}

/// True when every one of `parts` is.
pub fn all(parts: impl IntoIterator<Item = Draft>) -> Draft {
    Draft(Node::All(parts.into_iter().collect()))
}

/// True when at least one of `parts` is.
pub fn any(parts: impl IntoIterator<Item = Draft>) -> Draft {
    Draft(Node::Any(parts.into_iter().collect()))
}

/// The beginning of a draft: the field's name, as the entity spells it towards callers.
pub fn field(name: impl Into<Cow<'static, str>>) -> FieldName {
    FieldName(name.into())
}

/// A field's name that waits for its operator.
#[derive(Debug, Clone)]
#[must_use = "a name alone asks nothing"]
pub struct FieldName(Cow<'static, str>);

impl FieldName {
    fn test(self, test: Test) -> Draft {
        Draft(Node::Leaf(Leaf { field: self.0, test }))
    }

    fn compare(self, op: Comparison, value: impl Into<Value>) -> Draft {
        self.test(Test::Compare(op, Literal::Typed(value.into())))
    }

    /// Equal to `value`; without a value (`None`), the same as [`is_null`](Self::is_null).
    pub fn eq(self, value: impl Into<Value>) -> Draft {
        self.compare(Comparison::Eq, value)
    }

    /// Not equal to `value`, or null; without a value (`None`), the same as [`is_not_null`](Self::is_not_null).
    pub fn ne(self, value: impl Into<Value>) -> Draft {
        self.compare(Comparison::Ne, value)
    }

    /// Greater than `value`.
    pub fn gt(self, value: impl Into<Value>) -> Draft {
        self.compare(Comparison::Gt, value)
    }

    /// Less than `value`.
    pub fn lt(self, value: impl Into<Value>) -> Draft {
        self.compare(Comparison::Lt, value)
    }

    /// Greater than `value` or equal to it.
    pub fn gte(self, value: impl Into<Value>) -> Draft {
        self.compare(Comparison::Gte, value)
    }

    /// Less than `value` or equal to it.
    pub fn lte(self, value: impl Into<Value>) -> Draft {
        self.compare(Comparison::Lte, value)
    }

    /// Equal to one of `values`, of which there may be 10,000.
    pub fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Draft {
        self.test(Test::In(values.into_iter().map(|it| Literal::Typed(it.into())).collect()))
    }

    /// Without a value.
    pub fn is_null(self) -> Draft {
        self.test(Test::IsNull)
    }

    /// With a value.
    pub fn is_not_null(self) -> Draft {
        self.test(Test::IsNotNull)
    }

    /// `text` is part of it, ignoring ASCII case.
    pub fn contains(self, text: impl Into<String>) -> Draft {
        self.test(Test::Text(TextMatch::Contains, Literal::Typed(Value::Text(text.into()))))
    }

    /// It begins with `text`, ignoring ASCII case.
    pub fn starts_with(self, text: impl Into<String>) -> Draft {
        self.test(Test::Text(TextMatch::StartsWith, Literal::Typed(Value::Text(text.into()))))
    }
}

impl Draft {
    /// True when both are. A chain of them nests no deeper than one.
    pub fn and(self, other: Self) -> Self {
        match self.0 {
            Node::All(mut parts) => {
                parts.push(other);
                all(parts)
            }
            node => all([Self(node), other]),
        }
    }

    /// True when one of them is. A chain of them nests no deeper than one.
    pub fn or(self, other: Self) -> Self {
        match self.0 {
            Node::Any(mut parts) => {
                parts.push(other);
                any(parts)
            }
            node => any([Self(node), other]),
        }
    }

    /// True when this is false; also written `!draft`.
    pub fn negate(self) -> Self {
        Self(Node::Not(Box::new(self)))
    }

    /// Looks up its fields and types its values, as strictly as a filter's: nested at most 16 deep, at most 500
    /// nodes. Paths of the mistakes begin with `rule`, codes are a filter's, and `invalid_rule`.
    pub fn check(&self, fields: &dyn Fields) -> Result<Expression, FieldErrors> {
        let mut walk = Walk::new(Dialect::Rule);
        let tree = check::tree(self, fields, &mut walk);
        walk.finish(tree)
    }
}

impl Not for Draft {
    type Output = Self;
    fn not(self) -> Self {
        self.negate()
    }
}
