//! The optimiser's side of a step: AdamW, learning rates, clipping, frozen parts, LoRA.

pub mod adamw;
pub mod clipping;
pub mod lora;
pub mod non_finite;
pub mod on_device;
pub mod parameter_groups;
pub mod schedule;
