//! A small model.

use bert_core::models::bert::ARCHITECTURE;
use bert_core::{BertConfig, store};
use bert_tasks::SequenceClassifier;
use burn::tensor::Device;

/// The head of the small model.
pub const HEAD: &str = "ForSequenceClassification";

/// The configuration of the small model, which has two labels.
pub fn config() -> BertConfig {
    let mut config = BertConfig::compact(10, 8, 1, 2);
    config.set_labels(&["no".into(), "yes".into()]);
    config.set_head(HEAD);
    config
}

/// The small model.
pub fn model() -> SequenceClassifier {
    SequenceClassifier::new(&config(), 2, 1, &Device::default())
}

/// Its weights in a safetensors file.
pub fn weights() -> Vec<u8> {
    store::to_safetensors(&model(), ARCHITECTURE.names(HEAD)).expect("its weights are finite")
}
