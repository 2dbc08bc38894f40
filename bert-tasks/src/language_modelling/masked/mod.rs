//! Masked language modelling, with or without next-sentence prediction: what BERT is pre-trained on (Devlin et al. 2019,
//! section 3.1; `BertForMaskedLM` and `BertForPreTraining` in Hugging Face transformers).

mod decode;
mod encode;
mod masking;
mod model;
mod nsp;
mod options;
mod row;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use burn::tensor::Device;
use datasets::{DataError, Message, Passage, PassageDataset};

use super::vocabulary::Vocabulary;
use crate::heads::{check_encoder, check_pooler};
use crate::task::{CorpusFacts, Options, Task, TaskError};

#[cfg(feature = "files")]
pub(crate) use self::decode::metrics;
pub use self::decode::{FilledText, Gap, MaskedCounts};
pub use self::encode::MaskedTarget;
pub use self::masking::{Masked, Masking};
pub use self::model::MaskedLanguageModel;
pub use self::nsp::{Pair, Pairs};
pub use self::options::MaskedOptions;
pub use self::row::MaskedRow;

/// The class of models with next-sentence prediction.
const WITH_NSP: &str = "ForPreTraining";

/// The words that are masked in a text, and whether a text follows another.
#[derive(Clone, Debug)]
pub struct MaskedLanguageModelling {
    masking: Masking,
    nsp: bool,
    line_by_line: bool,
    top_k: usize,
    vocabulary: Option<Arc<Vocabulary>>,
}

impl MaskedLanguageModelling {
    /// The task with these options, which must be possible ones; what depends on the vocabulary is known after
    /// [`adopt_tokenizer`](Task::adopt_tokenizer).
    pub fn new(options: &MaskedOptions) -> Self {
        Self {
            masking: Masking {
                probability: options.mask_probability,
                whole_words: options.whole_words,
            },
            nsp: options.nsp,
            line_by_line: options.line_by_line,
            top_k: options.top_k,
            vocabulary: None,
        }
    }

    fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary
            .as_deref()
            .expect("`adopt_tokenizer` comes before anything is encoded")
    }
}

impl Task for MaskedLanguageModelling {
    type Options = MaskedOptions;

    const NAME: &'static str = "masked-language-modelling";
    const ABOUT: &'static str = "Masked words of a text";
    const HEAD: &'static str = "ForMaskedLM";
    const HEADS: &'static [&'static str] = &[Self::HEAD, WITH_NSP];

    fn from_data(
        _: &CorpusFacts<'_>,
        _: &PassageDataset,
        options: &MaskedOptions,
    ) -> Result<Self, TaskError> {
        options.check()?;
        Ok(Self::new(options))
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        options: &MaskedOptions,
    ) -> Result<Self, Message> {
        options.check().map_err(|error| error.message())?;
        let names = config.architecture().names(Self::HEAD);
        let lacks = |path: &str| match checkpoint.shape_of(path, names) {
            Some(_) => None,
            None => Some(names.name(path)),
        };
        if let Some(tensor) = lacks("cls.predictions.transform.dense.weight") {
            return Err(format!("this model has no language-modelling head (no tensor `{tensor}`)").into());
        }
        check_encoder(config)?;
        if options.nsp {
            if let Some(tensor) = lacks("cls.seq_relationship.weight") {
                return Err(Message::new(format!(
                    "this model has no head for next-sentence prediction (no tensor `{tensor}`), which "
                ))
                .option("nsp")
                .text(" evaluates"));
            }
            check_pooler(config, checkpoint, WITH_NSP)?;
        }
        Ok(Self::new(options))
    }

    fn head(&self) -> &'static str {
        if self.nsp { WITH_NSP } else { Self::HEAD }
    }

    fn adopt_tokenizer(&mut self, tokenizer: &BertTokenizer) -> Result<(), Message> {
        self.vocabulary = Some(Arc::new(Vocabulary::of(tokenizer)?));
        Ok(())
    }

    fn check(&self, examples: &PassageDataset) -> Result<(), DataError> {
        if !self.nsp {
            return Ok(());
        }
        let mut first: Option<Passage> = None;
        let mut several = false;
        examples.try_for_each(|passage| {
            match &first {
                Some(first) => several |= !passage.is_of_document_of(first),
                None => first = Some(passage.clone()),
            }
            Ok::<(), DataError>(())
        })?;
        match first {
            Some(first) if !several => {
                let reason = Message::new("there is only one document here; ")
                    .option("nsp")
                    .text(" needs several, with a blank line between them");
                Err(first.source.error(None, reason))
            }
            _ => Ok(()),
        }
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> MaskedLanguageModel {
        MaskedLanguageModel::new(config, self.nsp, self.top_k, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(self.head());
        // A model that was fine-tuned before has labels of another head.
        config.problem_type = None;
        config.id2label = None;
        config.label2id = None;
    }
}
