//! Labelled texts.

use std::path::Path;

use datasets::demo::{self, DemoConfig, DemoCorpus, acceptability, inference, sentiment};
use datasets::{Cola, DataError, PAIR_CORPORA, Source, Sst2, TextDataset, TextExample, TextFile};

use super::inputs::{Content, pair as pair_in, two_by_two};
use super::{Corpus, CorpusError, Demo, DemoModel, InputBlocks, Inputs};
use crate::classification::{SequenceClassification, TextOptions};
use crate::task::Options;

pub(crate) const TABLES: [&str; 7] = ["csv", "tsv", "jsonl", "ndjson", "json", "txt", "parquet"];
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
            model: DemoModel::Structure,
            max_length: 48,
            epochs: 2,
            lr: 8e-4,
            warmup: 0.1,
            batch_size: 32,
            keep_together: 2,
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
            model: DemoModel::Texts,
            max_length: 32,
            epochs: 4,
            lr: 3e-4,
            warmup: 0.1,
            batch_size: 16,
            keep_together: 1,
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
            model: DemoModel::Pairs,
            max_length: 48,
            epochs: 3,
            lr: 3e-4,
            warmup: 0.3,
            batch_size: 18,
            keep_together: 3,
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
        about: "Labels of texts or of pairs of texts",
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
pub(crate) fn read_inputs(
    inputs: Inputs,
    options: &TextOptions,
) -> Result<InputBlocks<TextExample>, CorpusError> {
    let pairs = options.reads_pairs();
    read(inputs, pairs, |path| file(path, options).labelled(false))
}

impl Inputs {
    /// The inputs of a program that reads single texts; `column` names that with the texts, which is guessed otherwise.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn texts(self, column: Option<&str>) -> Result<InputBlocks<TextExample>, CorpusError> {
        read(self, false, |path| {
            let file = TextFile::new(path).labelled(false);
            match column {
                Some(name) => file.text_column(name),
                None => file,
            }
        })
    }

    /// The inputs of a program that reads pairs of texts; `columns` names the columns of the first and of the second text,
    /// which are guessed otherwise.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn pairs(self, columns: [Option<&str>; 2]) -> Result<InputBlocks<TextExample>, CorpusError> {
        read(self, true, |path| {
            let file = TextFile::new(path).labelled(false).pairs(true);
            let file = match columns[0] {
                Some(name) => file.text_column(name),
                None => file,
            };
            match columns[1] {
                Some(name) => file.second_column(name),
                None => file,
            }
        })
    }
}

/// What a pair is called in messages.
const PAIRS_OF_TEXTS: &str = "pairs of texts";

/// Texts, or pairs of texts; `file` says which columns of a file hold them.
pub(super) fn read(
    inputs: Inputs,
    pairs: bool,
    file: impl Fn(&Path) -> TextFile,
) -> Result<InputBlocks<TextExample>, CorpusError> {
    let of_pairs = |pairs: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        TextDataset::from_pairs(Inputs::arguments(), &pairs)
    };
    Ok(match inputs.content()? {
        Content::Texts(texts) if pairs => InputBlocks::whole(of_pairs(&two_by_two(&texts, PAIRS_OF_TEXTS)?)?),
        Content::Texts(texts) => InputBlocks::whole(TextDataset::from_texts(Inputs::arguments(), &texts)?),
        Content::Pair(a, b) => InputBlocks::whole(of_pairs(&[(a, b)])?),
        Content::Lines(lines) => {
            let path = lines.source().to_path_buf();
            InputBlocks::of(lines.map(move |block| {
                let examples = block?.into_iter().map(|line| of_line(line, pairs));
                TextDataset::new(&path, examples.collect::<Result<_, DataError>>()?)
            }))
        }
        Content::Objects(source, objects) => InputBlocks::of(file(&source).read_objects(objects)),
        Content::File(path) => InputBlocks::whole(file(&path).read()?),
    })
}

/// A line of plain text.
fn of_line((source, text): (Source, String), pairs: bool) -> Result<TextExample, DataError> {
    let (text, second) = match pairs {
        true => pair_in(&source, &text, PAIRS_OF_TEXTS).map(|(a, b)| (a, Some(b)))?,
        false => (text, None),
    };
    Ok(TextExample {
        text,
        second,
        label: None,
        source,
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
