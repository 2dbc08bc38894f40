//! One step of AdamW (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2).

use burn::backend::{Dispatch, tensor::FloatTensor};
use burn::tensor::Tensor;

use crate::ops::BertBackend;

/// The numbers of one step, the same for every element of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWStep {
    /// The learning rate of this step.
    pub rate: f64,
    /// The decay of the first moment, β₁.
    pub beta1: f64,
    /// The decay of the second moment, β₂.
    pub beta2: f64,
    /// Keeps the denominator away from zero; added after the bias correction, as in PyTorch.
    pub epsilon: f64,
    /// The decoupled weight decay, multiplied by the rate.
    pub decay: f64,
    /// The number of this step, from 1, for the bias correction.
    pub time: u32,
}

pub(in crate::ops) fn composed<B: BertBackend>(
    parameter: FloatTensor<B>,
    gradient: FloatTensor<B>,
    moment1: FloatTensor<B>,
    moment2: FloatTensor<B>,
    step: AdamWStep,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let AdamWStep {
        rate,
        beta1,
        beta2,
        epsilon,
        decay,
        time,
    } = step;
    let moment1 = B::float_add(
        B::float_mul_scalar(moment1, beta1.into()),
        B::float_mul_scalar(gradient.clone(), (1.0 - beta1).into()),
    );
    let square = B::float_mul(gradient.clone(), gradient);
    let moment2 = B::float_add(
        B::float_mul_scalar(moment2, beta2.into()),
        B::float_mul_scalar(square, (1.0 - beta2).into()),
    );
    // The corrections in f64: 1 - 0.999 loses three digits in f32.
    let correction1 = 1.0 - beta1.powi(time as i32);
    let correction2 = (1.0 - beta2.powi(time as i32)).sqrt();
    let denominator = B::float_add_scalar(
        B::float_div_scalar(B::float_sqrt(moment2.clone()), correction2.into()),
        epsilon.into(),
    );
    let update = B::float_mul_scalar(
        B::float_div(moment1.clone(), denominator),
        (rate / correction1).into(),
    );
    let decayed = if decay == 0.0 {
        parameter
    } else {
        B::float_mul_scalar(parameter, (1.0 - rate * decay).into())
    };
    (B::float_sub(decayed, update), moment1, moment2)
}

/// The parameter and its two moments after one step. All have one shape, on a device without autodiff.
pub fn adamw<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    moments: [Tensor<D>; 2],
    step: AdamWStep,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let [moment1, moment2] = moments;
    let (parameter, moment1, moment2) = <Dispatch as BertBackend>::adamw(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        moment1.into_dispatch(),
        moment2.into_dispatch(),
        step,
    );
    (
        Tensor::from_dispatch(parameter),
        [Tensor::from_dispatch(moment1), Tensor::from_dispatch(moment2)],
    )
}
