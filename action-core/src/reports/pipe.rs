//! The way of the rows into the file: each batch through the format's writer, and its bytes on to the file store.
//!
//! The writer works on a thread that may be kept busy, one batch at a time; meanwhile no rows are read.

use std::io::Read;
use std::ops::ControlFlow;

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::writer::ReportWriter;
use crate::entity::Record;
use crate::error::{ActionError, Stop};
use crate::files::NewFile;
use crate::ports::RowSink;
use crate::refusal::BoxError;

/// How much of what a writer kept back is read at a time.
const CHUNK: usize = 64 * 1024;

/// A file that is being written.
pub(super) struct Pipe {
    // There unless a step failed.
    writer: Option<Box<dyn ReportWriter>>,
    file: NewFile,
    rows: u64,
    most: Option<u64>,
    failed: Option<Failed>,
}

/// Why the rows were not all taken.
pub(super) enum Failed {
    /// There are more than fit.
    TooMany,
    By(ActionError),
}

impl Pipe {
    /// Begins the document; at most `most` rows will be taken.
    pub(super) async fn begin(
        writer: Box<dyn ReportWriter>,
        file: NewFile,
        most: Option<u64>,
    ) -> Result<Self, ActionError> {
        let mut pipe = Self { writer: Some(writer), file, rows: 0, most, failed: None };
        pipe.work(|writer, out| writer.begin(out)).await?;
        Ok(pipe)
    }

    /// What stopped it, where something did.
    pub(super) fn failed(&mut self) -> Option<Failed> {
        self.failed.take()
    }

    /// Ends the document.
    pub(super) async fn end(mut self) -> Result<NewFile, ActionError> {
        let writer = self.writer.take().ok_or_else(|| ActionError::fault("a report was ended twice"))?;
        let mut rest = spawn_blocking(move || writer.end())
            .await
            .map_err(ActionError::from)?
            .map_err(|it| ActionError(Stop::Fault(it)))?;
        loop {
            let chunk;
            (rest, chunk) = spawn_blocking(move || {
                let mut chunk = Vec::new();
                let read = (&mut rest).take(CHUNK as u64).read_to_end(&mut chunk);
                (rest, read.map(|_| chunk))
            })
            .await
            .map_err(ActionError::from)?;
            let chunk = chunk?;
            if chunk.is_empty() {
                return Ok(self.file);
            }
            self.file.write(&chunk).await?;
        }
    }

    async fn work(
        &mut self,
        step: impl FnOnce(&mut dyn ReportWriter, &mut Vec<u8>) -> Result<(), BoxError> + Send + 'static,
    ) -> Result<(), ActionError> {
        let mut writer =
            self.writer.take().ok_or_else(|| ActionError::fault("a report went on after it failed"))?;
        let (writer, bytes) = spawn_blocking(move || {
            let mut out = Vec::new();
            let done = step(writer.as_mut(), &mut out);
            (writer, done.map(|()| out))
        })
        .await
        .map_err(ActionError::from)?;
        let bytes = bytes.map_err(|it| ActionError(Stop::Fault(it)))?;
        if !bytes.is_empty() {
            self.file.write(&bytes).await?;
        }
        self.writer = Some(writer);
        Ok(())
    }

    async fn take(&mut self, rows: Vec<Record>) -> Result<(), Failed> {
        self.rows += rows.len() as u64;
        if self.most.is_some_and(|most| self.rows > most) {
            return Err(Failed::TooMany);
        }
        self.work(move |writer, out| writer.rows(&rows, out)).await.map_err(Failed::By)
    }
}

#[async_trait]
impl RowSink for Pipe {
    async fn rows(&mut self, rows: Vec<Record>) -> ControlFlow<()> {
        match self.take(rows).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(failed) => {
                self.failed = Some(failed);
                ControlFlow::Break(())
            }
        }
    }
}
