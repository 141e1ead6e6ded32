//! A statement: its text, and the values its placeholders stand for.
//!
//! The text is put together from literals of this crate and quoted identifiers, and from nothing else: there is no
//! way to push any other string. That is what makes the one [`sqlx::AssertSqlSafe`] of this crate true; no other
//! module may say it.

use std::borrow::Cow;

use action_core::{Kind, Value};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::bind::Bind;
use crate::dialect::Dialect;
use crate::identifier::Identifier;

/// A statement and its values.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    text: Cow<'static, str>,
    binds: Vec<Bind>,
    once: bool,
}

impl Statement {
    /// Starts with a literal, which may be all there is.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), binds: Vec::new(), once: false }
    }

    /// Appends a literal.
    pub(crate) fn push_str(&mut self, text: &'static str) -> &mut Self {
        self.built().push_str(text);
        self
    }

    /// Appends a quoted name.
    pub(crate) fn push_identifier(&mut self, name: &Identifier) -> &mut Self {
        self.built().push_str(name.as_str());
        self
    }

    /// Appends a whole number as such: limits, places.
    pub(crate) fn push_number(&mut self, number: u64) -> &mut Self {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = write!(self.built(), "{number}");
        self
    }

    /// Appends a UUID in quotes, for the few places that take no placeholder.
    #[cfg(feature = "postgres")]
    pub(crate) fn push_quoted_uuid(&mut self, id: uuid::Uuid) -> &mut Self {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = write!(self.built(), "'{}'", id.as_hyphenated());
        self
    }

    /// Appends a placeholder and its value.
    pub(crate) fn push_bind(&mut self, value: impl Into<Value>, kind: Kind) -> &mut Self {
        self.push(Bind::Value(value.into(), kind))
    }

    /// Appends a placeholder and what it stands for.
    pub(crate) fn push(&mut self, bind: Bind) -> &mut Self {
        self.binds.push(bind);
        let place = self.binds.len();
        self.push_place(place)
    }

    /// Appends a placeholder that stands for what was bound before, counted from 1.
    pub(crate) fn push_place(&mut self, place: usize) -> &mut Self {
        self.push_str("$").push_number(u64::try_from(place).unwrap_or(u64::MAX))
    }

    /// Adds a value without a placeholder, for a text that has it already.
    pub(crate) fn bind(&mut self, bind: Bind) -> &mut Self {
        self.binds.push(bind);
        self
    }

    /// Appends ` = ANY(…)` or its like: whether what stands before is one of these.
    pub(crate) fn push_any_of(&mut self, dialect: Dialect, values: Vec<Value>, kind: Kind) -> &mut Self {
        self.push_str(dialect.choose(" = ANY(", " IN (SELECT value FROM json_each("));
        self.push(Bind::List(values, kind));
        self.push_str(dialect.choose(")", "))"))
    }

    /// How many values are bound.
    pub(crate) fn bound(&self) -> usize {
        self.binds.len()
    }

    /// The text is one of many: the database need not keep it prepared.
    pub(crate) fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Whether the database may keep it prepared.
    pub(crate) fn is_persistent(&self) -> bool {
        !self.once
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Tells whoever listens that it is sent; its text has no values in it.
    pub(crate) fn announce(&self) {
        tracing::trace!(target: "action_sqlx::statement", text = self.text());
    }

    /// The values, in the order of their placeholders.
    pub(crate) fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// The text as sqlx takes it.
    pub(crate) fn sql(&self) -> SqlStr {
        match &self.text {
            Cow::Borrowed(text) => text.into_sql_str(),
            Cow::Owned(text) => AssertSqlSafe(text.as_str()).into_sql_str(),
        }
    }

    /// The text behind another one without values, both to be sent as one.
    #[cfg(feature = "sqlite")]
    pub(crate) fn sql_behind(&self, other: &'static str) -> SqlStr {
        AssertSqlSafe(format!("{other}; {}", self.text)).into_sql_str()
    }

    fn built(&mut self) -> &mut String {
        self.text.to_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_as_their_values_are_pushed() {
        let mut statement = Statement::new("SELECT * FROM ");
        statement.push_identifier(&Identifier::table("fleet.cars").unwrap()).push_str(" WHERE id = ");
        statement.push_bind(7, Kind::Integer).push_str(" AND brand");
        statement.push_any_of(Dialect::Postgres, vec!["a".into()], Kind::Text);
        assert_eq!(statement.text(), r#"SELECT * FROM "fleet"."cars" WHERE id = $1 AND brand = ANY($2)"#);
        assert_eq!(statement.bound(), 2);
    }
}
