//! The list of tasks.

use std::ops::ControlFlow;

use super::{Entry, Reads, TaskCard, TaskVisitor};
use crate::analysis::{
    analyse_answers, analyse_gaps, analyse_labels, analyse_next_words, analyse_rankings, analyse_scores,
    analyse_tags,
};
use crate::classification::{self, SequenceClassification};
use crate::corpora::{documents, questions, retrieval, scores, tags, texts};
use crate::language_modelling::NEW_MODEL;
use crate::language_modelling::causal::{self, CausalLanguageModelling};
use crate::language_modelling::masked::{self, MaskedLanguageModelling};
use crate::question_answering::QuestionAnswering;
use crate::regression::{self, SequenceRegression};
use crate::retrieval::Retrieval;
use crate::tagging::{self, TokenTagging};
use crate::task::Task;

/// Classification of texts and of pairs of texts.
pub static CLASSIFICATION: Entry<SequenceClassification> = Entry {
    corpora: texts::CORPORA,
    own: Some("classify"),
    extensions: &texts::TABLES,
    training_options: &["label_smoothing", "class_weights"],
    card: TaskCard {
        pipeline: "text-classification",
        reads: Reads::TextOrPair,
        longer: "longer texts are truncated",
    },
    read_inputs: texts::read_inputs,
    analyse: Some(|lines| analyse_labels(lines, classification::metrics)),
};

/// Regression over texts and pairs of texts.
pub static REGRESSION: Entry<SequenceRegression> = Entry {
    corpora: scores::CORPORA,
    own: Some("regress"),
    extensions: &texts::TABLES,
    training_options: &[],
    card: TaskCard {
        pipeline: "text-classification",
        reads: Reads::TextOrPair,
        longer: "longer texts are truncated",
    },
    read_inputs: scores::read_inputs,
    analyse: Some(|lines| analyse_scores(lines, regression::metrics)),
};

/// Tagging of words.
pub static TAGGING: Entry<TokenTagging> = Entry {
    corpora: tags::CORPORA,
    own: Some("tag"),
    extensions: &[],
    training_options: &["label_smoothing", "class_weights"],
    card: TaskCard {
        pipeline: "token-classification",
        reads: Reads::Sentence,
        longer: "longer sentences are read in overlapping windows",
    },
    read_inputs: tags::read_inputs,
    analyse: Some(|lines| analyse_tags(lines, tagging::metrics)),
};

/// Question answering.
pub static QUESTION_ANSWERING: Entry<QuestionAnswering> = Entry {
    corpora: questions::CORPORA,
    own: Some("qa"),
    extensions: &[],
    training_options: &["all_positions"],
    card: TaskCard {
        pipeline: "question-answering",
        reads: Reads::Question,
        longer: "longer passages are read in overlapping windows",
    },
    read_inputs: |inputs, _| questions::read_inputs(inputs),
    analyse: Some(analyse_answers),
};

/// Masked language modelling, with or without next-sentence prediction.
pub static MASKED_LANGUAGE_MODELLING: Entry<MaskedLanguageModelling> = Entry {
    corpora: documents::CORPORA,
    own: Some("pretrain"),
    extensions: &[],
    training_options: NEW_MODEL,
    card: TaskCard {
        pipeline: "fill-mask",
        reads: Reads::Gaps,
        longer: "longer texts were read in parts",
    },
    read_inputs: documents::read_inputs,
    analyse: Some(|lines| analyse_gaps(lines, masked::metrics)),
};

/// Causal language modelling.
pub static CAUSAL_LANGUAGE_MODELLING: Entry<CausalLanguageModelling> = Entry {
    corpora: documents::CAUSAL_CORPORA,
    own: Some("lm"),
    extensions: &[],
    training_options: NEW_MODEL,
    card: TaskCard {
        pipeline: "text-generation",
        reads: Reads::Beginning,
        longer: "longer texts were read in parts",
    },
    read_inputs: documents::read_texts,
    analyse: Some(|lines| analyse_next_words(lines, causal::metrics)),
};

/// Retrieval.
pub static RETRIEVAL: Entry<Retrieval> = Entry {
    corpora: retrieval::CORPORA,
    own: Some("retriever"),
    extensions: &[],
    training_options: &[
        "scale",
        "hard_negatives",
        "negatives",
        "negatives_by",
        "gradient_cache",
    ],
    card: TaskCard {
        pipeline: "sentence-similarity",
        reads: Reads::Query,
        longer: "longer texts are truncated",
    },
    read_inputs: retrieval::read_inputs,
    analyse: Some(analyse_rankings),
};

/// Visits all tasks, those of whole texts first, until the visitor breaks.
///
/// A new task is added here, and every command knows it.
pub fn visit_tasks<V: TaskVisitor>(visitor: &mut V) -> Option<V::Output> {
    let mut visit = || {
        visitor.visit(&CLASSIFICATION)?;
        visitor.visit(&REGRESSION)?;
        visitor.visit(&TAGGING)?;
        visitor.visit(&QUESTION_ANSWERING)?;
        visitor.visit(&MASKED_LANGUAGE_MODELLING)?;
        visitor.visit(&CAUSAL_LANGUAGE_MODELLING)?;
        visitor.visit(&RETRIEVAL)
    };
    match visit() {
        ControlFlow::Break(output) => Some(output),
        ControlFlow::Continue(()) => None,
    }
}

/// What is known about a corpus without the type of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorpusSummary {
    /// The name of its task.
    pub task: &'static str,
    /// What a model learns from it.
    pub about: &'static str,
    /// The main metric, which compares models on it.
    pub main_metric: &'static str,
    /// What people read about models trained on it.
    pub card: TaskCard,
    /// Whether it is users' own files.
    pub own: bool,
    /// How the names of users' own files must end; empty if any name will do.
    pub extensions: &'static [&'static str],
}

/// The corpus with this name, of any task.
pub fn find_corpus(name: &str) -> Option<CorpusSummary> {
    struct Named<'a>(&'a str);
    impl TaskVisitor for Named<'_> {
        type Output = CorpusSummary;
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<CorpusSummary> {
            match entry.corpus(self.0) {
                Some(corpus) => ControlFlow::Break(CorpusSummary {
                    task: K::NAME,
                    about: corpus.about,
                    main_metric: corpus.main_metric,
                    card: entry.card,
                    own: entry.own == Some(corpus.name),
                    extensions: entry.extensions,
                }),
                None => ControlFlow::Continue(()),
            }
        }
    }
    visit_tasks(&mut Named(name))
}
