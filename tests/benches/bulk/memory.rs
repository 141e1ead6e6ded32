//! The resident set of this process, as Linux counts it.

/// Now, in bytes.
pub fn resident() -> usize {
    read("VmRSS:")
}

/// The most since [`forget_peak`], in bytes.
pub fn peak() -> usize {
    read("VmHWM:")
}

pub fn forget_peak() {
    // `man 5 proc`: 5 resets the peak.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn read(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1_024
}
