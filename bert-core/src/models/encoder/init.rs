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
/// assert_eq!(dense.weight.dims(), [4, 2]);
/// assert_eq!(dense.bias.unwrap().val().abs().max().into_scalar::<f32>(), 0.0);
/// ```
#[derive(Debug)]
pub struct Init {
    seed: u64,
    std: f64,
    embeddings_std: f64,
    /// The number of tensors so far, which numbers the streams.
    count: u64,
}

impl Init {
    /// A generator of weights from a normal distribution of mean 0 and standard deviation `std`: the configuration's
    /// `initializer_range`, as in `_init_weights` of transformers' BERT. (Google's own BERT truncated it at two standard
    /// deviations, which leaves .88 of them.)
    pub fn new(seed: u64, std: f64) -> Self {
        Self {
            seed,
            std,
            embeddings_std: std,
            count: 0,
        }
    }

    /// Draws embeddings with another standard deviation.
    pub fn with_embeddings_std(self, embeddings_std: f64) -> Self {
        Self {
            embeddings_std,
            ..self
        }
    }

    fn weight(&mut self, shape: [usize; 2], std: f64, device: &Device) -> Param<Tensor<2>> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.count);
        self.count += 1;
        let draw = move |device: &Device, require_grad| {
            let values = TensorData::new(normal(&mut rng, std, shape[0] * shape[1]), shape);
            Tensor::from_data(values, device).set_require_grad(require_grad)
        };
        Param::uninitialized(ParamId::new(), draw, device.clone(), true, shape.into())
    }

    /// A dense layer with weight `[inputs, outputs]` and a bias of zeros.
    pub fn linear(&mut self, inputs: usize, outputs: usize, device: &Device) -> Linear {
        Linear {
            weight: self.weight([inputs, outputs], self.std, device),
            bias: Some(Initializer::Zeros.init([outputs], device)),
        }
    }

    /// A table of `count` vectors of size `width`.
    pub fn embedding(&mut self, count: usize, width: usize, device: &Device) -> Embedding {
        let mut table = EmbeddingConfig::new(count, width)
            .with_initializer(Initializer::Zeros)
            .init(device);
        table.weight = self.weight([count, width], self.embeddings_std, device);
        table
    }

    /// A table of `count` vectors of size `width` whose features are sines and cosines of the position (Vaswani et al. 2017,
    /// section 3.5), with the mean square of [`embedding`](Self::embedding). A linear map turns the vector of a position into
    /// the vector of its neighbour. The wavelengths go up to 2π · 100: short texts need no longer ones.
    pub fn sinusoids(&mut self, count: usize, width: usize, device: &Device) -> Embedding {
        const BASE: f64 = 100.0;
        let mut table = self.embedding(count, width, device);
        let amplitude = self.embeddings_std * std::f64::consts::SQRT_2;
        let draw = move |device: &Device, require_grad| {
            let value = |index: usize| {
                let (position, feature) = ((index / width) as f64, index % width);
                let angle = position / BASE.powf((feature / 2 * 2) as f64 / width as f64);
                let wave = if feature.is_multiple_of(2) {
                    angle.sin()
                } else {
                    angle.cos()
                };
                (amplitude * wave) as f32
            };
            let values: Vec<f32> = (0..count * width).map(value).collect();
            let values = TensorData::new(values, [count, width]);
            Tensor::from_data(values, device).set_require_grad(require_grad)
        };
        table.weight =
            Param::uninitialized(ParamId::new(), draw, device.clone(), true, [count, width].into());
        table
    }
}

/// `count` values from the normal distribution of mean 0 and standard deviation `std`.
fn normal(rng: &mut ChaCha8Rng, std: f64, count: usize) -> Vec<f32> {
    let pairs = std::iter::repeat_with(|| {
        // Box and Muller 1958: two uniform numbers make two independent normal ones.
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * rng.random::<f64>();
        [radius * angle.cos(), radius * angle.sin()]
    });
    pairs
        .flatten()
        .take(count)
        .map(|value| (value * std) as f32)
        .collect()
}

/// A layer normalisation over `width` features that starts as the identity: gain 1, offset 0.
pub fn layer_norm(width: usize, epsilon: f64, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).with_epsilon(epsilon).init(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embeddings_can_have_another_deviation_and_the_same_stream() {
        let device = Device::default();
        let draw = |mut init: Init| {
            let table = init.embedding(30, 40, &device).weight.val().into_data();
            let dense = init.linear(3, 4, &device).weight.val().into_data();
            [table, dense].map(|data| data.iter::<f32>().collect::<Vec<_>>())
        };
        let [table, dense] = draw(Init::new(7, 0.08));
        let [smaller, same] = draw(Init::new(7, 0.08).with_embeddings_std(0.02));
        assert_eq!(dense, same);
        for (large, small) in table.iter().zip(smaller) {
            assert!((large / 4.0 - small).abs() < 1e-6, "{large} {small}");
        }
    }

    #[test]
    fn sinusoids_take_the_place_of_a_drawn_table() {
        let device = Device::default();
        let values = |weight: &Param<Tensor<2>>| weight.val().into_data().iter::<f32>().collect::<Vec<_>>();
        let (mut waves, mut drawn) = (Init::new(7, 0.02), Init::new(7, 0.02));
        let table = values(&waves.sinusoids(8, 4, &device).weight);
        drawn.embedding(8, 4, &device);
        let next = |init: &mut Init| values(&init.linear(3, 4, &device).weight);
        assert_eq!(next(&mut waves), next(&mut drawn));
        // Position 3: sin 3, cos 3, sin .3, cos .3.
        for (found, expected) in table[12..].iter().zip([0.14112, -0.989_992, 0.29552, 0.955_336]) {
            assert!((found - 0.028_284_27 * expected).abs() < 1e-6, "{found}");
        }
    }

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
    }

    #[test]
    fn weights_are_normal() {
        const COUNT: usize = 100_000;
        let values = normal(&mut ChaCha8Rng::seed_from_u64(3), 0.02, COUNT);
        let share = |limit: f32| values.iter().filter(|x| x.abs() <= limit).count() as f64 / COUNT as f64;
        // scipy.stats.norm.cdf(z) - scipy.stats.norm.cdf(-z); three standard errors of a share are below .005.
        for (limit, expected) in [(0.01, 0.3829), (0.02, 0.6827), (0.04, 0.9545), (0.06, 0.9973)] {
            let found = share(limit);
            assert!((found - expected).abs() < 0.005, "{limit}: {found}");
        }
        let mean: f64 = values.iter().map(|&x| f64::from(x)).sum::<f64>() / COUNT as f64;
        assert!(mean.abs() < 2e-4, "{mean}");
    }
}
