//! Texts and pairs of texts with scores.

use std::path::Path;

use datasets::demo::{self, DemoConfig, DemoCorpus, similarity};
use datasets::{ScoredDataset, ScoredExample, SickRelatedness, StsB, TextFile};

use super::texts::{OWN, TABLES, columns, read};
use super::{Corpus, CorpusError, Demo, DemoModel, InputBlocks, Inputs};
use crate::regression::{ScoreOptions, SequenceRegression};
use crate::task::Options;

const STSB: &str = "give the folder with sts-train.csv and sts-dev.csv";
const SICK: &str = "give the folder with SICK.txt, or with SICK_train.txt and SICK_trial.txt";

/// The corpora of texts with scores.
pub static CORPORA: &[Corpus<SequenceRegression>] = &[
    Corpus {
        name: "demo-scores",
        about: "How similar two sentences are, from 0 to 5, on generated sentences",
        format: "none",
        main_metric: "pearson",
        options: &["clip_below", "clip_above"],
        preset: |options| options.pairs = true,
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            model: DemoModel::Texts,
            max_length: 48,
            epochs: 3,
            lr: 3e-4,
            warmup: 0.1,
            batch_size: 16,
            keep_together: 1,
        }),
        labels: None,
        splits: |_, _| Ok(agreement().into()),
        dev: |_, _| Ok(agreement().dev),
    },
    Corpus {
        name: "stsb",
        about: "How similar in meaning two sentences are, from 0 to 5: the Semantic Textual Similarity benchmark",
        format: "sts-train.csv and sts-dev.csv, or GLUE's train.tsv and dev.tsv",
        main_metric: "pearson",
        options: &["clip_below", "clip_above"],
        preset: |options| options.pairs = true,
        demo: None,
        labels: None,
        splits: |files, _| files.published(STSB, StsB::train, StsB::dev, StsB::file),
        dev: |files, _| files.published_dev(STSB, StsB::dev, StsB::file),
    },
    Corpus {
        name: "sick-relatedness",
        about: "How related two sentences are, from 1 to 5: SICK",
        format: "SICK.txt, or SICK_train.txt and SICK_trial.txt",
        main_metric: "pearson",
        options: &["clip_below", "clip_above"],
        preset: |options| options.pairs = true,
        demo: None,
        labels: None,
        splits: |files, _| {
            files.published(
                SICK,
                SickRelatedness::train,
                SickRelatedness::dev,
                SickRelatedness::file,
            )
        },
        dev: |files, _| files.published_dev(SICK, SickRelatedness::dev, SickRelatedness::file),
    },
    Corpus {
        name: "regress",
        about: "A number for a text or for a pair of texts",
        format: "CSV, TSV, JSON or Parquet with a column of texts, or two, and a column of numbers",
        main_metric: "pearson",
        options: &[
            "text_column",
            "second_column",
            "score_column",
            "pairs",
            "clip_below",
            "clip_above",
        ],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| files.own(OWN, &TABLES, |path| file(path, options).read_scored()),
        dev: |files, options| files.own_dev(OWN, &TABLES, |path| file(path, options).read_scored()),
    },
];

fn agreement() -> DemoCorpus<ScoredExample> {
    similarity::generate(&DemoConfig {
        train: 24000,
        ..DemoConfig::default()
    })
}

/// A user's file.
fn file(path: &Path, options: &ScoreOptions) -> TextFile {
    columns(
        TextFile::new(path).pairs(options.pairs),
        &options.text_column,
        &options.second_column,
        &options.score_column,
    )
}

/// Reads texts for a prediction.
pub(crate) fn read_inputs(
    inputs: Inputs,
    options: &ScoreOptions,
) -> Result<InputBlocks<ScoredExample>, CorpusError> {
    let pairs = options.reads_pairs();
    let texts = read(inputs, pairs, |path| file(path, options).labelled(false))?;
    Ok(texts.convert(ScoredDataset::unscored))
}
