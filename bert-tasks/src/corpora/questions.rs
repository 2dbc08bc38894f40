//! Questions about passages.

use datasets::demo::{self, DemoConfig, DemoCorpus};
use datasets::{DataError, QuestionDataset, QuestionExample, Squad, has_extension};

use super::inputs::{Content, pair, two_by_two};
use super::{Corpus, CorpusError, Demo, DemoModel, InputBlocks, Inputs};
use crate::question_answering::QuestionAnswering;

const SQUAD: &str = "give the folder with train-v1.1.json and dev-v1.1.json";
const SQUAD2: &str = "give the folder with train-v2.0.json and dev-v2.0.json";
const OWN: &str =
    "give a file in SQuAD's JSON, in JSON lines or in Parquet, or a folder with a train and a dev file";
const FILES: [&str; 4] = ["json", "jsonl", "ndjson", "parquet"];

/// The corpora of questions.
pub static CORPORA: &[Corpus<QuestionAnswering>] = &[
    Corpus {
        name: "demo-questions",
        about: "Who, what, whom and where questions about generated passages",
        format: "none",
        main_metric: "f1",
        options: &["max_answer_length", "n_best"],
        preset: |_| (),
        demo: Some(Demo {
            vocabulary: demo::vocabulary,
            model: DemoModel::Questions,
            max_length: 64,
            epochs: 1,
            lr: 3e-4,
            warmup: 0.2,
            batch_size: 16,
            keep_together: 1,
        }),
        labels: None,
        splits: |_, _| Ok(passages().into()),
        dev: |_, _| Ok(passages().dev),
    },
    Corpus {
        name: "squad",
        about: "Answers in passages of Wikipedia: SQuAD 1.1",
        format: "train-v1.1.json and dev-v1.1.json",
        main_metric: "f1",
        options: &["stride", "max_question_length", "max_answer_length", "n_best"],
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, _| {
            files.published(
                SQUAD,
                |dir| Squad::V1.train(dir),
                |dir| Squad::V1.dev(dir),
                Squad::file,
            )
        },
        dev: |files, _| files.published_dev(SQUAD, |dir| Squad::V1.dev(dir), Squad::file),
    },
    Corpus {
        name: "squad2",
        about: "Answers in passages of Wikipedia, or none: SQuAD 2.0",
        format: "train-v2.0.json and dev-v2.0.json",
        main_metric: "f1",
        options: ALL,
        preset: |options| options.no_answer = true,
        demo: None,
        labels: None,
        splits: |files, _| {
            files.published(
                SQUAD2,
                |dir| Squad::V2.train(dir),
                |dir| Squad::V2.dev(dir),
                Squad::file,
            )
        },
        dev: |files, _| files.published_dev(SQUAD2, |dir| Squad::V2.dev(dir), Squad::file),
    },
    Corpus {
        name: "qa",
        about: "Answers to questions about passages",
        format: "SQuAD's JSON, or JSON lines or Parquet with id, question, context and answers",
        main_metric: "f1",
        options: ALL,
        preset: |_| (),
        demo: None,
        labels: None,
        splits: |files, _| files.own(OWN, &FILES, Squad::file),
        dev: |files, _| files.own_dev(OWN, &FILES, Squad::file),
    },
];

const ALL: &[&str] = &[
    "stride",
    "max_question_length",
    "max_answer_length",
    "n_best",
    "no_answer",
    "null_threshold",
];

fn passages() -> DemoCorpus<QuestionExample> {
    demo::questions::generate(&DemoConfig {
        train: 60000,
        ..DemoConfig::default()
    })
}

/// What a question is called in messages.
const QUESTION: &str = "a question and its passage";

/// Reads questions for a prediction.
pub(crate) fn read_inputs(inputs: Inputs) -> Result<InputBlocks<QuestionExample>, CorpusError> {
    let of_pairs = |pairs: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        QuestionDataset::from_pairs(Inputs::arguments(), &pairs)
    };
    Ok(match inputs.content()? {
        Content::Texts(texts) => InputBlocks::whole(of_pairs(&two_by_two(&texts, QUESTION)?)?),
        Content::Pair(question, passage) => InputBlocks::whole(of_pairs(&[(question, passage)])?),
        Content::Lines(lines) => {
            let path = lines.source().to_path_buf();
            let mut count = 0;
            InputBlocks::of(lines.map(move |block| {
                let questions = block?.into_iter().map(|(source, text)| {
                    let (question, passage) = pair(&source, &text, QUESTION)?;
                    count += 1;
                    QuestionExample::unlabelled(count, &question, &passage, source)
                });
                let questions = questions.collect::<Result<_, DataError>>()?;
                QuestionDataset::new(&path, questions)
            }))
        }
        Content::Objects(source, objects) => InputBlocks::of(QuestionDataset::read_objects(&source, objects)),
        Content::File(path) if has_extension(&path, &["csv", "tsv"]) => {
            let text = format!(
                "{}: questions are read from SQuAD's .json, from .jsonl or from .parquet",
                path.display()
            );
            return Err(CorpusError::Inputs(text));
        }
        Content::File(path) => InputBlocks::whole(Squad::unlabelled_file(&path)?),
    })
}
