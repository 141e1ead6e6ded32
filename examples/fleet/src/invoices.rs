//! Companies, and the invoices they send.

use action_core::Entity;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

/// A company that works for the fleet. One with invoices cannot be deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[serde(rename_all = "camelCase")]
#[entity(table = "companies")]
#[expect(missing_docs, reason = "the columns say it themselves")]
pub struct Company {
    pub id: Uuid,
    #[entity(length(1, 200), unique)]
    pub name: String,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: Option<DateTime<Utc>>,
    pub updated_by: Option<Uuid>,
}

/// An invoice of a company.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[serde(rename_all = "camelCase")]
#[entity(table = "invoices")]
#[expect(missing_docs, reason = "the columns say it themselves")]
pub struct Invoice {
    pub id: Uuid,
    #[entity(length(1, 50), unique)]
    pub number: String,
    #[entity(references = "Company")]
    pub company_id: Uuid,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: Option<DateTime<Utc>>,
    pub updated_by: Option<Uuid>,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Entity)]
#[serde(rename_all = "camelCase")]
#[entity(table = "invoice_lines")]
#[expect(missing_docs, reason = "the columns say it themselves")]
pub struct InvoiceLine {
    pub id: Uuid,
    #[entity(references = "Invoice")]
    pub invoice_id: Uuid,
    #[entity(length(1, 500))]
    pub description: String,
    #[entity(decimal(12, 2))]
    #[serde(with = "rust_decimal::serde::float")]
    pub amount: Decimal,
    #[entity(default = false)]
    pub approved: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: Option<DateTime<Utc>>,
    pub updated_by: Option<Uuid>,
}
