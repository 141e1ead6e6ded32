//! What a zip archive is, by what its directory lists: a workbook or a document of Office Open XML, or just an archive.
//!
//! The order of the entries says nothing: every program writes another one. So the directory at the archive's end is
//! read, and not the first entries, of which a signature sees only a few. Nothing is unpacked.

use std::borrow::Cow;

/// As many bytes of an archive's end as are looked at: a directory of several hundred entries.
pub(super) const TAIL: usize = 64 * 1024;

/// How the types of office files begin.
pub(super) const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";
pub(super) const ZIP: &str = "application/zip";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const WITH_MACROS: &str = "application/vnd.ms-office.macroEnabled";

/// The type, by the last bytes of an archive. One whose directory cannot be read is just an archive.
pub(super) fn told(tail: &[u8]) -> &'static str {
    let Some(names) = names(tail) else { return ZIP };
    let has = |name: &str| names.iter().any(|it| it.eq_ignore_ascii_case(name));
    if !has("[Content_Types].xml") {
        return ZIP;
    }
    // What brings a program along is not the document it looks like.
    if names.iter().any(|it| it.to_ascii_lowercase().ends_with("vbaproject.bin")) {
        return WITH_MACROS;
    }
    let kinds = [("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX)];
    match kinds.iter().filter(|(name, _)| has(name)).collect::<Vec<_>>().as_slice() {
        [(_, only)] => only,
        _ => ZIP,
    }
}

/// The names that the central directory lists (APPNOTE 6.3.10, sections 4.3.12 and 4.3.16).
fn names(tail: &[u8]) -> Option<Vec<Cow<'_, str>>> {
    let end = tail.windows(4).rposition(|it| it == b"PK\x05\x06")?;
    tail.get(end..end + 22)?;
    let size = usize::try_from(u32_at(tail, end + 12)?).ok()?;
    let mut at = end.checked_sub(size)?;
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
    Some(names)
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
            assert_eq!(told(&archive(&entries)), expected, "{entries:?}");
        }
    }

    #[test]
    fn a_directory_that_cannot_be_read_says_nothing() {
        let whole = archive(&[("[Content_Types].xml", 3), ("xl/workbook.xml", 3)]);
        for cut in 0..whole.len() - 1 {
            let (start, end) = whole.split_at(cut);
            let _ = (told(start), told(end));
            assert_eq!(told(start), ZIP, "cut at {cut}");
        }
        assert_eq!(told(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0"), ZIP);
    }
}
