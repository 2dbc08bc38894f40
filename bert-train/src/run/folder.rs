//! The run folder: everything needed to repeat, to inspect and to use a run.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bert_core::store::{check_writable, save_bpk, save_weights, write_file, write_folder};
use bert_core::{BertConfig, BertTokenizer};
use burn::module::Module;
use serde::Serialize;

use super::config::RunConfig;
use super::error::RunError;
use super::log::tensorboard::{self, EventFile, code_block};
use super::metrics::RunMetrics;
use super::settings::SettingsFile;

/// A run folder.
#[derive(Clone, Debug)]
pub struct Run {
    dir: PathBuf,
    /// A run in training is locked through its `run.toml`; the system unlocks it when the process ends in any way.
    lock: Option<Arc<File>>,
    event_files: bool,
}

/// Prefixes of the names under which things are written before they get their own.
const UNFINISHED: [&str; 3] = [".writing-", ".replaced-", ".removed-"];

impl Run {
    /// Creates the folder and writes `run.toml`. An existing run is replaced only with `overwrite`. What an interrupted process
    /// left half-written is removed.
    ///
    /// # Errors
    /// If the folder is not empty, or cannot be written.
    pub fn create<O: Serialize>(
        dir: &Path,
        config: &RunConfig<O>,
        overwrite: bool,
    ) -> Result<Self, RunError> {
        Self::check_new(dir, overwrite)?;
        if occupied(dir)? {
            // Held until the folder is removed.
            let _lock = lock(dir)?;
            fs::remove_dir_all(dir).map_err(|e| RunError::io(dir, e))?;
        }
        fs::create_dir_all(dir).map_err(|e| RunError::io(dir, e))?;
        let mut run = Self {
            dir: dir.into(),
            lock: None,
            event_files: false,
        };
        let text = toml::to_string(config).map_err(|e| RunError::Malformed {
            path: run.path("run.toml"),
            reason: e.to_string(),
        })?;
        run.write("run.toml", &text)?;
        run.lock = lock(dir)?;
        run.remove_unfinished()?;
        Ok(run)
    }

    /// Whether [`create`](Self::create) can create the folder, which is worth knowing before a long preparation.
    ///
    /// # Errors
    /// If it cannot.
    pub fn check_new(dir: &Path, overwrite: bool) -> Result<(), RunError> {
        if dir.is_file() {
            return Err(RunError::NotAFolder(dir.into()));
        }
        if occupied(dir)? {
            let is_run = dir.join("run.toml").is_file();
            match (overwrite, is_run) {
                (true, true) => drop(lock(dir)?),
                (true, false) => return Err(RunError::NotARun(dir.into())),
                (false, _) => {
                    let what = if is_run { " (it holds another run)" } else { "" };
                    let path = dir.to_path_buf();
                    return Err(RunError::Occupied { path, what });
                }
            }
        }
        check_writable(dir).map_err(|e| RunError::io(dir, e))
    }

    /// An existing run, to resume its training. What an interrupted process left half-written is removed.
    ///
    /// # Errors
    /// If there is no run, another process trains it, or `run.toml` cannot be read or understood.
    pub fn resume(dir: &Path) -> Result<(Self, RunConfig), RunError> {
        let (mut run, config) = Self::open(dir)?.ok_or_else(|| RunError::NoRun(dir.into()))?;
        run.lock = lock(dir)?;
        for path in unfinished(dir)? {
            // A process that was killed between two renames has left the old model under this name only.
            let old = path.join("folder");
            if old.is_dir() && !run.model_dir().exists() {
                fs::rename(&old, run.model_dir()).map_err(|e| RunError::io(&old, e))?;
            }
        }
        run.remove_unfinished()?;
        Ok((run, config))
    }

    /// Removes what an interrupted process left half-written.
    fn remove_unfinished(&self) -> Result<(), RunError> {
        for folder in [self.dir.clone(), self.path("checkpoints")] {
            for path in unfinished(&folder)? {
                let removed = match path.is_dir() {
                    true => fs::remove_dir_all(&path),
                    false => fs::remove_file(&path),
                };
                removed.map_err(|e| RunError::io(&path, e))?;
            }
        }
        Ok(())
    }

    /// The run in a folder that may not exist yet; `None` if there is none.
    ///
    /// # Errors
    /// As [`open`](Self::open), except that the folder may be missing.
    pub fn find(dir: &Path) -> Result<Option<(Self, RunConfig)>, RunError> {
        match dir.exists() {
            true => Self::open(dir),
            false => Ok(None),
        }
    }

    /// An existing run, or `None` if the folder has no `run.toml`.
    ///
    /// # Errors
    /// If `dir` is not a folder, or `run.toml` cannot be read; with the line, if a setting has a value that it cannot have.
    pub fn open(dir: &Path) -> Result<Option<(Self, RunConfig)>, RunError> {
        check_folder(dir)?;
        let path = dir.join("run.toml");
        if !path.is_file() {
            return Ok(None);
        }
        let Some(file) = SettingsFile::read(&path)? else {
            return Ok(None);
        };
        let config = RunConfig::read(file)?;
        let run = Self {
            dir: dir.into(),
            lock: None,
            event_files: dir.join(tensorboard::FOLDER).is_dir(),
        };
        Ok(Some((run, config)))
    }

    /// The content of `metrics.json`, if there is one and it is complete.
    pub fn metrics(&self) -> Option<RunMetrics> {
        let text = fs::read_to_string(self.path("metrics.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The same run, whose training also writes event files for TensorBoard.
    pub fn with_event_files(mut self) -> Self {
        self.event_files = true;
        self
    }

    /// A new event file, which starts with the settings of the run; `None` if event files are not wanted. A resumed run
    /// continues to write them.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn events(&self) -> Result<Option<EventFile>, RunError> {
        if !self.event_files {
            return Ok(None);
        }
        let path = self.path("run.toml");
        let settings = fs::read_to_string(&path).map_err(|e| RunError::io(&path, e))?;
        let mut events = EventFile::create(&self.path(tensorboard::FOLDER))?;
        events.text("run.toml", 0, &code_block(&settings))?;
        Ok(Some(events))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The trained model, in Hugging Face's layout.
    pub fn model_dir(&self) -> PathBuf {
        self.path("model")
    }

    /// Writes `metrics.json`.
    ///
    /// # Errors
    /// If it cannot be written; the old one is then unchanged.
    pub fn write_metrics(&self, metrics: &RunMetrics) -> Result<(), RunError> {
        let text = serde_json::to_string_pretty(metrics).expect("metrics are always JSON");
        self.write("metrics.json", &(text + "\n"))
    }

    /// Writes another file.
    ///
    /// # Errors
    /// If it cannot be written; the old one is then unchanged.
    pub fn write_file(&self, name: &str, content: &str) -> Result<(), RunError> {
        self.write(name, content)
    }

    /// Writes the model folder, completely or not at all.
    ///
    /// # Errors
    /// If a weight is not finite, or the folder cannot be written; the old one is then unchanged.
    pub fn write_model<M: Module>(
        &self,
        model: &M,
        config: &BertConfig,
        tokenizer: &BertTokenizer,
    ) -> Result<(), RunError> {
        write_folder(&self.model_dir(), |dir| {
            save_weights(model, config.weight_names(), dir)?;
            save_bpk(model, dir)?;
            tokenizer.save(dir)?;
            if let Some(Ok(embedding)) = &config.sentence_embedding {
                let saved = embedding.save(config.hidden_size, dir);
                saved.map_err(|(path, e)| RunError::io(&path, e))?;
            }
            let path = dir.join("config.json");
            fs::write(&path, config.to_json() + "\n").map_err(|e| RunError::io(&path, e))
        })
    }

    /// Writes a file under another name and renames it, so that nobody ever sees it half-written.
    fn write(&self, name: &str, text: &str) -> Result<(), RunError> {
        let path = self.path(name);
        write_file(&path, |out| out.write_all(text.as_bytes())).map_err(|e| RunError::io(&path, e))
    }
}

/// Checks that a path names a folder.
///
/// # Errors
/// If it names a file, or nothing.
pub(crate) fn check_folder(dir: &Path) -> Result<(), RunError> {
    match (dir.is_file(), dir.exists()) {
        (true, _) => Err(RunError::File(dir.into())),
        (false, true) => Ok(()),
        (false, false) => Err(RunError::NoFolder(dir.into())),
    }
}

/// Whether `dir` contains anything besides what an interrupted process left half-written.
fn occupied(dir: &Path) -> Result<bool, RunError> {
    if !dir.is_dir() {
        return Ok(dir.exists());
    }
    let all = fs::read_dir(dir).map_err(|e| RunError::io(dir, e))?.count();
    Ok(all > unfinished(dir)?.len())
}

/// Files and folders that were written under another name and never got their own.
fn unfinished(dir: &Path) -> Result<Vec<PathBuf>, RunError> {
    if !dir.is_dir() {
        return Ok(vec![]);
    }
    let mut paths = vec![];
    for entry in fs::read_dir(dir).map_err(|e| RunError::io(dir, e))? {
        let entry = entry.map_err(|e| RunError::io(dir, e))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if UNFINISHED.iter().any(|prefix| name.starts_with(prefix)) {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

/// Locks the run in `dir`, if the file system supports locks.
fn lock(dir: &Path) -> Result<Option<Arc<File>>, RunError> {
    let path = dir.join("run.toml");
    let file = File::open(&path).map_err(|e| RunError::io(&path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Arc::new(file))),
        Err(TryLockError::WouldBlock) => Err(RunError::Busy(dir.into())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
