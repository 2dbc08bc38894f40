//! `model.safetensors`, and its weights in a model.
#![no_main]

use bert_core::Checkpoint;
use bert_core::models::bert::ARCHITECTURE;
use bert_fuzz::models::{HEAD, config, model, weights};
use bert_fuzz::target;

target!(
    |input| {
        let Ok(checkpoint) = Checkpoint::from_bytes(input.to_vec()) else {
            return;
        };
        let _ = (
            checkpoint.describe().count(),
            checkpoint.check_embeddings(&config()),
        );
        let _ = checkpoint.load_into(model(), ARCHITECTURE.names(HEAD));
    },
    || vec![weights()]
);
