//! How often an action may run: `10/min`.
//!
//! The grammar is a `const fn`, so the attribute has it evaluated by the compiler and a malformed rate never builds.
//! Counting is the rate limiter's work, see [`crate::ports::RateLimiter`].

use std::fmt;
use std::time::Duration;

use crate::text::{digits, trim};

/// At most so many calls in a fixed window of time, which starts with the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    calls: u32,
    seconds: u32,
}

impl Rate {
    /// Reads `<calls>/<window>`; the window is `s`, `min`, `h` or `d`, or a number of them: `100/15min`.
    ///
    /// Calls lie between 1 and 1,000,000, the window between one second and 31 days.
    ///
    /// ```
    /// use action_core::Rate;
    ///
    /// const RATE: Rate = match Rate::parse("30/min") {
    ///     Ok(rate) => rate,
    ///     Err(_) => panic!(),
    /// };
    /// assert_eq!((RATE.calls(), RATE.window().as_secs()), (30, 60));
    /// assert!(Rate::parse("often").is_err());
    /// ```
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str =
            "a rate is written as calls/window, for example `10/min`, `5/s`, `100/15min`, `1000/d`";
        let bytes = trim(text.as_bytes());
        let Some((calls, rest)) = digits(bytes) else { return Err(WRONG) };
        let [b'/', rest @ ..] = rest else { return Err(WRONG) };
        let (count, unit) = match digits(rest) {
            Some((count, unit)) => (count, unit),
            None => (1, rest),
        };
        let unit = match unit {
            b"s" | b"sec" => 1,
            b"m" | b"min" => 60,
            b"h" | b"hour" => 3_600,
            b"d" | b"day" => 86_400,
            _ => return Err(WRONG),
        };
        let seconds = count * unit;
        if calls == 0 || calls > 1_000_000 {
            return Err("a rate allows between 1 and 1000000 calls");
        }
        if seconds == 0 || seconds > 31 * 86_400 {
            return Err("a rate's window lies between 1 second and 31 days");
        }
        #[expect(clippy::cast_possible_truncation, reason = "both were just bounded far below 32 bits")]
        Ok(Self { calls: calls as u32, seconds: seconds as u32 })
    }

    /// How many calls a window takes.
    pub const fn calls(self) -> u32 {
        self.calls
    }

    /// How long a window is.
    pub const fn window(self) -> Duration {
        Duration::from_secs(self.seconds as u64)
    }

    /// How long a window is, in seconds.
    pub const fn window_seconds(self) -> u32 {
        self.seconds
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            1 => write!(f, "{}/s", self.calls),
            60 => write!(f, "{}/min", self.calls),
            3_600 => write!(f, "{}/h", self.calls),
            86_400 => write!(f, "{}/d", self.calls),
            other => write!(f, "{}/{other}s", self.calls),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_calls_and_a_window() {
        for (text, calls, seconds) in [
            ("10/min", 10, 60),
            ("1/s", 1, 1),
            ("100/15min", 100, 900),
            (" 5/h ", 5, 3_600),
            ("2/31d", 2, 2_678_400),
        ] {
            assert_eq!(Rate::parse(text), Ok(Rate { calls, seconds }), "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_or_out_of_bounds_is_refused() {
        for text in [
            "",
            "10",
            "/min",
            "10/",
            "10/week",
            "-1/min",
            "1.5/min",
            "0/min",
            "10/0s",
            "10/32d",
            "1000001/s",
            "99999999999999999999/s",
            "1/99999999999999999999d",
            "10 / min",
        ] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }
}
