//! Where the CPU's operations are shared out from.

use burn::tensor::Device;

/// Runs `work` on one of the threads that share the CPU's operations, where `device` is the CPU: a caller who is none of
/// them would wake one for each operation, and be woken for its end. Elsewhere it just runs.
///
/// `work` must wait for nothing that another thread does by these threads: there may be a single one.
pub fn in_pool<T: Send>(device: &Device, work: impl FnOnce() -> T + Send) -> T {
    if super::is_flex(device) {
        crate::threads::enter(work)
    } else {
        work()
    }
}
