//! Low-rank adaptation (Hu et al. 2022, "LoRA: Low-rank adaptation of large language models"), by Burn's own: of each
//! query and value projection only a product of two thin matrices is learned, and the task's head as ever.

use bert_core::BertConfig;
use burn::module::{Lora, Module, ParamGroup};

use crate::recipe::Recipe;

/// The model with thin matrices beside its query and value projections, and all else frozen but the head, if `recipe`
/// asks for it.
pub fn adapt<M: Module>(model: M, recipe: &Recipe, config: &BertConfig) -> M {
    if recipe.lora_rank == 0 {
        return model;
    }
    // The thin matrices are drawn on the device.
    for device in model.devices() {
        device.seed(recipe.seed);
    }
    let paths = &config.architecture().parameters;
    model
        .apply_lora(Lora::new(recipe.lora_rank, recipe.lora_alpha).set_param_group(paths.low_rank_group()))
        .unfreeze_group(ParamGroup::all().exclude(paths.encoder_group()))
}

/// How many of the model's parameters are trained, where not all of them are.
pub fn remark<M: Module>(model: &M, recipe: &Recipe) -> Option<String> {
    use burn::module::{ModuleVisitor, Param};
    use burn::tensor::Tensor;
    struct Count(usize);
    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                self.0 += param.lazy_shape().num_elements();
            }
        }
    }
    if recipe.lora_rank == 0 {
        return None;
    }
    let mut trained = Count(0);
    model.visit(&mut trained);
    let (rank, all) = (recipe.lora_rank, model.num_params());
    Some(format!(
        "LoRA of rank {rank}: {} of {all} parameters are trained",
        trained.0
    ))
}
