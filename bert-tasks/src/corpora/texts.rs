//! Labelled texts.

use std::path::Path;

use datasets::demo::{self, DemoConfig};
use datasets::{Cola, DataError, Sst2, TextDataset, TextFile};

use crate::classification::{SequenceClassification, TextOptions};
use crate::corpus::{Corpus, CorpusError, Demo, Splits, dev_file};
use crate::inputs::Inputs;

const TABLES: [&str; 6] = ["csv", "tsv", "jsonl", "ndjson", "json", "txt"];
const OWN: &str = "give a CSV, TSV or JSON-lines file, or a folder with a train and a dev file";
const COLA: &str = "give the folder with in_domain_train.tsv";
const SST2: &str = "give the folder with train.tsv and dev.tsv";

/// The corpora of texts with labels.
pub static CORPORA: &[Corpus<SequenceClassification>] = &[
    Corpus {
        name: "demo",
        about: "Whether a sentence is English, on sentences this program makes; needs no files and no model",
        format: "none",
        main_metric: "matthews",
        options: &[],
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            max_length: 32,
        }),
        labels: Some(demo::labels),
        splits: |_, _| {
            let demo = demo::generate(&DemoConfig::default());
            Ok(Splits {
                train: demo.train,
                dev: demo.dev,
                note: None,
            })
        },
        dev: |_, _| Ok(demo::generate(&DemoConfig::default()).dev),
    },
    Corpus {
        name: "cola",
        about: "Whether a sentence is English: the Corpus of Linguistic Acceptability",
        format: "in_domain_train.tsv, in_domain_dev.tsv and out_of_domain_dev.tsv, or GLUE's train.tsv and dev.tsv",
        main_metric: "matthews",
        options: &[],
        demo: None,
        labels: Some(Cola::labels),
        splits: |files, _| files.published(COLA, Cola::train, Cola::dev, Cola::file),
        dev: |files, _| files.judged(COLA, |dir| Ok(Cola::dev(dir)?), Cola::file),
    },
    Corpus {
        name: "sst2",
        about: "Whether a sentence of a film review is positive: the Stanford Sentiment Treebank",
        format: "train.tsv and dev.tsv with the columns sentence and label",
        main_metric: "accuracy",
        options: &[],
        demo: None,
        labels: Some(Sst2::labels),
        splits: |files, _| files.published(SST2, Sst2::train, Sst2::dev, Sst2::file),
        dev: |files, _| files.judged(SST2, |dir| Ok(Sst2::dev(dir)?), Sst2::file),
    },
    Corpus {
        name: "classify",
        about: "Your own labelled texts",
        format: "CSV, TSV or JSON lines with a column of texts and a column of labels",
        main_metric: "accuracy",
        options: &["text_column", "label_column"],
        demo: None,
        labels: None,
        splits: |files, options| files.own(OWN, &TABLES, |file| read_file(file, options, true)),
        dev: |files, options| {
            files.judged(
                OWN,
                |dir| Ok(read_file(&dev_file(dir, &TABLES)?, options, true)?),
                |file| read_file(file, options, true),
            )
        },
    },
];

/// Reads a user's file; `labelled` says whether the label column is needed.
fn read_file(path: &Path, options: &TextOptions, labelled: bool) -> Result<TextDataset, DataError> {
    let mut file = TextFile::new(path).labelled(labelled);
    if let Some(column) = &options.text_column {
        file = file.text_column(column);
    }
    if let (Some(column), true) = (&options.label_column, labelled) {
        file = file.label_column(column);
    }
    file.read()
}

/// Texts to be labelled.
pub(crate) fn read_inputs(inputs: &Inputs, options: &TextOptions) -> Result<TextDataset, CorpusError> {
    Ok(match inputs {
        Inputs::Arguments(texts) => TextDataset::from_texts(Inputs::arguments(), texts)?,
        Inputs::File(path) => read_file(path, options, false)?,
        Inputs::Lines { source, bytes } => TextDataset::from_lines(source, bytes)?,
    })
}
