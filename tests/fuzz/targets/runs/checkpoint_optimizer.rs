//! The state of the optimiser in a checkpoint, in Burn's format.
#![no_main]

use bert_fuzz::runs::{checkpoint, overstates};
use bert_fuzz::{file, target};
use burn::optim::OptimizerRecord;

target!(
    |input| {
        if overstates(input) {
            return;
        }
        let _ = OptimizerRecord::load(file("optimizer.bpk", input));
    },
    || vec![std::fs::read(checkpoint().join("optimizer.bpk")).expect("it has been written")]
);
