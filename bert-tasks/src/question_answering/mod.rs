//! Question answering: two dense outputs score each token of a passage as the answer's start and as its end (Devlin et
//! al. 2019, sections 4.2 and 4.3; `BertForQuestionAnswering` in Hugging Face transformers).

mod answer;
mod decode;
mod encode;
mod model;
mod options;
mod passage;
pub mod span;

use bert_core::{BertConfig, Checkpoint};
use burn::tensor::Device;
use datasets::{DataError, Message, QuestionDataset, QuestionExample};

use crate::heads::{QA_OUTPUTS, check_encoder, outputs};
use crate::task::{CorpusFacts, Task, TaskError};

pub use self::answer::{Candidate, QuestionAnswer};
pub use self::decode::WindowSpans;
pub use self::encode::QuestionRow;
pub use self::model::SpanFinder;
pub use self::options::QuestionOptions;
pub use self::passage::{AnswerTokens, Window};

/// Questions of each kind that a note names.
const SHOWN: usize = 5;

/// Finding the answer to a question in a passage.
#[derive(Clone, Debug)]
pub struct QuestionAnswering {
    options: QuestionOptions,
}

impl QuestionAnswering {
    /// Question answering with `options`.
    pub fn new(options: QuestionOptions) -> Self {
        Self { options }
    }
}

impl Task for QuestionAnswering {
    type Options = QuestionOptions;

    const NAME: &'static str = "question-answering";
    const ABOUT: &'static str = "The answer to a question, as a part of a passage";
    const HEAD: &'static str = "ForQuestionAnswering";
    // Beside a question, a window of the passage with the stride's overlap (Devlin et al. 2019, `run_squad.py`).
    const MAX_LENGTH: usize = 384;

    fn from_data(
        _: &CorpusFacts<'_>,
        _: &QuestionDataset,
        options: &QuestionOptions,
    ) -> Result<Self, TaskError> {
        Ok(Self::new(options.clone()))
    }

    fn from_model(
        config: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        options: &QuestionOptions,
    ) -> Result<Self, Message> {
        check_encoder(config)?;
        match outputs(config, checkpoint, Self::HEAD, QA_OUTPUTS) {
            Ok(2) => Ok(Self::new(options.clone())),
            Ok(outputs) => Err(format!(
                "this model's question-answering head has {outputs} outputs; it must have two"
            )
            .into()),
            Err(tensor) => {
                Err(format!("this model has no question-answering head (no tensor `{tensor}`)").into())
            }
        }
    }

    fn check(&self, examples: &QuestionDataset) -> Result<(), DataError> {
        examples.try_for_each(|example| match example.answers {
            Some(_) => Ok(()),
            None => {
                let reason = format!("question {} has no answers", example.id);
                Err(example.source.error(None, reason))
            }
        })
    }

    /// Skips a question if no answer is in its passage: training would treat it as unanswerable.
    fn learns_from(&self, example: &QuestionExample) -> bool {
        !example.is_lost()
    }

    fn notes(&self, examples: &QuestionDataset) -> Vec<Message> {
        let found = |holds: &dyn Fn(&QuestionExample) -> bool| {
            let (mut ids, mut count) = (vec![], 0);
            let looked = examples.try_for_each(|example| {
                if holds(example) {
                    count += 1;
                    if ids.len() < SHOWN {
                        ids.push(example.id.clone());
                    }
                }
                Ok::<(), DataError>(())
            });
            // What cannot be read is reported where the examples are encoded.
            let known = looked.is_ok() && count > 0;
            let more = if count > SHOWN { ", …" } else { "" };
            known.then(|| format!(": {count} ({}{more})", ids.join(", ")))
        };
        let misplaced = found(&|example| !example.is_lost() && !example.mismatches().is_empty());
        let lost = found(&QuestionExample::is_lost);
        let without_answer = |example: &QuestionExample| {
            let answers = example.answers.as_ref();
            answers.is_some_and(|answers| answers.iter().all(|answer| answer.text.trim().is_empty()))
        };
        let open = found(&|example| !self.options.no_answer && without_answer(example));
        let notes = [
            misplaced.map(|ids| Message::new("questions with an answer that is not at its offset").text(ids)),
            lost.map(|ids| Message::new("questions with answers that do not occur in the passage").text(ids)),
            open.map(|ids| {
                Message::new("questions without an answer count as errors without ")
                    .option("no_answer")
                    .text(ids)
            }),
        ];
        notes.into_iter().flatten().collect()
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SpanFinder {
        SpanFinder::new(config, self.options.all_positions, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
        config.problem_type = None;
        config.id2label = None;
        config.label2id = None;
    }
}

#[cfg(test)]
mod tests;
