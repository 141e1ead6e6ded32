//! The cars.

use action_core::Entity;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

/// A car of the fleet.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[serde(rename_all = "camelCase")]
#[entity(table = "cars")]
pub struct Car {
    /// Made by the server.
    pub id: Uuid,
    /// Unique within the tenant.
    #[entity(length(1, 20), unique)]
    pub license_plate: String,
    /// Who made it.
    #[entity(length(1, 100))]
    pub brand: String,
    /// What they call it.
    #[entity(length(1, 100))]
    pub model: String,
    /// When it was built.
    #[entity(range(1886, 2100))]
    pub year: i64,
    /// Any colour.
    #[entity(length(0, 50))]
    pub color: Option<String>,
    /// Changes by its workflow.
    #[entity(one_of("available", "in_use", "stolen", "retired"), initially = "available")]
    pub status: String,
    /// What it cost; a number in JSON, which carries 15 digits exactly.
    #[entity(decimal(12, 2))]
    #[serde(with = "rust_decimal::serde::float_option")]
    pub price: Option<Decimal>,
    /// Free text.
    #[entity(length(0, 10_000))]
    pub notes: Option<String>,
    /// One more with every change.
    pub version: i64,
    /// Kept by the server.
    pub created_at: DateTime<Utc>,
    /// Kept by the server.
    pub created_by: Option<Uuid>,
    /// Kept by the server.
    pub updated_at: Option<DateTime<Utc>>,
    /// Kept by the server.
    pub updated_by: Option<Uuid>,
}
