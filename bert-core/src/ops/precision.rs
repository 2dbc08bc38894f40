//! In which numbers matrix products are done.

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;

use super::Capabilities;

/// The numbers that matrix products multiply; sums, weights, moments and all else are in f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// Factors rounded to bfloat16, which has the range of f32 and 8 bits of precision.
    Bf16,
}

static BF16: AtomicBool = AtomicBool::new(false);

/// Sets the precision of dense layers' products on the CPU, forward and backward, for the whole process, as
/// `torch.set_float32_matmul_precision` does; attention's products stay in f32. What it is from now on: f32 if `device` is
/// not the CPU, or a CPU that cannot multiply pairs of bfloat16 (AVX512-BF16).
pub fn set_precision(asked: Precision, device: &Device) -> Precision {
    let available = Capabilities::of(device).bf16_gemm;
    BF16.store(asked == Precision::Bf16 && available, Ordering::Relaxed);
    precision()
}

/// The precision of dense layers' products on the CPU.
pub fn precision() -> Precision {
    if BF16.load(Ordering::Relaxed) {
        Precision::Bf16
    } else {
        Precision::F32
    }
}
