//! A fine-tuned classifier inside an app: loaded from bytes, without a file system, threads or training code. This is
//! the part of the project that also compiles to WebAssembly (`scripts/check/wasm`).
//!
//! An app would embed the three files with `include_bytes!` or download them; this program reads them from a folder.
//!
//! ```text
//! cargo run --release -- train demo
//! cargo run --release -p bert-examples --example embedded -- runs/demo/model "The painters works."
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_core::{BertConfig, BertTokenizer, Checkpoint, Mode};
use bert_tasks::{
    Collation, Decode, Encode, Prediction, SequenceClassification, SequenceClassifier, Task, TaskModel,
};
use burn::tensor::Device;
use datasets::{Source, TextExample};

/// A fine-tuned model with everything that a prediction needs.
pub struct Classifier {
    task: SequenceClassification,
    model: SequenceClassifier,
    tokenizer: BertTokenizer,
    max_length: usize,
    device: Device,
}

impl Classifier {
    /// Loads the model from the contents of `config.json`, `tokenizer.json` and `model.safetensors`.
    pub fn from_bytes(config: &[u8], tokenizer: &[u8], weights: Vec<u8>) -> Result<Self, Box<dyn Error>> {
        let device = Device::default();
        let config = BertConfig::from_json(std::str::from_utf8(config)?)?;
        let tokenizer = BertTokenizer::from_json(std::str::from_utf8(tokenizer)?, config.architecture())?
            .for_model(&config)?;
        let checkpoint = Checkpoint::from_bytes(weights)?;
        let task = SequenceClassification::from_model(&config, &checkpoint, None, &Default::default())
            .map_err(|reason| reason.to_string())?;
        let model = task.model(&config, 0, &device);
        let names = config.architecture().names(SequenceClassification::HEAD);
        let (model, report) = checkpoint.load_into(model, names)?;
        if !report.missing.is_empty() {
            return Err(format!("the weights lack {}", report.missing.join(", ")).into());
        }
        Ok(Self {
            task,
            model,
            tokenizer,
            max_length: config.max_tokens(),
            device,
        })
    }

    /// The label of a text and the probabilities, as in `predictions.jsonl`.
    pub fn predict(&self, text: &str) -> Result<Prediction, Box<dyn Error>> {
        let example = TextExample {
            text: text.into(),
            second: None,
            label: None,
            source: Source::file(Path::new("text")),
        };
        let rows = self
            .task
            .encode(std::slice::from_ref(&example), &self.tokenizer, self.max_length)?;
        let context = Collation::inference(&self.tokenizer, &[0], &self.device);
        let (input, _) = self.task.collate(&rows, &context);
        let output = self.model.forward(&input, Mode::Inference);
        let outputs = self.task.row_outputs(output, &rows);
        let answer = self.task.decode(&example, &rows, outputs);
        Ok(self.task.prediction(&example, &answer))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or("runs/demo/model".into()));
    let text = arguments.next().unwrap_or("The painters works.".into());
    let read = |name: &str| std::fs::read(folder.join(name));
    let classifier = Classifier::from_bytes(
        &read("config.json")?,
        &read("tokenizer.json")?,
        read("model.safetensors")?,
    )?;
    println!("{:#}", serde_json::Value::from(classifier.predict(&text)?));
    Ok(())
}
