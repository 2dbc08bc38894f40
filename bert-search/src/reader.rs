//! A reader of an index.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::IndexError;
use crate::document::Document;
use crate::files::{IndexSettings, Manifest};
use crate::hit::Hit;
use crate::segment::{Segment, prepare_all};
use crate::top_k::Candidate;
use crate::vector_search::{ExactScores, QuantizedScores, RowScores, best_documents, rescore};

/// How often a commit may come between reading the manifest and opening its files.
const ATTEMPTS: usize = 20;

/// One generation of an index, open for reading.
///
/// Its files are mapped into memory. It sees the generation that was committed last when it was opened, whatever a writer does
/// afterwards; a later generation is seen by a reader that is opened later. It can be shared by threads.
#[derive(Debug)]
pub struct IndexReader {
    dir: PathBuf,
    manifest: Manifest,
    segments: Vec<Segment>,
}

impl IndexReader {
    /// Opens the index in the folder `dir`.
    ///
    /// Sizes of files are checked, and the checksums of small ones; [`verify`](Self::verify) checks all.
    ///
    /// # Errors
    /// If there is none, or it is damaged, or the system fails.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, IndexError> {
        let dir = dir.as_ref();
        let mut attempt = 0;
        loop {
            let manifest = Manifest::read(dir)?;
            let open = |entry| Segment::open(dir, entry, &manifest.settings);
            let segments: Result<Vec<Segment>, _> = manifest.segments.iter().cloned().map(open).collect();
            attempt += 1;
            match segments {
                Ok(segments) => {
                    return Ok(IndexReader {
                        dir: dir.to_path_buf(),
                        manifest,
                        segments,
                    });
                }
                // A commit in between has removed files of the older generation.
                Err(error)
                    if error.is_missing_file()
                        && attempt < ATTEMPTS
                        && Manifest::read(dir)?.generation != manifest.generation => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The settings of the index.
    pub fn settings(&self) -> &IndexSettings {
        &self.manifest.settings
    }

    /// The generation that this reader sees: how many commits there were before.
    pub fn generation(&self) -> u64 {
        self.manifest.generation
    }

    /// Whether there was no commit since this reader was opened.
    ///
    /// # Errors
    /// If the manifest cannot be read.
    pub fn is_current(&self) -> Result<bool, IndexError> {
        Ok(Manifest::read(&self.dir)?.generation == self.generation())
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.segments.iter().map(Segment::live_documents).sum()
    }

    /// Whether there are no documents.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Reads all files and compares them with their checksums.
    ///
    /// # Errors
    /// The first file that is damaged or cannot be read.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.segments.iter().try_for_each(Segment::verify)
    }

    /// The document with this id.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn document(&self, id: &str) -> Result<Option<Document>, IndexError> {
        let found = self.find(id)?;
        found
            .map(|(segment, number)| segment.document(number))
            .transpose()
    }

    /// The vectors of the passages of a document, one after the other, as they were indexed: with
    /// [`Similarity::Cosine`](crate::Similarity::Cosine), of length 1.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn vectors(&self, id: &str) -> Result<Option<&[f32]>, IndexError> {
        let Some((segment, number)) = self.find(id)? else {
            return Ok(None);
        };
        segment.vectors(segment.rows_of(number)?).map(Some)
    }

    /// All documents with their vectors, in the order in which they were added, as far as merges keep it. They are read one by
    /// one.
    pub fn entries(&self) -> impl Iterator<Item = Result<(Document, &[f32]), IndexError>> {
        self.segments.iter().flat_map(|segment| {
            segment.live().map(|number| {
                Ok((
                    segment.document(number)?,
                    segment.vectors(segment.rows_of(number)?)?,
                ))
            })
        })
    }

    /// The `k` documents whose best passages are most similar to each query, best first. Every vector is compared.
    ///
    /// `queries` has one vector of the index's dimension for each query, one after the other. Many queries at once need far less
    /// time than one by one. Equal scores are ordered by id, last first, as trec_eval does. There are fewer results than `k` if
    /// the index has fewer documents.
    ///
    /// The work is done by rayon's threads, and the results do not depend on their number.
    ///
    /// # Errors
    /// If the queries have another dimension, are zero or not finite, if `k` is 0, or if a file is damaged.
    pub fn search(&self, queries: &[f32], k: usize) -> Result<Vec<Vec<Hit>>, IndexError> {
        let queries = self.checked_queries(queries, k)?;
        // The order of the last candidates can change when they are scored in f64.
        let candidates = k.saturating_add(16 + k / 8);
        let scores = ExactScores::new(&queries, self.settings().dimension);
        self.best(&queries, &scores, k, candidates)
    }

    /// As [`search`](Self::search), but all vectors are compared as bytes first, which reads a quarter of the memory, and only
    /// the best `candidates` documents of each query by their exact vectors. The scores are exact. With enough candidates (a few
    /// times `k`), so are the results.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_quantized(
        &self,
        queries: &[f32],
        k: usize,
        candidates: usize,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let queries = self.checked_queries(queries, k)?;
        let scores = QuantizedScores::new(&queries, self.settings().dimension);
        self.best(&queries, &scores, k, candidates.max(k))
    }

    fn best(
        &self,
        queries: &[f32],
        scores: &impl RowScores,
        k: usize,
        candidates: usize,
    ) -> Result<Vec<Vec<Hit>>, IndexError> {
        let candidates = candidates.min(self.len()).max(1);
        let candidates: Vec<Vec<Candidate>> = best_documents(&self.segments, scores, candidates)?;
        queries
            .par_chunks_exact(self.settings().dimension)
            .zip(candidates)
            .map(|(query, candidates)| rescore(&self.segments, query, &candidates, k))
            .collect()
    }

    fn checked_queries(&self, queries: &[f32], k: usize) -> Result<Vec<f32>, IndexError> {
        let IndexSettings {
            dimension,
            similarity,
            ..
        } = *self.settings();
        if dimension == 0 {
            return Err(IndexError::NoVectors(self.dir.clone()));
        }
        if k == 0 {
            return Err(IndexError::ZeroK);
        }
        if !queries.len().is_multiple_of(dimension) {
            return Err(IndexError::QueryDimension {
                values: queries.len(),
                dimension,
            });
        }
        prepare_all(queries, dimension, similarity)
    }

    fn find(&self, id: &str) -> Result<Option<(&Segment, u32)>, IndexError> {
        for segment in &self.segments {
            if let Some(number) = segment.find(id)? {
                return Ok(Some((segment, number)));
            }
        }
        Ok(None)
    }
}
