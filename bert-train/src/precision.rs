//! The precision of a run's matrix products.

use bert_core::backend_name;
use bert_core::ops::Capabilities;
pub use bert_core::ops::Precision;
use burn::tensor::Device;

/// A note for the user if `device` does not have this precision, so that it computes in f32.
pub fn unsupported(precision: Precision, device: &Device) -> Option<String> {
    let unsupported = precision == Precision::Bf16 && !Capabilities::of(device).bf16_gemm;
    unsupported.then(|| {
        format!(
            "--precision bf16 needs a processor that multiplies bfloat16 (AVX512-BF16); this {} computes in f32",
            backend_name(&device.clone().inner())
        )
    })
}
