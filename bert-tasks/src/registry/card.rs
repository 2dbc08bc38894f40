//! What the card of a task's models says.

/// What differs between the cards of two tasks' models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Card {
    /// The Hugging Face hub's name of the task, its `pipeline_tag`; empty where it has none.
    pub pipeline: &'static str,
    /// What `bert predict` is given, in a shell's words.
    pub example: &'static str,
    /// The same, where the task is one of pairs; empty where that makes no difference.
    pub pair: &'static str,
    /// What is done with texts that are too long, as the end of a sentence.
    pub longer: &'static str,
}

impl Card {
    /// What `bert predict` is given, where the model was trained on `pairs` of texts or not.
    pub fn given(&self, pairs: bool) -> &'static str {
        match pairs && !self.pair.is_empty() {
            true => self.pair,
            false => self.example,
        }
    }
}
