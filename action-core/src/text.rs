//! The few pieces that the `const` grammars share: the standard library's text functions are not `const`.

/// The number at the start, capped far below overflow by a later multiplication, and what follows it.
/// `None` where the text does not start with a digit.
pub(crate) const fn digits(mut bytes: &[u8]) -> Option<(u64, &[u8])> {
    /// Larger than every bound of a grammar, small enough to be multiplied by a day's milliseconds.
    const CAP: u64 = 100_000_000_000;
    let mut value = 0;
    let mut any = false;
    while let [digit @ b'0'..=b'9', rest @ ..] = bytes {
        value = value * 10 + (*digit - b'0') as u64;
        if value > CAP {
            value = CAP;
        }
        any = true;
        bytes = rest;
    }
    if any { Some((value, bytes)) } else { None }
}

/// Without white space at either end.
pub(crate) const fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}
