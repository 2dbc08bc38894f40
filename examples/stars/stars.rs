//! How many stars a review gives, from 1 to 5: the task that `docs/adding-a-task.md` adds.

use std::path::Path;

use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use bert_tasks::{Corpus, CorpusError, Inputs, Metrics, Row, SequenceClassification, SequenceClassifier};
use bert_tasks::{Task, TaskError, TextOptions, probability::softmax};
use burn::tensor::Device;
use datasets::{DataError, Source, Table, TextDataset, TextExample};
use serde_json::{Map, Value, json};

/// The reader: a CSV, TSV or JSON-lines file with the columns `text` and `stars`.
pub fn read(path: &Path) -> Result<TextDataset, DataError> {
    let table = Table::read(path)?;
    let mut examples = vec![];
    for ((line, text), (_, stars)) in table.column("text")?.into_iter().zip(table.column("stars")?) {
        let source = Source::file(path).line(line);
        if !matches!(stars, "1" | "2" | "3" | "4" | "5") {
            return Err(source.fault(Some("stars"), format!("`{stars}`; it must be 1 to 5")));
        }
        let (text, label) = (text.into(), Some(stars.into()));
        examples.push(TextExample {
            text,
            second: None,
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

impl Task for Stars {
    type Example = TextExample;
    type Place = ();
    type Target = u32;
    type Answer = f64;
    type Options = TextOptions;
    type Model = SequenceClassifier;

    const NAME: &'static str = "stars";
    const ABOUT: &'static str = "How many stars a review gives";
    const ARCHITECTURE: &'static str = "BertForSequenceClassification";
    const METRICS: &'static [&'static str] = &["closeness"];

    fn corpora() -> &'static [Corpus<Self>] {
        &[]
    }

    fn from_data(_: &Corpus<Self>, _: &TextDataset, _: &TextOptions) -> Result<Self, TaskError> {
        Ok(Stars)
    }

    fn from_model(c: &BertConfig, _: &Checkpoint, _: Option<&str>, _: &TextOptions) -> Result<Self, String> {
        match c.labels().map_err(|e| e.to_string())? {
            Some(names) if names.len() == 5 => Ok(Stars),
            _ => Err("this model has no five labels".into()),
        }
    }

    fn encode(&self, all: &[TextExample], by: &BertTokenizer, n: usize) -> Result<Vec<Row<Self>>, TaskError> {
        let texts: Vec<_> = all.iter().map(|e| (e.text.as_str(), None)).collect();
        Row::of_texts(&texts, by, n, |at| stars(&all[at]).map(|stars| stars as u32 - 1))
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceClassifier {
        SequenceClassifier::new(config, 5, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::ARCHITECTURE.into()]);
        config.set_labels(&["1", "2", "3", "4", "5"].map(String::from));
    }

    fn decode(&self, _: &TextExample, _: &[Row<Self>], logits: &[Vec<f32>]) -> f64 {
        let weighted = softmax(&logits[0]).into_iter().zip(1..);
        weighted.map(|(p, stars)| p * f64::from(stars)).sum()
    }

    fn score(&self, examples: &[TextExample], answers: &[f64]) -> Metrics {
        let pairs = examples.iter().zip(answers);
        let errors: Vec<f64> = pairs.filter_map(|(e, a)| Some((stars(e)? - a).abs())).collect();
        let worst = 4.0 * errors.len() as f64;
        let mut metrics = Metrics::default();
        metrics.set("closeness", 1.0 - errors.iter().sum::<f64>() / worst);
        metrics
    }

    fn main_metric(&self) -> &str {
        "closeness"
    }

    fn line(&self, example: &TextExample, answer: &f64) -> Map<String, Value> {
        let mut line = Map::new();
        line.insert("text".into(), json!(example.text));
        line.insert("stars".into(), json!(answer));
        line
    }

    fn read(inputs: &Inputs, options: &TextOptions) -> Result<TextDataset, CorpusError> {
        SequenceClassification::read(inputs, options)
    }
}
