//! A body of `multipart/form-data` (RFC 7578): the JSON of the request in one part, files in the others.
//!
//! A file's bytes go through a spool: the first of them stay in memory, the rest of a larger one is written to a
//! temporary file without a name, which the system removes when the call has ended, however it ends. Size and SHA-256
//! are taken on the way, and every limit is held while bytes arrive, not afterwards.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use action_core::ports::{CHUNK, FileReader, FileStoreError};
use action_core::{BoxError, FieldError, Refusal, Upload, UploadContent};
use async_trait::async_trait;
use axum::body::{Body, BodyDataStream, Bytes};
use futures_util::Stream;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use multer::{Constraints, Field, Multipart, SizeLimit};
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

/// The part with the JSON.
const REQUEST: &str = "request";

/// Most files of a request.
const MOST_FILES: usize = 20;

/// Longest name of a part or a file, in characters.
const LONGEST_NAME: usize = 1_000;

/// What a boundary and a part's headers may take beside the bytes of the part.
const AROUND_A_PART: u64 = 16 * 1024;

/// As much of a file stays in memory.
const IN_MEMORY: usize = 64 * 1024;

/// The parts of a body.
pub(crate) struct Parts {
    /// The JSON.
    pub(crate) json: Bytes,
    /// The files, in their order.
    pub(crate) uploads: Vec<Upload>,
}

/// What a body may be at most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) json: usize,
    /// All files together.
    pub(crate) files: u64,
    pub(crate) time: Duration,
}

/// The boundary, where the body is one of several parts.
pub(crate) fn boundary(headers: &HeaderMap) -> Option<Result<String, Problem>> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?;
    if !text.split(';').next()?.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    Some(multer::parse_boundary(text).map_err(|_| Problem::malformed("the content type names no boundary")))
}

/// Reads all parts.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    boundary: String,
    limits: Limits,
) -> Result<Parts, Problem> {
    if headers.get_all(CONTENT_ENCODING).iter().any(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::UnsupportedMediaType);
    }
    let around = AROUND_A_PART * (MOST_FILES as u64 + 1);
    let most = limits.files.saturating_add(limits.json as u64).saturating_add(around);
    let declared = headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|it| it > most) {
        return Err(Problem::PayloadTooLarge(usize::try_from(limits.files).unwrap_or(usize::MAX)));
    }
    let head = Head::default();
    let stream = Paced { body: std::mem::take(body).into_data_stream(), gave: false, head: head.clone() };
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(most));
    let parts = parts(Multipart::with_constraints(stream, boundary, constraints), &head, limits);
    tokio::time::timeout(limits.time, parts).await.map_err(|_elapsed| Problem::SlowBody)?
}

async fn parts(mut multipart: Multipart<'_>, head: &Head, limits: Limits) -> Result<Parts, Problem> {
    let mut json = None;
    let mut uploads: Vec<Upload> = Vec::new();
    let mut left = limits.files;
    loop {
        head.begins();
        let next = multipart.next_field().await.map_err(|error| wrong(&error, limits))?;
        head.ended();
        let Some(field) = next else { break };
        let name = field.name().unwrap_or_default().to_owned();
        if name == REQUEST {
            if json.replace(request(field, limits).await?).is_some() {
                return Err(Problem::malformed("the part `request` is there twice"));
            }
            continue;
        }
        if uploads.len() == MOST_FILES {
            return Err(Problem::malformed(format!("a request may bring at most {MOST_FILES} files")));
        }
        let file_name = field.file_name().unwrap_or_default().to_owned();
        if [&name, &file_name].iter().any(|it| it.chars().count() > LONGEST_NAME) {
            let told = format!("the name of a part or file may have at most {LONGEST_NAME} characters");
            return Err(Problem::malformed(told));
        }
        if name.is_empty() {
            return Err(Problem::malformed("a part has no name"));
        }
        let upload = spool(field, name, file_name, left, limits).await?;
        left -= upload.size;
        uploads.push(upload);
    }
    let json = json.ok_or_else(|| {
        let message = "the part `request` is required: it holds the JSON of the request";
        Problem::Refused(Refusal::validation(FieldError::new(REQUEST, "required", message).into()))
    })?;
    Ok(Parts { json, uploads })
}

async fn request(mut field: Field<'_>, limits: Limits) -> Result<Bytes, Problem> {
    let mut json = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(|error| wrong(&error, limits))? {
        if json.len() + bytes.len() > limits.json {
            return Err(Problem::PayloadTooLarge(limits.json));
        }
        json.extend_from_slice(&bytes);
    }
    if json.is_empty() {
        return Err(Problem::malformed("the part `request` is empty"));
    }
    Ok(json.into())
}

async fn spool(
    mut field: Field<'_>,
    part: String,
    name: String,
    left: u64,
    limits: Limits,
) -> Result<Upload, Problem> {
    let claimed = field.content_type().map(ToString::to_string);
    let mut spool = Spool::Memory(Vec::new());
    let (mut size, mut hash) = (0, Sha256::new());
    while let Some(bytes) = field.chunk().await.map_err(|error| wrong(&error, limits))? {
        size += bytes.len() as u64;
        if size > left {
            return Err(Problem::PayloadTooLarge(usize::try_from(limits.files).unwrap_or(usize::MAX)));
        }
        hash.update(&bytes);
        spool = spool.write(bytes).await.map_err(|error| Refusal::Unavailable(error.into()))?;
    }
    Ok(Upload::new(part, name, size, hash.finalize().into(), spool.finish()).claimed(claimed))
}

/// Which parts of a body cannot be read is the client's to mend, whatever the reader calls it.
fn wrong(error: &multer::Error, limits: Limits) -> Problem {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Problem::PayloadTooLarge(usize::try_from(limits.files).unwrap_or(usize::MAX))
        }
        _ => Problem::malformed("the parts of the body cannot be read, or it ended early"),
    }
}

/// What may still arrive before a part's headers are complete; none while its bytes are read, which are counted
/// elsewhere.
#[derive(Debug, Clone, Default)]
struct Head(Arc<AtomicU64>);

impl Head {
    fn begins(&self) {
        self.0.store(AROUND_A_PART, Ordering::Relaxed);
    }

    fn ended(&self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }
}

/// A body, a piece at a time.
///
/// The reader of parts takes all that is there before it looks at any of it, and keeps the headers of a part until they
/// are complete. So it is given one piece and then told to come again, and no more once its headers are too long:
/// whatever a client sends, it holds a few pieces of it and not the whole.
struct Paced {
    body: BodyDataStream,
    gave: bool,
    head: Head,
}

impl Stream for Paced {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.gave) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let left = self.head.0.load(Ordering::Relaxed);
        if left == 0 {
            return Poll::Ready(Some(Err("the headers of a part are too long".into())));
        }
        let next = pin!(&mut self.body).poll_next(cx);
        if let Poll::Ready(Some(Ok(piece))) = &next {
            let left = if left == u64::MAX { left } else { left.saturating_sub(piece.len() as u64) };
            self.head.0.store(left, Ordering::Relaxed);
            self.gave = true;
        }
        next.map_err(Into::into)
    }
}

/// A file that is arriving.
enum Spool {
    Memory(Vec<u8>),
    Disk(File),
}

impl Spool {
    async fn write(self, bytes: Bytes) -> std::io::Result<Self> {
        match self {
            Self::Memory(mut held) if held.len() + bytes.len() <= IN_MEMORY => {
                held.extend_from_slice(&bytes);
                Ok(Self::Memory(held))
            }
            Self::Memory(held) => {
                blocking(move || {
                    let mut file = tempfile::tempfile()?;
                    file.write_all(&held)?;
                    file.write_all(&bytes)?;
                    Ok(Self::Disk(file))
                })
                .await
            }
            Self::Disk(mut file) => {
                blocking(move || {
                    file.write_all(&bytes)?;
                    Ok(Self::Disk(file))
                })
                .await
            }
        }
    }

    fn finish(self) -> Spooled {
        match self {
            Self::Memory(held) => Spooled::Memory(held.into()),
            Self::Disk(file) => Spooled::Disk(Arc::new(Mutex::new(file))),
        }
    }
}

/// A file that has arrived.
enum Spooled {
    Memory(Bytes),
    /// One place of reading for all readers, which say where they are.
    Disk(Arc<Mutex<File>>),
}

impl UploadContent for Spooled {
    fn open(&self) -> Result<Box<dyn FileReader>, BoxError> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(Held(Some(bytes.clone()))),
            Self::Disk(file) => Box::new(OnDisk { file: Arc::clone(file), at: 0 }),
        })
    }
}

struct Held(Option<Bytes>);

struct OnDisk {
    file: Arc<Mutex<File>>,
    at: u64,
}

#[async_trait]
impl FileReader for Held {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        Ok(self.0.take().filter(|it| !it.is_empty()).map(|it| it.to_vec()))
    }
}

#[async_trait]
impl FileReader for OnDisk {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        let (file, at) = (Arc::clone(&self.file), self.at);
        let read = blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(at))?;
            let mut bytes = vec![0; CHUNK];
            let read = file.read(&mut bytes)?;
            bytes.truncate(read);
            Ok(bytes)
        });
        let bytes = read.await.map_err(|error| FileStoreError::Unavailable(error.into()))?;
        self.at += bytes.len() as u64;
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::stream;

    use super::*;

    const LIMITS: Limits = Limits { json: 1024, files: 64 * 1024 * 1024, time: Duration::from_mins(1) };
    const PIECE: usize = 64 * 1024;

    /// A body of pieces that are all there at once, and how many of them were taken.
    fn body(first: &'static str, pieces: usize, last: &'static str) -> (Body, Arc<AtomicUsize>) {
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let pieces = std::iter::once(Bytes::from_static(first.as_bytes()))
            .chain(std::iter::repeat_n(Bytes::from(vec![b'a'; PIECE]), pieces))
            .chain([Bytes::from_static(last.as_bytes())])
            .inspect(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
            });
        (Body::from_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>))), taken)
    }

    const START: &str = "--b\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n{}\r\n\
                         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";

    #[tokio::test]
    async fn a_part_is_handed_on_while_the_rest_of_the_body_waits() {
        let (body, taken) = body(START, 400, "\r\n--b--\r\n");
        let head = Head::default();
        head.ended();
        let stream = Paced { body: body.into_data_stream(), gave: false, head };
        let mut multipart = Multipart::new(stream, "b");
        drop(multipart.next_field().await.unwrap());
        let mut file = multipart.next_field().await.unwrap().unwrap();
        for round in 1..=10 {
            let chunk = file.chunk().await.unwrap().unwrap();
            assert!(chunk.len() <= 2 * PIECE, "{} bytes at once", chunk.len());
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= round + 3, "{taken} pieces were taken by round {round}");
        }
    }

    #[tokio::test]
    async fn a_body_that_is_all_there_arrives_whole() {
        let (mut body, _) = body(START, 400, "\r\n--b--\r\n");
        let parts = read(&HeaderMap::new(), &mut body, "b".to_owned(), LIMITS).await.unwrap();
        assert_eq!(parts.json, "{}");
        assert_eq!(parts.uploads.iter().map(|it| it.size).collect::<Vec<_>>(), [400 * PIECE as u64]);
    }

    #[tokio::test]
    async fn headers_without_an_end_are_not_read_to_the_end() {
        for start in ["--b\r\nContent-Disposition: ", "", "--b\r\nX: ", "no boundary\r\n"] {
            let (mut body, taken) = body(start, 400, "\r\n--b--\r\n");
            let answer = read(&HeaderMap::new(), &mut body, "b".to_owned(), LIMITS).await;
            assert!(matches!(answer, Err(Problem::MalformedJson(_))), "{start:?}");
            assert!(taken.load(Ordering::Relaxed) < 5, "{start:?}: {taken:?} pieces were taken");
        }
    }

    #[tokio::test]
    async fn limits_as_large_as_numbers_get_are_no_limits() {
        let (mut body, _) = body(START, 1, "\r\n--b--\r\n");
        let limits = Limits { files: u64::MAX, ..LIMITS };
        assert!(read(&HeaderMap::new(), &mut body, "b".to_owned(), limits).await.is_ok());
    }
}
