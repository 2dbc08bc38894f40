//! What people read of a run: `report.html`, one self-contained page of one or several runs, and the model card.
//!
//! Both are made from a run folder's `run.toml`, `metrics.json`, `log.jsonl` and `predictions.jsonl` alone, at the end of
//! training and by `bert report`. The same files give the same page, to the last byte.

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

use bert_tasks::analysis::AnalysisError;

use crate::run::{Run, RunError};

pub use bootstrap::{Interval, RESAMPLES, bootstrap};
pub use page::page;
pub use view::RunView;

/// A report that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run folder's reason.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The folder is not a run.
    #[error("{path}: no run here: a run folder has run.toml, metrics.json and log.jsonl", path = .0.display())]
    NotARun(PathBuf),
    /// A prediction does not have the form that the task writes.
    #[error("{path}, {source}", path = .path.display())]
    Prediction {
        /// The file.
        path: PathBuf,
        /// The line and its fault.
        source: AnalysisError,
    },
}

/// The page of the runs in `dirs`, in this order.
///
/// # Errors
/// If one of them is not a run folder, or is damaged.
pub fn report(dirs: &[impl AsRef<Path>]) -> Result<String, ReportError> {
    let runs = dirs
        .iter()
        .map(|dir| RunView::open(dir.as_ref()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page(&runs))
}

/// Writes `report.html`, and the model card if there is a model.
///
/// # Errors
/// If they cannot be written; the old ones are then unchanged.
pub fn write_pages(run: &Run) -> Result<(), ReportError> {
    let view = RunView::open(run.dir())?;
    if run.model_dir().is_dir() {
        run.write_file("model/README.md", &model_card::card(&view))?;
    }
    run.write_file("report.html", &page(&[view]))?;
    Ok(())
}
