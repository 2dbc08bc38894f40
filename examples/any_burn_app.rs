//! Any Burn program can use a model from `bert train`: its `model.bpk` is the record of an ordinary Burn module.
//!
//! ```text
//! cargo run --release -- train demo
//! cargo run --release -p bert-examples --example any_burn_app -- runs/demo/model "The painters works."
//! ```

use std::error::Error;
use std::path::PathBuf;

use bert_core::{BertConfig, BertTokenizer, EncoderInput, Mode};
use bert_tasks::{SequenceClassifier, TaskModel};
use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::{Device, activation::softmax};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or("runs/demo/model".into()));
    let text = arguments.next().unwrap_or("The painters works.".into());
    let device = Device::default();

    let config = BertConfig::from_dir(&folder)?;
    let labels = config.labels()?.ok_or("config.json names no labels")?;
    let record = ModuleRecord::load(folder.join("model.bpk"))?;
    let model = SequenceClassifier::new(&config, labels.len(), 0, &device).load_record(record);

    let tokenizer = BertTokenizer::from_dir(&folder)?.for_model(&config)?;
    let encoding = tokenizer.encode(&text, None, config.max_tokens())?;
    let input = EncoderInput::from_encodings(&[&encoding], tokenizer.pad_id(), &device);
    let probabilities = softmax(model.forward(&input, Mode::Inference), 2).into_data();
    for (label, probability) in labels.iter().zip(probabilities.iter::<f32>()) {
        println!("{label:>14} {probability:.3}");
    }
    Ok(())
}
