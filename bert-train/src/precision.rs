//! In which numbers a run multiplies matrices.

use bert_core::{backend_name, ops};
use burn::tensor::Device;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What matrix products multiply; weights, moments, sums and all else are 32-bit floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    #[default]
    F32,
    /// Numbers rounded to bfloat16, on processors that multiply these (AVX512-BF16).
    Bf16,
}

impl Precision {
    /// Makes this the precision of the process; a sentence for the user where that cannot be.
    pub fn choose(self, device: &Device) -> Option<String> {
        let asked = match self {
            Precision::F32 => ops::Precision::F32,
            Precision::Bf16 => ops::Precision::Bf16,
        };
        let refused = ops::set_precision(asked, device) != asked;
        refused.then(|| {
            format!(
                "--precision bf16 is for processors that multiply bfloat16 (AVX512-BF16); products are of f32 on this {}",
                backend_name(&device.clone().inner())
            )
        })
    }
}
