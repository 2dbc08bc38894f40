//! Sentences with a tag for every word.

use std::path::Path;

use datasets::demo::{self, DemoConfig, DemoCorpus};
use datasets::{DataError, TagCorpus, TagFile, TaggedDataset, TaggedExample};

use super::inputs::Content;
use super::{Corpus, CorpusError, Demo, DemoModel, Files, InputBlocks, Inputs, Splits};
use crate::tagging::{ColumnChoice, TagOptions, TokenTagging};

const FILES: [&str; 8] = [
    "conllu", "conll", "txt", "tsv", "jsonl", "ndjson", "json", "parquet",
];
const OWN: &str =
    "give a CoNLL-U file, a file of columns, JSON lines or Parquet, or a folder with a train and a dev file";
const FOLDER: &str = "give the folder with the corpus' files";

/// The corpora of sentences with tags.
pub static CORPORA: &[Corpus<TokenTagging>] = &[
    Corpus {
        name: "demo-tags",
        about: "Parts of speech, on generated sentences",
        format: "none",
        main_metric: "accuracy",
        options: &["overlap"],
        preset: |_| (),
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            model: DemoModel::Texts,
            max_length: 32,
            epochs: 8,
            lr: 3e-4,
            warmup: 0.1,
            batch_size: 16,
            keep_together: 1,
        }),
        labels: None,
        splits: |_, _| Ok(parts_of_speech().into()),
        dev: |_, _| Ok(parts_of_speech().dev),
    },
    Corpus {
        name: "pos",
        about: "Parts of speech: a treebank of Universal Dependencies, evaluated on its test set",
        format: "*-ud-train.conllu and *-ud-test.conllu",
        main_metric: "accuracy",
        options: &["tags", "overlap"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| published(TagCorpus::UniversalDependencies, files, options),
        dev: |files, options| evaluation(TagCorpus::UniversalDependencies, files, options),
    },
    Corpus {
        name: "conll2000",
        about: "Chunks: CoNLL-2000",
        format: "train.txt and test.txt, columns with spaces between them",
        main_metric: "f1",
        options: &["word_column", "tag_column", "scheme", "overlap"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| published(TagCorpus::Conll2000, files, options),
        dev: |files, options| evaluation(TagCorpus::Conll2000, files, options),
    },
    Corpus {
        name: "conll2003",
        about: "Persons, organisations, places and other names in news: CoNLL-2003, evaluated on its test set",
        format: "train.txt and test.txt, or eng.train and eng.testb, columns with spaces between them",
        main_metric: "f1",
        options: &["word_column", "tag_column", "scheme", "overlap"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| published(TagCorpus::Conll2003, files, options),
        dev: |files, options| evaluation(TagCorpus::Conll2003, files, options),
    },
    Corpus {
        name: "wnut17",
        about: "Rare and emerging names: WNUT-17, evaluated on its test set",
        format: "wnut17train.conll and emerging.test.annotated, columns with tabs between them",
        main_metric: "f1",
        options: &["word_column", "tag_column", "scheme", "overlap"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| published(TagCorpus::Wnut17, files, options),
        dev: |files, options| evaluation(TagCorpus::Wnut17, files, options),
    },
    Corpus {
        name: "tag",
        about: "A tag for every word of a sentence; tags of entities (B-, I-, O) are compared by f1",
        format: "CoNLL-U where the name ends in .conllu; JSON lines or Parquet with lists of tokens and of tags; else \
                 columns with tabs or spaces between them, a blank line after each sentence",
        main_metric: "accuracy",
        options: &["tags", "word_column", "tag_column", "scheme", "overlap"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, options| files.own(OWN, &FILES, |file| read_file(file, options)),
        dev: |files, options| files.own_dev(OWN, &FILES, |file| read_file(file, options)),
    },
];

fn parts_of_speech() -> DemoCorpus<TaggedExample> {
    demo::tags::generate(&DemoConfig {
        train: 14000,
        ..DemoConfig::default()
    })
}

fn published(
    corpus: TagCorpus,
    files: &Files,
    options: &TagOptions,
) -> Result<Splits<TaggedExample>, CorpusError> {
    files.published(
        FOLDER,
        |dir| read_file(&corpus.train(dir)?, options),
        |dir| read_file(&corpus.test(dir)?, options),
        |file| read_file(file, options),
    )
}

fn evaluation(corpus: TagCorpus, files: &Files, options: &TagOptions) -> Result<TaggedDataset, CorpusError> {
    files.published_dev(
        FOLDER,
        |dir| read_file(&corpus.test(dir)?, options),
        |file| read_file(file, options),
    )
}

fn read_file(path: &Path, options: &TagOptions) -> Result<TaggedDataset, DataError> {
    file(path, options).read()?.into_bio(options.scheme.scheme())
}

fn file(path: &Path, options: &TagOptions) -> TagFile {
    let file = TagFile::new(path)
        .conllu_column(options.tags)
        .word_column(options.word_column.get() - 1);
    match &options.tag_column {
        Some(ColumnChoice::Number(column)) => file.tag_column(column.get() - 1),
        Some(ColumnChoice::Name(name)) => file.tag_name(name),
        None => file,
    }
}

/// Reads sentences for a prediction: plain text, or objects with a `text` or a list of `tokens` or `words`.
pub(crate) fn read_inputs(
    inputs: Inputs,
    options: &TagOptions,
) -> Result<InputBlocks<TaggedExample>, CorpusError> {
    Ok(match inputs.content()? {
        Content::Texts(texts) => InputBlocks::whole(TaggedDataset::from_texts(Inputs::arguments(), &texts)?),
        Content::Pair(..) => {
            return Err(CorpusError::Inputs(
                "this model reads single sentences, no pairs".into(),
            ));
        }
        Content::Lines(lines) => {
            let path = lines.source().to_path_buf();
            InputBlocks::of(lines.map(move |block| {
                let sentences = block?
                    .into_iter()
                    .map(|(source, text)| TaggedExample::of_text(text, source));
                TaggedDataset::new(&path, sentences.collect::<Result<_, DataError>>()?)
            }))
        }
        Content::Objects(source, objects) => InputBlocks::of(TaggedDataset::read_objects(&source, objects)),
        Content::File(path) => InputBlocks::whole(file(&path, options).labelled(false).read()?),
    })
}
