//! The order of a query's answer.
//!
//! `[{"field","direction"}]` becomes a list of resolved fields. Rows without a value come last in both directions,
//! on both databases. A list has a total order only when it ends with the key: whoever knows the key adds it, with
//! [`Sort::ended_by`].

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

use super::evaluate::{Row, order};
use super::field::{Field, Fields, look_up};
use super::walk::Shortened;
use crate::{FieldErrors, Kind};

const MOST_ENTRIES: usize = 16;

/// Which way a field is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `asc`: the least first.
    Ascending,
    /// `desc`: the greatest first.
    Descending,
}

impl Direction {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// One field of an order. Rows without a value come last whatever the direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortBy {
    /// The field, not of kind JSON.
    pub field: Field,
    /// The direction.
    pub direction: Direction,
}

/// An order of rows: the first field decides, equal ones are decided by the next.
///
/// ```
/// use action_core::expression::{Field, Sort};
/// use action_core::{Kind, Value};
/// use serde_json::json;
///
/// let fields = [Field::new("id", Kind::Integer), Field::new("year", Kind::Integer)];
/// let json = json!([{"field": "year", "direction": "desc"}]);
/// let sort = Sort::read(&json, &fields)?.ended_by(Field::new("id", Kind::Integer).with_slot(0));
///
/// let mut rows = [[1.into(), Value::Null], [3.into(), 2020.into()], [2.into(), 2020.into()]];
/// rows.sort_by(|a, b| sort.compare(a, b));
/// assert_eq!(rows.map(|[id, _]| id), [Value::Integer(2), Value::Integer(3), Value::Integer(1)]);
/// # Ok::<(), action_core::FieldErrors>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sort(Vec<SortBy>);

impl Sort {
    /// Reads `[{"field","direction":"asc|desc"}]`, at most 16 entries. The errors are all mistakes, with the codes
    /// `invalid_sort`, `unknown_field`, `unknown_direction`, `duplicate_field` and `wrong_type` (a JSON column).
    pub fn read(json: &Json, fields: &dyn Fields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let Json::Array(entries) = json else {
            errors.add("sort", "invalid_sort", "sort must be a list");
            return Err(errors);
        };
        if entries.len() > MOST_ENTRIES {
            errors.add("sort", "invalid_sort", format!("sort may have at most {MOST_ENTRIES} entries"));
            return Err(errors);
        }
        let mut sort = Self::default();
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("sort[{index}]");
            if let Some(entry) = read_entry(entry, &at, fields, &mut errors) {
                if sort.names(&entry.field) {
                    let message = format!("`{}` is sorted by twice", entry.field.path());
                    errors.add(format!("{at}.field"), "duplicate_field", message);
                } else {
                    sort.0.push(entry);
                }
            }
        }
        errors.into_result(sort)
    }

    /// With `key` as the last field, ascending, unless it is on the list already.
    pub fn ended_by(mut self, key: Field) -> Self {
        if !self.names(&key) {
            self.0.push(SortBy { field: key, direction: Direction::Ascending });
        }
        self
    }

    /// The fields, the deciding one first.
    pub fn iter(&self) -> impl Iterator<Item = &SortBy> {
        self.0.iter()
    }

    /// Whether nothing decides.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How two rows lie to each other.
    pub fn compare(&self, left: &(impl Row + ?Sized), right: &(impl Row + ?Sized)) -> Ordering {
        self.0.iter().fold(Ordering::Equal, |decided, SortBy { field, direction }| {
            decided.then_with(|| {
                let (left, right) = (left.value(field), right.value(field));
                left.is_null().cmp(&right.is_null()).then_with(|| {
                    let order = order(left, right).unwrap_or(Ordering::Equal);
                    if *direction == Direction::Descending { order.reverse() } else { order }
                })
            })
        })
    }

    fn names(&self, field: &Field) -> bool {
        self.0.iter().any(|it| it.field.path() == field.path())
    }
}

fn read_entry(json: &Json, at: &str, fields: &dyn Fields, errors: &mut FieldErrors) -> Option<SortBy> {
    let Json::Object(members) = json else {
        errors.add(at.to_owned(), "invalid_sort", "it must be an object with `field` and `direction`");
        return None;
    };
    if let Some(name) = members.keys().find(|it| !["field", "direction"].contains(&it.as_str())) {
        let name = Shortened(name);
        errors.add(format!("{at}.{name}"), "unknown_field", format!("`{name}` is not known here"));
    }
    let field = text(members, "field", at, errors).and_then(|path| sortable(path, at, fields, errors));
    let direction = text(members, "direction", at, errors).and_then(|word| match word {
        "asc" => Some(Direction::Ascending),
        "desc" => Some(Direction::Descending),
        _ => {
            let message = format!("`{}` is not a direction; there are asc, desc", Shortened(word));
            errors.add(format!("{at}.direction"), "unknown_direction", message);
            None
        }
    });
    field.zip(direction).map(|(field, direction)| SortBy { field, direction })
}

fn text<'j>(
    members: &'j Map<String, Json>,
    name: &str,
    at: &str,
    errors: &mut FieldErrors,
) -> Option<&'j str> {
    let found = members.get(name);
    let text = found.and_then(Json::as_str);
    if text.is_none() {
        let message = if found.is_some() { "must be text" } else { "is required" };
        errors.add(format!("{at}.{name}"), "invalid_sort", format!("`{name}` {message}"));
    }
    text
}

fn sortable(path: &str, at: &str, fields: &dyn Fields, errors: &mut FieldErrors) -> Option<Field> {
    let found = look_up(path, fields);
    match &found {
        None => {
            let message = format!("`{}` is not a field that can be read", Shortened(path));
            errors.add(format!("{at}.field"), "unknown_field", message);
        }
        Some(field) if field.kind() == Kind::Json => {
            let message = format!("`{path}` is a json field and has no order");
            errors.add(format!("{at}.field"), "wrong_type", message);
        }
        Some(_) => {}
    }
    found.filter(|it| it.kind() != Kind::Json)
}
