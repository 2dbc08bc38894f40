//! The demo's answers to what a reader would try first.

use std::path::Path;

use bert_tasks::SequenceClassification;
use bert_train::{FineTuned, FineTunedError};
use burn::tensor::Device;
use datasets::TextDataset;
use datasets::demo::first_sentences::{ACCEPTABLE, LATER_ACCEPTABLE, LATER_UNACCEPTABLE, UNACCEPTABLE};

/// Acceptable sentences, and others.
pub type Lists = [&'static [&'static str]; 2];

/// The list that the training data leaves out.
pub const FIRST: Lists = [&ACCEPTABLE, &UNACCEPTABLE];

/// The list that was written later.
pub const LATER: Lists = [&LATER_ACCEPTABLE, &LATER_UNACCEPTABLE];

/// The sentences of the README's example.
pub const README: [&str; 2] = [
    "The painters near the king admire themselves.",
    "The painters near the king admire himself.",
];

/// A model's answers to two lists.
#[derive(Debug)]
pub struct Answers {
    /// Number of sentences.
    pub count: usize,
    /// The sentences with a wrong answer.
    pub wrong: Vec<&'static str>,
}

impl Answers {
    /// The answers of the model in the run folder `run`.
    ///
    /// # Errors
    /// If the model cannot be loaded.
    ///
    /// # Panics
    /// If it does not label sentences as the demo's model does.
    pub fn of(run: &Path, lists: &Lists, device: &Device) -> Result<Self, FineTunedError> {
        let tuned = FineTuned::<SequenceClassification>::load(run, device)?;
        let sentences = lists.concat();
        let texts: Vec<String> = sentences.iter().map(|text| (*text).to_owned()).collect();
        let texts =
            TextDataset::from_texts(Path::new("first sentences"), &texts).expect("the lists are not empty");
        let answers = tuned.answer(texts.examples()).expect("the sentences are short");
        let label = |name| tuned.task.labels().index(name).expect("a model of the demo");
        let (acceptable, unacceptable) = (label("acceptable"), label("unacceptable"));
        let wrong = sentences
            .iter()
            .zip(answers)
            .enumerate()
            .filter_map(|(at, (sentence, answer))| {
                let gold = if at < lists[0].len() {
                    acceptable
                } else {
                    unacceptable
                };
                (answer.label != gold).then_some(*sentence)
            });
        Ok(Self {
            wrong: wrong.collect(),
            count: sentences.len(),
        })
    }

    /// Share of correct answers.
    pub fn accuracy(&self) -> f64 {
        1.0 - self.wrong.len() as f64 / self.count as f64
    }

    /// Whether both sentences of the README are answered correctly.
    pub fn readme_is_right(&self) -> bool {
        !README.iter().any(|sentence| self.wrong.contains(sentence))
    }
}
