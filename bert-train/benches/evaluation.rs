//! How much memory an evaluation takes with few and with many outputs.
//!
//! `cargo bench --bench evaluation -- --outputs 30000 --texts 100000` prints one JSON line. The task guesses the last word
//! of each text from `--outputs` words, as a language model does with its vocabulary: its model outputs a number for each
//! word, and the evaluation may keep only the best. `peak_mib` is the peak memory of the process.
//! `scripts/bench/eval-memory` compares two numbers of outputs.

use std::path::Path;
use std::time::Instant;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, EncoderInput, parse_device};
use bert_tasks::{
    Collation, CorpusFacts, Decode, Encode, Metrics, Prediction, Row, SequenceClassifier, Task, TaskError,
    TextOptions,
};
use bert_train::run::Predictions;
use bert_train::system::memory;
use bert_train::training::evaluator::Evaluator;
use bert_train::{BatchLoader, EncodedDataset, Order};
use burn::tensor::{Device, Tensor};
use clap::Parser;
use datasets::{Examples, Message, Source, TextExample};

/// Measures the memory of an evaluation.
#[derive(Parser)]
struct Options {
    /// Outputs of the model.
    #[arg(long, default_value_t = 30_000)]
    outputs: usize,
    /// Texts.
    #[arg(long, default_value_t = 100_000)]
    texts: usize,
    /// Texts per batch.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Device.
    #[arg(long, default_value = "auto")]
    device: String,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Predicts one of `words` words.
#[derive(Clone, Debug)]
struct LastWord {
    words: usize,
}

impl Encode for LastWord {
    type Example = TextExample;
    type Row = Row<(), u32>;
    type Input = EncoderInput;
    type Target = u32;

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Self::Row>, TaskError> {
        let texts: Vec<(&str, Option<&str>)> = examples.iter().map(|e| (e.text.as_str(), None)).collect();
        let target = |index: usize| Some((examples[index].source.line % self.words) as u32);
        Row::of_texts(&texts, tokenizer, max_length, target)
    }

    fn collate(&self, rows: &[Self::Row], context: &Collation<'_>) -> (EncoderInput, Vec<u32>) {
        Row::collate(rows, context)
    }
}

impl Decode for LastWord {
    type Model = SequenceClassifier;
    /// The best word.
    type RowOutput = u32;
    type Answer = u32;
    /// Whether it is the right one.
    type Score = bool;

    const METRICS: &'static [&'static str] = &["accuracy"];

    fn row_outputs(&self, output: Tensor<3>, _: &[Self::Row]) -> Vec<u32> {
        let best = output.argmax(2).into_data();
        best.iter::<u32>().collect()
    }

    fn decode(&self, _: &TextExample, _: &[Self::Row], outputs: Vec<u32>) -> u32 {
        outputs[0]
    }

    fn score(&self, example: &TextExample, answer: &u32) -> Option<bool> {
        Some(*answer as usize == example.source.line % self.words)
    }

    fn metrics(&self, scores: &[bool]) -> Metrics {
        let right = scores.iter().filter(|&&right| right).count();
        let mut metrics = Metrics::default();
        metrics.set("accuracy", right as f64 / scores.len() as f64);
        metrics
    }

    fn main_metric(&self) -> &str {
        "accuracy"
    }

    fn prediction(&self, example: &TextExample, answer: &u32) -> Prediction {
        [
            ("text".to_owned(), example.text.clone().into()),
            ("word".to_owned(), (*answer).into()),
        ]
        .into_iter()
        .collect()
    }
}

impl Task for LastWord {
    type Options = TextOptions;

    const NAME: &'static str = "last-word";
    const ABOUT: &'static str = "The last word of a text";
    const HEAD: &'static str = "ForSequenceClassification";

    fn from_data(
        _: &CorpusFacts<'_>,
        train: &Examples<TextExample>,
        _: &TextOptions,
    ) -> Result<Self, TaskError> {
        Ok(Self { words: train.len() })
    }

    fn from_model(_: &BertConfig, _: &Checkpoint, _: Option<&str>, _: &TextOptions) -> Result<Self, Message> {
        Err("the models of this benchmark are not saved".into())
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SequenceClassifier {
        SequenceClassifier::new(config, self.words, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
    }
}

fn main() {
    let options = Options::parse();
    if let Err(error) = measure(&options) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn measure(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let device = parse_device(&options.device)?;
    let words = ["a", "good", "bad", "film", "song", "was", "is", "not"];
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let vocabulary: Vec<String> = special
        .iter()
        .chain(&words)
        .map(|word| word.to_string())
        .collect();
    let config = BertConfig::compact(vocabulary.len(), 32, 1, 2);
    let tokenizer = BertTokenizer::from_vocabulary(vocabulary, Normalization::default())?;
    let source = Source::file(Path::new("made"));
    let example = |number: usize| TextExample {
        text: (0..2 + number % 7)
            .map(|place| words[(number / 7 + place * 3) % words.len()])
            .collect::<Vec<_>>()
            .join(" "),
        second: None,
        label: None,
        source: source.line(number + 1),
    };
    let examples: Vec<TextExample> = (0..options.texts).map(example).collect();
    let task = LastWord {
        words: options.outputs,
    };
    let model = task.model(&config, 1, &device);
    let rows = EncodedDataset::encode(&task, &examples, &tokenizer, 16)?;
    let loader = BatchLoader::new(&task, rows, Order::ByLength, options.batch, &tokenizer, &device);
    let before = memory::resident().unwrap_or_default();
    let start = Instant::now();
    let dir = tempfile::tempdir()?;
    let mut predictions = Predictions::new(&task, &dir.path().join("predictions.jsonl"))?;
    let evaluator = Evaluator::new(&task, &model, &examples);
    let evaluation = evaluator.evaluate(
        &loader,
        |_| true,
        |answered| predictions.add(&task, answered.index, answered.example, &answered.answer),
    )?;
    predictions.write()?;
    assert!(evaluation.is_some_and(|evaluation| evaluation.loss.is_finite()));
    let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    println!(
        r#"{{"outputs": {}, "texts": {}, "seconds": {:.1}, "before_mib": {:.0}, "peak_mib": {:.0}}}"#,
        options.outputs,
        options.texts,
        start.elapsed().as_secs_f64(),
        mib(before),
        mib(memory::peak().unwrap_or_default()),
    );
    Ok(())
}
