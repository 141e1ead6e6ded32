//! What a report's file is called: its title, the day, and the format.

use chrono::{DateTime, Utc};

/// As many characters of a title as a name has.
const MOST_CHARS: usize = 80;

/// `Cars of spring-2026-03-01.csv`. Of the title only letters, digits, spaces, `_`, `-` and inner points are kept, so
/// that no file system and no header stumbles over it.
pub(super) fn file_name(title: &str, fallback: &str, at: DateTime<Utc>, extension: &str) -> String {
    let mut name = cleaned(title);
    if name.is_empty() {
        name = cleaned(fallback);
    }
    if name.is_empty() {
        name.push_str("report");
    }
    format!("{name}-{}.{extension}", at.format("%Y-%m-%d"))
}

fn cleaned(title: &str) -> String {
    let mut name = String::new();
    for letter in title.chars() {
        let kept = letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | ' ');
        let letter = if kept { letter } else { ' ' };
        let is_repeated = matches!(letter, ' ' | '.') && name.ends_with(letter);
        if !is_repeated {
            name.push(letter);
        }
    }
    let short: String = name.trim_matches([' ', '.', '-']).chars().take(MOST_CHARS).collect();
    short.trim_end_matches([' ', '.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_nothing_in_it_that_a_path_or_a_header_would_take_amiss() {
        let at = DateTime::UNIX_EPOCH;
        for (title, name) in [
            ("Cars of spring", "Cars of spring-1970-01-01.csv"),
            ("../../etc/passwd", "etc passwd-1970-01-01.csv"),
            ("a\"; b=\r\nc", "a b c-1970-01-01.csv"),
            ("cars.available", "cars.available-1970-01-01.csv"),
            ("Отчёт 車", "Отчёт 車-1970-01-01.csv"),
            ("\u{202e}fdp", "fdp-1970-01-01.csv"),
            ("???", "Car-1970-01-01.csv"),
        ] {
            assert_eq!(file_name(title, "Car", at, "csv"), name);
        }
        assert_eq!(file_name(&"x".repeat(200), "Car", at, "csv").len(), 80 + "-1970-01-01.csv".len());
    }
}
