//! The second half of a layer: a feed-forward network on every position, with its residual connection (Vaswani et al.
//! 2017, section 3.3; Devlin et al. 2019, section 3).

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, ExtensionType};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;

use super::{Activation, BertBackend, GemmOptions, LinearWeights, NormOptions, NormWeights};

/// The parameters of the second half of a layer.
#[derive(Clone, Debug, ExtensionType)]
pub struct FeedForwardWeights<B: Backend = Dispatch> {
    /// The widening layer, `[hidden, intermediate]`.
    #[extension_type]
    pub wide: LinearWeights<B>,
    /// The layer back, `[intermediate, hidden]`.
    #[extension_type]
    pub narrow: LinearWeights<B>,
    /// The normalisation.
    #[extension_type]
    pub norm: NormWeights<B>,
}

impl<B: Backend> FeedForwardWeights<B> {
    pub(super) fn tensors(&self) -> impl Iterator<Item = &FloatTensor<B>> {
        let all = [self.wide.tensors(), self.narrow.tensors(), self.norm.tensors()];
        all.into_iter().flatten()
    }

    /// `x`, then the parameters in the order of the fields.
    pub(super) fn with_input(self, x: FloatTensor<B>) -> [FloatTensor<B>; 7] {
        let Self { wide, narrow, norm } = self;
        [
            x,
            wide.weight,
            wide.bias,
            narrow.weight,
            narrow.bias,
            norm.gamma,
            norm.beta,
        ]
    }
}

impl FeedForwardWeights {
    /// The parameters of these layers.
    ///
    /// # Panics
    /// If a layer has no bias or the normalisation no offset.
    pub fn new(wide: &Linear, narrow: &Linear, norm: &LayerNorm) -> Self {
        Self {
            wide: wide.into(),
            narrow: narrow.into(),
            norm: norm.into(),
        }
    }
}

/// The options of the second half of a layer.
#[derive(Clone, Debug)]
pub struct FeedForwardOptions {
    /// The activation of the widening layer.
    pub activation: Activation,
    /// The residual connection's dropout and normalisation.
    pub output: NormOptions,
    /// The products of both layers.
    pub gemm: GemmOptions,
}

pub(super) fn composed<B: BertBackend>(
    x: FloatTensor<B>,
    weights: FeedForwardWeights<B>,
    options: FeedForwardOptions,
) -> FloatTensor<B> {
    let FeedForwardOptions {
        activation,
        output,
        gemm,
    } = options;
    let wide = B::bert_linear(x.clone(), weights.wide, Some(activation), gemm.clone());
    let narrow = B::bert_linear(wide, weights.narrow, None, gemm);
    B::residual_norm(narrow, x, weights.norm, output)
}

/// A widening layer with its activation, a layer back, and [`residual_norm`](super::residual_norm()) with `x`:
/// `[batch, length, hidden]` to the same shape.
pub fn feed_forward(x: Tensor<3>, weights: FeedForwardWeights, options: FeedForwardOptions) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::feed_forward(
        x.into_dispatch(),
        weights,
        options,
    ))
}
