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
use crate::refusal::{BoxError, Refusal};

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
        let mut rest =
            spawn_blocking(move || writer.end()).await.map_err(ActionError::from)?.map_err(stopped)?;
        loop {
            let chunk;
            (rest, chunk) = spawn_blocking(move || {
                let mut chunk = Vec::new();
                let read = (&mut rest).take(CHUNK as u64).read_to_end(&mut chunk);
                (rest, read.map(|_| chunk))
            })
            .await
            .map_err(ActionError::from)?;
            let chunk = chunk.map_err(|it| stopped(it.into()))?;
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
        let bytes = bytes.map_err(stopped)?;
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

/// Why a writer could not go on: a temporary disk that is full is nobody's mistake, and has room again later.
pub(super) fn stopped(error: BoxError) -> ActionError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    while let Some(it) = cause {
        if it.is::<std::io::Error>() {
            return Refusal::Unavailable(error).into();
        }
        cause = it.source();
    }
    ActionError(Stop::Fault(error))
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

#[cfg(test)]
mod tests {
    use std::io;

    use uuid::Uuid;

    use super::*;
    use crate::in_memory::InMemoryFiles;
    use crate::ports::{FileName, FileStore as _};

    /// Where a report that cannot be written stops.
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Begin,
        Rows,
        End,
        Rest,
    }

    /// Fails there, as told.
    struct Failing(At, fn() -> BoxError);

    impl Failing {
        fn at(&self, at: At) -> Result<(), BoxError> {
            if self.0 == at { Err((self.1)()) } else { Ok(()) }
        }
    }

    impl ReportWriter for Failing {
        fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), BoxError> {
            self.at(At::Begin)
        }
        fn rows(&mut self, _: &[Record], _: &mut Vec<u8>) -> Result<(), BoxError> {
            self.at(At::Rows)
        }
        fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
            self.at(At::End)?;
            Ok(self)
        }
    }

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            self.at(At::Rest).map(|()| 0).map_err(io::Error::other)
        }
    }

    async fn error_of(writer: Failing) -> ActionError {
        let name = FileName { tenant: Uuid::nil(), id: Uuid::nil() };
        let bytes = InMemoryFiles::default().create(name).await.unwrap();
        let file = NewFile::new(name, "a.csv", "text/csv", bytes);
        let mut pipe = match Pipe::begin(Box::new(writer), file, None).await {
            Ok(pipe) => pipe,
            Err(error) => return error,
        };
        let _ = pipe.rows(Vec::new()).await;
        match pipe.failed() {
            Some(Failed::By(error)) => error,
            Some(Failed::TooMany) => ActionError::fault("there is no bound"),
            None => pipe.end().await.map(drop).unwrap_err(),
        }
    }

    fn full() -> BoxError {
        io::Error::from(io::ErrorKind::StorageFull).into()
    }

    #[tokio::test]
    async fn a_full_disk_is_unavailable_wherever_the_report_is() {
        for at in [At::Begin, At::Rows, At::End, At::Rest] {
            let error = error_of(Failing(at, full)).await;
            assert!(matches!(error.as_refusal(), Some(Refusal::Unavailable(_))), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_mistake_of_the_writers_is_a_fault() {
        for at in [At::Begin, At::Rows, At::End] {
            let error = error_of(Failing(at, || "no such sheet".into())).await;
            assert!(error.as_refusal().is_none(), "{error:?}");
        }
    }
}
