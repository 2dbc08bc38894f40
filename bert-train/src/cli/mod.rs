//! The command line, declared once.

mod arguments;
mod commands;
mod config_file;
mod corpora;
mod options;

use std::ffi::OsString;
use std::process::ExitCode;

use bert_tasks::Files;
use bert_train::Recipe;
use clap::{Arg, CommandFactory, Parser, Subcommand};

pub use arguments::*;
use commands::CommandError;
use config_file::{ConfigFile, sections};
pub use corpora::TrainCorpus;
pub use options::{changed, overlay};
use options::{flags, usual_options};

/// Fine-tune BERT, on any GPU or none.
///
/// Start with `bert train demo`: it needs no model, no data and no network.
#[derive(Parser, Debug)]
#[command(name = "bert", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Fine-tune a pre-trained BERT.
    ///
    /// Examples:
    ///   bert train demo
    ///   bert train cola --model bert-base-uncased --data data/cola --output runs/cola
    ///   bert train classify --model bert-base-uncased --data reviews.csv --output runs/reviews
    #[command(verbatim_doc_comment)]
    Train(Train),
    /// Go on with a run that was stopped, killed or cut off, from its newest whole checkpoint.
    Resume(Resume),
    /// Judge a fine-tuned model by labelled examples.
    Eval(Eval),
    /// Answer for texts: from arguments, from a file, or from standard input, one a line.
    ///
    /// Writes one JSON object for each to standard output.
    Predict(Predict),
    /// Say what a model folder or a run folder holds.
    Info(Info),
    /// Fetch a pre-trained model from the Hugging Face hub into its cache, and print the folder.
    ///
    /// HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and HF_HUB_OFFLINE mean what they mean elsewhere. So does
    /// HF_HUB_DOWNLOAD_TIMEOUT: how many seconds to wait when nothing comes (30, if it is not set). What has come is kept,
    /// and the same command goes on from there.
    Fetch(Fetch),
    /// Make a page of a run, or of several side by side, to look at and to show.
    ///
    /// One HTML file that asks for no other: settings, curves, metrics with confidence intervals, where the model errs.
    Report(Report),
    /// List the tasks, the corpora that `bert train` knows, their files and metrics.
    Tasks(Tasks),
    /// Print a shell's completions: bert completions bash > /etc/bash_completion.d/bert
    Completions(Completions),
    /// Print the manual page, or write the pages of all commands into a folder.
    Man(ManPages),
}

impl Cli {
    /// What the command line asks for, and the file of its `--config`. Ends the program where it asks for help, or is wrong.
    ///
    /// # Errors
    /// If the file has a fault.
    pub fn read() -> Result<Self, CommandError> {
        let words: Vec<OsString> = std::env::args_os().collect();
        let cli = Self::parse_from(&words);
        let Verb::Train(Train { corpus }) = &cli.command else {
            return Ok(cli);
        };
        let Some(path) = &corpus.args.config else {
            return Ok(cli);
        };
        let mut command = Self::command();
        command.build();
        let train = command
            .find_subcommand("train")
            .and_then(|train| train.find_subcommand(&corpus.name));
        let train = train.expect("clap has found it");
        let ids =
            |flags: Vec<Arg>| -> Vec<String> { flags.iter().map(|flag| flag.get_id().to_string()).collect() };
        let (top, files) = (ids(flags::<TrainArgs>()), ids(flags::<Files>()));
        let sections = sections(train, &top, &files, &ids(flags::<Recipe>()));
        let usual = usual_options(&corpus.name);
        let file = ConfigFile::read(path, &corpus.name, train, &sections, &usual, &corpus.matches)?;
        let all = words.iter().cloned().chain(file.words());
        Self::try_parse_from(all).map_err(|error| file.fault(&error).into())
    }

    /// Does what was asked.
    pub fn run(self) -> Result<ExitCode, CommandError> {
        match self.command {
            Verb::Train(args) => commands::train::run(&args.corpus),
            Verb::Resume(args) => commands::resume::run(&args),
            Verb::Eval(args) => commands::eval::run(&args),
            Verb::Predict(args) => commands::predict::run(&args),
            Verb::Info(args) => commands::info::run(&args),
            Verb::Completions(args) => commands::completions::run(&args),
            Verb::Man(args) => commands::man::run(&args),
            Verb::Fetch(args) => commands::fetch::run(&args),
            Verb::Report(args) => commands::report::run(&args),
            Verb::Tasks(args) => commands::tasks::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn only_what_was_said_takes_the_place_of_the_base() {
        let words = [
            "bert",
            "train",
            "classify",
            "--lr",
            "1e-3",
            "--label-column",
            "stars",
        ];
        let Verb::Train(train) = Cli::try_parse_from(words).unwrap().command else {
            panic!("not understood as training");
        };
        let base = Recipe {
            epochs: 7,
            ..Recipe::default()
        };
        let recipe: Recipe = overlay(&base, &train.corpus.matches);
        assert_eq!(recipe, Recipe { lr: 1e-3, ..base });
        let refused = Cli::try_parse_from(["bert", "train", "cola", "--label-column", "stars"]).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("--label-column means nothing for cola"),
            "{refused}"
        );
    }
}
