//! What people read about a task's models.

/// What differs between the model cards of two tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCard {
    /// The task's `pipeline_tag` on the Hugging Face hub; empty where it has none.
    pub pipeline: &'static str,
    /// What a prediction is given.
    pub reads: Reads,
    /// What happens to texts that are too long, as a main clause in lower case.
    pub longer: &'static str,
}

/// What a prediction is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// A text.
    #[default]
    Text,
    /// A text, or two if the model was trained on pairs.
    TextOrPair,
    /// Two texts that belong together.
    Pair,
    /// A sentence; each word gets a tag.
    Sentence,
    /// A question and the passage that holds its answer.
    Question,
    /// A text with gaps: mask tokens.
    Gaps,
    /// A query, or another text that is to become a vector.
    Query,
    /// The beginning of a text, which the model continues.
    Beginning,
}

impl Reads {
    /// The same, where it is known whether the model was trained on `pairs`.
    pub fn trained_on(self, pairs: bool) -> Self {
        match (self, pairs) {
            (Reads::TextOrPair, true) => Reads::Pair,
            (Reads::TextOrPair, false) => Reads::Text,
            (other, _) => other,
        }
    }
}
