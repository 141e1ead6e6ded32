//! A file's name, as it may be shown and saved anywhere: no path, nothing invisible, nothing a system reserves.

/// Longest name, in characters.
const LONGEST: usize = 120;

/// Longest name, in bytes: file systems take 255, and a second copy of a file gets a few more.
const LONGEST_BYTES: usize = 240;

/// Longest ending that is kept when a name is cut.
const LONGEST_ENDING: usize = 12;

/// What names Windows keeps for itself, whatever ending follows.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The cleaned name; never empty.
pub(crate) fn clean_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String = last
        .chars()
        .filter(|it| !it.is_control() && !is_invisible(*it))
        .map(|it| if matches!(it, '<' | '>' | ':' | '"' | '|' | '?' | '*' | ';') { '_' } else { it })
        .collect();
    let cleaned = cleaned.trim_matches(|it: char| it.is_whitespace() || it == '.');
    let name = shortened(cleaned);
    match name {
        name if name.is_empty() => "file".to_owned(),
        name if is_reserved(&name) => format!("_{name}"),
        name => name,
    }
}

/// Whether Windows takes the name for a device's, as it does with any ending and with blanks before that.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let number = ["com", "lpt"].iter().find_map(|it| stem.strip_prefix(it)).unwrap_or_default();
    let mut number = number.chars();
    let is_numbered = matches!((number.next(), number.next()), (Some('0'..='9' | '¹' | '²' | '³'), None));
    is_numbered || RESERVED.contains(&stem.as_str())
}

/// Direction marks can make `exe.pdf` out of `fdp.exe`; the others are only not seen.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Cut in the middle: the ending says what a program may do with it.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST_BYTES && name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, it)| it).filter(|it| it.chars().count() <= LONGEST_ENDING);
    let ending = ending.map(|it| format!(".{it}")).unwrap_or_default();
    let stem = beginning(name, LONGEST - ending.chars().count(), LONGEST_BYTES - ending.len());
    format!("{}{ending}", stem.trim_end_matches(|it: char| it.is_whitespace() || it == '.'))
}

/// As much of a text as so many characters and bytes hold.
fn beginning(text: &str, characters: usize, bytes: usize) -> &str {
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let end = ends.take(characters).take_while(|it| *it <= bytes).last().unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_whatever_is_no_name() {
        for (sent, expected) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\cv.docx", "cv.docx"),
            ("a\0b\r\nSet-Cookie: x=y.txt", "abSet-Cookie_ x=y.txt"),
            ("fdp.\u{202e}exe.png", "fdp.exe.png"),
            ("CON", "_CON"),
            ("con .txt", "_con .txt"),
            ("com1.txt", "_com1.txt"),
            ("LPT².txt", "_LPT².txt"),
            ("com12.txt", "com12.txt"),
            ("CONIN$", "_CONIN$"),
            ("company.txt", "company.txt"),
            ("say \"hi\".txt", "say _hi_.txt"),
            ("...", "file"),
            ("", "file"),
            ("/", "file"),
            ("  .hidden  ", "hidden"),
            ("Jahresübersicht 東京.csv", "Jahresübersicht 東京.csv"),
        ] {
            assert_eq!(clean_name(sent), expected, "{sent:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let cleaned = clean_name(&format!("{}.pdf", "ü".repeat(300)));
        assert_eq!(cleaned.chars().count(), 120);
        assert!(cleaned.ends_with("ü.pdf"), "{cleaned}");
        assert_eq!(clean_name(&"x".repeat(300)).len(), 120);
    }

    #[test]
    fn a_name_of_long_characters_still_fits_a_file_system() {
        for (sent, ending) in
            [("東".repeat(120), ".pdf"), ("🚗".repeat(300), ".東京"), ("🚗".repeat(300), "")]
        {
            let cleaned = clean_name(&format!("{sent}{ending}"));
            assert!((200..=240).contains(&cleaned.len()), "{} bytes", cleaned.len());
            assert!(
                cleaned.ends_with(ending) && cleaned.starts_with(sent.get(..4).unwrap_or("東")),
                "{cleaned}"
            );
        }
        assert_eq!(clean_name(&format!("{} {}", "x".repeat(119), "y".repeat(9))), "x".repeat(119));
    }
}
