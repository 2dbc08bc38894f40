//! How layers that have no pre-trained weights start.

use burn::module::Param;
use burn::nn::{Embedding, Initializer};
use burn::nn::{EmbeddingConfig, LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws initial weights on the host, so that a seed gives the same model on every backend.
///
/// ```
/// use bert_core::init::Init;
/// let device = burn::tensor::Device::flex();
/// let dense = Init::new(1, 0.02).linear(4, 2, &device);
/// assert!(dense.weight.val().abs().max().into_scalar::<f32>() <= 0.04);
/// ```
#[derive(Debug)]
pub struct Init {
    rng: ChaCha8Rng,
    std: f64,
}

impl Init {
    /// A generator of weights from a normal distribution of standard deviation `std` (the configuration's
    /// `initializer_range`), cut off at two standard deviations.
    pub fn new(seed: u64, std: f64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            std,
        }
    }

    /// `shape` values from the truncated normal distribution of BERT's `create_initializer`
    /// (google-research/bert, `modeling.py`): values beyond two standard deviations are drawn again.
    fn truncated_normal<const D: usize>(&mut self, shape: [usize; D]) -> TensorData {
        let count = shape.iter().product();
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            // Box and Muller 1958: two uniform numbers make two independent normal ones.
            let radius = (-2.0 * (1.0 - self.rng.random::<f64>()).ln()).sqrt();
            let angle = std::f64::consts::TAU * self.rng.random::<f64>();
            for normal in [radius * angle.cos(), radius * angle.sin()] {
                if normal.abs() <= 2.0 && values.len() < count {
                    values.push((normal * self.std) as f32);
                }
            }
        }
        TensorData::new(values, shape)
    }

    /// A dense layer with weight `[inputs, outputs]` and a bias of zeros.
    pub fn linear(&mut self, inputs: usize, outputs: usize, device: &Device) -> Linear {
        let weight = self.truncated_normal([inputs, outputs]);
        Linear {
            weight: Param::from_tensor(Tensor::from_data(weight, device)),
            bias: Some(Initializer::Zeros.init([outputs], device)),
        }
    }

    /// A table of `count` vectors of size `width`.
    pub fn embedding(&mut self, count: usize, width: usize, device: &Device) -> Embedding {
        let weight = self.truncated_normal([count, width]);
        let mut table = EmbeddingConfig::new(count, width)
            .with_initializer(Initializer::Zeros)
            .init(device);
        table.weight = Param::from_tensor(Tensor::from_data(weight, device));
        table
    }
}

/// A layer normalisation over `width` features that starts as the identity: gain 1, offset 0.
pub fn layer_norm(width: usize, epsilon: f64, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).with_epsilon(epsilon).init(device)
}
