//! What a zip archive is, by what its directory lists: a workbook or a document of Office Open XML, or just an archive.
//!
//! The order of the entries says nothing: every program writes another one. So the directory at the archive's end is
//! read, and not the first entries, of which a signature sees only a few. Nothing is unpacked.
//!
//! Programs look for the directory in ways of their own, and one that is found in two places could be a harmless one here
//! and another one there. So an archive is only told where there is one place: one end record whose comment goes to the
//! end of the file, and a directory that stands where the record says, directly before it, and lists as many entries.

use std::borrow::Cow;

/// As many bytes of an archive's end as are looked at: a directory of some thousand entries.
pub(super) const TAIL: usize = 1024 * 1024;

/// The length of an end record without its comment.
const END: usize = 22;

/// How the types of office files begin.
pub(super) const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
pub(super) const ZIP: &str = "application/zip";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const WITH_MACROS: &str = "application/vnd.ms-office.macroEnabled";

/// The type, by the last bytes of an archive of so many. `None` where its directory cannot be read: it may list whatever it
/// likes.
pub(super) fn told(tail: &[u8], size: u64) -> Option<&'static str> {
    let names = names(tail, size)?;
    let has = |name: &str| names.iter().any(|it| it.eq_ignore_ascii_case(name));
    if !has("[Content_Types].xml") {
        return Some(ZIP);
    }
    // What brings a program along is not the document it looks like.
    if names.iter().any(|it| it.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        return Some(WITH_MACROS);
    }
    let kinds = [("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX)];
    match kinds.iter().filter(|(name, _)| has(name)).collect::<Vec<_>>().as_slice() {
        [(_, only)] => Some(only),
        _ => Some(ZIP),
    }
}

/// The names that the central directory lists (APPNOTE 6.3.10, sections 4.3.12 and 4.3.16).
fn names(tail: &[u8], size: u64) -> Option<Vec<Cow<'_, str>>> {
    let end = end_record(tail)?;
    let [count, length, start] =
        [u32::from(u16_at(tail, end + 10)?), u32_at(tail, end + 12)?, u32_at(tail, end + 16)?];
    let mut at = end.checked_sub(usize::try_from(length).ok()?)?;
    let before_the_tail = size.checked_sub(tail.len() as u64)?;
    if before_the_tail + at as u64 != u64::from(start) {
        return None;
    }
    let mut names = Vec::new();
    while at < end {
        if tail.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let length = |offset: usize| u16_at(tail, at + offset).map(usize::from);
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        names.push(String::from_utf8_lossy(tail.get(at + 46..at + 46 + name)?));
        at += 46 + name + extra + comment;
    }
    (at == end && names.len() as u64 == u64::from(count)).then_some(names)
}

/// Where the only end record is whose comment goes to the end. A comment may hold the bytes of another one, and then
/// nobody can tell which of them counts.
fn end_record(tail: &[u8]) -> Option<usize> {
    // A comment is no longer than its length can say.
    let from = tail.len().saturating_sub(END + usize::from(u16::MAX));
    let last = tail.get(from..)?;
    let is_one = |at: &usize| {
        let comment = u16_at(last, at + END - 2).map(usize::from);
        comment.is_some_and(|it| at + END + it == last.len())
    };
    let found = last.windows(4).enumerate().filter(|(_, it)| *it == b"PK\x05\x06").map(|(at, _)| at);
    let mut ends = found.filter(is_one);
    let only = ends.next()?;
    ends.next().is_none().then_some(from + only)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn two(number: usize) -> [u8; 2] {
        u16::try_from(number).unwrap().to_le_bytes()
    }

    fn four(number: usize) -> [u8; 4] {
        u32::try_from(number).unwrap().to_le_bytes()
    }

    /// An archive of entries that hold as many bytes.
    pub(crate) fn archive(entries: &[(&str, usize)]) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (name, size) in entries {
            let at = four(bytes.len());
            let lengths = [two(name.len()), [0, 0]].concat();
            let middle = [[0; 4].as_slice(), &[0; 4], &four(*size), &four(*size)].concat();
            bytes.extend(
                [b"PK\x03\x04\x14\0\0\0\0\0".as_slice(), &middle, &lengths, name.as_bytes()].concat(),
            );
            bytes.extend(std::iter::repeat_n(b'\x01', *size));
            directory.extend([b"PK\x01\x02\x14\0\x14\0\0\0\0\0".as_slice(), &middle, &lengths].concat());
            directory.extend([[0; 10].as_slice(), &at, name.as_bytes()].concat());
        }
        let count = two(entries.len());
        let (size, at) = (four(directory.len()), four(bytes.len()));
        bytes.extend(directory);
        bytes.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size, &at, &[0, 0]].concat());
        bytes
    }

    fn told(bytes: &[u8]) -> Option<&'static str> {
        super::told(bytes, bytes.len() as u64)
    }

    #[test]
    fn an_office_file_is_told_by_its_parts_in_any_order() {
        let types = ("[Content_Types].xml", 300);
        for (entries, expected) in [
            (vec![types, ("_rels/.rels", 90), ("docProps/app.xml", 90), ("xl/workbook.xml", 90)], XLSX),
            (vec![("xl/workbook.xml", 9), types], XLSX),
            (vec![types, ("docProps/thumbnail.jpeg", 20_000), ("word/document.xml", 9)], DOCX),
            (vec![types, ("ppt/presentation.xml", 9)], PPTX),
            (vec![types, ("xl/workbook.xml", 9), ("xl/vbaProject.bin", 9)], WITH_MACROS),
            (vec![types, ("xl/workbook.xml", 9), ("word/document.xml", 9)], ZIP),
            (vec![("xl/workbook.xml", 9)], ZIP),
            (vec![("a.txt", 9)], ZIP),
            (vec![], ZIP),
        ] {
            assert_eq!(told(&archive(&entries)), Some(expected), "{entries:?}");
        }
    }

    fn with_macros() -> Vec<u8> {
        archive(&[("[Content_Types].xml", 3), ("xl/workbook.xml", 3), ("xl/vbaProject.bin", 3)])
    }

    fn with_comment(mut archive: Vec<u8>, comment: &[u8]) -> Vec<u8> {
        archive.truncate(archive.len() - 2);
        archive.extend(two(comment.len()));
        archive.extend(comment);
        archive
    }

    #[test]
    fn an_archive_whose_directory_cannot_be_read_is_not_told() {
        let whole = archive(&[("[Content_Types].xml", 3), ("xl/workbook.xml", 3)]);
        for cut in 1..whole.len() - 1 {
            let (start, end) = whole.split_at(cut);
            assert_eq!((told(start), told(end)), (None, None), "cut at {cut}");
        }
        assert_eq!(told(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0"), None);
        assert_eq!(told(&[whole.as_slice(), b"x"].concat()), None, "something follows");
        assert_eq!(told(&[b"PKxx".as_slice(), &whole].concat()), None, "something precedes");
    }

    #[test]
    fn a_directory_that_begins_before_what_is_looked_at_is_not_told() {
        let names: Vec<String> = (0..20_000).map(|it| format!("padding/{it:08}")).collect();
        let entries: Vec<_> = names.iter().map(|it| (it.as_str(), 0)).collect();
        let tail_of =
            |bytes: &[u8]| super::told(&bytes[bytes.len().saturating_sub(TAIL)..], bytes.len() as u64);
        let padded = |count: usize| {
            let parts = [("[Content_Types].xml", 3), ("xl/workbook.xml", 3), ("xl/vbaProject.bin", 3)];
            archive(&[parts.as_slice(), &entries[..count]].concat())
        };
        assert_eq!(tail_of(&padded(1_500)), Some(WITH_MACROS));
        assert_eq!(tail_of(&padded(20_000)), None);
    }

    #[test]
    fn a_comment_hides_no_directory() {
        assert_eq!(told(&with_comment(with_macros(), b"a comment")), Some(WITH_MACROS));
        // The bytes of an end record that does not end the file are just a comment.
        assert_eq!(told(&with_comment(with_macros(), b"PK\x05\x06")), Some(WITH_MACROS));
        assert_eq!(
            told(&with_comment(with_macros(), &[b"PK\x05\x06".as_slice(), &[0; 30]].concat())),
            Some(WITH_MACROS)
        );
        // One that does could be meant.
        assert_eq!(told(&with_comment(with_macros(), &[b"PK\x05\x06".as_slice(), &[0; 18]].concat())), None);
        assert_eq!(told(&with_comment(with_macros(), &archive(&[("a.txt", 3)]))), None);
    }

    #[test]
    fn a_directory_is_where_the_end_record_says() {
        // A second directory, harmless, stands before the end record, which names the place of the first.
        let real = with_macros();
        let at = real.len() - END;
        let harmless = archive(&[("a.txt", 3)]);
        let its_directory =
            &harmless[harmless.windows(4).position(|it| it == b"PK\x01\x02").unwrap()..harmless.len() - END];
        let mut end = real[at..].to_vec();
        end[8..12].copy_from_slice(&[1, 0, 1, 0]);
        end[12..16].copy_from_slice(&four(its_directory.len()));
        assert_eq!(told(&[&real[..at], its_directory, &end].concat()), None);
        let mut miscounted = with_macros();
        miscounted[at + 10] = 2;
        assert_eq!(told(&miscounted), None);
    }
}
