//! Queries to rankings.

use std::path::{Path, PathBuf};

use bert_search::{Bm25, Document, Hit, HybridOptions, IndexReader};
use burn::tensor::Device;
use serde::Deserialize;

use super::{ModelId, SearchError, TextEncoder};

/// What queries and articles are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchBy {
    /// Vectors and words, both rankings fused.
    Hybrid,
    /// Vectors.
    Vectors,
    /// Words, by BM25.
    Words,
}

/// How an index is searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchOptions {
    /// What is compared.
    pub by: SearchBy,
    /// The number of results of a query.
    pub top_k: usize,
    /// The parameters of BM25.
    pub bm25: Bm25,
    /// Compare bytes first, and so many of the best exactly; `None` compares all vectors exactly. Vectors alone are searched so.
    pub candidates: Option<usize>,
}

/// An index that is open for searching, with the model that encodes queries.
#[derive(Debug)]
pub struct SearchEngine {
    dir: PathBuf,
    reader: IndexReader,
    encoder: Option<TextEncoder>,
}

impl SearchEngine {
    /// Opens the index in the folder `dir`. Its model is loaded unless words alone are compared; `model` says where it is, if not where
    /// it was when the index was made. Without `by`, everything that the index has is compared.
    ///
    /// # Errors
    /// If the index or its model cannot be opened, or the index lacks what is to be compared.
    pub fn open(
        dir: &Path,
        model: Option<&Path>,
        by: Option<SearchBy>,
        device: &Device,
    ) -> Result<(Self, SearchBy), SearchError> {
        let reader = IndexReader::open(dir)?;
        let kind = |reason| SearchError::Kind {
            index: dir.to_path_buf(),
            reason,
        };
        let settings = reader.settings();
        let by = match (by, settings.dimension > 0, settings.analyzer.is_some()) {
            (None, true, true) => SearchBy::Hybrid,
            (None, true, false) => SearchBy::Vectors,
            (None, false, _) => SearchBy::Words,
            (Some(SearchBy::Hybrid | SearchBy::Vectors), false, _) => {
                return Err(kind("this index has no vectors, only words"));
            }
            (Some(SearchBy::Hybrid | SearchBy::Words), _, false) => {
                return Err(kind("this index has no words, only vectors"));
            }
            (Some(by), ..) => by,
        };
        let encoder = match by {
            SearchBy::Words => None,
            _ => Some(encoder_of(&reader, dir, model, device)?),
        };
        let engine = Self {
            dir: dir.to_path_buf(),
            reader,
            encoder,
        };
        Ok((engine, by))
    }

    /// The index.
    pub fn reader(&self) -> &IndexReader {
        &self.reader
    }

    /// The best articles for each query, best first.
    ///
    /// # Errors
    /// If the index cannot be searched so, or a query is refused.
    pub fn search<S: AsRef<str> + Sync>(
        &self,
        queries: &[S],
        options: &SearchOptions,
    ) -> Result<Vec<Vec<Hit>>, SearchError> {
        if queries.is_empty() {
            return Ok(vec![]);
        }
        let SearchOptions {
            by,
            top_k,
            bm25,
            candidates,
        } = *options;
        if by == SearchBy::Words {
            return Ok(self.reader.search_words(queries, top_k, &bm25)?);
        }
        let encoder = self.encoder.as_ref().ok_or_else(|| SearchError::Kind {
            index: self.dir.clone(),
            reason: "it was opened for words alone",
        })?;
        let vectors = encoder.encode_queries(queries)?;
        Ok(match (by, candidates) {
            (SearchBy::Hybrid, _) => {
                let options = HybridOptions {
                    bm25,
                    ..HybridOptions::default()
                };
                self.reader.search_hybrid(&vectors, queries, top_k, &options)?
            }
            (_, Some(candidates)) => self.reader.search_quantized(&vectors, top_k, candidates)?,
            (_, None) => self.reader.search(&vectors, top_k)?,
        })
    }

    /// The document of a result.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn document(&self, hit: &Hit) -> Result<Document, SearchError> {
        let found = self.reader.document(&hit.id)?;
        Ok(found.expect("a result is in the index that was searched"))
    }
}

/// The model that made the vectors of an index.
///
/// # Errors
/// If it cannot be opened, or is another one.
pub fn encoder_of(
    reader: &IndexReader,
    dir: &Path,
    model: Option<&Path>,
    device: &Device,
) -> Result<TextEncoder, SearchError> {
    let known = ModelId::parse(&reader.settings().model);
    let known = known.ok_or_else(|| SearchError::Kind {
        index: dir.to_path_buf(),
        reason: "index.json does not say which model made its vectors",
    })?;
    let encoder = match model {
        Some(model) => TextEncoder::load(model, device)?,
        None => TextEncoder::load(&known.path, device).map_err(|reason| SearchError::NoModel {
            index: dir.to_path_buf(),
            model: known.path.clone(),
            reason: Box::new(reason),
        })?,
    };
    match encoder.id().checksum == known.checksum {
        true => Ok(encoder),
        false => Err(SearchError::OtherModel {
            index: dir.to_path_buf(),
            model: known.path,
        }),
    }
}
