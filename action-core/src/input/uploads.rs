//! The files that came with a request.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::{Input, InputShape, Intake};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionError;
use crate::ports::FileReader;
use crate::refusal::BoxError;

/// A file that came with a request. Its bytes wait where the surface put them, until the call has ended.
#[derive(Clone)]
pub struct Upload {
    /// The name of its part of the request, for messages.
    pub part: String,
    /// The file's name as it was sent. Clean it before showing or storing it.
    pub name: String,
    /// The media type that its part says; a claim, and nothing that was looked at.
    pub claimed_type: Option<String>,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    content: Arc<dyn UploadContent>,
}

/// The bytes of an upload, wherever the surface keeps them.
pub trait UploadContent: Send + Sync {
    /// Reads them from the start.
    fn open(&self) -> Result<Box<dyn FileReader>, BoxError>;
}

impl Upload {
    /// A file that a surface has received whole.
    pub fn new(
        part: impl Into<String>,
        name: impl Into<String>,
        size: u64,
        sha256: [u8; 32],
        content: impl UploadContent + 'static,
    ) -> Self {
        let (part, name) = (part.into(), name.into());
        Self { part, name, claimed_type: None, size, sha256, content: Arc::new(content) }
    }

    /// With the media type that its part says.
    pub fn claimed(mut self, media_type: Option<String>) -> Self {
        self.claimed_type = media_type;
        self
    }

    /// Reads its bytes from the start.
    pub fn open(&self) -> Result<Box<dyn FileReader>, ActionError> {
        self.content.open().map_err(|error| crate::Refusal::Unavailable(error).into())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

/// The files of the request, in their order; none where it brought none. An action without this argument refuses
/// files.
#[derive(Debug, Clone, Default)]
pub struct Uploads(Vec<Upload>);

impl Deref for Uploads {
    type Target = [Upload];
    fn deref(&self) -> &[Upload] {
        &self.0
    }
}

impl Input for Uploads {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        shape.uploads = true;
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        Ok(Self(intake.uploads.to_vec()))
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}
