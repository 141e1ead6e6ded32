//! One column: its two names, its kind, and what its values must satisfy.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;

use crate::FieldError;
use crate::value::{Kind, Value};

/// Who writes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnRole {
    /// The application's data.
    Data,
    /// The key. Made by the server.
    Key,
    /// 1 at first, one more with every change. Kept by the server.
    Version,
    /// When the row was made. Kept by the server.
    CreatedAt,
    /// By whom. Kept by the server.
    CreatedBy,
    /// When it was last changed. Kept by the server.
    UpdatedAt,
    /// By whom. Kept by the server.
    UpdatedBy,
}

/// One column of an entity.
///
/// ```
/// use action_core::entity::Column;
/// use action_core::Kind;
///
/// let plate = Column::new("licensePlate", Kind::Text).required().length(1, 20).unique();
/// assert_eq!(plate.column(), "license_plate");
/// assert!(plate.read(&"".into()).is_err());
/// ```
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties of a column, each named in its setter"
)]
#[expect(clippy::struct_field_names, reason = "`column` is the SQL name of a column, as everywhere")]
pub struct Column {
    pub(crate) name: Cow<'static, str>,
    pub(crate) column: Cow<'static, str>,
    pub(crate) kind: Kind,
    pub(crate) role: ColumnRole,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    pub(crate) unique: bool,
    pub(crate) redacted: bool,
    pub(crate) length: Option<(u32, u32)>,
    pub(crate) range: Option<(i64, i64)>,
    pub(crate) one_of: Option<Cow<'static, [Cow<'static, str>]>>,
    pub(crate) default: Option<Value>,
    pub(crate) references: Option<Cow<'static, str>>,
    pub(crate) initial: Option<Value>,
}

impl Column {
    /// An optional, readable and writable column. Its SQL name is `name` in snake case.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        let name = name.into();
        Self {
            column: snake_case(&name).into(),
            name,
            kind,
            role: ColumnRole::Data,
            required: false,
            nullable: true,
            readable: true,
            writable: true,
            unique: false,
            redacted: false,
            length: None,
            range: None,
            one_of: None,
            default: None,
            references: None,
            initial: None,
        }
    }

    /// Its SQL name, where that is not the snake case of its JSON name.
    pub fn stored_as(mut self, column: impl Into<Cow<'static, str>>) -> Self {
        self.column = column.into();
        self
    }

    /// A row cannot be without it: it must be given when a row is made, and cannot be cleared.
    pub fn required(mut self) -> Self {
        self.required = true;
        self.nullable = false;
        self
    }

    /// It is never null, and takes this value where none is given, so that it need not be.
    ///
    /// The value is read as the column's own kind: `0` for a decimal, text for a date.
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.default = Some(self.own_kind(value.into()));
        self.required = false;
        self.nullable = false;
        self
    }

    /// It is never null; the table has a default for it.
    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// Its value is unique within the tenant. The table's index sees to it; this names the field in the error.
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// A text's length in characters, both ends included.
    pub fn length(mut self, least: u32, most: u32) -> Self {
        self.length = Some((least, most));
        self
    }

    /// A number's bounds, both ends included.
    pub fn range(mut self, least: i64, most: i64) -> Self {
        self.range = Some((least, most));
        self
    }

    /// The texts it may hold.
    pub fn one_of<T: Into<Cow<'static, str>>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.one_of = Some(values.into_iter().map(Into::into).collect());
        self
    }

    /// It holds the key of a row of another entity.
    pub fn references(mut self, entity: impl Into<Cow<'static, str>>) -> Self {
        self.references = Some(entity.into());
        self
    }

    /// Callers see it and cannot write it; handlers can.
    pub fn read_only(mut self) -> Self {
        self.writable = false;
        self.required = false;
        self
    }

    /// Callers neither see nor name it; handlers do.
    pub fn hidden(mut self) -> Self {
        self.readable = false;
        self.writable = false;
        self.required = false;
        self
    }

    /// Its values are shown as `"[redacted]"` in the audit.
    pub fn redacted(mut self) -> Self {
        self.redacted = true;
        self
    }

    /// Only handlers change it (a workflow's state, say). A new row has this value, and may name it with no other.
    pub fn initially(self, value: impl Into<Value>) -> Self {
        let mut column = self.default_value(value);
        column.initial.clone_from(&column.default);
        column
    }

    /// Who writes it, where that is not the application.
    pub fn role(mut self, role: ColumnRole) -> Self {
        self.role = role;
        if role != ColumnRole::Data {
            self.writable = false;
            self.required = false;
        }
        self
    }

    /// A value as this column's kind, where it can be that. Where it cannot, `EntityBuilder::build` says so.
    fn own_kind(&self, value: Value) -> Value {
        self.kind.read(&value.to_json()).unwrap_or(value)
    }

    /// Its JSON name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its SQL name.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Who writes it.
    pub fn written_by(&self) -> ColumnRole {
        self.role
    }

    /// Whether callers see it.
    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Whether callers may write it.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// Whether a new row must have it.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Whether it can be null.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// Whether its value is unique within the tenant.
    pub fn is_unique(&self) -> bool {
        self.unique
    }

    /// Whether the audit shows its values as `"[redacted]"`.
    pub fn is_redacted(&self) -> bool {
        self.redacted
    }

    /// The entity whose key it holds.
    pub fn referenced_entity(&self) -> Option<&str> {
        self.references.as_deref()
    }

    /// Reads a member of a request as a value of this column, and holds it against the bounds.
    /// The error's path is the column's JSON name.
    pub fn read(&self, json: &Json) -> Result<Value, FieldError> {
        let wrong = |code: &'static str, message: String| FieldError::new(self.name.clone(), code, message);
        let value = self
            .kind
            .read(json)
            .map_err(|expected| wrong("wrong_type", format!("{} must be {expected}", self.name)))?;
        if value.is_null() && !self.nullable {
            return Err(wrong("required", format!("{} cannot be empty", self.name)));
        }
        self.check(&value)?;
        Ok(value)
    }

    /// Holds a value of this column's kind against the bounds; null is within them.
    pub fn check(&self, value: &Value) -> Result<(), FieldError> {
        let wrong = |code: &'static str, message: String| FieldError::new(self.name.clone(), code, message);
        if let (Value::Text(text), Some((least, most))) = (value, self.length) {
            let length = text.chars().count();
            if length < least as usize {
                let message = if least == 1 {
                    format!("{} must not be empty", self.name)
                } else {
                    format!("{} must have at least {least} characters", self.name)
                };
                return Err(wrong("too_short", message));
            }
            if length > most as usize {
                return Err(wrong("too_long", format!("{} may have at most {most} characters", self.name)));
            }
        }
        if let Some((least, most)) = self.range {
            let within = match value {
                Value::Integer(number) => (least..=most).contains(number),
                Value::Decimal(number) => {
                    *number >= least.into() && number.ceil().to_i64().is_some_and(|it| it <= most)
                }
                _ => true,
            };
            if !within {
                return Err(wrong(
                    "out_of_range",
                    format!("{} must lie between {least} and {most}", self.name),
                ));
            }
        }
        if let (Value::Text(text), Some(allowed)) = (value, &self.one_of)
            && !allowed.iter().any(|it| it == text)
        {
            return Err(wrong("not_allowed", format!("{} must be one of {}", self.name, allowed.join(", "))));
        }
        Ok(())
    }
}

/// `licensePlate` as `license_plate`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !snake.is_empty() {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        } else {
            snake.push(letter);
        }
    }
    snake
}
