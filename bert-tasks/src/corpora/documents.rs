//! Texts without labels, which language models learn from.

use std::path::Path;

use datasets::demo::{self, DemoConfig};
use datasets::{DataError, DocumentFile, Passage, PassageDataset, Source, Unit};

use super::{Corpus, CorpusError, Demo, DemoModel, InputBlocks, Inputs, Splits};
use crate::language_modelling::causal::{CausalLanguageModelling, CausalOptions};
use crate::language_modelling::masked::{MaskedLanguageModelling, MaskedOptions};

const FILES: [&str; 7] = ["txt", "csv", "tsv", "jsonl", "ndjson", "json", "parquet"];
const OWN: &str = "give a text file, a CSV, TSV, JSON or Parquet file with a column of texts, or a folder with a train and a dev file";
/// The most passages that are held out: as blocks about 8 MB of text, with which an evaluation is precise enough.
const MAX_HELD_OUT: usize = 2000;
/// The number of sentences that the demo trains on.
const DEMO: usize = 60_000;

/// The corpora of texts.
pub static CORPORA: &[Corpus<MaskedLanguageModelling>] = &[
    Corpus {
        name: "demo-mlm",
        about: "Masked words of a sentence, on generated sentences",
        format: "none",
        main_metric: "masked_accuracy",
        options: &["mask_probability", "whole_words", "top_k"],
        preset: |options| options.line_by_line = true,
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            model: DemoModel::Structure,
            max_length: 48,
            epochs: 4,
            lr: 1e-3,
            warmup: 0.1,
            batch_size: 16,
            keep_together: 1,
        }),
        labels: None,
        splits: |_, _| Ok(sentences()?),
        dev: |_, _| Ok(sentences()?.dev),
    },
    Corpus {
        name: "pretrain",
        about: "Masked words of texts, and which sentence follows another: BERT's own pre-training",
        format: "a text file, with a blank line between documents; or CSV, TSV, JSON or Parquet with a column of texts",
        main_metric: "masked_accuracy",
        options: &[
            "text_column",
            "mask_probability",
            "whole_words",
            "nsp",
            "line_by_line",
            "top_k",
        ],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| {
            files.own_holding_out(OWN, &FILES, MAX_HELD_OUT, |path| file(path, options).read())
        },
        dev: |files, options| files.own_dev(OWN, &FILES, |path| file(path, options).read()),
    },
];

/// The same for models that read from left to right.
pub static CAUSAL_CORPORA: &[Corpus<CausalLanguageModelling>] = &[
    Corpus {
        name: "demo-lm",
        about: "The next word of a sentence, on generated sentences",
        format: "none",
        main_metric: "accuracy",
        options: &[],
        preset: |options| options.line_by_line = true,
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            model: DemoModel::Structure,
            max_length: 48,
            epochs: 2,
            lr: 1e-3,
            warmup: 0.1,
            batch_size: 16,
            keep_together: 1,
        }),
        labels: None,
        splits: |_, _| Ok(sentences()?),
        dev: |_, _| Ok(sentences()?.dev),
    },
    Corpus {
        name: "lm",
        about: "The next words of texts",
        format: "a text file; or CSV, TSV, JSON or Parquet with a column of texts",
        main_metric: "accuracy",
        options: &["text_column", "line_by_line", "documents"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| {
            files.own_holding_out(OWN, &FILES, MAX_HELD_OUT, |path| {
                causal_file(path, options).read()
            })
        },
        dev: |files, options| files.own_dev(OWN, &FILES, |path| causal_file(path, options).read()),
    },
];

/// The acceptable sentences of the demo of acceptability, without labels. So its evaluation sentences are new to models that
/// are trained further on that demo.
fn sentences() -> Result<Splits<Passage>, DataError> {
    let (train, dev) = demo::pairs(&DemoConfig {
        train: 2 * DEMO,
        ..DemoConfig::default()
    });
    let passages = |name: &str, pairs: Vec<demo::Pair>| {
        let file = Source::file(Path::new(name));
        let passages = pairs
            .into_iter()
            .enumerate()
            .map(|(at, (acceptable, _))| Passage {
                text: acceptable.text,
                document: at as u32,
                ends_document: true,
                is_input: false,
                source: file.line(at + 1),
            });
        PassageDataset::new(&file.file, passages.collect())
    };
    Ok(Splits::new(
        passages("demo-mlm train", train)?,
        passages("demo-mlm dev", dev)?,
    ))
}

/// A user's file.
fn file(path: &Path, options: &MaskedOptions) -> DocumentFile {
    document_file(
        path,
        options.line_by_line,
        options.nsp,
        options.text_column.as_deref(),
    )
}

/// A user's file for a model that reads from left to right.
fn causal_file(path: &Path, options: &CausalOptions) -> DocumentFile {
    let column = options.text_column.as_deref();
    let file = document_file(path, options.line_by_line, options.documents, column);
    match options.line_by_line {
        // The model learns where each text ends.
        true => file.unit(Unit::Text),
        false => file,
    }
}

fn document_file(path: &Path, lines: bool, documents: bool, column: Option<&str>) -> DocumentFile {
    let unit = match (lines, documents) {
        (true, _) => Unit::Line,
        (false, true) => Unit::Document,
        (false, false) => Unit::Block,
    };
    let file = DocumentFile::new(path).unit(unit);
    match column {
        Some(name) => file.text_column(name),
        None => file,
    }
}

/// Reads texts with gaps for a prediction.
pub(crate) fn read_inputs(
    inputs: Inputs,
    options: &MaskedOptions,
) -> Result<InputBlocks<Passage>, CorpusError> {
    let texts = inputs.texts(options.text_column.as_deref())?;
    Ok(texts.convert(PassageDataset::of_inputs))
}

/// Reads texts for a model that reads from left to right. They are users' own, as texts with gaps are.
pub(crate) fn read_texts(
    inputs: Inputs,
    options: &CausalOptions,
) -> Result<InputBlocks<Passage>, CorpusError> {
    let texts = inputs.texts(options.text_column.as_deref())?;
    Ok(texts.convert(PassageDataset::of_inputs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datasets::demo::acceptability;

    #[test]
    fn the_demo_has_no_sentence_of_the_labelled_demos_evaluation() {
        let Splits { train, dev } = sentences().unwrap();
        assert_eq!((train.len(), dev.len()), (DEMO, 500));
        let labelled = demo::generate(&DemoConfig {
            train: acceptability::TRAIN,
            ..DemoConfig::default()
        });
        let evaluated: std::collections::HashSet<&str> = labelled
            .dev
            .examples()
            .iter()
            .map(|example| example.text.as_str())
            .collect();
        let texts = train.examples().iter().map(|passage| passage.text.as_str());
        assert!(texts.into_iter().all(|text| !evaluated.contains(text)));
        assert!(
            dev.examples()
                .iter()
                .all(|passage| evaluated.contains(passage.text.as_str()))
        );
    }
}
