//! `report.html`: one or several runs as a page for people, in one file that asks for no other.
//!
//! It is made of a run folder's `run.toml`, `metrics.json`, `log.jsonl` and `predictions.jsonl` alone, at the end of
//! training and whenever `bert report` is asked for it. The same files give the same page, to the last byte.

mod bootstrap;
mod chart;
mod html;
pub mod model_card;
mod page;
mod panels;
mod plot;
mod results;
mod settings;
mod view;

use std::path::{Path, PathBuf};

use bert_tasks::review::ReviewError;

use crate::run::{Run, RunError};

pub use bootstrap::{Interval, RESAMPLES, bootstrap};
pub use page::page;
pub use view::RunView;

/// A report that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run folder's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The folder is no run.
    #[error("{path}: no run here: a run folder has run.toml, metrics.json and log.jsonl", path = .0.display())]
    NotARun(PathBuf),
    /// A file of the run is not what this program writes.
    #[error("{path}: {reason}", path = .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        reason: String,
    },
    /// A prediction is not what the task writes.
    #[error("{path}, {source}", path = .path.display())]
    Prediction {
        /// The file.
        path: PathBuf,
        /// Which line, and what is wrong.
        source: ReviewError,
    },
}

/// The page of the runs in `dirs`, in this order.
///
/// # Errors
/// If one of them is no run folder, or is damaged.
pub fn report(dirs: &[impl AsRef<Path>]) -> Result<String, ReportError> {
    let runs = dirs
        .iter()
        .map(|dir| RunView::open(dir.as_ref()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page(&runs))
}

/// Writes what people read of a run: `report.html`, and the model card where there is a model.
///
/// # Errors
/// If they cannot be written; the old ones are then as they were.
pub fn write_pages(run: &Run) -> Result<(), ReportError> {
    let view = RunView::open(run.dir())?;
    if run.model_dir().is_dir() {
        run.write_file("model/README.md", &model_card::card(&view))?;
    }
    run.write_file("report.html", &page(&[view]))?;
    Ok(())
}
