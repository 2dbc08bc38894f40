//! The index of weights in several files.
#![no_main]

use bert_core::Checkpoint;
use bert_fuzz::{file, models, target};

target!(
    |input| {
        let index = file("model/model.safetensors.index.json", input);
        let dir = index.parent().expect("it is in a folder");
        let _ = Checkpoint::open(dir);
    },
    || {
        file("model/a.safetensors", &models::weights());
        vec![
            r#"{"metadata": {"total_size": 9}, "weight_map": {"x": "a.safetensors", "y": "a.safetensors"}}"#,
            r#"{"weight_map": {"x": "b.bin"}}"#,
        ]
    }
);
