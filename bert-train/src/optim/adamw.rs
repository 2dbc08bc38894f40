//! BERT's AdamW and its constants.

use bert_core::ops::{self, AdamWStep};
use burn::module::ParamGroup;
use burn::optim::{AdaptiveMomentumState, LearningRate, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

use super::on_device::OnDevice;
use super::weight_decay::no_decay;

/// AdamW through [`ops::adamw`]: β .9 and .999, ε 1e-8 (google-research/bert, `optimization.py`; the bias correction is
/// PyTorch's).
#[derive(Clone, Debug)]
pub struct BertAdamW {
    decay: f64,
}

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

impl BertAdamW {
    /// The optimiser of a whole model, with weight decay `decay`; biases and LayerNorm weights do not decay.
    ///
    /// ```
    /// use bert_train::optim::adamw::BertAdamW;
    /// let optimizer = BertAdamW::for_model(0.01);
    /// // Trainer clips by the global norm, not by the norm of each tensor.
    /// assert!(!optimizer.has_gradient_clipping());
    /// ```
    pub fn for_model(decay: f64) -> ModuleOptimizer {
        ModuleOptimizer::from(Self { decay }).with_group(no_decay(), Self { decay: 0.0 }, None)
    }

    /// The same optimiser, which loads the moments of a checkpoint onto `device`.
    pub fn loading_on(decay: f64, device: &Device) -> ModuleOptimizer {
        let on_device = |decay| OnDevice::new(Self { decay }, device);
        // A parameter belongs to the last group that matches it.
        ModuleOptimizer::from(Self { decay })
            .with_group(ParamGroup::all(), on_device(decay), None)
            .with_group(no_decay(), on_device(0.0), None)
    }

    #[cfg(test)]
    pub(crate) fn new(decay: f64) -> Self {
        Self { decay }
    }
}

impl Optimizer for BertAdamW {
    type State<const D: usize> = AdaptiveMomentumState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let (time, moments) = match state {
            Some(state) => (state.time + 1, [state.moment_1, state.moment_2]),
            None => {
                let zeros = grad.zeros_like();
                (1, [zeros.clone(), zeros])
            }
        };
        let step = AdamWStep {
            rate: lr,
            beta1: BETA1,
            beta2: BETA2,
            epsilon: EPSILON,
            decay: self.decay,
            time: time as u32,
        };
        let (tensor, [moment1, moment2]) = ops::adamw(tensor, grad, moments, step);
        let state = AdaptiveMomentumState::new(time, moment1, moment2);
        (tensor, Some(state))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        state.to_device(device)
    }
}
