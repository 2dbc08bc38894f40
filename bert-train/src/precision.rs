//! The precision of a run's matrix products.

use bert_core::backend_name;
use bert_core::ops::Capabilities;
pub use bert_core::ops::Precision;
use burn::tensor::Device;

/// A sentence for the user if `device` does not have this precision, so that its products are of f32.
pub fn refusal(precision: Precision, device: &Device) -> Option<String> {
    let refused = precision == Precision::Bf16 && !Capabilities::of(device).bf16_gemm;
    refused.then(|| {
        format!(
            "--precision bf16 is for processors that multiply bfloat16 (AVX512-BF16); products are of f32 on this {}",
            backend_name(&device.clone().inner())
        )
    })
}
