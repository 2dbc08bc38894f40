//! The queries of a search.

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

use datasets::{Query, QueryFile, Source};

use crate::cli::error::CommandError;
use crate::cli::input::data_files;

/// Queries from arguments, a file, or standard input.
pub enum QueryBlocks {
    Known(Vec<Query>),
    Lines,
}

impl QueryBlocks {
    /// The texts, else the file, else standard input.
    ///
    /// # Errors
    /// If the file cannot be read, or a query is empty.
    pub fn open(texts: &[String], file: Option<&Path>) -> Result<Self, CommandError> {
        if let Some(file) = file {
            let queries = QueryFile::new(file).read();
            let about =
                |error: datasets::DataError| data_files::about_path(error.into(), &[("file", Some(file))]);
            return Ok(Self::Known(queries.map_err(about)?.into_vec()));
        }
        if texts.is_empty() {
            return Ok(Self::Lines);
        }
        let source = Source::file(Path::new("arguments"));
        let query = |(number, text): (usize, &String)| match text.trim() {
            "" => Err(CommandError::option(format!("query {} is empty", number + 1))),
            text => Ok(query(number, text, source.clone())),
        };
        let queries = texts.iter().enumerate().map(query);
        Ok(Self::Known(queries.collect::<Result<_, _>>()?))
    }

    /// The queries, at most `most` at a time; those of standard input as soon as they come.
    pub fn blocks(self, most: usize) -> Box<dyn Iterator<Item = Result<Vec<Query>, CommandError>>> {
        match self {
            Self::Known(queries) => {
                let mut queries = queries.into_iter();
                Box::new(std::iter::from_fn(move || {
                    let block: Vec<Query> = queries.by_ref().take(most).collect();
                    (!block.is_empty()).then_some(Ok(block))
                }))
            }
            Self::Lines => Box::new(lines()),
        }
    }
}

/// The lines of standard input, one at a time: somebody may wait for the answer. Blank ones are left out.
fn lines() -> impl Iterator<Item = Result<Vec<Query>, CommandError>> {
    const NAME: &str = "standard input";
    let mut terminal = io::stdin().is_terminal();
    let file = Source::file(Path::new(NAME));
    let mut line = 0;
    std::iter::from_fn(move || {
        loop {
            if std::mem::take(&mut terminal) {
                eprintln!("reading from the terminal, one query a line");
            }
            let mut bytes = vec![];
            match io::stdin().lock().read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(CommandError::io(NAME, error))),
            }
            line += 1;
            let source = file.line(line);
            return match String::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => Some(Ok(vec![query(line - 1, text.trim(), source)])),
                Err(_) => Some(Err(source.error(None, "this is not UTF-8").into())),
            };
        }
    })
}

fn query(number: usize, text: &str, source: Source) -> Query {
    Query {
        id: (number + 1).to_string(),
        text: text.to_owned(),
        source,
    }
}
