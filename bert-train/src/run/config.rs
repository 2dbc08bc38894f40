//! The settings of a run.

use std::path::{Path, PathBuf};

use bert_tasks::{Files, Task};
use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::recipe::Recipe;

/// All settings of a run: `run.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunConfig {
    /// The version of this program.
    pub version: String,
    /// The name of the corpus it is trained on, as the registry has it.
    pub task: String,
    /// The pre-trained model: its folder, or its name on the hub with its commit; absent if training starts from
    /// scratch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
    /// The name of the device.
    pub device: String,
    /// The data.
    pub files: Files,
    /// The recipe.
    pub recipe: Recipe,
    /// The task's options.
    #[serde(default)]
    pub options: toml::Table,
}

impl RunConfig {
    /// The task's options, typed.
    ///
    /// # Errors
    /// If one is not the task's; the error then names `path`.
    pub fn options<K: Task>(&self, path: &Path) -> Result<K::Options, RunError> {
        self.options
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| RunError::Malformed {
                path: path.into(),
                reason: format!("options: {}", e.message()),
            })
    }

    /// Whether the run reads pairs of texts.
    pub fn pairs(&self) -> bool {
        reads_pairs(&self.options)
    }

    /// Options in the form of `run.toml`.
    ///
    /// # Panics
    /// If they cannot be written as TOML, which can hold every value that a flag can have.
    pub fn table(options: &impl Serialize) -> toml::Table {
        toml::Table::try_from(options).expect("options are TOML")
    }
}

/// Whether these options of a task select pairs of texts.
pub(crate) fn reads_pairs(options: &toml::Table) -> bool {
    options
        .get("pairs")
        .and_then(toml::Value::as_bool)
        .unwrap_or(false)
}
