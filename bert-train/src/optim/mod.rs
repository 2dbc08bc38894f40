//! What happens to the gradients of a step: clipping, the guard against values that are not finite, AdamW and its
//! learning rates; and which parameters are trained.

pub mod adamw;
pub mod clipping;
pub mod lora;
pub mod lr_schedule;
pub mod non_finite;
pub mod on_device;
pub mod parameter_groups;
pub mod weight_decay;
