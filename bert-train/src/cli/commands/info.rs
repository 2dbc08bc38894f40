//! `bert info`.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_core::{BertConfig, BertTokenizer, Checkpoint};
use bert_train::Run;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::cli::error::CommandError;
use crate::cli::output::print;

/// `bert info`.
#[derive(Args, Debug)]
pub struct Info {
    /// A run folder or a model folder.
    dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// List every tensor with its shape.
    #[arg(long)]
    tensors: bool,
}

/// Prints what a folder contains.
pub fn run(args: &Info) -> Result<ExitCode, CommandError> {
    let mut facts = Map::new();
    let mut dir = args.dir.clone();
    if let Some((run, config)) = Run::open(&args.dir)? {
        facts.insert("run".into(), config.task.as_str().into());
        let metrics = std::fs::read_to_string(run.path("metrics.json")).ok();
        if let Some(metrics) = metrics.and_then(|text| serde_json::from_str::<Value>(&text).ok()) {
            facts.insert("metrics".into(), metrics);
        }
        dir = run.model_dir();
    }
    let config = BertConfig::from_dir(&dir)?;
    let checkpoint = Checkpoint::open(&dir)?;
    facts.extend(shape(&config, &BertTokenizer::from_dir(&dir)?)?);
    facts.extend(weights(&checkpoint, args.tensors));
    let text = if args.json {
        serde_json::to_string_pretty(&facts).expect("facts are always JSON") + "\n"
    } else {
        facts.iter().map(|(name, value)| line(name, value)).collect()
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Facts from config.json and the tokenizer's files.
fn shape(config: &BertConfig, tokenizer: &BertTokenizer) -> Result<Map<String, Value>, CommandError> {
    let mut facts = Map::new();
    let class = config.architectures.iter().flatten().next();
    facts.insert(
        "class".into(),
        class.map_or("BERT".into(), |class| class.as_str().into()),
    );
    if let Some(labels) = config.labels()? {
        facts.insert("labels".into(), json!(labels));
    }
    facts.insert("layers".into(), config.num_hidden_layers.into());
    facts.insert("hidden_size".into(), config.hidden_size.into());
    facts.insert("attention_heads".into(), config.num_attention_heads.into());
    facts.insert("intermediate_size".into(), config.intermediate_size.into());
    facts.insert("activation".into(), config.hidden_act.to_string().into());
    facts.insert("longest_text".into(), config.max_tokens().into());
    facts.insert("vocabulary".into(), tokenizer.vocab_size().into());
    let normalization = tokenizer.normalization();
    let lowercase = normalization.map(|normalization| normalization.lowercase);
    facts.insert("lowercase".into(), json!(lowercase));
    Ok(facts)
}

/// The content of the weights file, with every tensor if `list` is set.
fn weights(checkpoint: &Checkpoint, list: bool) -> Map<String, Value> {
    let mut facts = Map::new();
    let counts = checkpoint
        .describe()
        .map(|(_, shape, _)| shape.iter().product::<usize>());
    facts.insert("weights".into(), checkpoint.path().display().to_string().into());
    facts.insert("tensors".into(), checkpoint.names().count().into());
    facts.insert("parameters".into(), counts.sum::<usize>().into());
    let mut kinds: Vec<String> = checkpoint.describe().map(|(_, _, kind)| kind).collect();
    kinds.sort();
    kinds.dedup();
    facts.insert("types".into(), json!(kinds));
    if list {
        let list: Map<String, Value> = checkpoint
            .describe()
            .map(|(name, shape, kind)| (name.to_owned(), json!({"shape": shape, "type": kind})))
            .collect();
        facts.insert("tensor_list".into(), list.into());
    }
    facts
}

fn line(name: &str, value: &Value) -> String {
    let name = name.replace('_', " ");
    match value {
        Value::String(text) => format!("{name:<18} {text}\n"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("{name:<18} {}\n", items.join(", "))
        }
        Value::Object(map) => {
            let inner = map
                .iter()
                .map(|(key, value)| format!("  {key:<40} {}\n", plain(value)));
            format!("{name}\n{}", inner.collect::<String>())
        }
        other => format!("{name:<18} {other}\n"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
