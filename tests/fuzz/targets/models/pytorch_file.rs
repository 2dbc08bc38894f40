//! `pytorch_model.bin`.
#![no_main]

use bert_core::Checkpoint;
use bert_fuzz::{file, target};

target!(
    |input| {
        let path = file("model/pytorch_model.bin", input);
        let _ = Checkpoint::open(path.parent().expect("it is in a folder"));
    },
    || {
        let fixtures = ["pytorch_model.bin", "expanded.bin"];
        let path = |name| format!("{}/../fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
        fixtures
            .map(|name| std::fs::read(path(name)).expect("the checkout has it"))
            .to_vec()
    }
);
