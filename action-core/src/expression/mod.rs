//! One question about a row, asked in four places: filters, conditions, row rules and workflow guards.
//!
//! Whatever its spelling, a question becomes an [`Expression`]: a small closed tree whose fields are resolved and
//! whose values are typed, and which is true or false for every row, never unknown. There are three ways in:
//!
//! - [`Expression::filter`] reads the filter of a query. It is strict: a value of the wrong type is a mistake, and
//!   all mistakes are told at once.
//! - [`Expression::condition`] reads the condition of an entity action. It is lenient: a value of another type is
//!   never equal, a field that is not there is null; only a malformed condition is invalid.
//! - [`Draft`] is what Rust code writes for a row rule, with [`field()`] and its friends, checked as strictly as a
//!   filter.
//!
//! Which fields there are, and which of them the asker may name, is decided by the caller's [`Fields`]. A tree is
//! evaluated here, on a [`Row`]; `action-sqlx` compiles the same tree to SQL. [`Sort`] is the order of a query's
//! answer, read and applied by the same rules.
//!
//! ```
//! use action_core::expression::{Expression, Field};
//! use action_core::{Kind, Value};
//! use serde_json::json;
//!
//! let fields = vec![Field::new("brand", Kind::Text), Field::new("year", Kind::Integer)];
//! let json = json!({"and": [
//!     {"field": "brand", "operator": "starts_with", "value": "vol"},
//!     {"field": "year", "operator": "gte", "value": 2020},
//! ]});
//! let recent = Expression::filter(&json, &fields)?;
//!
//! assert!(recent.holds(&[Value::from("Volvo"), Value::from(2024)]));
//! assert!(!recent.holds(&[Value::from("Volvo"), Value::Null]));
//! # Ok::<(), action_core::FieldErrors>(())
//! ```

mod check;
mod condition;
mod draft;
mod evaluate;
mod field;
mod filter;
mod json;
mod literal;
mod operator;
mod read;
mod sort;
mod tree;
mod walk;

pub use condition::InvalidCondition;
pub use draft::{Draft, FieldName, all, always, any, field, never};
pub use evaluate::Row;
pub use field::{Field, Fields, Step};
pub use operator::{Comparison, TextMatch};
pub use sort::{Direction, Sort, SortBy};
pub use tree::Expression;
