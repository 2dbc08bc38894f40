//! `bert tasks`.

use std::ops::ControlFlow;
use std::process::ExitCode;

use bert_core::models::ARCHITECTURES;
use bert_tasks::{Entry, Task, TaskVisitor, visit_tasks};
use clap::Args;
use serde::Serialize;

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

/// A task, as it is listed.
#[derive(Serialize)]
struct Listing {
    about: &'static str,
    /// The transformers classes of its models, one for each family of encoders.
    class: String,
    corpora: Vec<CorpusListing>,
    metrics: &'static [&'static str],
    task: &'static str,
}

/// A corpus, as it is listed.
#[derive(Serialize)]
struct CorpusListing {
    about: String,
    data: &'static str,
    main_metric: &'static str,
    name: &'static str,
}

impl Listing {
    fn of<K: Task>(entry: &Entry<K>) -> Self {
        let classes = ARCHITECTURES
            .iter()
            .flat_map(|family| K::HEADS.iter().map(|head| family.class(head)));
        let corpora = entry.corpora.iter().map(|corpus| CorpusListing {
            about: about(entry, corpus),
            data: corpus.format,
            main_metric: corpus.main_metric,
            name: corpus.name,
        });
        Self {
            about: K::ABOUT,
            class: classes.collect::<Vec<_>>().join(", "),
            corpora: corpora.collect(),
            metrics: K::METRICS,
            task: K::NAME,
        }
    }

    fn paragraph(&self) -> String {
        let mut out = format!(
            "{} ({}): {}\n  metrics: {}\n",
            self.task,
            self.class,
            self.about,
            self.metrics.join(", ")
        );
        for corpus in &self.corpora {
            out += &format!(
                "  {:<16} {}; by {}\n  {:<16} data: {}\n",
                corpus.name, corpus.about, corpus.main_metric, "", corpus.data
            );
        }
        out
    }
}

/// Lists the tasks.
pub fn run(args: &Tasks) -> Result<ExitCode, CommandError> {
    struct List(Vec<Listing>);
    impl TaskVisitor for List {
        type Output = ();
        fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
            self.0.push(Listing::of(entry));
            ControlFlow::Continue(())
        }
    }
    let mut list = List(vec![]);
    visit_tasks(&mut list);
    let text = if args.json {
        serde_json::to_string_pretty(&list.0).expect("a list is always JSON") + "\n"
    } else {
        list.0
            .iter()
            .map(Listing::paragraph)
            .collect::<Vec<_>>()
            .join("\n")
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
