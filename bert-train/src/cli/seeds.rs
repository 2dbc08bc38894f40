//! `--seeds`: one run after the other.

use std::path::{Path, PathBuf};

use bert_tasks::{Corpus, Task};
use bert_train::Run;
use bert_train::run::RunConfig;
use bert_train::run::seeds::Summary;

use super::config_file::ConfigFile;
use super::error::CommandError;
use super::run::{self, Changes, End, RunContext, check_options};

/// Starts a run in the new folder `output`, or one run in it for each seed.
pub fn begin<K: Task>(
    corpus: &Corpus<K>,
    output: &Path,
    config: &RunConfig<K::Options>,
    overwrite: bool,
    context: &RunContext,
) -> Result<End, CommandError> {
    if config.recipe.seeds.is_empty() {
        return run::begin(corpus, output, config, overwrite, context);
    }
    // Nothing is written before everything is known to be in order.
    let prepare = || run::prepare(corpus, &single(config, 0));
    drop(context.stop.while_preparing(prepare)?);
    let all = Run::create(output, config, overwrite).map_err(CommandError::about_output)?;
    each(corpus, &all, config, &Changes::default(), context)
}

/// Resumes the run in `dir`, or the runs of all its seeds.
pub fn resume<K: Task>(
    corpus: &Corpus<K>,
    dir: &Path,
    changes: &Changes,
    context: &RunContext,
) -> Result<End, CommandError> {
    let (run, config, file) = resumed(corpus, dir, changes)?;
    let ended = match config.recipe.seeds.is_empty() {
        true => run::resume(corpus, &run, config, changes, context),
        false => each(corpus, &run, &config, changes, context),
    };
    ended.map_err(|error| error.located(&file))
}

/// The run in `dir` with its settings, and the file that they are from.
fn resumed<K: Task>(
    corpus: &Corpus<K>,
    dir: &Path,
    changes: &Changes,
) -> Result<(Run, RunConfig<K::Options>, ConfigFile), CommandError> {
    let (run, config) = Run::resume(dir)?;
    let file = ConfigFile::of_run(&config.options, &changes.names());
    let config = config.typed::<K>()?;
    check_options(corpus, &config.recipe, &config.options).map_err(|error| error.located(&file))?;
    Ok((run, config, file))
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
    context: &RunContext,
) -> Result<End, CommandError> {
    let seeds = &config.recipe.seeds;
    let dir = |seed: u64| -> PathBuf { all.path(&format!("seed-{seed}")) };
    for (index, &seed) in seeds.iter().enumerate() {
        eprintln!("seed {seed} ({} of {})", index + 1, seeds.len());
        let end = match Run::find(&dir(seed))? {
            Some(_) => {
                let (run, config, file) = resumed(corpus, &dir(seed), changes)?;
                let ended = run::resume(corpus, &run, config, changes, context);
                ended.map_err(|error| error.located(&file))?
            }
            None => {
                let mut config = single(config, index);
                if let Some(device) = &changes.device {
                    config.device = device.clone();
                }
                run::begin(corpus, &dir(seed), &config, false, context)?
            }
        };
        if end == End::Stopped {
            return Ok(end);
        }
    }
    let mut runs = vec![];
    for &seed in seeds {
        let run = Run::find(&dir(seed))?.map(|(run, _)| run);
        runs.extend(run.and_then(|run| run.metrics()));
    }
    let summary = Summary::of(seeds, &runs);
    let text = serde_json::to_string_pretty(&summary).expect("a summary is JSON") + "\n";
    all.write_file("seeds.json", &text)?;
    for (name, spread) in &summary.metrics {
        eprintln!("{name:<18} {:.4} ± {:.4}", spread.mean, spread.deviation);
    }
    Ok(End::Finished)
}
