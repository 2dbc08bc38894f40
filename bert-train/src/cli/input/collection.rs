//! Collections of articles.

use std::path::PathBuf;

use clap::Args;
use datasets::{Collection, CollectionFile, RetrievalFolder};

use super::data_files;
use crate::cli::error::CommandError;

/// Where a collection is, and which columns its file has.
#[derive(Args, Clone, Debug)]
pub struct CollectionFlags {
    /// The articles: a .csv, .tsv, .json, .jsonl or .parquet file with a column of ids, one of texts and perhaps one of titles, or a
    /// folder of BEIR (corpus.jsonl) or MS MARCO (collection.tsv).
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Column with the ids [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    id_column: Option<String>,
    /// Column with the titles [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    title_column: Option<String>,
    /// Column with the texts [default: guessed from the header].
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,
}

impl CollectionFlags {
    /// Checks that the file exists, before a model is loaded.
    ///
    /// # Errors
    /// If it does not.
    pub fn check(&self) -> Result<(), CommandError> {
        match std::fs::metadata(&self.data) {
            Ok(_) => Ok(()),
            Err(error) => Err(CommandError::io(&self.data, error).about("data")),
        }
    }

    /// Reads the collection.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self) -> Result<Collection, CommandError> {
        let about =
            |error: datasets::DataError| data_files::about_path(error.into(), &[("data", Some(&self.data))]);
        if self.data.is_dir() {
            let folder = RetrievalFolder::find(&self.data);
            let collection = match folder {
                Some(folder) => folder.collection(),
                None => Err(datasets::DataError::NoFile {
                    dir: self.data.clone(),
                    looked: "corpus.jsonl or collection.tsv".into(),
                }),
            };
            return collection.map_err(about);
        }
        let mut file = CollectionFile::new(&self.data);
        if let Some(name) = &self.id_column {
            file = file.id_column(name);
        }
        if let Some(name) = &self.title_column {
            file = file.title_column(name);
        }
        if let Some(name) = &self.text_column {
            file = file.text_column(name);
        }
        file.read().map_err(about)
    }
}
