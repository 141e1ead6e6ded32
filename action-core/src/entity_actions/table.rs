//! A host's table as its database describes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::expression::{Field, Fields, Step};
use crate::{Kind, Value};

/// How many foreign keys a field of a condition may follow; one that follows more is not there, and so null.
pub const MOST_STEPS: usize = 3;

/// A table whose rows have actions, and the tables its foreign keys lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTable {
    /// As the storage spells it: `public.issues`, `issues`.
    pub name: Arc<str>,
    /// Its primary key, which is one column.
    pub key: HostColumn,
    /// The table itself and those that its foreign keys lead to, by the storage's spelling.
    pub tables: BTreeMap<Arc<str>, Vec<HostColumn>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct HostColumn {
    /// Its name.
    pub name: Arc<str>,
    /// What it holds. A type that has no kind is one of JSON: it has a value or none, and equals nothing.
    pub kind: Kind,
    /// The table and column that it refers to.
    pub refers_to: Option<(Arc<str>, Arc<str>)>,
}

impl HostTable {
    /// Whose rows are whose, where that is known.
    pub fn tenant(&self) -> Option<&HostColumn> {
        self.column(&self.name, "tenant_id")
    }

    fn column(&self, table: &str, name: &str) -> Option<&HostColumn> {
        self.tables.get(table)?.iter().find(|it| &*it.name == name)
    }

    /// A key as a client sends it: a text or a number, of the type of the table's key, which is an integer, a text or a
    /// UUID.
    ///
    /// # Errors
    /// The phrase that completes “must be …”.
    pub fn read_key(&self, sent: &Json) -> Result<Value, &'static str> {
        match (self.key.kind, sent) {
            (Kind::Integer, Json::String(text)) => {
                text.parse().map(Value::Integer).map_err(|_| "a whole number")
            }
            (Kind::Text, Json::Number(number)) => Ok(Value::Text(number.to_string())),
            (_, Json::Null) => Err("text or a number"),
            (Kind::Integer | Kind::Text | Kind::Uuid, sent) => self.key.kind.read(sent),
            // Keys of other types are none that a client could name.
            _ => Err("a key of this table"),
        }
    }
}

/// The columns by their names; behind a foreign key's name and a dot, those of the table it leads to.
impl Fields for HostTable {
    fn field(&self, path: &str) -> Option<Field> {
        let mut names = path.split('.').peekable();
        let (mut table, mut steps) = (&self.name, Vec::new());
        while let Some(name) = names.next() {
            let column = self.column(table, name)?;
            if names.peek().is_none() {
                let field = Field::new(path, column.kind).with_column(Arc::clone(&column.name));
                return Some(field.through(steps));
            }
            let (next, key) = column.refers_to.as_ref()?;
            steps.push(Step::new(Arc::clone(&column.name), Arc::clone(next), Arc::clone(key)));
            if steps.len() > MOST_STEPS {
                return None;
            }
            table = next;
        }
        None
    }
}

/// A key as one writes it.
pub(crate) fn key_text(key: &Value) -> String {
    match key.to_json() {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    fn column(name: &str, kind: Kind) -> HostColumn {
        HostColumn { name: name.into(), kind, refers_to: None }
    }

    pub(in crate::entity_actions) fn issues(key: Kind) -> HostTable {
        let status = HostColumn {
            refers_to: Some(("statuses".into(), "id".into())),
            ..column("status_id", Kind::Integer)
        };
        let own = vec![column("id", key), column("name", Kind::Text), status];
        let statuses = vec![column("id", Kind::Integer), column("status_key", Kind::Text)];
        HostTable {
            name: "issues".into(),
            key: column("id", key),
            tables: BTreeMap::from([("issues".into(), own), ("statuses".into(), statuses)]),
        }
    }

    #[test]
    fn a_field_behind_a_foreign_key_is_a_column_of_the_table_it_leads_to() {
        let table = issues(Kind::Integer);
        let field = table.field("status_id.status_key").unwrap();
        assert_eq!((field.column(), field.kind(), field.steps().len()), ("status_key", Kind::Text, 1));
        assert_eq!(table.field("status_id").unwrap().kind(), Kind::Integer);
        for path in ["", "nothing", "name.x", "status_id.", "status_id.status_key.x", ".name"] {
            assert_eq!(table.field(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_key_is_read_as_the_tables_key_from_text_and_number() {
        let read = |kind, sent: Json| issues(kind).read_key(&sent).ok();
        assert_eq!(read(Kind::Integer, json!(7)), Some(Value::Integer(7)));
        assert_eq!(read(Kind::Integer, json!("7")), Some(Value::Integer(7)));
        assert_eq!(read(Kind::Text, json!("a")), Some(Value::from("a")));
        assert_eq!(read(Kind::Text, json!(7)), Some(Value::from("7")));
        for (kind, sent) in [
            (Kind::Integer, json!("7; DROP TABLE issues")),
            (Kind::Integer, json!("9223372036854775808")),
            (Kind::Integer, json!(1.5)),
            (Kind::Integer, json!(null)),
            (Kind::Integer, json!([7])),
            (Kind::Uuid, json!("x")),
            (Kind::Text, json!("a\0")),
            (Kind::Boolean, json!(true)),
        ] {
            assert_eq!(read(kind, sent.clone()), None, "{sent}");
        }
    }
}
