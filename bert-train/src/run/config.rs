//! The settings of a run.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bert_tasks::{Files, Options, Task, TaskError};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::settings::SettingsFile;
use crate::recipe::Recipe;

/// All settings of a run: `run.toml`. `O` are the options of its task, or, while the task is not known, the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunConfig<O = SettingsFile> {
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
    pub options: O,
}

/// `run.toml` without the options of the task.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Untyped {
    version: String,
    task: String,
    model: Option<PathBuf>,
    device: String,
    files: Files,
    recipe: Recipe,
    /// Only whether it is a table.
    #[serde(default, rename = "options")]
    _options: BTreeMap<String, IgnoredAny>,
}

impl RunConfig {
    /// The settings of a `run.toml`.
    ///
    /// # Errors
    /// With the line, for the first setting that is not known, is missing, or has a value that it cannot have. The options
    /// of the task are read by [`typed`](Self::typed).
    pub fn read(file: SettingsFile) -> Result<Self, RunError> {
        let settings: Untyped = file.typed()?;
        if let Err(invalid) = settings.recipe.check() {
            let reason = format!("is {}; {}", invalid.value, invalid.reason);
            return Err(file.about("recipe", invalid.option, &reason));
        }
        if let Some(share) = settings.files.hold_out
            && !(share > 0.0 && share < 1.0)
        {
            return Err(file.about("files", "hold_out", "must be a number above 0 and below 1"));
        }
        Ok(Self {
            version: settings.version,
            task: settings.task,
            model: settings.model,
            device: settings.device,
            files: settings.files,
            recipe: settings.recipe,
            options: file,
        })
    }

    /// The task's options.
    ///
    /// # Errors
    /// With the line, for the first option that is not the task's, or has a value that it cannot have.
    pub fn options<K: Task>(&self) -> Result<K::Options, RunError> {
        let options: K::Options = self.options.table("options")?;
        match options.check() {
            Err(TaskError::Option { option, reason }) => {
                // The message begins with the option's name.
                let reason = reason.to_string();
                let reason = reason.strip_prefix(&format!("`{option}`")).unwrap_or(&reason);
                Err(self.options.about("options", option, reason.trim_start()))
            }
            Err(other) => Err(RunError::Malformed {
                path: self.options.path().into(),
                reason: other.to_string(),
            }),
            Ok(()) => Ok(options),
        }
    }

    /// The same settings, with the task's options typed.
    ///
    /// # Errors
    /// As [`options`](Self::options).
    pub fn typed<K: Task>(self) -> Result<RunConfig<K::Options>, RunError> {
        let options = self.options::<K>()?;
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
