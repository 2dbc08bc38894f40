//! Queries with the articles that are relevant for them.

use std::path::Path;

use datasets::demo::{self, DemoConfig, DemoCorpus};
use datasets::{PairFile, RetrievalDataset, RetrievalExample, RetrievalFolder, TextFile};

use super::texts;
use super::{Corpus, CorpusError, Demo, DemoModel, Files, InputBlocks, Inputs, Splits};
use crate::retrieval::{Retrieval, RetrievalOptions};

const FILES: [&str; 7] = ["csv", "tsv", "jsonl", "ndjson", "json", "txt", "parquet"];
const OWN: &str =
    "give a folder of BEIR or MS MARCO, or a CSV, TSV, JSON or Parquet file with queries and articles";
/// The share of the queries that is held out where the settings do not say it.
const HELD_OUT: f64 = 0.1;

/// The corpora of queries and articles.
pub static CORPORA: &[Corpus<Retrieval>] = &[
    Corpus {
        name: "demo-search",
        about: "Queries for generated news, in other words than those of the article",
        format: "none",
        main_metric: "mrr@10",
        options: &["pooling", "normalize", "max_query_length"],
        preset: |_| (),
        demo: Some(Demo {
            vocabulary: demo::news::vocabulary,
            model: DemoModel::Texts,
            max_length: 96,
            epochs: 2,
            lr: 1e-3,
            warmup: 0.1,
            batch_size: 32,
            keep_together: 1,
        }),
        labels: None,
        splits: |_, _| Ok(news().into()),
        dev: |_, _| Ok(news().dev),
    },
    Corpus {
        name: "retriever",
        about: "Which articles are relevant for a query",
        format: "a folder of BEIR (corpus.jsonl) or MS MARCO (collection.tsv); or CSV, TSV, JSON or Parquet with queries and articles",
        main_metric: "ndcg@10",
        options: &[
            "query_column",
            "article_column",
            "negative_column",
            "pooling",
            "normalize",
            "max_query_length",
        ],
        preset: |_| (),
        demo: None,
        labels: None,
        splits,
        dev,
    },
];

fn news() -> DemoCorpus<RetrievalExample> {
    demo::news::generate(&DemoConfig {
        train: 24000,
        ..DemoConfig::default()
    })
}

fn splits(files: &Files, options: &RetrievalOptions) -> Result<Splits<RetrievalExample>, CorpusError> {
    let read = |path: &Path| pairs(path, options).read();
    let hold_out =
        |train: RetrievalDataset, share: Option<f64>| train.hold_out_queries(share.unwrap_or(HELD_OUT));
    let Some(folder) = RetrievalFolder::find(files.data(OWN)?) else {
        return files.own_dividing(OWN, &FILES, read, hold_out);
    };
    files.check(&[])?;
    let train = folder.train()?;
    let dev = match &files.dev {
        Some(file) => Some(folder.judged_by(file)?),
        None => folder.dev()?,
    };
    Ok(match dev {
        Some(dev) => Splits::new(train, dev),
        None => {
            let (train, dev) = hold_out(train, files.hold_out)?;
            Splits::new(train, dev)
        }
    })
}

fn dev(files: &Files, options: &RetrievalOptions) -> Result<RetrievalDataset, CorpusError> {
    let folder = files.data.as_deref().and_then(RetrievalFolder::find);
    Ok(match (folder, &files.dev) {
        (Some(folder), Some(file)) => folder.judged_by(file)?,
        (Some(folder), None) => match folder.dev()? {
            Some(dev) => dev,
            None => return Err(folder.missing(&["dev", "test"]).into()),
        },
        (None, _) => files.own_dev(OWN, &FILES, |path| pairs(path, options).read())?,
    })
}

/// A user's file.
fn pairs(path: &Path, options: &RetrievalOptions) -> PairFile {
    let RetrievalOptions {
        query_column,
        article_column,
        negative_column,
        ..
    } = options;
    let mut file = PairFile::new(path);
    if let Some(name) = query_column {
        file = file.query_column(name);
    }
    if let Some(name) = article_column {
        file = file.article_column(name);
    }
    match negative_column {
        Some(name) => file.negative_column(name),
        None => file,
    }
}

/// Reads texts that are to become vectors.
pub(crate) fn read_inputs(
    inputs: Inputs,
    options: &RetrievalOptions,
) -> Result<InputBlocks<RetrievalExample>, CorpusError> {
    let file = |path: &Path| {
        let file = TextFile::new(path).labelled(false);
        match &options.query_column {
            Some(name) => file.text_column(name),
            None => file,
        }
    };
    let texts = texts::read(inputs, false, file)?;
    Ok(texts.convert(RetrievalDataset::of_texts))
}
