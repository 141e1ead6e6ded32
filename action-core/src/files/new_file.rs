//! A file that a handler is making.

use sha2::{Digest, Sha256};

use super::clean_name;
use crate::error::ActionError;
use crate::ports::{FileName, FileStoreError, FileWriter};

/// A file that is being written; [`ActionContext::keep_file`](crate::ActionContext::keep_file) keeps it.
///
/// It does not borrow the context, so that rows can be read while it is written. Dropped, it leaves nothing.
pub struct NewFile {
    pub(crate) stored_as: FileName,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) writer: Box<dyn FileWriter>,
    pub(crate) size: u64,
    pub(crate) hash: Sha256,
    pub(crate) entity: Option<String>,
    pub(crate) record_id: Option<String>,
    pub(crate) description: Option<String>,
}

impl NewFile {
    pub(crate) fn new(
        stored_as: FileName,
        name: &str,
        content_type: impl Into<String>,
        writer: Box<dyn FileWriter>,
    ) -> Self {
        Self {
            stored_as,
            name: clean_name(name),
            content_type: content_type.into(),
            writer,
            size: 0,
            hash: Sha256::new(),
            entity: None,
            record_id: None,
            description: None,
        }
    }

    /// Appends bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), ActionError> {
        self.writer.write(bytes).await.map_err(FileStoreError::while_writing)?;
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
        Ok(())
    }

    /// How many bytes were written.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its name, cleaned.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
