//! Which known word somebody may have meant.

/// The known word that somebody meant: one that is all but what was written, else one that goes on where it ends,
/// else one that is like it.
pub(crate) fn closest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = bare(written);
    let goes_on = |it: &str| written.len() > 2 && bare(it).starts_with(&written);
    let ranked = known.into_iter().filter_map(|it| match distance(&written, &bare(it)) {
        near @ 0..=1 => Some((near, it)),
        _ if goes_on(it) => Some((2, it)),
        far if far <= 1 + written.len() / 4 => Some((1 + far, it)),
        _ => None,
    });
    ranked.min().map(|(_, it)| it)
}

/// `shownOn` and `shown-on` are `shown_on` to whoever wrote them.
fn bare(word: &str) -> String {
    word.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (pair, y) in row.windows(2).zip(b.chars()) {
            if let [diagonal, above] = pair {
                left = (diagonal + usize::from(x != y)).min(left + 1).min(above + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_most_like_the_one_written_is_found() {
        const KNOWN: [&str; 6] = ["permission", "permissions", "rate_limit", "shown_on", "read_only", "id"];
        for (written, meant) in [
            ("permision", Some("permission")),
            ("permisions", Some("permissions")),
            ("shownOn", Some("shown_on")),
            ("showed_on", Some("shown_on")),
            ("rate", Some("rate_limit")),
            ("readonly", Some("read_only")),
            ("ID", Some("id")),
            ("colour", None),
        ] {
            assert_eq!(closest(written, KNOWN), meant, "{written}");
        }
    }

    #[test]
    fn a_distance_is_the_number_of_letters_to_change() {
        for (a, b, expected) in
            [("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("same", "same", 0)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
