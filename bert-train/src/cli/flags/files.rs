//! The flags of the data files.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use bert_tasks::Files;
use clap::Arg;
use serde::{Deserialize, Deserializer};

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
        /// Share of your own file to hold out for evaluation without --dev: at random, in proportion to the labels, and
        /// the same examples for every --seed [default: 0.1].
        #[arg(value_name = "SHARE")]
        hold_out: Share,
    }
}

/// A path that stays right when the program is started elsewhere: it is made absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullPath(PathBuf);

impl FromStr for FullPath {
    type Err = Infallible;

    fn from_str(path: &str) -> Result<Self, Infallible> {
        Ok(Self(std::path::absolute(path).unwrap_or_else(|_| path.into())))
    }
}

impl<'de> Deserialize<'de> for FullPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = String::deserialize(deserializer)?;
        match path.parse() {
            Ok(path) => Ok(path),
            Err(never) => match never {},
        }
    }
}

impl From<FullPath> for Option<PathBuf> {
    fn from(path: FullPath) -> Self {
        Some(path.0)
    }
}

impl FileFlags {
    /// The flag `--hold-out` of a command that does not divide data: it is neither shown nor accepted.
    pub fn refuse_hold_out(flag: Arg) -> Arg {
        let refuse = |_: &str| Err::<Share, _>("only training divides a file");
        flag.hide(true).value_parser(refuse)
    }
}
