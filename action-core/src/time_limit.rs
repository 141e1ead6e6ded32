//! How long an action may take: `5s`.
//!
//! Like every grammar that an attribute can hold, a `const fn` that the compiler evaluates.

use std::time::Duration;

use crate::text::{digits, trim};

/// What an action gets that names no limit of its own.
pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(30);

/// Reads a whole number of `ms`, `s`, `min` or `h`, between 1 ms and 24 hours.
///
/// ```
/// assert_eq!(action_core::parse_time_limit("500ms").map(|it| it.as_millis()), Ok(500));
/// assert!(action_core::parse_time_limit("soon").is_err());
/// ```
pub const fn parse_time_limit(text: &str) -> Result<Duration, &'static str> {
    const WRONG: &str = "a time limit is a whole number and a unit, for example `500ms`, `5s`, `2min`, `1h`";
    let Some((count, unit)) = digits(trim(text.as_bytes())) else { return Err(WRONG) };
    let unit = match unit {
        b"ms" => 1,
        b"s" | b"sec" => 1_000,
        b"m" | b"min" => 60_000,
        b"h" | b"hour" => 3_600_000,
        _ => return Err(WRONG),
    };
    let millis = count * unit;
    if millis == 0 || millis > 86_400_000 {
        return Err("a time limit lies between 1 millisecond and 24 hours");
    }
    Ok(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_and_a_unit() {
        for (text, millis) in
            [("5s", 5_000), ("500ms", 500), ("2min", 120_000), ("24h", 86_400_000), (" 1m ", 60_000)]
        {
            assert_eq!(parse_time_limit(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_limit_or_out_of_bounds_is_refused() {
        for text in ["", "5", "s", "0s", "25h", "-1s", "1.5s", "5 s", "99999999999999999999s"] {
            assert!(parse_time_limit(text).is_err(), "{text}");
        }
    }
}
