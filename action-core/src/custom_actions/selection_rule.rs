//! Selection rules: how many rows must be ticked before an action may run.
//!
//! A rule such as `=1` or `1<X<5` is parsed when its action compiles or its configuration loads; a bad one stops
//! the build, never a request. This module only counts. Whether the caller may see those rows, and when a call from
//! a detail view is exempt, is settled in the pipeline.

use std::fmt;

use crate::input::Rows;

/// As many rows as one call may name.
pub(crate) const MOST_ROWS: usize = 200;

/// A bound on the number of selected rows, `X`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SelectionRule {
    // `X op number`, both of which must hold. A rule that compares from the left is stored turned round.
    terms: [Option<Term>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Term {
    op: Op,
    number: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl SelectionRule {
    /// `=0`: nothing may be selected. What an action has that says nothing.
    pub const NONE: Self = Self { terms: [Some(Term { op: Op::Eq, number: 0 }), None] };

    /// Reads a rule: `=1`, `>0`, `X>=2`, `0<X`, `1<X<5`; blank means no requirement.
    ///
    /// White space is insignificant. Anything else is an error that says how a rule is written.
    ///
    /// ```
    /// use action_core::custom_actions::SelectionRule;
    ///
    /// let rule = SelectionRule::parse("1<X<=5").unwrap();
    /// assert!(rule.holds(5) && !rule.holds(1));
    /// assert!(SelectionRule::parse("1-5").is_err());
    /// ```
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str =
            "a selection rule compares the number of selected rows: `=1`, `>0`, `!=0`, `X>=2`, `1<X<5`";
        let mut rest = skip_space(text.as_bytes());
        if rest.is_empty() {
            return Ok(Self { terms: [None, None] });
        }
        let mut left = None;
        if let Some((number, after)) = number(rest) {
            let Some((op, after)) = op(skip_space(after)) else { return Err(WRONG) };
            let [b'X', after @ ..] = skip_space(after) else { return Err(WRONG) };
            let Some(number) = number else { return Err(TOO_LARGE) };
            left = Some(Term { op: op.turned(), number });
            rest = skip_space(after);
        } else if let [b'X', after @ ..] = rest {
            rest = skip_space(after);
            if rest.is_empty() {
                return Err(WRONG);
            }
        }
        let mut right = None;
        if !rest.is_empty() {
            let Some((op, after)) = op(rest) else { return Err(WRONG) };
            let Some((number, after)) = number(skip_space(after)) else { return Err(WRONG) };
            let Some(number) = number else { return Err(TOO_LARGE) };
            right = Some(Term { op, number });
            rest = skip_space(after);
        }
        if !rest.is_empty() {
            return Err(WRONG);
        }
        Ok(Self { terms: [left, right] })
    }

    /// Whether `count` distinct selected rows satisfy it.
    pub const fn holds(&self, count: usize) -> bool {
        let [left, right] = self.terms;
        Term::holds(left, count) && Term::holds(right, count)
    }

    /// Whether it suits the rows that a handler takes: some number must satisfy it, `Selected` wants exactly one row,
    /// and `SelectedMany` would be the wrong argument where one is the most there can be.
    ///
    /// `only_in_details`: the action is not shown on lists. Then `Selected` is the record in view, and nothing needs
    /// to be selected.
    pub(crate) const fn suits(&self, rows: Rows, only_in_details: bool) -> Result<(), &'static str> {
        let several = self.holds_for_several();
        match rows {
            _ if !several && !self.holds(0) && !self.holds(1) => {
                Err("no number of selected rows, which is 200 at most, satisfies this rule")
            }
            Rows::One if several => Err(
                "this rule admits several rows, and `Selected` takes one: write `=1`, or take `SelectedMany`",
            ),
            Rows::One if self.holds(0) && !only_in_details => Err(
                "this rule admits no row at all, and `Selected` takes one: write `=1`, or show it on details only",
            ),
            Rows::Many if !several => {
                Err("this rule admits one row at most, and `SelectedMany` takes several: take `Selected`")
            }
            _ => Ok(()),
        }
    }

    const fn holds_for_several(&self) -> bool {
        let mut count = 2;
        while count <= MOST_ROWS {
            if self.holds(count) {
                return true;
            }
            count += 1;
        }
        false
    }
}

const TOO_LARGE: &str = "a selection rule's number is at most 4294967295";

impl Term {
    const fn holds(term: Option<Self>, count: usize) -> bool {
        let Some(Self { op, number }) = term else { return true };
        let number = number as usize;
        match op {
            Op::Eq => count == number,
            Op::Ne => count != number,
            Op::Lt => count < number,
            Op::Le => count <= number,
            Op::Gt => count > number,
            Op::Ge => count >= number,
        }
    }
}

impl Op {
    /// The same comparison seen from the other side: `1 < X` is `X > 1`.
    const fn turned(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

const fn skip_space(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

const fn op(bytes: &[u8]) -> Option<(Op, &[u8])> {
    match bytes {
        [b'!', b'=', rest @ ..] => Some((Op::Ne, rest)),
        [b'<', b'=', rest @ ..] => Some((Op::Le, rest)),
        [b'>', b'=', rest @ ..] => Some((Op::Ge, rest)),
        [b'=', rest @ ..] => Some((Op::Eq, rest)),
        [b'<', rest @ ..] => Some((Op::Lt, rest)),
        [b'>', rest @ ..] => Some((Op::Gt, rest)),
        _ => None,
    }
}

/// The number at the start, `None` inside where it is too large, and what follows.
const fn number(bytes: &[u8]) -> Option<(Option<u32>, &[u8])> {
    let Some((value, rest)) = crate::text::digits(bytes) else { return None };
    #[expect(clippy::cast_possible_truncation, reason = "compared with the largest first")]
    let value = if value <= u32::MAX as u64 { Some(value as u32) } else { None };
    Some((value, rest))
}

/// As it would be written: `=1`, or around the `X` where there are two bounds.
impl fmt::Display for SelectionRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.terms {
            [None, None] => Ok(()),
            [Some(only), None] | [None, Some(only)] => write!(f, "{}{}", only.op.sign(), only.number),
            [Some(left), Some(right)] => {
                let (from, to) = (left.op.turned().sign(), right.op.sign());
                write!(f, "{}{from}X{to}{}", left.number, right.number)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_suits_the_rows_a_handler_takes() {
        for (rule, rows, only_in_details, suits) in [
            ("=1", Rows::One, false, true),
            ("0<X<2", Rows::One, false, true),
            ("=0", Rows::One, true, true),
            ("=0", Rows::One, false, false),
            ("<=1", Rows::One, false, false),
            (">0", Rows::One, false, false),
            ("", Rows::One, false, false),
            ("=2", Rows::One, true, false),
            (">0", Rows::Many, false, true),
            ("", Rows::Many, false, true),
            ("=200", Rows::Many, false, true),
            ("=1", Rows::Many, false, false),
            ("<2", Rows::Many, false, false),
            ("=0", Rows::Many, true, false),
            ("=1", Rows::None, false, true),
            ("", Rows::None, false, true),
            ("1<X<2", Rows::None, false, false),
            (">200", Rows::Many, false, false),
        ] {
            let parsed = SelectionRule::parse(rule).unwrap();
            assert_eq!(parsed.suits(rows, only_in_details).is_ok(), suits, "`{rule}` for {rows:?}");
        }
    }
}
