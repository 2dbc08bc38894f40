//! Gradient clipping by the global norm (Pascanu, Mikolov and Bengio 2013). Burn's own clips each tensor by its own norm.

use bert_core::ops;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Scales all gradients by the same factor so that their global norm is at most `max_norm`, and returns the norm before,
/// `[1]`; `None` if there is no gradient. Nothing is read back from the device.
///
/// The factor is `max_norm / (norm + 1e-6)`, never above 1, as PyTorch's `clip_grad_norm_`.
pub fn clip_global_norm<M: Module>(
    module: &M,
    grads: &mut GradientsParams,
    max_norm: f64,
) -> Option<Tensor<1>> {
    let mut squares = Squares { grads, sums: vec![] };
    module.visit(&mut squares);
    if squares.sums.is_empty() {
        return None;
    }
    let norm = Tensor::cat(squares.sums, 0).sum().sqrt();
    let factor = (norm.clone().add_scalar(1e-6).recip() * max_norm).clamp_max(1.0);
    module.visit(&mut Scale { grads, factor });
    Some(norm)
}

struct Squares<'a> {
    grads: &'a GradientsParams,
    sums: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            self.sums.push(ops::sum_of_squares(grad));
        }
    }
}

struct Scale<'a> {
    grads: &'a mut GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.remove::<D>(param.id) {
            let grad = ops::scale(grad, self.factor.clone());
            self.grads.register(param.id, grad);
        }
    }
}
