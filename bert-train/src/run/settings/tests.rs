use super::*;
use crate::run::RunConfig;

const HEAD: &str = "version = '1'\ntask = 'tag'\ndevice = 'auto'\n";

/// The settings of a `run.toml` for tagging, or what is wrong with it.
fn read(text: &str) -> Result<RunConfig<bert_tasks::TagOptions>, String> {
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("run.toml");
    std::fs::write(&path, text).unwrap();
    let hidden = format!("{}/", dir.path().display());
    let file = SettingsFile::read(&path).map(Option::unwrap);
    let config = file.and_then(RunConfig::read);
    config
        .and_then(|config| config.typed::<bert_tasks::TokenTagging>())
        .map_err(|error| error.to_string().replace(&hidden, ""))
}

#[test]
fn settings_are_read_as_the_command_line_writes_them() {
    let text = format!(
        "{HEAD}[files]\ndata = 'x'\n[recipe]\nepochs = '7'\nlr = 1e-3\nbatch-size = 0x10\nseeds = '1,2'\nwarmup = 0\n\
         schedule = 'cosine'\nmax_steps = 5\n[options]\ntags = 'xpos'\ntag_column = 3\nword_column = '2'\n"
    );
    let config = read(&text).unwrap();
    let recipe = &config.recipe;
    assert_eq!((recipe.epochs, recipe.lr, recipe.batch_size), (7, 1e-3, 16));
    assert_eq!((&recipe.seeds, recipe.max_steps), (&vec![1, 2], Some(5)));
    assert_eq!(config.options.word_column.get(), 2);
    assert_eq!(config.options.tags, datasets::TagColumn::Xpos);
}

#[test]
fn what_is_written_is_read_again() {
    let config = read(&format!(
        "{HEAD}[files]\n[recipe]\n[options]\nclass_weights = 'a=2'\n"
    ))
    .unwrap();
    let again = read(&toml::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
}

#[test]
fn errors_name_file_line_and_setting() {
    for (rest, expected) in [
        (
            "[files]\n[recipe]\nepochs = 'x'\n",
            "run.toml, line 6: `recipe.epochs` must be a whole number, 0 or more",
        ),
        (
            "[files]\n[recipe]\nepochs = 0\n",
            "run.toml, line 6: `recipe.epochs` is 0; it must be at least 1",
        ),
        (
            "[files]\n[recipe]\n\nlr = -1\n",
            "run.toml, line 7: `recipe.lr` is -1; it must be above 0 and at most 1",
        ),
        (
            "[files]\n[recipe]\nlr = nan\n",
            "run.toml, line 6: `recipe.lr` must be a finite number",
        ),
        (
            "[files]\n[recipe]\nepochs = 18446744073709551616\n",
            "run.toml, line 6: `recipe.epochs` must be a smaller number",
        ),
        (
            "[files]\n[recipe]\npacking = 3\n",
            "run.toml, line 6: `recipe.packing` must be true or false",
        ),
        (
            "[files]\n[recipe]\nschedule = 'up'\n",
            "run.toml, line 6: `recipe.schedule` is up; it must be one of linear, cosine, constant, polynomial",
        ),
        (
            "[files]\n[recipe]\nseeds = [1, 'two']\n",
            "run.toml, line 6: `recipe.seeds` must be a list, each item a whole number, 0 or more",
        ),
        ("[files]\n[recipe]\nlr = 1\nlr = 2\n", "run.toml, line 7: "),
        (
            "[files]\n[recipe]\nkeep = 1\nbatchsize = 2\n",
            "run.toml, line 7: `recipe.batchsize` is not known; the nearest known name is `recipe.batch_size`",
        ),
        (
            "[files]\nhold_out = 3\n[recipe]\n",
            "run.toml, line 5: `files.hold_out` must be a number above 0 and below 1",
        ),
        (
            "recipe = 3\n[files]\n",
            "run.toml, line 4: `recipe` must be a table",
        ),
        ("[recipe]\n", "run.toml: `files` is missing"),
        (
            "[files]\n[recipe]\n[options]\nfoo = 1\n",
            "run.toml, line 7: `options.foo` is not known",
        ),
        (
            "[files]\n[recipe]\n[options]\nword_column = 0\n",
            "run.toml, line 7: `options.word_column` must be at least 1",
        ),
        (
            "[files]\n[recipe]\n[options]\ntag_column = [1]\n",
            "run.toml, line 7: `options.tag_column` must be a whole number, 1 or more, or a name",
        ),
        (
            "[files]\n[recipe]\n[options]\nscheme = 'bioo'\n",
            "run.toml, line 7: `options.scheme` is bioo; it must be one of auto, bio, iob1, iobes",
        ),
        (
            "[files]\n[recipe]\n[options]\ntags = 'upso'\n",
            "run.toml, line 7: `options.tags` is upso; it must be one of upos, xpos",
        ),
        (
            "[files]\n[recipe]\n[options]\nlabel_smoothing = 3\n",
            "run.toml, line 7: `options.label_smoothing` is 3; it must be at least 0 and below 1",
        ),
        (
            "[files]\n[recipe]\n[options]\nclass_weights = 'a=-1'\n",
            "run.toml, line 7: `options.class_weights` must have weights above 0",
        ),
        (
            "options = 3\n[files]\n[recipe]\n",
            "run.toml, line 4: `options` must be a table",
        ),
    ] {
        let error = read(&format!("{HEAD}{rest}")).unwrap_err();
        assert!(error.starts_with(expected), "{error}\n{expected}");
    }
    // No name is suggested that is not alike.
    let error = read(&format!("{HEAD}[files]\n[recipe]\n[options]\nfoo = 1\n")).unwrap_err();
    assert!(!error.contains("nearest"), "{error}");
    assert!(read("task = ").unwrap_err().starts_with("run.toml, line 1: "));
}
