//! `bert resume`.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::{Entry, Files, Task, TaskVisitor, visit_tasks};
use bert_train::{Run, RunError};
use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::flags::{FileFlags, Flags, Show, ShowFlags};
use crate::cli::run::{Changes, RunContext};
use crate::cli::seeds;

/// `bert resume`.
#[derive(Args, Debug)]
#[command(
    mut_arg("data", |flag| flag.help("The data, if it was moved since; its content must be the same")),
    mut_arg("dev", |flag| flag.help("The file to evaluate on, if it was moved since; its content must be the same")),
    mut_arg("hold_out", FileFlags::refuse_hold_out)
)]
pub struct Resume {
    /// The run folder.
    run: PathBuf,
    #[command(flatten)]
    files: FileFlags,
    /// Device to train on from now on [default: the device of the run so far].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    #[command(flatten)]
    show: ShowFlags,
}

/// Resumes a run.
pub fn run(args: &Resume) -> Result<ExitCode, CommandError> {
    struct Chosen<'a>(&'a Resume, &'a str);
    impl TaskVisitor for Chosen<'_> {
        type Output = Result<ExitCode, CommandError>;
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<Self::Output> {
            let Some(corpus) = entry.corpus(self.1) else {
                return ControlFlow::Continue(());
            };
            let (mut files, mut show) = (Files::default(), Show::default());
            self.0.files.apply(&mut files);
            self.0.show.apply(&mut show);
            let changes = Changes {
                device: self.0.device.clone(),
                files,
                cache: None,
            };
            ControlFlow::Break(
                RunContext::new(show)
                    .and_then(|context| Ok(seeds::resume(corpus, &self.0.run, &changes, &context)?.code())),
            )
        }
    }
    let (_, config) = Run::open(&args.run)?.ok_or_else(|| RunError::NoRun(args.run.clone()))?;
    visit_tasks(&mut Chosen(args, &config.task)).unwrap_or_else(|| {
        Err(CommandError::option(format!(
            "{}: this run was trained on `{}`, a corpus that this version does not know",
            args.run.display(),
            config.task
        )))
    })
}
