//! Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up, so that inference needs no change.

use burn::backend::{Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Distribution, Tensor};

use super::BertBackend;

/// How much one place drops, and with which random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// The probability that an element is dropped, above 0 and below 1.
    pub rate: f64,
    /// Names the mask: the same key and shape give the same mask.
    pub key: u64,
}

pub(super) fn composed<B: BertBackend>(x: FloatTensor<B>, dropout: Option<Dropout>) -> FloatTensor<B> {
    let Some(Dropout { rate, key }) = dropout else {
        return x;
    };
    let keep = 1.0 - rate;
    let device = x.device();
    B::seed(&device, key);
    let kept = Distribution::Bernoulli(keep);
    let mask = B::float_random(x.shape(), kept, &device, x.dtype().into());
    B::float_mul(x, B::float_mul_scalar(mask, (1.0 / keep).into()))
}

/// `x` with elements dropped, or as it is where `dropout` is none.
pub fn dropout<const D: usize>(x: Tensor<D>, dropout: Option<Dropout>) -> Tensor<D> {
    if dropout.is_none() {
        return x;
    }
    Tensor::from_dispatch(<Dispatch as BertBackend>::drop_out(x.into_dispatch(), dropout))
}
