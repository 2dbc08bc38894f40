//! The model card, `model/README.md`: what the model does, how it was trained and how good it is, in the form of the
//! Hugging Face hub (its documentation, "Model Cards" and `model-index` of "Model Card Metadata").

use std::fmt::Write;

use bert_tasks::registry::{Reads, TaskCard};
use datasets::counted;
use serde_json::json;

use super::bootstrap::Interval;
use super::view::RunView;

/// The model card of a run, without licence and language, which its owner must add.
pub fn card(run: &RunView) -> String {
    let facts = Facts::of(run);
    let mut out = front_matter(run, &facts);
    let _ = write!(
        out,
        "# {}\n\n{}.\n\nA `{}`, for Hugging Face transformers and for Burn, fine-tuned with `bert` {} on the corpus `{}`.\n",
        facts.name, facts.about, facts.class, facts.version, facts.corpus
    );
    out += "\n## Use\n\n";
    let _ = write!(
        out,
        "```python\nmodel = transformers.{}.from_pretrained(\"path/to/this/folder\")\n\
         tokenizer = transformers.AutoTokenizer.from_pretrained(\"path/to/this/folder\")\n```\n\n\
         ```sh\nbert {} path/to/this/folder {}\n```\n",
        facts.class,
        use_command(facts.card),
        facts.example()
    );
    out += "\n## Results\n\n";
    out += &results(run);
    out += "\n## Data\n\n";
    let count = |field: &str| run.metrics[field].as_u64().unwrap_or_default() as usize;
    let _ = writeln!(
        out,
        "Trained on {} of `{}`, evaluated on {}.",
        counted(count("train_examples"), "example"),
        facts.corpus,
        counted(count("dev_examples"), "other")
    );
    out += "\n## Recipe\n\n| option | value |\n|---|---|\n";
    for (name, value) in facts.recipe() {
        let _ = writeln!(out, "| {} | {} |", name.replace('_', "-"), cell(&value));
    }
    let seconds = run.metrics["train_seconds"].as_f64().unwrap_or_default();
    let _ = writeln!(
        out,
        "\nAdamW with weight decay, except on biases and LayerNorm weights; gradients clipped by their global norm. \
         {} steps in {:.0} s on the backend {}.",
        count("steps"),
        seconds,
        run.metrics["backend"].as_str().unwrap_or("unknown")
    );
    if let Some(head) = run.metrics["head_init"].as_str() {
        let _ = writeln!(out, "\nThe new head {head}.");
    }
    out += "\n## Limits\n\n";
    out += &limits(run, &facts);
    out
}

/// Facts that the card states in several places.
struct Facts<'a> {
    run: &'a RunView,
    name: String,
    corpus: &'a str,
    version: &'a str,
    about: &'static str,
    class: String,
    card: TaskCard,
}

impl<'a> Facts<'a> {
    fn of(run: &'a RunView) -> Self {
        let text = |name: &str| run.settings.get(name).and_then(toml::Value::as_str);
        Self {
            run,
            name: run.name.clone(),
            corpus: text("task").unwrap_or("unknown"),
            version: text("version").unwrap_or("of an unknown version"),
            about: run.task.map_or("A fine-tuned BERT", |task| task.about),
            class: run.class.clone(),
            card: run.task.map(|task| task.card).unwrap_or_default(),
        }
    }

    /// The pre-trained model's name, and whether it is one of the hub. Of a folder only the last part is named: its path
    /// is private.
    fn base(&self) -> Option<(String, bool)> {
        let model = self.run.settings.get("model").and_then(toml::Value::as_str)?;
        let last = model.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next()?;
        let is_id = !model.starts_with(['/', '.', '~', '\\'])
            && !model.contains(':')
            && model.split('/').count() <= 2;
        let id = if is_id { model.split('@').next()? } else { last };
        (!id.is_empty()).then(|| (id.to_owned(), is_id))
    }

    /// What [`use_command`] is given.
    fn example(&self) -> String {
        use_arguments(
            self.card,
            self.run.task.is_some_and(|task| task.pairs),
            self.run.mask,
        )
    }

    fn recipe(&self) -> Vec<(String, String)> {
        let tables =
            ["recipe", "options"].map(|table| self.run.settings.get(table).and_then(toml::Value::as_table));
        let entries = tables.into_iter().flatten().flatten();
        let plain = |(name, value): (&String, &toml::Value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), value)
        };
        let base = self
            .base()
            .map_or("none (trained from scratch)".into(), |(base, _)| base);
        std::iter::once(("pre-trained model".to_owned(), base))
            .chain(entries.map(plain))
            .collect()
    }
}

/// YAML between two lines of dashes. JSON strings are valid YAML strings.
fn front_matter(run: &RunView, facts: &Facts) -> String {
    let quoted = |text: &str| json!(text).to_string();
    let mut out = String::from("---\nlibrary_name: transformers\n");
    if !facts.card.pipeline.is_empty() {
        let _ = writeln!(out, "pipeline_tag: {}", facts.card.pipeline);
    }
    if let Some((base, true)) = facts.base() {
        let _ = writeln!(out, "base_model: {}", quoted(&base));
    }
    let _ = writeln!(out, "tags:\n- bert\n- burn\n- {}", quoted(facts.corpus));
    let values: Vec<(String, f64)> = run
        .metric_names()
        .into_iter()
        .filter_map(|name| run.value(&name).map(|value| (name, value)))
        .filter(|(_, value)| value.is_finite())
        .collect();
    if values.is_empty() {
        return out + "---\n\n";
    }
    out += "metrics:\n";
    for (name, _) in &values {
        let _ = writeln!(out, "- {}", quoted(hub_metric(name)));
    }
    let _ = write!(
        out,
        "model-index:\n- name: {}\n  results:\n  - task:\n      type: {}\n    dataset:\n      type: {}\n      name: {}\n      \
         split: validation\n    metrics:\n",
        quoted(&facts.name),
        if facts.card.pipeline.is_empty() {
            "other"
        } else {
            facts.card.pipeline
        },
        quoted(facts.corpus),
        quoted(facts.corpus)
    );
    for (name, value) in &values {
        let _ = write!(
            out,
            "    - type: {}\n      name: {}\n      value: {}\n",
            quoted(hub_metric(name)),
            quoted(name),
            json!(value)
        );
    }
    out + "---\n\n"
}

/// The metric's name on the hub.
fn hub_metric(name: &str) -> &str {
    match name {
        "matthews" => "matthews_correlation",
        "pearson" => "pearsonr",
        "spearman" => "spearmanr",
        "mean_squared_error" => "mse",
        name => name,
    }
}

fn results(run: &RunView) -> String {
    let names = run.metric_names();
    if names.is_empty() {
        return "It has not been evaluated yet.\n".into();
    }
    let mut out = String::from("| metric | value | 95 % interval |\n|---|---|---|\n");
    for name in names {
        let value = run
            .value(&name)
            .map_or("unknown".into(), |value| format!("{value:.4}"));
        let found = run.intervals.iter().find(|interval| interval.name == name);
        let range = found.map_or(String::new(), |Interval { low, high, .. }| {
            format!("{low:.4} to {high:.4}")
        });
        let _ = writeln!(out, "| {} | {value} | {range} |", cell(&name));
    }
    out += "\nThe intervals are bootstraps over the evaluation examples; they do not cover other training seeds.\n";
    out
}

fn limits(run: &RunView, facts: &Facts) -> String {
    let mut out = String::new();
    let evaluated = run.metrics["dev_examples"].as_u64().unwrap_or_default() as usize;
    let evaluated = counted(evaluated, "example");
    let _ = writeln!(
        out,
        "- It was evaluated on {evaluated} of `{}` only. How well it does on other texts and domains is unknown.",
        facts.corpus
    );
    if let Some(length) = run
        .settings
        .get("recipe")
        .and_then(|recipe| recipe.get("max_length"))
    {
        let _ = writeln!(
            out,
            "- It was trained on texts of at most {length} tokens; {}.",
            facts.card.longer
        );
    }
    let stopped = run.metrics["state"].as_str() == Some("stopped");
    if stopped {
        let _ = writeln!(
            out,
            "- Training was stopped after {} of {} steps.",
            run.metrics["steps"], run.metrics["steps_planned"]
        );
    }
    match run.kept_step() {
        Some(step) => {
            let _ = writeln!(
                out,
                "- Model and results are those of step {step}, the best evaluation."
            );
        }
        None if stopped => out += "- The results are those of the last evaluation before the stop.\n",
        None => {}
    }
    if let Some(count) = run.metrics["skipped_steps"].as_u64().filter(|count| *count > 0) {
        let _ = writeln!(
            out,
            "- {} skipped: the loss or the gradient was not finite.",
            counted(count as usize, "step")
        );
    }
    if run.settings.get("model").is_none() {
        out += "- It was trained from scratch, without a pre-trained model: it knows only its corpus.\n";
    } else {
        out += "- It may have kept the biases of the texts that its pre-trained model was trained on.\n";
    }
    out
}

/// A text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The command that uses the models of a task with this card.
pub fn use_command(card: TaskCard) -> &'static str {
    match card.reads {
        Reads::Beginning => "generate",
        _ => "predict",
    }
}

/// What [`use_command`] takes after the model, as a shell's arguments; `pairs` says whether the model was trained on pairs of texts, and
/// `mask` is its mask token.
pub fn use_arguments(card: TaskCard, pairs: bool, mask: &str) -> String {
    match card.reads.trained_on(pairs) {
        Reads::Text | Reads::TextOrPair => "\"some text\"".into(),
        Reads::Pair => "\"a text\" \"another\"".into(),
        Reads::Sentence => "\"a sentence\"".into(),
        Reads::Query => "\"a query\"".into(),
        Reads::Beginning => "\"the beginning of a text\"".into(),
        Reads::Gaps => format!("\"some text with a {mask} in it\""),
        Reads::Question => "--question \"a question\" --passage \"the passage with its answer\"".into(),
    }
}
