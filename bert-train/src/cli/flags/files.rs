//! The flags of the data files.

use std::path::PathBuf;

use bert_tasks::Files;
use clap::Arg;

use super::group::flags;
use super::numbers::Share;

flags! {
    /// Which files the data is in.
    FileFlags for Files {
        /// Folder of the corpus; for your own data, a file, or a folder with a train and a dev file.
        #[arg(value_name = "PATH")]
        data: PathBuf,
        /// File to evaluate on [default: the corpus' own, or a part of your own file: see --hold-out].
        #[arg(value_name = "FILE")]
        dev: PathBuf,
        /// Share of your own file that is held out for evaluation, without --dev: at random, in proportion to the labels,
        /// the same examples for every --seed [default: 0.1].
        #[arg(value_name = "SHARE")]
        hold_out: Share,
    }
}

impl FileFlags {
    /// The flag `--hold-out` of a command that does not divide data: it is neither shown nor accepted.
    pub fn refuse_hold_out(flag: Arg) -> Arg {
        let refuse = |_: &str| Err::<Share, _>("only training divides a file");
        flag.hide(true).value_parser(refuse)
    }
}
