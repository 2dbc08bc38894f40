//! Why a command failed.

use std::io;
use std::path::PathBuf;

use bert_core::{ConfigError, DeviceError, StoreError, TokenizerError};
use bert_search::IndexError;
use bert_tasks::{CorpusError, TaskError};
use bert_train::hub::HubError;
use bert_train::recipe::InvalidOption;
use bert_train::report::ReportError;
use bert_train::search::SearchError;
use bert_train::{FineTunedError, RunError, SessionError, StartError, TrainError};
use datasets::{DataError, Message};

use super::config_file::ConfigFile;
use super::flag::flag;

/// Why a command failed, for its user.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// From the data.
    #[error("{}", .0.message().render(flag))]
    Corpus(#[from] CorpusError),
    /// From the data.
    #[error("{}", .0.message().render(flag))]
    Data(#[from] DataError),
    /// From the device.
    #[error("--device: {0}")]
    Device(#[from] DeviceError),
    /// From a configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// From weights.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// From a tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// From a task.
    #[error("{}", .0.message().render(flag))]
    Task(#[from] TaskError),
    /// From a run folder.
    #[error("{}", .0.message().render(flag))]
    Run(#[from] RunError),
    /// From the model to start from.
    #[error(transparent)]
    Start(#[from] StartError),
    /// From the preparations of a run.
    #[error("{}", .0.message().render(flag))]
    Session(SessionError),
    /// From training.
    #[error("{}", .0.message().render(flag))]
    Train(#[from] TrainError),
    /// From a fine-tuned model.
    #[error("{}", .0.message().render(flag))]
    FineTuned(#[from] FineTunedError),
    /// From a search engine.
    #[error("{}", .0.message().render(flag))]
    Search(#[from] SearchError),
    /// From the hub.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// From a report.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// From the value of an option.
    #[error("{}", .0.message().render(flag))]
    Invalid(#[from] InvalidOption),
    /// From what an option names: a model, a file.
    #[error("{}: {error}", flag(.option))]
    About {
        /// The option.
        option: &'static str,
        /// What is wrong with it.
        error: Box<CommandError>,
    },
    /// From the options.
    #[error("{}", .0.render(flag))]
    Option(Message),
    /// From the system.
    #[error("{what}: {source}", what = .what.display())]
    Io {
        /// The file or stream.
        what: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl From<SessionError> for CommandError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Recipe(invalid) => CommandError::Invalid(invalid),
            SessionError::Task(error) => CommandError::Task(error),
            SessionError::Data(error) => CommandError::Data(error),
            error => CommandError::Session(error),
        }
    }
}

impl From<IndexError> for CommandError {
    fn from(error: IndexError) -> Self {
        CommandError::Search(error.into())
    }
}

impl CommandError {
    /// An error from the options; a text, or a message that names options.
    pub fn option(reason: impl Into<Message>) -> Self {
        CommandError::Option(reason.into())
    }

    /// This error, as one about what the option names.
    pub fn about(self, option: &'static str) -> Self {
        let error = Box::new(self);
        CommandError::About { option, error }
    }

    /// A run folder that cannot be made: the error names `--output`.
    pub fn about_output(error: RunError) -> Self {
        match error {
            RunError::Io { .. } => CommandError::from(error).about("output"),
            // These name the option themselves.
            error => error.into(),
        }
    }

    /// The same error, with the place in the settings file instead of a flag, for options whose value is from there.
    pub fn located(self, file: &ConfigFile) -> Self {
        let found = match &self {
            CommandError::Invalid(InvalidOption {
                option,
                value,
                reason,
            }) => file.error(option, |name| format!("{name} is {value}; {reason}")),
            CommandError::Device(reason) => file.error("device", |name| format!("{name}: {reason}")),
            CommandError::Task(TaskError::Option { option, reason }) => file.error(option, |name| {
                reason.render(|other| match other == *option {
                    true => name.to_owned(),
                    false => file.render_option(other),
                })
            }),
            CommandError::Task(TaskError::Tokenizer(TokenizerError::MaxLength { max_length, least })) => {
                let reason = format!("is {max_length}; it must be at least {least}, to leave room for text");
                file.error("max_length", |name| format!("{name} {reason}"))
            }
            CommandError::About { option, error } => file.error(option, |name| format!("{name}: {error}")),
            _ => None,
        };
        match (found, self.message()) {
            (Some(error), _) => error.into(),
            (None, Some(message)) => Self::option(message.render(|option| file.render_option(option))),
            (None, None) => self,
        }
    }

    /// The message, of errors that may name options.
    fn message(&self) -> Option<Message> {
        match self {
            CommandError::Corpus(error) => Some(error.message()),
            CommandError::Data(error) => Some(error.message()),
            CommandError::Task(error) => Some(error.message()),
            CommandError::Run(error) => Some(error.message()),
            CommandError::Session(error) => Some(error.message()),
            CommandError::Train(error) => Some(error.message()),
            CommandError::FineTuned(error) => Some(error.message()),
            CommandError::Search(error) => Some(error.message()),
            CommandError::Option(message) => Some(message.clone()),
            _ => None,
        }
    }

    /// Whether the reader of the output has gone away, as in `bert … | head`.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, CommandError::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The system's reason, about a file or stream.
    pub fn io(what: impl Into<PathBuf>, source: io::Error) -> Self {
        let what = what.into();
        CommandError::Io { what, source }
    }
}
