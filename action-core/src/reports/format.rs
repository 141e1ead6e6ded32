//! The formats there are: what they are called, what holds in them, who writes them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::table::Table;
use super::writer::ReportWriter;
use super::{csv, html, json};
use crate::refusal::BoxError;

/// The formats that this program was built with; another one is told these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    #[cfg(feature = "xlsx")]
    Xlsx,
    Html,
    #[cfg(feature = "pdf")]
    Pdf,
    Json,
}

impl Format {
    /// What a file's name ends with.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            #[cfg(feature = "xlsx")]
            Self::Xlsx => "xlsx",
            Self::Html => "html",
            #[cfg(feature = "pdf")]
            Self::Pdf => "pdf",
            Self::Json => "json",
        }
    }

    /// Its media type.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            #[cfg(feature = "xlsx")]
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Html => "text/html; charset=utf-8",
            #[cfg(feature = "pdf")]
            Self::Pdf => "application/pdf",
            Self::Json => "application/json",
        }
    }

    /// As many rows as fit; no bound where bytes leave as rows come.
    pub(super) fn most_rows(self) -> Option<u64> {
        match self {
            Self::Csv | Self::Html | Self::Json => None,
            #[cfg(feature = "xlsx")]
            Self::Xlsx => Some(super::xlsx::MOST_ROWS),
            #[cfg(feature = "pdf")]
            Self::Pdf => Some(super::pdf::MOST_ROWS),
        }
    }

    /// Who writes it.
    #[cfg_attr(
        not(feature = "xlsx"),
        expect(clippy::unnecessary_wraps, reason = "only a workbook can fail to begin")
    )]
    pub(super) fn writer(self, table: Arc<Table>) -> Result<Box<dyn ReportWriter>, BoxError> {
        Ok(match self {
            Self::Csv => Box::new(csv::Csv::new(table)),
            #[cfg(feature = "xlsx")]
            Self::Xlsx => Box::new(super::xlsx::Xlsx::new(table)?),
            Self::Html => Box::new(html::Html::new(table)),
            #[cfg(feature = "pdf")]
            Self::Pdf => Box::new(super::pdf::Pdf::new(table)),
            Self::Json => Box::new(json::Json::new(table)),
        })
    }
}
