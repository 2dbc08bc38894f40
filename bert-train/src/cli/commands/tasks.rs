//! `bert tasks`.

use std::ops::ControlFlow;
use std::process::ExitCode;

use bert_core::models::ARCHITECTURES;
use bert_tasks::{Entry, Task, TaskVisitor, visit_tasks};
use clap::Args;
use serde_json::{Value, json};

use crate::cli::corpus::about;
use crate::cli::error::CommandError;
use crate::cli::output::print;

/// `bert tasks`.
#[derive(Args, Debug)]
pub struct Tasks {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Lists the tasks.
pub fn run(args: &Tasks) -> Result<ExitCode, CommandError> {
    struct List(Vec<Value>);
    impl TaskVisitor for List {
        type Output = ();
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
            let corpora: Vec<Value> = entry
                .corpora
                .iter()
                .map(|corpus| {
                    json!({
                        "name": corpus.name,
                        "about": about(corpus),
                        "data": corpus.format,
                        "main_metric": corpus.main_metric,
                    })
                })
                .collect();
            self.0.push(json!({
                "task": K::NAME,
                "about": K::ABOUT,
                "class": classes(K::HEAD),
                "metrics": K::METRICS,
                "corpora": corpora,
            }));
            ControlFlow::Continue(())
        }
    }
    let mut list = List(vec![]);
    visit_tasks(&mut list);
    let text = if args.json {
        serde_json::to_string_pretty(&list.0).expect("a list is always JSON") + "\n"
    } else {
        list.0.iter().map(paragraph).collect::<Vec<_>>().join("\n")
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The transformers classes with this head, one for each family of encoders.
fn classes(head: &str) -> String {
    let classes: Vec<String> = ARCHITECTURES.iter().map(|family| family.class(head)).collect();
    classes.join(", ")
}

fn paragraph(task: &Value) -> String {
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| -> Vec<Value> { value.as_array().cloned().unwrap_or_default() };
    let metrics: Vec<String> = list(&task["metrics"])
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let mut out = format!(
        "{} ({}): {}\n  metrics: {}\n",
        text(task, "task"),
        text(task, "class"),
        text(task, "about"),
        metrics.join(", ")
    );
    for corpus in list(&task["corpora"]) {
        let (name, about, data) = (
            text(&corpus, "name"),
            text(&corpus, "about"),
            text(&corpus, "data"),
        );
        out += &format!(
            "  {name:<16} {about}; by {}\n  {:<16} data: {data}\n",
            text(&corpus, "main_metric"),
            ""
        );
    }
    out
}
