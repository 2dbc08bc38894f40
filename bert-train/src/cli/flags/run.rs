//! Flags of the run itself: its start, its output folder, and its display.

use std::path::PathBuf;

use bert_core::{DeviceError, parse_device};
use bert_train::View;
use bert_train::fine_tuned::ModelFolder;
use bert_train::recipe::InvalidOption;
use bert_train::search::TextEncoder;
use bert_train::training::session::check_length;
use burn::tensor::Device;
use clap::Args;

use super::group::flags;
use super::names::{LogName, parser};
use super::numbers::{Count, Switch};

/// What `--device` is.
const DEVICE: &str = "auto, flex, ndarray, wgpu, vulkan, metal, cuda or rocm; GPUs by number, as in cuda:0. `auto` is the first GPU \
                      backend that was built in, else flex";

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
        #[arg(value_name = "NAME", help = DEVICE)]
        device: String,
    }
}

/// The device, for commands that use an existing model.
#[derive(Args, Clone, Debug)]
pub struct DeviceFlag {
    #[arg(long, value_name = "NAME", default_value = "auto", help = DEVICE)]
    device: String,
}

impl DeviceFlag {
    /// Opens the device.
    ///
    /// # Errors
    /// See [`DeviceError`].
    pub fn open(&self) -> Result<Device, DeviceError> {
        parse_device(&self.device)
    }
}

/// How a model reads texts, for commands that use an existing model.
#[derive(Args, Clone, Debug)]
pub struct InferenceFlags {
    /// Maximum number of tokens per text [default: as in training, else what the model can read].
    #[arg(long, value_name = "TOKENS")]
    max_length: Option<Count>,
    /// Inputs per batch: texts, windows of long texts, or (`bert score`) copies of a text with one masked token each.
    #[arg(long, value_name = "N", default_value = "64")]
    batch_size: Count,
    /// The device.
    #[command(flatten)]
    pub device: DeviceFlag,
}

impl InferenceFlags {
    /// The most tokens of a text that the model of `folder` reads.
    ///
    /// # Errors
    /// If it cannot read as many as were asked for.
    pub fn max_length(&self, folder: &ModelFolder) -> Result<usize, InvalidOption> {
        let max_length = self.max_length.map_or(folder.max_length(), usize::from);
        check_length(max_length, &folder.config)?;
        Ok(max_length)
    }

    /// The encoder with this length and batch size.
    ///
    /// # Errors
    /// If it cannot read as many tokens.
    pub fn apply(&self, encoder: TextEncoder) -> Result<TextEncoder, InvalidOption> {
        let encoder = encoder.with_batch_size(self.batch_size());
        match self.max_length {
            Some(max_length) => encoder.with_max_length(max_length.into()),
            None => Ok(encoder),
        }
    }

    /// Rows per batch.
    pub fn batch_size(&self) -> usize {
        self.batch_size.into()
    }
}

/// What is shown and logged of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Show {
    /// How progress is shown; `None` leaves it to the terminal.
    pub watch: Option<View>,
    /// Further logs.
    pub log: Vec<LogName>,
}

flags! {
    /// What is shown and logged of a run.
    ShowFlags for Show {
        /// How to show progress [default: dashboard on a terminal, else lines].
        #[arg(value_name = "HOW", value_parser = parser::<View>())]
        watch: View,
        /// What to write beside log.jsonl: tensorboard writes event files into the run folder.
        #[arg(value_name = "KIND", value_parser = parser::<LogName>(), value_delimiter = ',')]
        log: Vec<LogName>,
    }
}
