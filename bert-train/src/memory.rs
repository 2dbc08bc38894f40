//! The memory of this process, on the host, not on a GPU.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The most that [`resident`] has measured. It is about the process, so it belongs to the process.
static HIGHEST: AtomicUsize = AtomicUsize::new(0);

/// Resident memory now, in bytes; `None` if the system does not report it.
pub fn resident() -> Option<usize> {
    let bytes = memory_stats::memory_stats()?.physical_mem;
    HIGHEST.fetch_max(bytes, Ordering::Relaxed);
    Some(bytes)
}

/// Peak resident memory so far, in bytes: the most that [`resident`] has measured, or on Linux the kernel.
pub fn peak() -> Option<usize> {
    resident()?;
    let seen = HIGHEST.load(Ordering::Relaxed);
    #[cfg(target_os = "linux")]
    if let Some(bytes) = high_water() {
        return Some(bytes.max(seen));
    }
    Some(seen)
}

/// `VmHWM` of proc_pid_status(5), in bytes.
#[cfg(target_os = "linux")]
fn high_water() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Bytes for people, in powers of ten.
pub fn shown(bytes: f64) -> String {
    match bytes {
        b if b >= 1e10 => format!("{:.1} GB", b / 1e9),
        b if b >= 1e9 => format!("{:.2} GB", b / 1e9),
        b => format!("{:.0} MB", b / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peak_memory_is_remembered() {
        let Some(before) = resident() else {
            println!("skipped: this system does not report it");
            return;
        };
        let block = std::hint::black_box(vec![1u8; 200 << 20]);
        let during = resident().unwrap();
        assert!(during > before + (150 << 20), "{before} {during}");
        drop(block);
        assert!(peak().unwrap() >= during);
        assert!(during < 100 << 30, "not in bytes: {during}");
    }

    #[test]
    fn for_people() {
        assert_eq!([5e6, 1.234e9, 2.5e10].map(shown), ["5 MB", "1.23 GB", "25.0 GB"]);
    }
}
