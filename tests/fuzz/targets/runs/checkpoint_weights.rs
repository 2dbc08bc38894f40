//! The weights of a checkpoint, in Burn's format.
#![no_main]

use bert_fuzz::runs::overstates;
use bert_fuzz::{file, models, target};
use burn::module::Module;
use burn::store::ModuleRecord;

target!(
    |input| {
        if overstates(input) {
            return;
        }
        let path = file("weights.bpk", input);
        if let Ok(record) = ModuleRecord::load(&path) {
            let _ = models::model().try_load_record(record);
        }
    },
    || {
        let dir = bert_fuzz::folder();
        bert_core::store::save_bpk(&models::model(), dir).expect("files can be written");
        vec![std::fs::read(dir.join("model.bpk")).expect("it has been written")]
    }
);
