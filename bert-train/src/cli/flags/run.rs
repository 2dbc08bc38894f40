//! Flags of the run itself: its start, its output folder, and its display.

use std::path::PathBuf;

use clap::Args;

use super::group::flags;
use super::names::{LogName, WatchName};
use super::numbers::Switch;

/// Where a run starts and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOptions {
    /// The pre-trained model's folder or its name.
    pub model: Option<PathBuf>,
    /// The run folder.
    pub output: Option<PathBuf>,
    /// Whether the run in that folder is resumed.
    pub resume: bool,
    /// The device's name.
    pub device: String,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            model: None,
            output: None,
            resume: false,
            device: "auto".into(),
        }
    }
}

flags! {
    /// Where a run starts and where it goes.
    RunFlags for RunOptions {
        /// The pre-trained model: a folder in Hugging Face's layout (config.json, model.safetensors or
        /// pytorch_model.bin, tokenizer.json or vocab.txt), or a name on the Hugging Face hub, `name` or `owner/name`,
        /// optionally with `@revision`. Demos can train without one.
        #[arg(value_name = "MODEL")]
        model: PathBuf,
        /// Folder to create for the run [default: runs/CORPUS].
        #[arg(short, value_name = "RUN")]
        output: PathBuf,
        /// Resume the run in --output, if there is one, from its newest undamaged checkpoint.
        #[arg(num_args = 0, default_missing_value = "true", conflicts_with = "overwrite")]
        resume: Switch,
        /// auto, flex, ndarray, wgpu, vulkan, metal, cuda or rocm; GPUs by number, as in cuda:0. `auto` is the first
        /// GPU backend that was built in, else flex.
        #[arg(value_name = "NAME")]
        device: String,
    }
}

/// The device, for commands that use an existing model.
#[derive(Args, Clone, Debug)]
pub struct DeviceFlag {
    /// auto, flex, ndarray, wgpu, vulkan, metal, cuda or rocm; GPUs by number, as in cuda:0. `auto` is the first GPU
    /// backend that was built in, else flex.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub device: String,
}

/// What is shown and logged of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Show {
    /// How progress is shown; `None` leaves it to the terminal.
    pub watch: Option<WatchName>,
    /// Further logs.
    pub log: Vec<LogName>,
}

flags! {
    /// What is shown and logged of a run.
    ShowFlags for Show {
        /// How to show progress [default: dashboard on a terminal, else lines].
        #[arg(value_name = "HOW")]
        watch: WatchName,
        /// What to write beside log.jsonl: tensorboard writes event files into the run folder.
        #[arg(value_name = "KIND", value_delimiter = ',')]
        log: Vec<LogName>,
    }
}
