//! What a file is, by its bytes and by nothing a client says.
//!
//! What has a signature is recognised by it (`infer`), and an archive by what it lists (`archive`). What has none may be
//! text: valid UTF-8 without control characters, all of it. Only between plain text and comma-separated values, which
//! no byte tells apart, do the name and the part's type decide. What looks like a page or a program is neither.

use std::borrow::Cow;

use infer::MatcherType;

use super::archive;

/// As many bytes as a signature needs, with room for the first entries of an archive.
const HEAD: usize = 8 * 1024;

/// A media type.
pub type ContentType = Cow<'static, str>;

/// What has a signature and may still be text to its end.
const DOCUMENTS: [&str; 3] = ["application/pdf", "application/rtf", "application/postscript"];

const PLAIN: &str = "text/plain; charset=utf-8";
const CSV: &str = "text/csv; charset=utf-8";

/// What may be uploaded.
///
/// ```
/// use action_core::files::UploadRules;
///
/// let rules = UploadRules::default().largest(1024 * 1024).types(["image/png", "application/pdf"]);
/// # let _ = action_core::Engine::builder().upload_rules(rules);
/// ```
#[derive(Debug, Clone)]
pub struct UploadRules {
    largest: u64,
    types: Vec<ContentType>,
}

impl Default for UploadRules {
    /// 25 MiB; png, jpeg, gif, webp, pdf, plain text, csv, xlsx, docx and zip.
    fn default() -> Self {
        Self { largest: 25 * 1024 * 1024, types: Vec::new() }.types([
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "application/pdf",
            "text/plain",
            "text/csv",
            archive::XLSX,
            archive::DOCX,
            archive::ZIP,
        ])
    }
}

impl UploadRules {
    /// The most bytes of a file, and of all files of a request.
    pub fn largest(mut self, bytes: u64) -> Self {
        self.largest = bytes;
        self
    }

    /// The media types that are taken, without parameters, instead of the default ones.
    pub fn types<T: Into<ContentType>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.types = types.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.largest
    }

    pub(crate) fn takes(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        self.types.iter().any(|it| it == essence)
    }
}

/// Looks at the bytes of a file as they come.
#[derive(Debug, Default)]
pub(crate) struct Detector {
    head: Vec<u8>,
    /// The last bytes, and perhaps some before them.
    tail: Vec<u8>,
    size: u64,
    /// The beginning of a character whose rest was not seen yet.
    open: Vec<u8>,
    no_text: bool,
}

impl Detector {
    pub(crate) fn see(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if self.head.starts_with(b"PK") {
            self.tail.extend_from_slice(bytes);
            // Cut now and then, so that not every piece moves what is kept.
            if self.tail.len() > 2 * archive::TAIL {
                self.tail.drain(..self.tail.len() - archive::TAIL);
            }
        }
        if !self.no_text {
            self.see_text(bytes);
        }
    }

    fn see_text(&mut self, bytes: &[u8]) {
        let joined: Cow<'_, [u8]> = if self.open.is_empty() {
            Cow::Borrowed(bytes)
        } else {
            Cow::Owned([self.open.as_slice(), bytes].concat())
        };
        let (text, rest) = match std::str::from_utf8(&joined) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (valid, rest) = joined.split_at(error.valid_up_to());
                self.no_text = error.error_len().is_some();
                (std::str::from_utf8(valid).unwrap_or_default(), rest)
            }
        };
        self.no_text |= text.chars().any(|it| it.is_control() && !matches!(it, '\t' | '\n' | '\r' | '\u{c}'));
        let rest = rest.to_vec();
        self.open = rest;
    }

    /// The type of an archive is in its directory; a signature sees only its first entries.
    fn of_archive(&self, told: &'static str) -> Option<&'static str> {
        let by_its_first_entries = told == archive::ZIP || told.starts_with(archive::OFFICE);
        if by_its_first_entries && self.head.starts_with(b"PK") {
            archive::told(&self.tail, self.size)
        } else {
            Some(told)
        }
    }

    /// What it is; `None` where that cannot be told. Name and claim only say which kind of text it is.
    pub(crate) fn told(&self, name: &str, claimed: Option<&str>) -> Option<ContentType> {
        let is_text = !self.no_text && self.open.is_empty();
        match infer::get(&self.head) {
            Some(kind) if is_text && is_short(&kind) => {}
            Some(kind) => return self.of_archive(kind.mime_type()).map(Cow::Borrowed),
            None => {}
        }
        if !is_text || looks_like_markup(&self.head) {
            return None;
        }
        let named = name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("csv"));
        let essence = claimed.and_then(|it| it.split(';').next()).unwrap_or_default();
        let is_csv = named || essence.trim().eq_ignore_ascii_case("text/csv");
        Some(Cow::Borrowed(if is_csv { CSV } else { PLAIN }))
    }
}

/// A signature of a few letters that an ordinary word may begin with, as `BMW` begins with that of a bitmap. No such
/// file is text to its end; documents and pages may be.
fn is_short(kind: &infer::Type) -> bool {
    !matches!(kind.matcher_type(), MatcherType::Text | MatcherType::Doc)
        && !DOCUMENTS.contains(&kind.mime_type())
}

/// A page, a picture of vectors or the like: text that a browser might run.
fn looks_like_markup(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    start.starts_with('<')
        && start.chars().nth(1).is_some_and(|it| it.is_alphabetic() || matches!(it, '!' | '?' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8], name: &str) -> Option<ContentType> {
        let mut detector = Detector::default();
        // In pieces, so that characters are cut in the middle.
        bytes.chunks(3).for_each(|it| detector.see(it));
        detector.told(name, None)
    }

    #[test]
    fn a_type_is_told_by_the_bytes_whatever_the_name() {
        for (bytes, name, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "a.txt", Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "a.png", Some("image/jpeg")),
            (b"GIF89a\x01\0\x01\0", "a", Some("image/gif")),
            (b"%PDF-1.7\n", "a.png", Some("application/pdf")),
            (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "a.png", Some("application/zip")),
            (b"PK\x03\x04\x14\0\0\0", "a.zip", None),
            ("Grüße aus München\n".as_bytes(), "a.png", Some(PLAIN)),
            (b"a,b\n1,2\n", "a.CSV", Some(CSV)),
            (b"a,b\n1,2\n", "a.txt", Some(PLAIN)),
            (b"#!/bin/sh\n", "a.png", Some("text/x-shellscript")),
            (b"\x7fELF\x02\x01\x01\0", "a.png", None),
            (b"<!DOCTYPE html><script>alert(1)</script>", "a.png", Some("text/html")),
            (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", None),
            (b"\xef\xbb\xbf<script>alert(1)</script>", "a.txt", None),
            (b"a < b and <5", "a.txt", Some(PLAIN)),
            // Words that begin as a bitmap, a program, a sound and a film do.
            (b"BMW;318;2017\n", "cars.csv", Some(CSV)),
            (b"MZ is a plate", "a.txt", Some(PLAIN)),
            (b"ID3 is a car of Volkswagen", "a.txt", Some(PLAIN)),
            (b"FLV", "a.txt", Some(PLAIN)),
            (b"BM\x9a\0\0\0\0\0\0\0", "a.txt", Some("image/bmp")),
            (b"a\0b", "a.txt", None),
            (b"caf\xe9", "a.txt", None),
            (b"caf\xc3", "a.txt", None),
        ] {
            assert_eq!(told(bytes, name).as_deref(), expected, "{name}: {}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_claim_tells_values_from_words_and_nothing_else() {
        let told = |bytes: &[u8], claimed| {
            let mut detector = Detector::default();
            detector.see(bytes);
            detector.told("export", Some(claimed))
        };
        assert_eq!(told(b"a,b", "Text/CSV; header=present").as_deref(), Some(CSV));
        for claimed in ["text/html", "image/png", "application/csv", "", ";"] {
            assert_eq!(told(b"a,b", claimed).as_deref(), Some(PLAIN), "{claimed}");
        }
        assert_eq!(told(b"<svg/>", "text/csv"), None);
        assert_eq!(told(b"%PDF-1.7\n", "text/csv").as_deref(), Some("application/pdf"));
    }

    #[test]
    fn what_is_no_text_far_behind_is_no_text() {
        let mut bytes = vec![b'a'; 100_000];
        assert_eq!(told(&bytes, "a.txt").as_deref(), Some(PLAIN));
        bytes.push(0);
        assert_eq!(told(&bytes, "a.txt"), None);
    }

    #[test]
    fn an_archive_is_told_by_its_directory_however_far_behind_it_is() {
        let entries = [("[Content_Types].xml", 9), ("docProps/core.xml", 300_000), ("xl/workbook.xml", 9)];
        let workbook = crate::files::archive::tests::archive(&entries);
        assert_eq!(told(&workbook, "a.png").as_deref(), Some(archive::XLSX));
        let plain = crate::files::archive::tests::archive(&[("word/", 0), ("word/notes.txt", 9)]);
        assert_eq!(told(&plain, "a.docx").as_deref(), Some(archive::ZIP));
    }

    #[cfg(feature = "xlsx")]
    #[test]
    fn a_workbook_as_a_program_writes_it_is_told() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.add_worksheet();
        let bytes = workbook.save_to_buffer().unwrap();
        assert_eq!(told(&bytes, "a.zip").as_deref(), Some(archive::XLSX));
    }

    #[test]
    fn the_rules_take_what_they_list_whatever_its_parameters() {
        let rules = UploadRules::default();
        assert!(rules.takes(PLAIN) && rules.takes("application/pdf"));
        assert!(!rules.takes("text/html") && !rules.takes("image/svg+xml"));
        assert!(!UploadRules::default().types(["image/png"]).takes(PLAIN));
    }
}
