//! Articles to an index.

use std::path::Path;
use std::time::{Duration, Instant};

use bert_search::{Document, IndexError, IndexReader, IndexWriter};
use datasets::{Article, Collection};

use super::{SearchError, TextEncoder};

/// How a collection is indexed.
#[derive(Clone, Copy, Debug)]
pub struct Indexing {
    /// The tokens that neighbouring passages of an article have in common.
    pub overlap: usize,
    /// The time after which what is done is committed: a process that is killed loses no more.
    pub commit_every: Duration,
}

impl Default for Indexing {
    fn default() -> Self {
        Self {
            overlap: 32,
            commit_every: Duration::from_secs(20),
        }
    }
}

/// What became of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Articles that the index did not have.
    pub added: usize,
    /// Articles that replaced one with their id.
    pub replaced: usize,
    /// Articles that the index had already.
    pub unchanged: usize,
    /// The passages of those added and replaced.
    pub passages: usize,
    /// Whether it ended before all were done.
    pub stopped: bool,
}

/// Adds the articles of a collection to the index of `writer` and commits. Articles that the index has with the same title, text and
/// passages stay as they are, so that the call continues one that was interrupted. Without an encoder the index is one of words.
///
/// `progress` gets the number of articles that are done; once it returns `false`, what is done is committed, and the call ends.
///
/// # Errors
/// If a text, a vector or the collection is refused, or the index cannot be written; what was committed stays.
pub fn index_collection(
    dir: &Path,
    writer: &mut IndexWriter,
    encoder: Option<&TextEncoder>,
    collection: &Collection,
    options: &Indexing,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<Indexed, SearchError> {
    let known = IndexReader::open(dir)?;
    let mut indexed = Indexed::default();
    let (mut done, mut committed) = (0, Instant::now());
    'all: for chunk in collection.chunks() {
        let chunk = chunk?;
        let mut rest: &[Article] = &chunk;
        while !rest.is_empty() {
            let (documents, taken) = next_documents(rest, &known, encoder, options.overlap, &mut indexed)?;
            rest = &rest[taken..];
            let texts: Vec<(&str, &str)> = documents.iter().flat_map(passage_texts).collect();
            let waiting = taken - documents.len();
            let shown = |passages: usize| done + waiting + documents.len() * passages / texts.len().max(1);
            let vectors = match encoder {
                Some(encoder) => encoder.encode_articles(&texts, |passages| progress(shown(passages)))?,
                None => progress(done + taken).then(Vec::new),
            };
            let Some(vectors) = vectors else {
                indexed.stopped = true;
                break 'all;
            };
            for document in &documents {
                match writer.contains(&document.id)? {
                    true => indexed.replaced += 1,
                    false => indexed.added += 1,
                }
            }
            indexed.passages += texts.len();
            writer.add(&documents, &vectors)?;
            done += taken;
            if committed.elapsed() >= options.commit_every {
                writer.commit()?;
                committed = Instant::now();
            }
        }
    }
    writer.commit()?;
    Ok(indexed)
}

/// About as many passages as are encoded at a time: enough that batches are of similar length.
const PASSAGES: usize = 1024;

/// The next documents that the index has not, and how many articles were looked at.
fn next_documents(
    articles: &[Article],
    known: &IndexReader,
    encoder: Option<&TextEncoder>,
    overlap: usize,
    indexed: &mut Indexed,
) -> Result<(Vec<Document>, usize), SearchError> {
    let (mut documents, mut passages, mut taken) = (vec![], 0, 0);
    for article in articles {
        let document = document(article, encoder, overlap)?;
        taken += 1;
        if known.document(&article.id)?.as_ref() == Some(&document) {
            indexed.unchanged += 1;
            continue;
        }
        // Without vectors, a document costs little.
        passages += document.passages.len().max(1);
        documents.push(document);
        if passages >= PASSAGES {
            break;
        }
    }
    Ok((documents, taken))
}

fn document(
    article: &Article,
    encoder: Option<&TextEncoder>,
    overlap: usize,
) -> Result<Document, SearchError> {
    let title = article.title.as_deref().unwrap_or_default();
    let passages = match encoder {
        Some(encoder) => encoder.passages(title, &article.text, overlap)?,
        None => vec![],
    };
    Ok(Document {
        id: article.id.clone(),
        title: title.to_owned(),
        text: article.text.clone(),
        passages,
    })
}

/// The title and the text of each passage.
fn passage_texts(document: &Document) -> impl Iterator<Item = (&str, &str)> {
    let passages = document.passages.iter();
    passages.map(|range| (document.title.as_str(), &document.text[range.clone()]))
}

/// Merges the segments of an index where searches gain from it: after the first filling, and when there are many. Commits.
///
/// # Errors
/// If the index cannot be written.
pub fn merge_if_useful(writer: &mut IndexWriter, indexed: &Indexed) -> Result<(), IndexError> {
    const MANY: usize = 8;
    let new = indexed.added + indexed.replaced;
    if writer.segments() > MANY || (writer.segments() > 1 && new * 2 >= writer.len()) {
        writer.merge(1)?;
        writer.commit()?;
    }
    Ok(())
}
