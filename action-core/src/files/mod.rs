//! Files: uploads and reports, whose bytes are in a store and whose rows are in the database.
//!
//! The bytes come first and the row is written in the call's transaction, so a file that anybody can find is whole. A
//! call that is rolled back leaves bytes without a row: they are removed at once, and if the process dies before that,
//! by the sweep. What a file is called and what type it has is decided here (`clean_name`, `content_type`) and never
//! by what a client says it is.

mod archive;
mod clean_name;
mod content_type;
#[cfg(feature = "file-folder")]
mod folder;
mod new_file;
mod sweep;
mod upload_action;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

pub(crate) use clean_name::clean_name;
pub use content_type::{ContentType, UploadRules};
#[cfg(feature = "file-folder")]
pub use folder::FolderStore;
pub use new_file::NewFile;
pub(crate) use new_file::hex;
pub(crate) use sweep::sweep;

use crate::action::Action;
use crate::ports::FileName;
use crate::registry::Candidate;

/// A file that is kept, as its maker and the listing of an answer tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredFile {
    /// Random: it tells nothing, and may be shared by link.
    #[serde(rename = "fileId")]
    pub id: Uuid,
    /// What people call it; cleaned.
    #[serde(rename = "fileName")]
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
    /// Whose it is.
    #[serde(skip)]
    pub tenant_id: Option<Uuid>,
    /// Who made it.
    #[serde(skip)]
    pub user_id: Uuid,
    /// The entity of the record it belongs to.
    #[serde(skip)]
    pub entity: Option<String>,
    /// The key of that record, as text.
    #[serde(skip)]
    pub record_id: Option<String>,
    /// What its maker said about it.
    #[serde(skip)]
    pub description: Option<String>,
    /// When it was made.
    #[serde(skip)]
    pub created_at: DateTime<Utc>,
}

impl StoredFile {
    /// Its name in the store.
    pub fn stored_as(&self) -> FileName {
        FileName { tenant: self.tenant_id.unwrap_or_default(), id: self.id }
    }
}

/// The action `uploadFile`.
pub(crate) fn upload_action() -> Candidate {
    let action = Action::new("uploadFile")
        .permission("uploadFile")
        .title("Upload file")
        .description("Keeps the file that comes with the request, of a type that its bytes tell.")
        .time_limit(Duration::from_mins(2));
    Candidate::new(action, upload_action::UploadFile)
}
