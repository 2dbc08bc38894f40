//! How many stars a review gives, from 1 to 5: the task that `docs/tasks/adding-a-task.md` adds.

use std::path::Path;

use bert_core::{BertConfig, BertTokenizer, Checkpoint, EncoderInput};
use bert_tasks::heads::{row_values, softmax};
use bert_tasks::{Collation, CorpusFacts, Decode, Encode, Metrics, Prediction, Row};
use bert_tasks::{SequenceClassifier, Task, TaskError, TextOptions};
use burn::tensor::{Device, Tensor};
use datasets::{DataError, Message, Source, Table, TextDataset, TextExample};
use serde_json::json;

/// The reader: a CSV, TSV or JSON-lines file with the columns `text` and `stars`.
pub fn read(path: &Path) -> Result<TextDataset, DataError> {
    let table = Table::read(path)?;
    let mut examples = vec![];
    for ((line, text), (_, stars)) in table.column("text")?.into_iter().zip(table.column("stars")?) {
        let source = Source::file(path).line(line);
        if !matches!(stars, "1" | "2" | "3" | "4" | "5") {
            return Err(source.error(Some("stars"), format!("`{stars}`; it must be 1 to 5")));
        }
        let (text, second, label) = (text.into(), None, Some(stars.into()));
        examples.push(TextExample {
            text,
            second,
            label,
            source,
        });
    }
    TextDataset::new(path, examples)
}

/// The task.
#[derive(Clone, Debug)]
pub struct Stars;

fn stars(example: &TextExample) -> Option<f64> {
    example.label.as_ref()?.parse().ok()
}

type StarsRow = Row<(), u32>;

impl Encode for Stars {
    type Example = TextExample;
    type Row = StarsRow;
    type Input = EncoderInput;
    type Target = u32;

    fn encode(&self, all: &[TextExample], by: &BertTokenizer, n: usize) -> Result<Vec<StarsRow>, TaskError> {
        let texts: Vec<_> = all.iter().map(|e| (e.text.as_str(), None)).collect();
        Row::of_texts(&texts, by, n, |at| stars(&all[at]).map(|stars| stars as u32 - 1))
    }

    fn collate(&self, rows: &[StarsRow], context: &Collation<'_>) -> (EncoderInput, Vec<u32>) {
        Row::collate(rows, context)
    }
}

impl Decode for Stars {
    type Model = SequenceClassifier;
    type RowOutput = Vec<f32>;
    type Answer = f64;
    type Score = f64; // How far off an answer is.

    const METRICS: &'static [&'static str] = &["closeness"];

    fn row_outputs(&self, output: Tensor<3>, _: &[StarsRow]) -> Vec<Vec<f32>> {
        row_values(output)
    }

    fn decode(&self, _: &TextExample, _: &[StarsRow], outputs: Vec<Vec<f32>>) -> f64 {
        let weighted = softmax(&outputs[0]).into_iter().zip(1..);
        weighted.map(|(p, stars)| p * f64::from(stars)).sum()
    }

    fn score(&self, example: &TextExample, answer: &f64) -> Option<f64> {
        Some((stars(example)? - answer).abs())
    }

    fn metrics(&self, errors: &[f64]) -> Metrics {
        let worst = 4.0 * errors.len() as f64;
        Metrics::from_iter([("closeness", 1.0 - errors.iter().sum::<f64>() / worst)])
    }

    fn main_metric(&self) -> &str {
        "closeness"
    }

    fn prediction(&self, example: &TextExample, answer: &f64) -> Prediction {
        Prediction::from_iter([
            ("text".into(), json!(example.text)),
            ("stars".into(), json!(answer)),
        ])
    }
}

impl Task for Stars {
    type Options = TextOptions;

    const NAME: &'static str = "stars";
    const ABOUT: &'static str = "How many stars a review gives";
    const HEAD: &'static str = "ForSequenceClassification";

    fn from_data(_: &CorpusFacts<'_>, _: &TextDataset, _: &TextOptions) -> Result<Self, TaskError> {
        Ok(Stars)
    }

    fn from_model(c: &BertConfig, _: &Checkpoint, _: Option<&str>, _: &TextOptions) -> Result<Self, Message> {
        match c.labels().map_err(|e| e.to_string())? {
            Some(names) if names.len() == 5 => Ok(Stars),
            _ => Err("this model does not have five labels".into()),
        }
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceClassifier {
        SequenceClassifier::new(config, 5, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
        config.set_labels(&["1", "2", "3", "4", "5"].map(String::from));
    }
}
