//! Names of tables and columns from registered definitions, quoted.
//!
//! A name never comes from a request: it stands in an [`Entity`](action_core::entity::Entity) that the application
//! registered. It is quoted all the same, so that a column called `order` works and nothing in a name is read as
//! SQL.

use std::borrow::Cow;

use action_core::ports::StoreError;

/// A quoted name, ready to stand in a statement: `"cars"`, `"fleet"."cars"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identifier(Cow<'static, str>);

impl Identifier {
    /// One name: a column, an alias.
    pub(crate) fn column(name: &str) -> Result<Self, StoreError> {
        quoted(name).map(|it| Self(it.into()))
    }

    /// A table, perhaps with its schema before a dot.
    pub(crate) fn table(name: &str) -> Result<Self, StoreError> {
        let Some((schema, table)) = name.split_once('.') else { return Self::column(name) };
        Self::in_schema(schema, table)
    }

    /// A name in a schema; either may have a dot.
    pub(crate) fn in_schema(schema: &str, name: &str) -> Result<Self, StoreError> {
        Ok(Self(format!("{}.{}", quoted(schema)?, quoted(name)?).into()))
    }

    /// As it stands in a statement, quotes included.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn quoted(name: &str) -> Result<String, StoreError> {
    if name.is_empty() || name.contains('\0') {
        return Err(StoreError::fault(format!("`{}` cannot be a name in a database", name.escape_debug())));
    }
    Ok(format!("\"{}\"", name.replace('"', "\"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_and_its_quotes_are_doubled() {
        assert_eq!(Identifier::column("order").unwrap().as_str(), "\"order\"");
        assert_eq!(Identifier::column("a\"; DROP TABLE b").unwrap().as_str(), "\"a\"\"; DROP TABLE b\"");
        assert_eq!(Identifier::column("a.b").unwrap().as_str(), "\"a.b\"");
    }

    #[test]
    fn a_table_may_stand_in_a_schema() {
        assert_eq!(Identifier::table("fleet.cars").unwrap().as_str(), "\"fleet\".\"cars\"");
        assert_eq!(Identifier::table("cars").unwrap().as_str(), "\"cars\"");
    }

    #[test]
    fn what_no_database_takes_as_a_name_is_refused() {
        for name in ["", "a\0b", "fleet.", ".cars"] {
            assert!(Identifier::table(name).is_err(), "{name:?}");
        }
    }
}
