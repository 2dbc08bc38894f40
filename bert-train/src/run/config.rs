//! The settings of a run.

use std::path::{Path, PathBuf};

use bert_tasks::{Files, Task};
use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::recipe::Recipe;

/// All settings of a run: `run.toml`. `O` are the options of its task, or, while the task is not known, their table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunConfig<O = toml::Table> {
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
    pub options: O,
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

    /// The same settings, with the task's options typed.
    ///
    /// # Errors
    /// If an option is not the task's; the error then names `path`.
    pub fn typed<K: Task>(self, path: &Path) -> Result<RunConfig<K::Options>, RunError> {
        let options = self.options::<K>(path)?;
        Ok(RunConfig {
            version: self.version,
            task: self.task,
            model: self.model,
            device: self.device,
            files: self.files,
            recipe: self.recipe,
            options,
        })
    }
}
