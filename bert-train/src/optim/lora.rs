//! Low-rank adaptation (Hu et al. 2022, "LoRA: Low-rank adaptation of large language models"), with Burn's own
//! implementation: of each query and value projection only the product of two thin matrices is trained, and the head.

use bert_core::BertConfig;
use burn::module::{Lora, Module, ModuleVisitor, Param, ParamGroup};
use burn::tensor::Tensor;

/// The size of the trained matrices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoraOptions {
    /// The rank of the products.
    pub rank: usize,
    /// The products are scaled by `alpha / rank`.
    pub alpha: f64,
}

/// Adds thin matrices, drawn from `seed`, to the query and value projections of `model`, and freezes all else but the
/// head.
pub fn adapt<M: Module>(model: M, options: LoraOptions, seed: u64, config: &BertConfig) -> M {
    // The matrices are drawn on the device.
    for device in model.devices() {
        device.seed(seed);
    }
    let paths = &config.architecture().parameters;
    model
        .apply_lora(Lora::new(options.rank, options.alpha).set_param_group(paths.low_rank_group()))
        .unfreeze_group(ParamGroup::all().exclude(paths.encoder_group()))
}

/// `model` with the products of its thin matrices added to the weights that they adapt: a plain model again. A model
/// without LoRA does not change.
pub fn merge<M: Module>(model: M) -> M {
    model.materialize()
}

/// The number of the model's parameters that are trained.
pub fn trained_parameters<M: Module>(model: &M) -> usize {
    struct Count(usize);
    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                self.0 += param.lazy_shape().num_elements();
            }
        }
    }
    let mut trained = Count(0);
    model.visit(&mut trained);
    trained.0
}
