//! The memory of this process, on the host, not on a GPU.

/// Resident memory now, in bytes; `None` if the system does not report it.
pub fn resident() -> Option<usize> {
    Some(memory_stats::memory_stats()?.physical_mem)
}

/// Peak resident memory so far, in bytes, as the Linux kernel counts it; on other systems the memory now.
pub fn peak() -> Option<usize> {
    #[cfg(target_os = "linux")]
    if let Some(bytes) = high_water() {
        return Some(bytes);
    }
    resident()
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
    fn the_kernel_remembers_peak_memory() {
        let Some(before) = resident() else {
            println!("skipped: this system does not report it");
            return;
        };
        let block = std::hint::black_box(vec![1u8; 200 << 20]);
        let during = resident().unwrap();
        assert!(during > before + (150 << 20), "{before} {during}");
        drop(block);
        #[cfg(target_os = "linux")]
        if high_water().is_some() {
            assert!(peak().unwrap() > before + (150 << 20));
        }
        assert!(during < 100 << 30, "not in bytes: {during}");
    }

    #[test]
    fn for_people() {
        assert_eq!([5e6, 1.234e9, 2.5e10].map(shown), ["5 MB", "1.23 GB", "25.0 GB"]);
    }
}
