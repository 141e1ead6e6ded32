//! `generateReport`: an entity's rows, or those of a registered query, as a file.
//!
//! Which rows and columns a caller may see is settled as for `executeQuery`: tenant, row rule, readable columns. What
//! is new here is the road from the rows to a file in bounded memory: the store hands over a batch, the format's writer
//! (`writer`) turns it into bytes on a thread that may be kept busy, the file store takes the bytes, and only then is the
//! next batch read. How a format looks is decided in a file of its own; where bytes are kept, by the file store.
//!
//! `csv` and `json` are for programs: names as in answers, numbers and times in one spelling. `html`, `pdf` and `xlsx`
//! are for people: titles, and numbers and dates as the caller's languages write them.

mod conventions;
mod csv;
mod defuse;
mod file_name;
mod format;
mod generate;
mod html;
mod json;
#[cfg(feature = "pdf")]
mod pdf;
mod pipe;
mod table;
mod writer;
#[cfg(feature = "xlsx")]
mod xlsx;

pub use generate::ReportReply;

use std::time::Duration;

use crate::action::Action;
use crate::registry::Candidate;

/// A million rows take their time.
const TIME_LIMIT: Duration = Duration::from_mins(5);

/// The core action of this module.
pub(crate) fn core_actions() -> Vec<Candidate> {
    vec![Candidate::new(
        Action::new("generateReport")
            .permission("generateReport")
            .permission("Query/{entity}")
            .title("Generate report")
            .description(
                "Writes the records of an entity, or of a registered query, into a file to download.",
            )
            .time_limit(TIME_LIMIT),
        generate::GenerateReport,
    )]
}
