//! The one trait that every format implements: a head, rows in batches, an end.

use std::io::Read;

use crate::entity::Record;
use crate::refusal::BoxError;

/// Turns rows into the bytes of one format. It may be slow: it is called on a thread that may be kept busy.
pub(super) trait ReportWriter: Send {
    /// Begins the document. What is ready is appended to `out`, here and below.
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), BoxError>;

    /// The next rows.
    fn rows(&mut self, rows: &[Record], out: &mut Vec<u8>) -> Result<(), BoxError>;

    /// Ends the document: all that was not ready before.
    fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError>;
}
