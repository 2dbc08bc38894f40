//! The two operations of clipping by the global norm: a sum of squares and a scale.

use burn::backend::{Dispatch, TensorMetadata, tensor::FloatTensor};
use burn::tensor::{Shape, Tensor};

use crate::ops::BertBackend;

pub(in crate::ops) fn composed_sum<B: BertBackend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_sum(B::float_mul(x.clone(), x))
}

pub(in crate::ops) fn composed_scale<B: BertBackend>(
    x: FloatTensor<B>,
    factor: FloatTensor<B>,
) -> FloatTensor<B> {
    let ones = vec![1; x.shape().num_dims()];
    B::float_mul(x, B::float_reshape(factor, Shape::from(ones)))
}

/// The sum of the squares of all elements, `[1]`.
pub fn sum_of_squares<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::sum_of_squares(x.into_dispatch()))
}

/// `x` times the one element of `factor`, `[1]`.
pub fn scale<const D: usize>(x: Tensor<D>, factor: Tensor<1>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as BertBackend>::scale(
        x.into_dispatch(),
        factor.into_dispatch(),
    ))
}
