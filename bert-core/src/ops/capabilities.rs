//! What a device can do. Code asks here instead of asking which backend it is on.

use burn::backend::DispatchDevice;
use burn::tensor::Device;

/// What a device can do beyond Burn's operations.
///
/// ```
/// use bert_core::ops::Capabilities;
/// let flex = Capabilities::of(&burn::tensor::Device::flex());
/// assert!(flex.packed_sequences && flex.synchronous);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Its attention computes packed sequences without a block mask, so that batches gain by having no padding.
    /// Elsewhere the composed attention computes the scores of a packed batch as of one long sequence.
    pub packed_sequences: bool,
    /// Its operations run on the threads of rayon's pool: see [`in_thread_pool`].
    pub thread_pool: bool,
    /// Its matrix products can multiply bfloat16: see [`Precision`](super::Precision).
    pub bf16_gemm: bool,
    /// An operation is finished when its call returns: reading a value back does not stall the device, and new shapes cost
    /// nothing.
    pub synchronous: bool,
}

impl Capabilities {
    /// The capabilities of `device`, with or without autodiff.
    pub fn of(device: &Device) -> Self {
        match device.clone().inner().as_dispatch() {
            #[cfg(feature = "flex")]
            DispatchDevice::Flex(_) => Self {
                packed_sequences: true,
                thread_pool: cfg!(feature = "threads"),
                bf16_gemm: super::flex::multiplies_bf16(),
                synchronous: true,
            },
            #[cfg(feature = "ndarray")]
            DispatchDevice::NdArray(_) => Self {
                synchronous: true,
                ..Self::default()
            },
            #[allow(unreachable_patterns)] // With CPU backends only.
            _ => Self::default(),
        }
    }
}

/// Runs `work` on a thread of the pool that runs the device's operations, if it has such a pool: a caller outside of the
/// pool would wake a thread for each operation, and be woken at its end. On other devices `work` runs on the caller's thread.
///
/// `work` must not wait for work that another thread does on this pool: the pool may have a single thread.
pub fn in_thread_pool<T: Send>(device: &Device, work: impl FnOnce() -> T + Send) -> T {
    if Capabilities::of(device).thread_pool {
        crate::threads::enter(work)
    } else {
        work()
    }
}
