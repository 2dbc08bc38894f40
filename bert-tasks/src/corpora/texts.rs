//! Labelled texts.

use std::path::Path;

use datasets::demo::{self, DemoConfig, DemoCorpus, acceptability, inference, sentiment};
use datasets::{Cola, PAIR_CORPORA, Sst2, TextDataset, TextFile};

use super::inputs::{Content, is_json};
use super::{Corpus, CorpusError, Demo, Inputs};
use crate::classification::{SequenceClassification, TextOptions};
use crate::task::Options;

pub(super) const TABLES: [&str; 7] = ["csv", "tsv", "jsonl", "ndjson", "json", "txt", "parquet"];
pub(super) const OWN: &str = "give a CSV, TSV, JSON or Parquet file, or a folder with a train and a dev file";
const COLA: &str = "give the folder with in_domain_train.tsv";
const SST2: &str = "give the folder with train.tsv and dev.tsv";

/// The corpora of texts with labels.
pub static CORPORA: &[Corpus<SequenceClassification>] = &[
    Corpus {
        name: "demo",
        about: "Whether a sentence is grammatical, on generated sentences",
        format: "none",
        main_metric: "matthews",
        options: &["top_k"],
        preset: |_| (),
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            structure: true,
            max_length: 48,
            epochs: 4,
            lr: 4.5e-4,
        }),
        labels: Some(demo::labels),
        splits: |_, _| Ok(english().into()),
        dev: |_, _| Ok(english().dev),
    },
    Corpus {
        name: "demo-sentiment",
        about: "Whether a sentence is positive, on generated sentences",
        format: "none",
        main_metric: "accuracy",
        options: &["top_k"],
        preset: |_| (),
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            structure: false,
            max_length: 32,
            epochs: 4,
            lr: 3e-4,
        }),
        labels: Some(sentiment::labels),
        splits: |_, _| Ok(praise().into()),
        dev: |_, _| Ok(praise().dev),
    },
    Corpus {
        name: "demo-pairs",
        about: "Whether a sentence follows from another, on generated sentences",
        format: "none",
        main_metric: "accuracy",
        options: &["top_k"],
        preset: |options| options.pairs = true,
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            structure: false,
            max_length: 48,
            epochs: 4,
            lr: 3e-4,
        }),
        labels: Some(inference::labels),
        splits: |_, _| Ok(follows().into()),
        dev: |_, _| Ok(follows().dev),
    },
    Corpus {
        name: "cola",
        about: "Whether a sentence is grammatical: the Corpus of Linguistic Acceptability",
        format: "in_domain_train.tsv, in_domain_dev.tsv and out_of_domain_dev.tsv, or GLUE's train.tsv and dev.tsv",
        main_metric: "matthews",
        options: &["top_k"],
        preset: |_| (),
        demo: None,
        labels: Some(Cola::labels),
        splits: |files, _| files.published(COLA, Cola::train, Cola::dev, Cola::file),
        dev: |files, _| files.published_dev(COLA, Cola::dev, Cola::file),
    },
    Corpus {
        name: "sst2",
        about: "Whether a sentence of a film review is positive: the Stanford Sentiment Treebank",
        format: "train.tsv and dev.tsv with the columns sentence and label",
        main_metric: "accuracy",
        options: &["top_k"],
        preset: |_| (),
        demo: None,
        labels: Some(Sst2::labels),
        splits: |files, _| files.published(SST2, Sst2::train, Sst2::dev, Sst2::file),
        dev: |files, _| files.published_dev(SST2, Sst2::dev, Sst2::file),
    },
    pair::<0>(
        "snli",
        "Whether a sentence follows from another, contradicts it, or neither: Stanford Natural Language Inference",
        "snli_1.0_train.jsonl and snli_1.0_dev.jsonl, or the same in .txt",
        "accuracy",
    ),
    pair::<1>(
        "mnli",
        "Whether a sentence follows from another, contradicts it, or neither, in many genres: MultiNLI; evaluated on the \
         matched and the mismatched pairs together",
        "multinli_1.0_train.jsonl and multinli_1.0_dev_matched.jsonl, or GLUE's train.tsv and dev_matched.tsv",
        "accuracy",
    ),
    pair::<2>(
        "rte",
        "Whether a sentence follows from another: Recognizing Textual Entailment",
        "GLUE's train.tsv and dev.tsv",
        "accuracy",
    ),
    pair::<3>(
        "qnli",
        "Whether a sentence holds the answer to a question: SQuAD's questions as GLUE has them",
        "GLUE's train.tsv and dev.tsv",
        "accuracy",
    ),
    pair::<4>(
        "mrpc",
        "Whether two sentences say the same: the Microsoft Research Paraphrase Corpus",
        "msr_paraphrase_train.txt and msr_paraphrase_test.txt, or GLUE's train.tsv and dev.tsv",
        "f1",
    ),
    pair::<5>(
        "qqp",
        "Whether two questions ask the same: Quora Question Pairs",
        "GLUE's train.tsv and dev.tsv",
        "f1",
    ),
    pair::<6>(
        "wnli",
        "Whether a sentence follows from one with a pronoun: Winograd schemas",
        "GLUE's train.tsv and dev.tsv",
        "accuracy",
    ),
    pair::<7>(
        "scitail",
        "Whether a statement of science follows from a sentence: SciTail",
        "scitail_1.0_train.tsv and scitail_1.0_dev.tsv",
        "accuracy",
    ),
    pair::<8>(
        "sick",
        "Whether a sentence follows from another, contradicts it, or neither: SICK",
        "SICK.txt, or SICK_train.txt and SICK_trial.txt",
        "accuracy",
    ),
    Corpus {
        name: "classify",
        about: "Your own labelled texts or pairs of texts",
        format: "CSV, TSV, JSON or Parquet with a column of texts, or two, and a column of labels",
        main_metric: "accuracy",
        options: &["text_column", "second_column", "label_column", "pairs", "top_k"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| files.own(OWN, &TABLES, |path| file(path, options).read()),
        dev: |files, options| files.own_dev(OWN, &TABLES, |path| file(path, options).read()),
    },
];

fn english() -> DemoCorpus {
    demo::generate(&DemoConfig {
        train: acceptability::TRAIN,
        ..DemoConfig::default()
    })
}

fn praise() -> DemoCorpus {
    sentiment::generate(&DemoConfig {
        train: 8000,
        ..DemoConfig::default()
    })
}

fn follows() -> DemoCorpus {
    inference::generate(&DemoConfig {
        train: 36000,
        ..DemoConfig::default()
    })
}

const PAIRS: &str = "give the folder with the corpus' files";

/// The corpus of pairs with this index in `datasets`.
const fn pair<const INDEX: usize>(
    name: &'static str,
    about: &'static str,
    format: &'static str,
    main_metric: &'static str,
) -> Corpus<SequenceClassification> {
    Corpus {
        name,
        about,
        format,
        main_metric,
        options: &["top_k"],
        preset: |options| options.pairs = true,
        demo: None,
        labels: Some(|| PAIR_CORPORA[INDEX].labels()),
        splits: |files, _| {
            let corpus = &PAIR_CORPORA[INDEX];
            files.published(
                PAIRS,
                |dir| corpus.train(dir),
                |dir| corpus.dev(dir),
                |file| corpus.file(file),
            )
        },
        dev: |files, _| {
            let corpus = &PAIR_CORPORA[INDEX];
            files.published_dev(PAIRS, |dir| corpus.dev(dir), |file| corpus.file(file))
        },
    }
}

/// A user's file.
fn file(path: &Path, options: &TextOptions) -> TextFile {
    columns(
        TextFile::new(path).pairs(options.pairs),
        &options.text_column,
        &options.second_column,
        &options.label_column,
    )
}

/// `file` with the columns that are set.
pub(super) fn columns(
    mut file: TextFile,
    text: &Option<String>,
    second: &Option<String>,
    target: &Option<String>,
) -> TextFile {
    if let Some(name) = text {
        file = file.text_column(name);
    }
    if let Some(name) = second {
        file = file.second_column(name);
    }
    if let Some(name) = target {
        file = file.target_column(name);
    }
    file
}

/// Reads texts for a prediction.
pub(crate) fn read_inputs(inputs: &Inputs, options: &TextOptions) -> Result<TextDataset, CorpusError> {
    let pairs = options.reads_pairs();
    read(inputs, pairs, |path| file(path, options).labelled(false))
}

/// The size in bytes from which plain lines are kept in a temporary file.
const LARGE: usize = 32 << 20;

/// Texts, or pairs of texts; `file` says which columns of a file hold them.
pub(super) fn read(
    inputs: &Inputs,
    pairs: bool,
    file: impl Fn(&Path) -> TextFile,
) -> Result<TextDataset, CorpusError> {
    // Many plain lines are not copied in memory.
    if let (false, Inputs::Lines { source, bytes }) = (pairs, inputs)
        && bytes.len() >= LARGE
        && !is_json(bytes)
    {
        return Ok(TextDataset::from_many_lines(source, bytes)?);
    }
    let given = if pairs {
        inputs.in_pairs("pairs of texts")?
    } else {
        inputs.singly()?
    };
    Ok(match given {
        Content::Texts(source, texts) => TextDataset::from_texts(source, &texts)?,
        Content::Pairs(source, pairs) => {
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            TextDataset::from_pairs(source, &pairs)?
        }
        Content::Objects(source, bytes) => file(source).read_json_lines(bytes)?,
        Content::File(path) => file(path).read()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_corpus_of_pairs_has_its_index() {
        let names: Vec<&str> = PAIR_CORPORA.iter().map(|corpus| corpus.name).collect();
        let ours: Vec<&str> = CORPORA
            .iter()
            .map(|corpus| corpus.name)
            .filter(|name| names.contains(name))
            .collect();
        assert_eq!(ours, names);
        for (corpus, name) in PAIR_CORPORA.iter().zip(names) {
            let ours = CORPORA.iter().find(|corpus| corpus.name == name).unwrap();
            assert_eq!(ours.labels.unwrap()(), corpus.labels(), "{name}");
        }
    }
}
