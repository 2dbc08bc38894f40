//! The flags of the data files.

use std::path::PathBuf;

use bert_tasks::Files;

use super::group::flags;

flags! {
    /// Which files the data is in.
    FileFlags for Files {
        /// Folder of the corpus; for your own data, a file, or a folder with a train and a dev file.
        #[arg(value_name = "PATH")]
        data: PathBuf,
        /// File to evaluate on [default: the corpus' own; for your own single file, every tenth example is held out].
        #[arg(value_name = "FILE")]
        dev: PathBuf,
    }
}
