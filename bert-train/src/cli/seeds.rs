//! `--seeds`: one run after the other.

use std::path::{Path, PathBuf};

use bert_tasks::{Corpus, Task};
use bert_train::Run;
use bert_train::run::RunConfig;
use bert_train::run::seeds::summary;

use super::error::CommandError;
use super::run::{self, Changes, End, Surroundings};

/// Starts a run in the new folder `output`, or one run in it for each seed.
pub fn begin<K: Task>(
    corpus: &Corpus<K>,
    output: &Path,
    config: &RunConfig<K::Options>,
    overwrite: bool,
    surroundings: &Surroundings,
) -> Result<End, CommandError> {
    if config.recipe.seeds.is_empty() {
        return run::begin(corpus, output, config, overwrite, surroundings);
    }
    // Nothing is written before everything is known to be in order.
    let prepare = || run::prepare(corpus, &single(config, 0));
    drop(surroundings.stop.while_preparing(prepare)?);
    let all = Run::create(output, config, overwrite)?;
    each(corpus, &all, config, &Changes::default(), surroundings)
}

/// Resumes the run in `dir`, or the runs of all its seeds.
pub fn resume<K: Task>(
    corpus: &Corpus<K>,
    dir: &Path,
    changes: &Changes,
    surroundings: &Surroundings,
) -> Result<End, CommandError> {
    let (run, config) = resumed::<K>(dir)?;
    match config.recipe.seeds.is_empty() {
        true => run::resume(corpus, &run, config, changes, surroundings),
        false => each(corpus, &run, &config, changes, surroundings),
    }
}

/// The run in `dir` with its settings.
fn resumed<K: Task>(dir: &Path) -> Result<(Run, RunConfig<K::Options>), CommandError> {
    let (run, config) = Run::resume(dir)?;
    let config = config.typed::<K>(&run.path("run.toml"))?;
    Ok((run, config))
}

/// The settings of the run with the `index`th seed.
fn single<O: Clone>(config: &RunConfig<O>, index: usize) -> RunConfig<O> {
    let mut config = config.clone();
    config.recipe.seed = config.recipe.seeds[index];
    config.recipe.seeds.clear();
    config
}

/// Trains with one seed of `config` after the other, resumes earlier runs, and writes a summary.
fn each<K: Task>(
    corpus: &Corpus<K>,
    all: &Run,
    config: &RunConfig<K::Options>,
    changes: &Changes,
    surroundings: &Surroundings,
) -> Result<End, CommandError> {
    let seeds = &config.recipe.seeds;
    let dir = |seed: u64| -> PathBuf { all.path(&format!("seed-{seed}")) };
    for (index, &seed) in seeds.iter().enumerate() {
        eprintln!("seed {seed} ({} of {})", index + 1, seeds.len());
        let end = match Run::open(&dir(seed))? {
            Some(_) => {
                let (run, config) = resumed::<K>(&dir(seed))?;
                run::resume(corpus, &run, config, changes, surroundings)?
            }
            None => {
                let mut config = single(config, index);
                if let Some(device) = &changes.device {
                    config.device = device.clone();
                }
                run::begin(corpus, &dir(seed), &config, false, surroundings)?
            }
        };
        if end == End::Stopped {
            return Ok(end);
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
    Ok(End::Finished)
}
