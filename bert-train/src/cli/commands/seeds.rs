//! `bert train --seeds`: one run after the other.

use std::path::PathBuf;
use std::process::ExitCode;

use bert_tasks::{Corpus, Task};
use bert_train::Run;
use bert_train::interrupt::Stop;
use bert_train::run::RunConfig;
use bert_train::run::seeds::summary;

use super::CommandError;
use super::resume::{Changes, go_on};
use super::train::{End, begin};
use crate::cli::Show;

/// What is asked of the run with the `index`th seed.
pub(super) fn single(config: &RunConfig, index: usize) -> RunConfig {
    let mut config = config.clone();
    config.recipe.seed = config.recipe.seeds[index];
    config.recipe.seeds.clear();
    config
}

/// Trains with each seed of `config` in turn, goes on with runs that were begun, and sums up.
pub(super) fn each<K: Task>(
    corpus: &Corpus<K>,
    all: &Run,
    config: &RunConfig,
    changes: &Changes,
    show: &Show,
    stop: &Stop,
) -> Result<ExitCode, CommandError> {
    let seeds = &config.recipe.seeds;
    let dir = |seed: u64| -> PathBuf { all.path(&format!("seed-{seed}")) };
    for (index, &seed) in seeds.iter().enumerate() {
        eprintln!("seed {seed} ({} of {})", index + 1, seeds.len());
        let end = match Run::open(&dir(seed))? {
            Some(_) => {
                let (run, config) = Run::resume(&dir(seed))?;
                go_on(corpus, &run, config, changes, show, stop)?
            }
            None => {
                let mut config = single(config, index);
                if let Some(device) = &changes.device {
                    config.device = device.clone();
                }
                begin(corpus, &dir(seed), &config, false, show, stop)?
            }
        };
        if end == End::Stopped {
            return Ok(end.code());
        }
    }
    let mut runs = vec![];
    for &seed in seeds {
        let run = Run::open(&dir(seed))?.map(|(run, _)| run);
        runs.extend(run.and_then(|run| run.metrics()));
    }
    let summary = summary(seeds, &runs);
    let text = serde_json::to_string_pretty(&summary).expect("a summary is JSON") + "\n";
    all.write_file("seeds.json", &text)?;
    for (name, spread) in summary["metrics"].as_object().into_iter().flatten() {
        let number = |field: &str| spread[field].as_f64().unwrap_or(f64::NAN);
        eprintln!("{name:<18} {:.4} ± {:.4}", number("mean"), number("deviation"));
    }
    Ok(ExitCode::SUCCESS)
}
