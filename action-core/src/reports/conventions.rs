//! How numbers, days and times are written in a language, for people who read them.
//!
//! A table of our own instead of a library's data: a separator, a pattern and two words for each language. It follows
//! CLDR. A language that is not in it is written in the neutral way: ISO 8601, a point, no groups. Whole numbers are
//! never grouped, because many of them are years, numbers of things or keys. Times are UTC everywhere.

use rust_decimal::Decimal;

use crate::locale::Languages;
use crate::value::{Kind, Value};

/// The habits of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conventions {
    /// The tag, in lower case.
    language: &'static str,
    decimal: char,
    group: Option<char>,
    /// As `strftime` takes it.
    date: &'static str,
    yes: &'static str,
    no: &'static str,
}

/// A space that holds a number together.
const SPACE: char = '\u{a0}';
const NARROW_SPACE: char = '\u{202f}';

const NEUTRAL: Conventions = row("en", '.', None, "%Y-%m-%d", "true", "false");

const ISO: &str = "%Y-%m-%d";
const MONTH_SLASH: &str = "%m/%d/%Y";
const DAY_SLASH: &str = "%d/%m/%Y";
const DAY_POINT: &str = "%d.%m.%Y";

const TABLE: &[Conventions] = &[
    row("en", '.', Some(','), MONTH_SLASH, "yes", "no"),
    row("en-001", '.', Some(','), DAY_SLASH, "yes", "no"),
    row("en-ca", '.', Some(','), ISO, "yes", "no"),
    row("en-ph", '.', Some(','), MONTH_SLASH, "yes", "no"),
    row("en-pr", '.', Some(','), MONTH_SLASH, "yes", "no"),
    row("en-us", '.', Some(','), MONTH_SLASH, "yes", "no"),
    row("en-za", ',', Some(SPACE), "%Y/%m/%d", "yes", "no"),
    row("cs", ',', Some(SPACE), DAY_POINT, "ano", "ne"),
    row("da", ',', Some('.'), DAY_POINT, "ja", "nej"),
    row("de", ',', Some('.'), DAY_POINT, "ja", "nein"),
    row("de-at", ',', Some(SPACE), DAY_POINT, "ja", "nein"),
    row("de-ch", '.', Some('’'), DAY_POINT, "ja", "nein"),
    row("es", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-419", '.', Some(','), DAY_SLASH, "sí", "no"),
    row("es-ar", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-bo", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-cl", ',', Some('.'), "%d-%m-%Y", "sí", "no"),
    row("es-co", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-cr", ',', Some(SPACE), DAY_SLASH, "sí", "no"),
    row("es-ec", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-es", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-pa", '.', Some(','), MONTH_SLASH, "sí", "no"),
    row("es-pr", '.', Some(','), MONTH_SLASH, "sí", "no"),
    row("es-py", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-uy", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("es-ve", ',', Some('.'), DAY_SLASH, "sí", "no"),
    row("fi", ',', Some(SPACE), DAY_POINT, "kyllä", "ei"),
    row("fr", ',', Some(NARROW_SPACE), DAY_SLASH, "oui", "non"),
    row("fr-ca", ',', Some(SPACE), ISO, "oui", "non"),
    row("it", ',', Some('.'), DAY_SLASH, "sì", "no"),
    row("it-ch", '.', Some('’'), DAY_POINT, "sì", "no"),
    row("nb", ',', Some(SPACE), DAY_POINT, "ja", "nei"),
    row("nn", ',', Some(SPACE), DAY_POINT, "ja", "nei"),
    row("no", ',', Some(SPACE), DAY_POINT, "ja", "nei"),
    row("nl", ',', Some('.'), "%d-%m-%Y", "ja", "nee"),
    row("nl-be", ',', Some('.'), DAY_SLASH, "ja", "nee"),
    row("pl", ',', Some(SPACE), DAY_POINT, "tak", "nie"),
    row("pt", ',', Some('.'), DAY_SLASH, "sim", "não"),
    row("pt-br", ',', Some('.'), DAY_SLASH, "sim", "não"),
    row("pt-pt", ',', Some(SPACE), DAY_SLASH, "sim", "não"),
    row("sv", ',', Some(SPACE), ISO, "ja", "nej"),
];

const fn row(
    language: &'static str,
    decimal: char,
    group: Option<char>,
    date: &'static str,
    yes: &'static str,
    no: &'static str,
) -> Conventions {
    Conventions { language, decimal, group, date, yes, no }
}

fn is_region(part: &str) -> bool {
    part.len() == 2 || (part.len() == 3 && part.bytes().all(|it| it.is_ascii_digit()))
}

/// A language without a region means its largest one, and the others follow another habit: read as an American's,
/// `03/01/2026` is a different day in London, as `1.234` is another number in Madrid and in Mexico (CLDR's parent
/// locales).
fn of_most_regions(language: &str) -> &str {
    match language {
        "en" => "en-001",
        "es" => "es-419",
        "pt" => "pt-pt",
        other => other,
    }
}

impl Conventions {
    /// Those of the first language that is known.
    pub(super) fn of(languages: &Languages) -> Self {
        languages.iter().find_map(Self::known).unwrap_or(NEUTRAL)
    }

    /// Those of a tag's language in its region, then those of most regions that write it.
    fn known(tag: &str) -> Option<Self> {
        let find = |wanted: &str| TABLE.iter().find(|it| it.language == wanted).copied();
        let mut parts = tag.split('-');
        let base = parts.next()?;
        // What follows a single letter says nothing about the language (RFC 5646, section 2.2.6).
        let region = parts.take_while(|it| it.len() > 1).find(|it| is_region(it));
        match region {
            None => find(base),
            Some(region) => find(&format!("{base}-{region}")).or_else(|| find(of_most_regions(base))),
        }
    }

    /// The language's tag.
    pub(super) fn language(&self) -> &'static str {
        self.language
    }

    /// A cell as a person reads it.
    pub(super) fn show(&self, value: &Value, kind: Kind) -> String {
        match value {
            Value::Null => String::new(),
            Value::Boolean(true) => self.yes.to_owned(),
            Value::Boolean(false) => self.no.to_owned(),
            Value::Integer(it) => it.to_string(),
            Value::Decimal(it) => self.decimal(*it, kind),
            Value::Text(it) => it.clone(),
            Value::Uuid(it) => it.to_string(),
            Value::Timestamp(it) => format!("{} {}", it.format(self.date), it.format("%H:%M:%S")),
            Value::Date(it) => it.format(self.date).to_string(),
            Value::Json(it) => it.to_string(),
        }
    }

    /// With as many digits behind the point as its column has, and groups of three before it.
    fn decimal(&self, decimal: Decimal, kind: Kind) -> String {
        let Kind::Decimal { scale, .. } = kind else { return decimal.to_string() };
        let plain = format!("{:.*}", usize::from(scale), decimal);
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut shown = String::from(sign);
        for (at, digit) in whole.chars().enumerate() {
            if let Some(group) = self.group
                && at > 0
                && (whole.len() - at).is_multiple_of(3)
            {
                shown.push(group);
            }
            shown.push(digit);
        }
        if !fraction.is_empty() {
            shown.push(self.decimal);
            shown.push_str(fraction);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(header: &str, value: &Value, kind: Kind) -> String {
        Conventions::of(&Languages::parse(header)).show(value, kind)
    }

    #[test]
    fn amounts_and_days_are_written_as_the_first_known_language_does() {
        let price = Value::Decimal(Decimal::new(-12_345_675, 1));
        let kind = Kind::Decimal { precision: 12, scale: 2 };
        let day = Value::Date(chrono::NaiveDate::from_ymd_opt(2026, 3, 1).unwrap_or_default());
        for (header, amount, date) in [
            ("en-US", "-1,234,567.50", "03/01/2026"),
            ("en-GB", "-1,234,567.50", "01/03/2026"),
            ("nl-NL", "-1.234.567,50", "01-03-2026"),
            ("nl-BE", "-1.234.567,50", "01/03/2026"),
            ("de-CH", "-1’234’567.50", "01.03.2026"),
            ("xx, fr;q=0.5", "-1\u{202f}234\u{202f}567,50", "01/03/2026"),
            ("es-MX", "-1,234,567.50", "01/03/2026"),
            ("es-419", "-1,234,567.50", "01/03/2026"),
            ("es-AR", "-1.234.567,50", "01/03/2026"),
            ("it-CH", "-1’234’567.50", "01.03.2026"),
            ("pt-PT", "-1\u{a0}234\u{a0}567,50", "01/03/2026"),
            ("no", "-1\u{a0}234\u{a0}567,50", "01.03.2026"),
            ("nn-NO", "-1\u{a0}234\u{a0}567,50", "01.03.2026"),
            ("en-Latn-US-u-hc-h12", "-1,234,567.50", "03/01/2026"),
            ("en-u-hc-h12", "-1,234,567.50", "03/01/2026"),
            // Only in some countries comes the month first.
            ("en", "-1,234,567.50", "03/01/2026"),
            ("en-PH", "-1,234,567.50", "03/01/2026"),
            ("en-SG", "-1,234,567.50", "01/03/2026"),
            ("en-001", "-1,234,567.50", "01/03/2026"),
            ("ja", "-1234567.50", "2026-03-01"),
            ("", "-1234567.50", "2026-03-01"),
        ] {
            assert_eq!(shown(header, &price, kind), amount, "{header}");
            assert_eq!(shown(header, &day, Kind::Date), date, "{header}");
        }
    }

    #[test]
    fn whole_numbers_are_not_grouped() {
        assert_eq!(shown("en", &Value::Integer(2017), Kind::Integer), "2017");
    }

    #[test]
    fn small_amounts_have_no_groups() {
        let kind = Kind::Decimal { precision: 12, scale: 2 };
        for (cents, text) in [(0, "0.00"), (-1, "-0.01"), (99_999, "999.99"), (100_000, "1,000.00")] {
            assert_eq!(shown("en", &Value::Decimal(Decimal::new(cents, 2)), kind), text);
        }
    }
}
