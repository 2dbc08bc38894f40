//! Why a run failed.

use std::collections::BTreeMap;
use std::path::Path;

use datasets::{Message, Source};

use crate::optim::non_finite::MAX_IN_A_ROW;
use crate::report::ReportError;
use crate::run::RunError;

/// A run that failed.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The run folder's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The report's or the model card's reason.
    #[error("{0}; the model itself was saved")]
    Report(#[from] ReportError),
    /// Training diverged.
    #[error("{}", self.message())]
    NotFinite {
        /// `loss` or `gradient`.
        what: &'static str,
        /// The optimiser step, from 1.
        step: usize,
        /// Where the step's examples are from.
        examples: Vec<Source>,
    },
    /// A checkpoint within an epoch that is shorter now.
    #[error(
        "the newest checkpoint is at step {step} of an epoch that has {} now: the batch size or another setting in run.toml has \
         changed since",
        datasets::counted(*.steps, "step")
    )]
    Position {
        /// The step of the checkpoint, from 1.
        step: usize,
        /// The number of steps of the epoch.
        steps: usize,
    },
    /// A fault of this program.
    #[error("training stopped: an internal error, reported above")]
    Internal,
}

impl TrainError {
    /// The message; its options can be written in the caller's way.
    pub fn message(&self) -> Message {
        match self {
            TrainError::Run(error) => error.message(),
            TrainError::NotFinite { what, step, examples } => Message::new(format!(
                "the {what} of step {step} is not finite, like that of the {MAX_IN_A_ROW} steps before, which were \
                 skipped: training has diverged, or an example is wrong. A lower "
            ))
            .option("lr")
            .text(" or a longer ")
            .option("warmup")
            .text(format!(
                " may help; the examples of step {step} are {}. The newest model and checkpoint are unchanged",
                locations(examples)
            )),
            other => other.to_string().into(),
        }
    }
}

/// `reviews.csv, lines 3, 17 and 20`: the files and lines of some examples.
fn locations(examples: &[Source]) -> String {
    let mut by_file: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
    for source in examples {
        let lines = by_file.entry(&source.file).or_default();
        lines.push(source.line.to_string());
    }
    let files = by_file.iter().map(|(file, lines)| {
        let lines = match lines.as_slice() {
            [line] => format!("line {line}"),
            [before @ .., last] => format!("lines {} and {last}", before.join(", ")),
            [] => "no line".into(),
        };
        format!("{}, {lines}", file.display())
    });
    files.collect::<Vec<_>>().join("; ")
}
