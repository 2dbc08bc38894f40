//! What was asked of a run.

use std::path::{Path, PathBuf};

use bert_tasks::{Files, Task};
use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::recipe::Recipe;
use crate::training::session::Session;

/// What was asked of a run, complete: `run.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunConfig {
    /// The version of this program.
    pub version: String,
    /// The name of the corpus it was trained on, as the registry has it.
    pub task: String,
    /// The pre-trained model: its folder, or its name on the hub with its commit; absent where training began from
    /// nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<PathBuf>,
    /// The device that was asked for.
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
    /// A program's own run, whose data and start `bert` knows nothing of. `options` are those that its task was made with:
    /// whoever loads the run's model has them again.
    pub fn of<K: Task>(session: &Session<K>, options: &K::Options) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            task: session.name.clone(),
            model: None,
            device: "auto".into(),
            files: Files::default(),
            recipe: session.recipe.clone(),
            options: Self::table(options),
        }
    }

    /// The task's options, typed.
    ///
    /// # Errors
    /// If one is not the task's; `path` is then named.
    pub fn options<K: Task>(&self, path: &Path) -> Result<K::Options, RunError> {
        self.options
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| RunError::Malformed {
                path: path.into(),
                reason: format!("options: {}", e.message()),
            })
    }

    /// Whether it is about pairs of texts.
    pub fn pairs(&self) -> bool {
        reads_pairs(&self.options)
    }

    /// Options as they are kept.
    ///
    /// # Panics
    /// If they cannot be written as TOML, which holds all that a flag can say.
    pub fn table(options: &impl Serialize) -> toml::Table {
        toml::Table::try_from(options).expect("options are TOML")
    }
}

/// Whether these options of a task ask for pairs of texts.
pub(crate) fn reads_pairs(options: &toml::Table) -> bool {
    options
        .get("pairs")
        .and_then(toml::Value::as_bool)
        .unwrap_or(false)
}
