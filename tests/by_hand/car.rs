//! An entity type by hand: what `#[derive(Entity)]` writes.

use action_core::entity::{Cell, CellError, Column, ColumnIndex, Entity, EntityError, EntityType, Record};
use action_core::{Kind, Value};
use serde::Serialize;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Car {
    pub(crate) id: Uuid,
    pub(crate) license_plate: String,
    pub(crate) status: String,
    pub(crate) version: i64,
}

impl EntityType for Car {
    const NAME: &'static str = "Car";

    fn definition() -> Result<Entity, EntityError> {
        Entity::builder("Car", "cars")
            .column(Column::new("id", Kind::Uuid))
            .column(Column::new("licensePlate", Kind::Text).required().length(1, 20).unique())
            .column(Column::new("status", Kind::Text).default_value("available"))
            .column(Column::new("version", Kind::Integer))
            .build()
    }

    fn from_record(record: Record) -> Result<Self, CellError> {
        let mut values = record.into_values().into_iter();
        let mut next = || values.next().unwrap_or(Value::Null);
        Ok(Self {
            id: Cell::from_value(next())?,
            license_plate: Cell::from_value(next())?,
            status: Cell::from_value(next())?,
            version: Cell::from_value(next())?,
        })
    }

    fn to_values(&self, _: &Entity) -> Vec<(ColumnIndex, Value)> {
        vec![(1, self.license_plate.to_value()), (2, self.status.to_value())]
    }

    fn key(&self) -> Value {
        self.id.into()
    }
}
