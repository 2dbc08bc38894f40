//! A run's folder, as `resume` reads it.
#![no_main]

use std::ops::ControlFlow;

use bert_fuzz::runs::of_run;
use bert_fuzz::{Parts, joined, models, target};
use bert_tasks::{Entry, Options, Task, TaskVisitor, visit_tasks};
use bert_train::Run;
use bert_train::run::RunConfig;
use bert_train::run::seeds::Summary;
use bert_train::training::session::check_recipe;

const FILES: [&str; 2] = ["run.toml", "metrics.json"];

/// Reads the options of the run's task.
struct Typed(RunConfig);

impl TaskVisitor for Typed {
    type Output = ();

    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
        if entry.corpus(&self.0.task).is_some()
            && let Ok(config) = self.0.clone().typed::<K>()
        {
            let _ = config.options.check_length(config.recipe.max_length);
            let text = toml::to_string(&config).expect("settings are TOML");
            assert!(!text.is_empty());
        }
        ControlFlow::Continue(())
    }
}

target!(
    |input| {
        let dir = Parts::of(input).write("resumed", &FILES);
        let Ok((run, config)) = Run::resume(&dir) else {
            return;
        };
        if let Some(metrics) = run.metrics() {
            Summary::of(&config.recipe.seeds, &[metrics.clone(), metrics]);
        }
        let _ = check_recipe(&config.recipe, &models::config());
        visit_tasks(&mut Typed(config));
    },
    || {
        let settings = |task: &str, options: &str| {
            let text = String::from_utf8(of_run("run.toml")).expect("settings are text");
            let (start, _) = text.split_once("[options]").expect("it has options");
            format!(
                "{}[options]\n{options}",
                start.replace("task = \"classify\"", &format!("task = \"{task}\""))
            )
        };
        vec![
            joined(&FILES.map(|name| (name, of_run(name)))),
            joined(&[("run.toml", settings("tag", "tag_column = 3\n"))]),
            joined(&[(
                "run.toml",
                settings("answer", "stride = 4\nmax_question_length = 5\n"),
            )]),
            joined(&[("run.toml", settings("score", "pairs = true\n"))]),
        ]
    }
);
