//! Random initial weights.

use burn::module::{Param, ParamId};
use burn::nn::{Embedding, Initializer};
use burn::nn::{EmbeddingConfig, LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws initial weights on the host, so that a seed gives the same model on every backend.
///
/// Each tensor has its own stream of random numbers and is drawn when it is first used: a tensor that a checkpoint
/// fills is never drawn.
///
/// ```
/// use bert_core::Init;
/// let device = burn::tensor::Device::default();
/// let dense = Init::new(1, 0.02).linear(4, 2, &device);
/// assert!(dense.weight.val().abs().max().into_scalar::<f32>() <= 0.04);
/// ```
#[derive(Debug)]
pub struct Init {
    seed: u64,
    std: f64,
    /// The number of tensors so far, which numbers the streams.
    count: u64,
}

impl Init {
    /// A generator of weights from a normal distribution of standard deviation `std` (the configuration's
    /// `initializer_range`), truncated at two standard deviations.
    pub fn new(seed: u64, std: f64) -> Self {
        Self { seed, std, count: 0 }
    }

    fn weight(&mut self, shape: [usize; 2], device: &Device) -> Param<Tensor<2>> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.count);
        self.count += 1;
        let std = self.std;
        let draw = move |device: &Device, require_grad| {
            let values = TensorData::new(truncated_normal(&mut rng, std, shape[0] * shape[1]), shape);
            Tensor::from_data(values, device).set_require_grad(require_grad)
        };
        Param::uninitialized(ParamId::new(), draw, device.clone(), true, shape.into())
    }

    /// A dense layer with weight `[inputs, outputs]` and a bias of zeros.
    pub fn linear(&mut self, inputs: usize, outputs: usize, device: &Device) -> Linear {
        Linear {
            weight: self.weight([inputs, outputs], device),
            bias: Some(Initializer::Zeros.init([outputs], device)),
        }
    }

    /// A table of `count` vectors of size `width`.
    pub fn embedding(&mut self, count: usize, width: usize, device: &Device) -> Embedding {
        let mut table = EmbeddingConfig::new(count, width)
            .with_initializer(Initializer::Zeros)
            .init(device);
        table.weight = self.weight([count, width], device);
        table
    }
}

/// `count` values from the truncated normal distribution of BERT's `create_initializer` (google-research/bert,
/// `modeling.py`): values beyond two standard deviations are drawn again.
fn truncated_normal(rng: &mut ChaCha8Rng, std: f64, count: usize) -> Vec<f32> {
    let mut values = Vec::with_capacity(count);
    while values.len() < count {
        // Box and Muller 1958: two uniform numbers make two independent normal ones.
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * rng.random::<f64>();
        for normal in [radius * angle.cos(), radius * angle.sin()] {
            if normal.abs() <= 2.0 && values.len() < count {
                values.push((normal * std) as f32);
            }
        }
    }
    values
}

/// A layer normalisation over `width` features that starts as the identity: gain 1, offset 0.
pub fn layer_norm(width: usize, epsilon: f64, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).with_epsilon(epsilon).init(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_is_drawn_on_first_use_from_its_own_stream() {
        let device = Device::default();
        let layers = || {
            let mut init = Init::new(7, 0.02);
            [0, 1].map(|_| init.linear(30, 40, &device))
        };
        let values = |layer: &Linear| layer.weight.val().into_data().iter::<f32>().collect::<Vec<_>>();
        let [first, second] = layers();
        assert!(!first.weight.is_initialized() && !second.weight.is_initialized());
        let in_order = [values(&first), values(&second)];
        let [first, second] = layers();
        let backwards = [values(&second), values(&first)];
        assert_eq!(in_order[0], backwards[1]);
        assert_eq!(in_order[1], backwards[0]);
        assert_ne!(in_order[0], in_order[1]);
        // Truncation at two standard deviations leaves .8796 of the standard deviation.
        let square: f32 = in_order[0].iter().map(|x| x * x).sum();
        let deviation = (square / 1200.0).sqrt() / 0.02;
        assert!((deviation - 0.8796).abs() < 0.05, "{deviation}");
    }
}
