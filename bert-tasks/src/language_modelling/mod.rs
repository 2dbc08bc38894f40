//! Language modelling: BERT's own pre-training (Devlin et al. 2019, section 3.1), and texts that are read and written from left to
//! right.

mod blocks;
pub mod causal;
pub mod masked;
mod new_model;
mod predicted_tokens;
pub mod score;
mod token_prediction;
mod vocabulary;

use bert_core::Encoder;
use bert_core::models::pretraining::LanguageModelHead;

use crate::task::TaskModel;

pub use causal::{CausalLanguageModel, CausalLanguageModelling, CausalOptions};
pub use causal::{Continuation, End, Generation, Sampling};
pub use masked::{MaskedLanguageModel, MaskedLanguageModelling, MaskedOptions};
pub use new_model::{ModelSize, NEW_MODEL};
pub use predicted_tokens::{LanguageModelInput, LanguageModelOutput, PredictedToken};
pub use score::{TextScore, TextScoring};
pub use token_prediction::TokenPrediction;
pub use vocabulary::Vocabulary;

/// An encoder with the head that scores the words of its vocabulary.
pub trait LanguageModel: TaskModel<Input = LanguageModelInput, Output = LanguageModelOutput> {
    /// Whether it reads texts from left to right, so that a token is predicted from those before it; otherwise a token is masked
    /// and predicted from all others.
    const CAUSAL: bool;

    /// The encoder.
    fn encoder(&self) -> &Encoder;

    /// The head. Its output layer is tied to the encoder's word embeddings.
    fn head(&self) -> &LanguageModelHead;
}

impl LanguageModel for MaskedLanguageModel {
    const CAUSAL: bool = false;

    fn encoder(&self) -> &Encoder {
        &self.bert
    }

    fn head(&self) -> &LanguageModelHead {
        &self.cls.predictions
    }
}

impl LanguageModel for CausalLanguageModel {
    const CAUSAL: bool = true;

    fn encoder(&self) -> &Encoder {
        &self.bert
    }

    fn head(&self) -> &LanguageModelHead {
        &self.cls.predictions
    }
}
