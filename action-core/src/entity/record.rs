//! A stored row of an entity: one value for each of its columns, in their order.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{ColumnIndex, Entity};
use crate::expression::{Field, Row};
use crate::value::Value;

/// A row as it is stored.
#[derive(Debug, Clone)]
pub struct Record {
    entity: Arc<Entity>,
    values: Vec<Value>,
}

impl Record {
    /// A row whose values stand in the order of the entity's columns; those left out are null.
    pub fn new(entity: Arc<Entity>, mut values: Vec<Value>) -> Self {
        values.resize(entity.columns().len(), Value::Null);
        Self { entity, values }
    }

    /// What it is a row of.
    pub fn entity(&self) -> &Arc<Entity> {
        &self.entity
    }

    /// The value of a column.
    pub fn get(&self, index: ColumnIndex) -> &Value {
        self.values.get(index).unwrap_or(&Value::Null)
    }

    /// The value of a column, by its JSON name; null where there is no such column.
    pub fn value(&self, name: &str) -> &Value {
        self.entity.column_named(name).map_or(&Value::Null, |(index, _)| self.get(index))
    }

    /// Its key.
    pub fn key(&self) -> &Value {
        self.get(self.entity.key_index())
    }

    /// Its version, where the entity has one.
    pub fn version(&self) -> Option<i64> {
        match self.get(self.entity.version_index()?) {
            Value::Integer(version) => Some(*version),
            _ => None,
        }
    }

    /// Puts a value into a column.
    pub fn set(&mut self, index: ColumnIndex, value: Value) {
        if let Some(cell) = self.values.get_mut(index) {
            *cell = value;
        }
    }

    /// Takes the values out, in the order of the columns.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// As an answer shows it: every readable column, in the order of declaration.
    pub fn to_json(&self) -> Json {
        self.to_json_of(|_| true)
    }

    /// As an answer shows it, only the columns that `wanted` names, and the key.
    pub fn to_json_of(&self, wanted: impl Fn(ColumnIndex) -> bool) -> Json {
        let mut object = Map::new();
        for (index, (column, value)) in self.entity.columns().iter().zip(&self.values).enumerate() {
            if column.is_readable() && (index == self.entity.key_index() || wanted(index)) {
                object.insert(column.name().to_owned(), value.to_json());
            }
        }
        Json::Object(object)
    }
}

impl Row for Record {
    fn value(&self, field: &Field) -> &Value {
        field.slot().map_or(&Value::Null, |slot| self.get(slot))
    }
}
