//! `traceparent`: the trace a request belongs to, by W3C Trace Context (version 00, and what later versions keep of it).

/// A trace and the span in it that sent the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceParent<'a> {
    /// 32 hexadecimal digits.
    pub(crate) trace_id: &'a str,
    /// 16 hexadecimal digits.
    pub(crate) parent_id: &'a str,
}

impl<'a> TraceParent<'a> {
    /// Reads the header; `None` for anything malformed, which is as if nothing had been sent.
    pub(crate) fn parse(header: &'a str) -> Option<Self> {
        let mut parts = header.trim().splitn(5, '-');
        let (version, trace_id, parent_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let more = parts.next().is_some();
        let readable = is_hex(version, 2)
            && version != "ff"
            && (version != "00" || !more)
            && is_hex(trace_id, 32)
            && is_hex(parent_id, 16)
            && is_hex(flags, 2)
            && !is_zero(trace_id)
            && !is_zero(parent_id);
        readable.then_some(Self { trace_id, parent_id })
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|it| it == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_and_its_parent_are_read() {
        let expected =
            TraceParent { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", parent_id: "00f067aa0ba902b7" };
        assert_eq!(TraceParent::parse(GOOD), Some(expected));
        assert_eq!(TraceParent::parse(&GOOD.replacen("00", "cc", 1)), Some(expected), "a later version");
        assert_eq!(TraceParent::parse(&format!("{}-more", GOOD.replacen("00", "cc", 1))), Some(expected));
    }

    #[test]
    fn what_the_recommendation_calls_invalid_is_passed_over() {
        for header in [
            "",
            "-",
            "00",
            "---",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
        ] {
            assert_eq!(TraceParent::parse(header), None, "{header}");
        }
    }
}
