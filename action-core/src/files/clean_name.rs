//! A file's name, as it may be shown and saved anywhere: no path, nothing invisible, nothing a system reserves.

/// Longest name, in characters; file systems take 255 bytes.
const LONGEST: usize = 120;

/// Longest ending that is kept when a name is cut.
const LONGEST_ENDING: usize = 12;

/// What names Windows keeps for itself, whatever ending follows.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

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
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|it| {
        stem.strip_prefix(it)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|it| it.is_ascii_digit()))
    });
    match name {
        _ if stem.is_empty() && name.is_empty() => "file".to_owned(),
        name if RESERVED.contains(&stem.as_str()) || numbered => format!("_{name}"),
        name => name,
    }
}

/// Direction marks can make `exe.pdf` out of `fdp.exe`; the others are only not seen.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Cut in the middle: the ending says what a program may do with it.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, it)| it).filter(|it| it.chars().count() <= LONGEST_ENDING);
    match ending {
        Some(ending) => {
            let keep = LONGEST - ending.chars().count() - 1;
            let stem: String = name.chars().take(keep).collect();
            format!("{}.{ending}", stem.trim_end_matches('.'))
        }
        None => name.chars().take(LONGEST).collect(),
    }
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
            ("com1.txt", "_com1.txt"),
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
}
