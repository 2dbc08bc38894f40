//! `checkpoints/step-N/`: states from which a run can resume.
//!
//! A checkpoint is written under another name, synced to the disk, and renamed; its `checkpoint.json` has a checksum of
//! every file. So a folder with the name of a checkpoint is complete, and damage on the disk is detected.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use bert_core::store::write_folder;
use bert_core::{BertConfig, BertTokenizer};
use burn::module::Module;
use burn::optim::OptimizerRecord;
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};

use super::error::RunError;
use super::state::State;
use crate::start::{Start, StartError};

const MANIFEST: &str = "checkpoint.json";
const WEIGHTS: &str = "weights.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const STATE: &str = "state.toml";

/// The files of a checkpoint: `checkpoint.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    step: usize,
    files: BTreeMap<String, Sum>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sum {
    bytes: u64,
    crc32c: String,
}

/// A run's checkpoints.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    dir: PathBuf,
    keep: usize,
}

/// A complete, undamaged checkpoint.
#[derive(Clone, Debug)]
pub struct TrainingCheckpoint {
    dir: PathBuf,
    /// Its content besides weights.
    pub state: State,
}

/// The result of [`Checkpoints::newest`].
#[derive(Clone, Debug, Default)]
pub struct NewestCheckpoint {
    /// The newest undamaged checkpoint.
    pub newest: Option<TrainingCheckpoint>,
    /// Newer checkpoints that are damaged, each with its reason.
    pub skipped: Vec<String>,
}

/// What a checkpoint saves of a training, besides its [`State`].
pub trait Snapshot {
    /// The model's weights.
    fn weights(&self) -> ModuleRecord;

    /// The optimiser's state.
    fn optimizer(&mut self) -> OptimizerRecord;
}

impl Checkpoints {
    /// The checkpoints of the run folder `run`: the newest `keep` and the best one are kept.
    pub fn new(run: &Path, keep: usize) -> Self {
        let dir = run.join("checkpoints");
        Self { dir, keep }
    }

    fn folder(&self, step: usize) -> PathBuf {
        self.dir.join(format!("step-{step}"))
    }

    /// Writes the checkpoint of `state`, then removes old ones, but never the one of the best evaluation.
    ///
    /// # Errors
    /// If it cannot be written; the others are then unchanged.
    pub fn save(
        &self,
        training: &mut impl Snapshot,
        config: &BertConfig,
        tokenizer: &BertTokenizer,
        state: &State,
    ) -> Result<(), RunError> {
        let step = state.progress.steps;
        write_folder(&self.folder(step), |dir| -> Result<(), RunError> {
            let failed =
                |name: &str, e: burn::store::RecordError| RunError::io(&dir.join(name), io::Error::other(e));
            training
                .weights()
                .save(dir.join(WEIGHTS))
                .map_err(|e| failed(WEIGHTS, e))?;
            training
                .optimizer()
                .save(dir.join(OPTIMIZER))
                .map_err(|e| failed(OPTIMIZER, e))?;
            tokenizer.save(dir)?;
            let state = toml::to_string(state).expect("a state is TOML");
            for (name, text) in [("config.json", config.to_json()), (STATE, state)] {
                let path = dir.join(name);
                fs::write(&path, text).map_err(|e| RunError::io(&path, e))?;
            }
            let files = sums(dir).map_err(|e| RunError::io(dir, e))?;
            let manifest = serde_json::to_string_pretty(&Manifest { step, files }).expect("sums are JSON");
            let path = dir.join(MANIFEST);
            fs::write(&path, manifest + "\n").map_err(|e| RunError::io(&path, e))
        })?;
        let best = state.progress.best.as_ref().map(|best| best.step);
        self.prune(step, best)
    }

    /// Removes all but the newest ones and the best one, among those up to `step`: later ones are damaged ones from before
    /// the run was resumed.
    fn prune(&self, step: usize, best: Option<usize>) -> Result<(), RunError> {
        let past = self.steps()?.into_iter().filter(|&s| s <= step);
        for old in past.skip(self.keep.max(1)).filter(|&old| Some(old) != best) {
            let folder = self.folder(old);
            // Renamed first, so that a folder with the name of a checkpoint is always complete.
            let gone = self.dir.join(format!(".removed-{old}"));
            fs::rename(&folder, &gone)
                .and_then(|()| fs::remove_dir_all(&gone))
                .map_err(|e| RunError::io(&folder, e))?;
        }
        Ok(())
    }

    /// The steps of all folders with the name of a checkpoint, the newest first.
    fn steps(&self) -> Result<Vec<usize>, RunError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            Err(e) => return Err(RunError::io(&self.dir, e)),
        };
        let mut steps: Vec<usize> = vec![];
        for entry in entries {
            let name = entry.map_err(|e| RunError::io(&self.dir, e))?.file_name();
            let step = name.to_str().and_then(|name| name.strip_prefix("step-"));
            steps.extend(step.and_then(|step| step.parse::<usize>().ok()));
        }
        steps.sort_unstable_by(|a, b| b.cmp(a));
        Ok(steps)
    }

    /// The newest undamaged checkpoint, and why newer ones are skipped.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn newest(&self) -> Result<NewestCheckpoint, RunError> {
        let mut found = NewestCheckpoint::default();
        for step in self.steps()? {
            let dir = self.folder(step);
            match verified(&dir) {
                Ok(state) => {
                    found.newest = Some(TrainingCheckpoint { dir, state });
                    break;
                }
                Err(reason) => found.skipped.push(format!("{}: {reason}", dir.display())),
            }
        }
        Ok(found)
    }
}

impl TrainingCheckpoint {
    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The model's configuration and its tokenizer, without weights: those come from [`load`](Self::load).
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn start(&self) -> Result<Start, StartError> {
        let config = BertConfig::from_dir(&self.dir)?;
        Ok(Start {
            tokenizer: BertTokenizer::from_dir(&self.dir)?.for_model(&config)?,
            config,
            weights: None,
        })
    }

    /// `model` with the weights of the checkpoint.
    ///
    /// # Errors
    /// If they cannot be read, or belong to another model.
    pub fn load<M: Module>(&self, model: M) -> Result<M, RunError> {
        let path = self.dir.join(WEIGHTS);
        ModuleRecord::load(&path)
            .and_then(|record| model.try_load_record(record))
            .map_err(|e| RunError::io(&path, io::Error::other(e)))
    }

    /// The state of its optimiser.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn optimizer(&self) -> Result<OptimizerRecord, RunError> {
        let path = self.dir.join(OPTIMIZER);
        OptimizerRecord::load(&path).map_err(|e| RunError::io(&path, io::Error::other(e)))
    }
}

/// The state of an undamaged checkpoint, or the fault of the folder.
fn verified(dir: &Path) -> Result<State, String> {
    let read = |name: &str| fs::read_to_string(dir.join(name)).map_err(|e| format!("{name}: {e}"));
    let manifest: Manifest =
        serde_json::from_str(&read(MANIFEST)?).map_err(|e| format!("{MANIFEST} is damaged ({e})"))?;
    for (name, sum) in &manifest.files {
        let found = sum_of(&dir.join(name)).map_err(|e| format!("{name}: {e}"))?;
        if found.bytes != sum.bytes {
            return Err(format!(
                "{name} has {} bytes instead of {}",
                found.bytes, sum.bytes
            ));
        }
        if found != *sum {
            return Err(format!(
                "{name} is damaged: its checksum is {} instead of {}",
                found.crc32c, sum.crc32c
            ));
        }
    }
    for name in [WEIGHTS, OPTIMIZER, STATE] {
        if !manifest.files.contains_key(name) {
            return Err(format!("{MANIFEST} does not list {name}"));
        }
    }
    let state: State = toml::from_str(&read(STATE)?).map_err(|e| format!("{STATE}: {}", e.message()))?;
    state.check().map_err(|reason| format!("{STATE}: {reason}"))?;
    Ok(state)
}

fn sums(dir: &Path) -> io::Result<BTreeMap<String, Sum>> {
    fs::read_dir(dir)?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, sum_of(&entry.path())?))
        })
        .collect()
}

fn sum_of(path: &Path) -> io::Result<Sum> {
    let mut file = File::open(path)?;
    let mut sum = 0;
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => {
                sum = crc32c::crc32c_append(sum, &buffer[..count]);
                bytes += count as u64;
            }
        }
    }
    let crc32c = format!("{sum:08x}");
    Ok(Sum { bytes, crc32c })
}
