//! Random numbers and values.

use action_core::{Kind, Value};
use serde_json::json;
use uuid::Uuid;

/// Numbers that are the same on every run, so that a failure can be looked at.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64, by Steele, Lea and Flood (2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % sides as u64).expect("it is small")
    }

    pub(crate) fn pick(&mut self, from: &[&str]) -> String {
        from[self.roll(from.len())].to_owned()
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.roll(usize::MAX) as u64, self.roll(usize::MAX) as u64)
    }

    pub(crate) fn text(&mut self) -> String {
        self.pick(&[
            "", "a", "A", "b", "B", "ab", "aB", "a%b", "a_b", "%", "_", "\\", "'", "\"; --", "é", "É", "ä",
            "Ä", "ß", "SS", "straße", "İ", "i", "I", "ı", "\u{fb00}", "\u{ffff}", "😀", "a😀b", " a", "a ",
            "A b", "\t", "\n", "10", "9", "Z", "z",
        ])
    }

    pub(crate) fn value(&mut self, kind: Kind) -> Value {
        if self.roll(5) == 0 {
            return Value::Null;
        }
        match kind {
            Kind::Boolean => (self.roll(2) == 0).into(),
            Kind::Integer => {
                let numbers = [i64::MIN, -99_999, -1, 0, 1, 2, 3, 99_999, 9_007_199_254_740_993, i64::MAX];
                numbers[self.roll(numbers.len())].into()
            }
            Kind::Decimal { .. } => {
                let number = self.pick(&[
                    "-9999999999.99",
                    "-0.01",
                    "0",
                    "0.1",
                    "0.10",
                    "0.3",
                    "1",
                    "19.9",
                    "100",
                    "9999999999.99",
                ]);
                Value::Decimal(number.parse().expect("a number"))
            }
            Kind::Text => self.text().into(),
            Kind::Uuid => self.uuid().into(),
            Kind::Timestamp => {
                let at = self.pick(&[
                    "1969-12-31T23:59:59.999999Z",
                    "1970-01-01T00:00:00Z",
                    "2026-03-01T10:00:00Z",
                    "2026-03-01T10:00:00.1Z",
                    "2026-03-01T10:00:00.100001Z",
                    "2026-03-01T10:00:00.123Z",
                    "9999-12-31T23:59:59.999999Z",
                    "0001-01-01T00:00:00Z",
                ]);
                Value::Timestamp(at.parse().expect("a time"))
            }
            Kind::Date => {
                let day = self.pick(&["0001-01-01", "1969-12-31", "2024-02-29", "2026-03-01", "9999-12-31"]);
                Value::Date(day.parse().expect("a day"))
            }
            Kind::Json => Value::Json(json!({"a": self.roll(3)})),
        }
    }
}
