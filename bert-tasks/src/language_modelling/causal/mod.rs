//! Causal language modelling: each token of a text from those before it, by a model that begins as BERT and then writes texts
//! (`BertLMHeadModel` in Hugging Face transformers).

mod decode;
mod encode;
mod generation;
mod model;
mod options;
mod row;
mod sampling;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use burn::tensor::Device;
use datasets::{Message, PassageDataset};

use crate::task::{CorpusFacts, Options, Task, TaskError};

#[cfg(feature = "files")]
pub(crate) use self::decode::metrics;
pub use self::decode::{CausalCounts, NextWord, ReadText};
pub use self::generation::{Continuation, End, Generation, continuations};
pub use self::model::CausalLanguageModel;
pub use self::options::CausalOptions;
pub use self::row::CausalRow;
pub use self::sampling::Sampling;

/// The next token of a text.
#[derive(Clone, Debug, Default)]
pub struct CausalLanguageModelling {
    tokenizer: Option<Arc<BertTokenizer>>,
}

impl CausalLanguageModelling {
    /// The task; what depends on the vocabulary is known after [`adopt_tokenizer`](Task::adopt_tokenizer).
    pub fn new() -> Self {
        Self::default()
    }

    fn tokenizer(&self) -> &BertTokenizer {
        self.tokenizer
            .as_deref()
            .expect("`adopt_tokenizer` comes before anything is encoded")
    }
}

impl Task for CausalLanguageModelling {
    type Options = CausalOptions;

    const NAME: &'static str = "causal-language-modelling";
    const ABOUT: &'static str = "The next word of a text, for text generation";
    const HEAD: &'static str = "LMHeadModel";

    fn from_data(
        _: &CorpusFacts<'_>,
        _: &PassageDataset,
        options: &CausalOptions,
    ) -> Result<Self, TaskError> {
        options.check()?;
        Ok(Self::new())
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        options: &CausalOptions,
    ) -> Result<Self, Message> {
        options.check().map_err(|error| error.message())?;
        let names = config.architecture().names(Self::HEAD);
        let head = "cls.predictions.transform.dense.weight";
        if checkpoint.shape_of(head, names).is_none() {
            let tensor = names.name(head);
            return Err(format!("this model has no language-modelling head (no tensor `{tensor}`)").into());
        }
        if !config.is_decoder {
            let reason = "this model does not read texts from left to right (`is_decoder` in its config.json is not true)";
            return Err(reason.into());
        }
        Ok(Self::new())
    }

    fn adopt_tokenizer(&mut self, tokenizer: &BertTokenizer) -> Result<(), Message> {
        self.tokenizer = Some(Arc::new(tokenizer.clone()));
        Ok(())
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> CausalLanguageModel {
        CausalLanguageModel::new(config, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
        config.is_decoder = true;
        // A model that was fine-tuned before has labels of another head.
        config.problem_type = None;
        config.id2label = None;
        config.label2id = None;
        // Where transformers' `generate` begins and ends.
        let tokenizer = self.tokenizer();
        for (name, id) in [
            ("bos_token_id", tokenizer.cls_id()),
            ("eos_token_id", tokenizer.sep_id()),
        ] {
            config.other.insert(name.into(), id.into());
        }
        config.pad_token_id = tokenizer.pad_id() as usize;
    }
}
