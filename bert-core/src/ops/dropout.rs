//! Inverted dropout (Srivastava et al. 2014): the elements that stay are scaled up, so that inference needs no change.

use burn::backend::{Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Distribution, Tensor};

use super::BertBackend;

/// The dropout of one site in the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// The probability that an element is dropped, above 0 and below 1.
    pub rate: f64,
    /// The key of the mask: the same key and shape give the same mask.
    pub key: u64,
}

pub(super) fn composed<B: BertBackend>(x: FloatTensor<B>, dropout: Option<Dropout>) -> FloatTensor<B> {
    let Some(Dropout { rate, key }) = dropout else {
        return x;
    };
    let keep = 1.0 - rate;
    let device = x.device();
    B::seed(&device, key);
    let distribution = Distribution::Bernoulli(keep);
    let mask = B::float_random(x.shape(), distribution, &device, x.dtype().into());
    B::float_mul(x, B::float_mul_scalar(mask, (1.0 / keep).into()))
}

/// `x` with elements dropped; `x` itself without `dropout`.
pub fn dropout<const D: usize>(x: Tensor<D>, dropout: Option<Dropout>) -> Tensor<D> {
    if dropout.is_none() {
        return x;
    }
    Tensor::from_dispatch(<Dispatch as BertBackend>::dropout(x.into_dispatch(), dropout))
}
