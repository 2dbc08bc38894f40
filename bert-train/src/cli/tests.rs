//! How flags and settings files become options.

use std::any::Any;
use std::path::Path;

use bert_tasks::registry::{CLASSIFICATION, QUESTION_ANSWERING};
use bert_tasks::{Entry, Options, SequenceClassification, Task, TextOptions};
use bert_train::Recipe;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use datasets::Message;

use super::corpus::TrainCorpus;
use super::error::CommandError;
use super::flag::flag;
use super::flags::AllTaskFlags;
use super::{Cli, Verb};

fn given(words: &str) -> Result<TrainCorpus, clap::Error> {
    let words = ["bert", "train"].into_iter().chain(words.split_whitespace());
    match Cli::try_parse_from(words)?.command {
        Verb::Train { corpus } => Ok(*corpus),
        other => panic!("{other:?} is not training"),
    }
}

/// The configuration of `bert train classify` with `words` and a settings file.
fn with_file(words: &str, text: &str) -> Result<TrainCorpus, String> {
    read(&CLASSIFICATION, "classify", words, text)
}

/// The configuration of training on a corpus with `words` and a settings file.
fn read<K: Task>(entry: &Entry<K>, corpus: &str, words: &str, text: &str) -> Result<TrainCorpus, String> {
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("my.toml");
    std::fs::write(&path, text).unwrap();
    let mut given = given(&format!("{corpus} {words} --config {}", path.display())).unwrap();
    let hidden = format!("{}/", dir.path().display());
    let read = given.read_config(entry, entry.corpus(corpus).unwrap());
    read.map(|()| given)
        .map_err(|error| error.to_string().replace(&hidden, ""))
}

fn classify() -> &'static bert_tasks::Corpus<SequenceClassification> {
    CLASSIFICATION.corpus("classify").unwrap()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn only_the_flags_that_were_given_change_the_options() {
    let given = given("classify --lr 1e-3 --label-column stars --pairs --seeds 1,2").unwrap();
    let expected = Recipe {
        lr: 1e-3,
        seeds: vec![1, 2],
        ..Recipe::default()
    };
    assert_eq!(given.recipe(classify()), expected);
    let options = given.options(classify());
    assert_eq!(options.label_column.as_deref(), Some("stars"));
    assert!(options.pairs && options.text_column.is_none());
    let refused = self::given("cola --label-column stars").unwrap_err().to_string();
    assert!(refused.contains("cola does not use --label-column"), "{refused}");
}

#[test]
fn a_task_without_corpora_uses_its_options_for_predictions() {
    let entry = Entry {
        corpora: &[],
        own: None,
        ..CLASSIFICATION
    };
    let apply = |words: &str| {
        let command = AllTaskFlags::augment_args(clap::Command::new("predict"));
        let words = ["predict"].into_iter().chain(words.split_whitespace());
        let flags = AllTaskFlags::from_arg_matches(&command.get_matches_from(words)).unwrap();
        let mut options = TextOptions::default();
        let applied = flags.apply(&entry, None, &mut options);
        applied.map(|()| options).map_err(|reason| reason.render(flag))
    };
    assert!(apply("--pairs").unwrap().pairs);
    assert_eq!(
        apply("--label-smoothing 0.1").unwrap_err(),
        "--label-smoothing is for training only"
    );
    assert_eq!(
        apply("--stride 3").unwrap_err(),
        "a model for classification does not use --stride"
    );
}

#[test]
fn help_groups_the_options_by_task() {
    let mut command = Cli::complete_command();
    command.build();
    let predict = command.find_subcommand_mut("predict").unwrap();
    let help = predict.render_help().to_string();
    let section = |heading: &str| {
        let (_, rest) = help.split_once(&format!("{heading}:\n")).unwrap();
        rest.split("\n\n").next().unwrap().to_owned()
    };
    let question = section("Options of question answering");
    assert!(
        question.contains("--stride") && question.contains("--null-threshold"),
        "{question}"
    );
    assert!(!question.contains("--scheme"), "{question}");
    assert!(
        section("Options of several tasks").contains("--text-column"),
        "{help}"
    );
}

#[test]
fn help_shows_the_defaults_of_each_corpus() {
    let help = |corpus: &str| {
        let mut command = Cli::command();
        command.build();
        let train = command.find_subcommand_mut("train").unwrap();
        let corpus = train.find_subcommand_mut(corpus).unwrap();
        corpus.render_long_help().to_string()
    };
    let squad = help("squad");
    for part in [
        "[default: 384]",
        "Peak learning rate [default: 0.00005]",
        "[default: linear]",
        "[default: f32]",
    ] {
        assert!(squad.contains(part), "no {part} in {squad}");
    }
    assert!(help("demo").contains("Peak learning rate [default: 0.0008]"));
    assert!(help("pos").contains("[default: upos]"));
}

#[test]
fn a_file_fills_in_the_flags_that_were_not_given() {
    let text = "version = '0.1.0'\ntask = 'classify'\nmodel = 'my model'\nlog = ['tensorboard']\n\
                [files]\ndata = 'a b'\n[recipe]\nlr = 5e-4\nbatch-size = 8\nschedule = 'cosine'\nseeds = []\n\
                [options]\npairs = true\n";
    let given = with_file("--lr 1e-3 --dev dev.csv", text).unwrap();
    assert_eq!(given.run().model.as_deref(), Some(Path::new("my model")));
    let files = given.files();
    assert_eq!(files.data.as_deref(), Some(Path::new("a b")));
    assert_eq!(files.dev.as_deref(), Some(Path::new("dev.csv")));
    let expected = Recipe {
        lr: 1e-3,
        batch_size: 8,
        schedule: bert_train::optim::lr_schedule::Decay::Cosine,
        ..Recipe::default()
    };
    assert_eq!(given.recipe(classify()), expected);
    assert!(given.options(classify()).pairs);
    assert!(
        !with_file("", "[options]\npairs = false")
            .unwrap()
            .options(classify())
            .pairs
    );
}

#[test]
fn errors_in_a_file_name_its_line_and_the_nearest_name() {
    let refused = |text: &str, expected: &str| assert_eq!(with_file("", text).unwrap_err(), expected);
    refused(
        "[recipe]\nlr = 1e-5\nbatchsize = 3\n",
        "my.toml, line 3: `recipe.batchsize` is not known; the nearest known name is `recipe.batch_size`",
    );
    refused(
        "\nlr = 1e-5\n",
        "my.toml, line 2: `lr` is not known; the nearest known name is `recipe.lr`",
    );
    refused(
        "modle = 'x'",
        "my.toml, line 1: `modle` is not known; the nearest known name is `model`",
    );
    refused(
        "task = 'sst2'",
        "my.toml, line 1: these settings are for `bert train sst2`, not for `bert train classify`",
    );
    refused(
        "recipe = 3",
        "my.toml, line 1: `recipe` must be a table: [recipe]",
    );
    refused(
        "[options]\npairs = 'yes'",
        "my.toml, line 2: `options.pairs` must be true or false",
    );
    refused(
        "[recipe]\nepochs = 0",
        "my.toml, line 2: `recipe.epochs` must be at least 1",
    );
    refused(
        "[recipe]\nlr = nan",
        "my.toml, line 2: `recipe.lr` must be a finite number",
    );
    refused(
        "[recipe]\nlr = { a = 1 }",
        "my.toml, line 2: `recipe.lr` must be a finite number",
    );
    refused("task = 5", "my.toml, line 1: `task` must be a text");
    refused("version = [1]", "my.toml, line 1: `version` must be a text");
    refused(
        "[recipe]\nkeep = -1",
        "my.toml, line 2: `recipe.keep` must be a whole number, 0 or more",
    );
    refused(
        "[recipe]\nmax_steps = 1979-05-27",
        "my.toml, line 2: `recipe.max_steps` must be a whole number, 1 or more",
    );
    refused(
        "[recipe]\nseeds = [1, 'two']",
        "my.toml, line 2: `recipe.seeds` must be a list, each item a whole number, 0 or more",
    );
    refused(
        "watch = 'telly'",
        "my.toml, line 1: `watch` is telly; it must be one of dashboard, lines, steps, quiet",
    );
    let twice = with_file("", "[recipe]\nmax_length = 20\nlr = 1e-5\nmax-length = 30").unwrap_err();
    assert!(
        twice.ends_with("`recipe.max_length` is set twice, in lines 2 and 4"),
        "{twice}"
    );
    let error = with_file("", "a = 1\nb = = 2").unwrap_err();
    assert!(error.starts_with("my.toml, line 2: "), "{error}");
    let error = with_file("", "[recipe]\nschedule = 'sideways'").unwrap_err();
    assert!(
        error.contains("`recipe.schedule`") && error.contains("cosine"),
        "{error}"
    );
    let error = with_file("--overwrite", "resume = true").unwrap_err();
    assert!(
        error.contains("line 1: `resume`") && error.contains("--overwrite"),
        "{error}"
    );
}

#[test]
fn an_invalid_option_is_reported_where_it_was_given() {
    let invalid = |given: TrainCorpus| {
        let error = given.recipe(classify()).check().unwrap_err();
        given.located(error.into()).to_string()
    };
    let error = invalid(with_file("", "[recipe]\n\nlr = 2").unwrap());
    assert!(
        error.ends_with("my.toml, line 3: `recipe.lr` is 2; it must be above 0 and at most 1"),
        "{error}"
    );
    let error = invalid(with_file("--lr 3", "[recipe]\n\nlr = 2").unwrap());
    assert_eq!(error, "--lr is 3; it must be above 0 and at most 1");
    let error = invalid(with_file("", "[recipe]\nmax_length = 2").unwrap());
    assert!(
        error.contains("my.toml, line 2: `recipe.max_length` is 2"),
        "{error}"
    );
    assert!(
        invalid(with_file("--max-length 1", "").unwrap())
            .starts_with("--max-length is 1; it must be at least 3")
    );
    let given = with_file("", "[options]\nlabel_smoothing = 1.5").unwrap();
    let error = given.options(classify()).check().unwrap_err();
    let error = given.located(error.into()).to_string();
    assert!(
        error.ends_with(
            "my.toml, line 2: `options.label_smoothing` is 1.5; it must be at least 0 and below 1"
        ),
        "{error}"
    );
}

#[test]
fn seeds_have_a_limit_and_are_given_once() {
    let checked = |given: TrainCorpus| {
        let error = given.recipe(classify()).check().unwrap_err();
        given.located(error.into()).to_string()
    };
    let limit = "it must be at most 9223372036854775807";
    let flag = |words: &str| checked(given(&format!("classify {words}")).unwrap());
    assert_eq!(
        flag("--seed 9223372036854775808"),
        format!("--seed is 9223372036854775808; {limit}")
    );
    assert!(
        given("classify --seed 9223372036854775807")
            .unwrap()
            .recipe(classify())
            .check()
            .is_ok()
    );
    assert_eq!(
        flag("--seeds 1,2,1"),
        "--seeds is 1,2,1; 1 is given twice; give each seed once"
    );
    let file = checked(with_file("", "[recipe]\nseed = 18446744073709551615").unwrap());
    assert!(
        file.ends_with(&format!(
            "my.toml, line 2: `recipe.seed` is 18446744073709551615; {limit}"
        )),
        "{file}"
    );
}

#[test]
fn errors_that_name_an_option_name_its_line() {
    let given = with_file("--dev dev.csv", "model = 'm'\n[options]\n\ntext_column = 'body'").unwrap();
    let spelled = |error: CommandError| given.located(error).to_string();
    let mentions = |option| Message::new("the column of ").option(option).text(" is missing");
    let named = spelled(CommandError::option(mentions("text_column")));
    assert!(
        named.starts_with("the column of `options.text_column` (")
            && named.ends_with("my.toml, line 4) is missing"),
        "{named}"
    );
    let not_set = spelled(CommandError::option(mentions("label_column")));
    assert_eq!(not_set, "the column of --label-column is missing");
    let wrong = || CommandError::option("wrong");
    let model = spelled(wrong().about("model"));
    assert!(model.ends_with("my.toml, line 1: `model`: wrong"), "{model}");
    assert_eq!(spelled(wrong().about("dev")), "--dev: wrong");
}

#[test]
fn the_first_option_that_differs_is_found() {
    let given = given("classify --epochs 3 --lr 1e-3 --pairs").unwrap();
    let changed = |recipe: &Recipe| super::flags::Flags::changed(&given.recipe, recipe);
    assert_eq!(changed(&Recipe::default()), Some("lr"));
    let same = Recipe {
        lr: 1e-3,
        ..Recipe::default()
    };
    assert_eq!(changed(&same), None);
    let options = <SequenceClassification as Task>::Options::default();
    let flags = given.options.as_ref().unwrap();
    assert_eq!(flags.changed_in(&options as &dyn Any), Some("pairs"));
}

#[test]
fn options_without_a_choice_may_stand_in_a_file_with_their_own_value() {
    let demo = |text: &str| read(&QUESTION_ANSWERING, "demo-questions", "", text);
    assert!(demo("[files]\n[options]\nstride = 128\nno_answer = false\nn_best = 3").is_ok());
    let error = demo("[options]\nn_best = 3\nstride = 64").unwrap_err();
    assert_eq!(
        error,
        "my.toml, line 3: `options.stride` cannot be chosen for this corpus"
    );
    let error = demo("[files]\ndata = 'x'").unwrap_err();
    assert!(error.contains("`files.data` cannot be chosen"), "{error}");
    let squad2 = read(&QUESTION_ANSWERING, "squad2", "", "[options]\nno_answer = true").unwrap();
    assert!(
        squad2
            .options(QUESTION_ANSWERING.corpus("squad2").unwrap())
            .no_answer
    );
}

#[test]
fn a_file_may_write_values_as_the_command_line_does() {
    let text = "log = 'tensorboard'\n[recipe]\nlr = '2e-5'\nepochs = '7'\nseeds = 3\nwarmup = 0\n[options]\nlabel_column = 2\n";
    let given = with_file("", text).unwrap();
    let expected = Recipe {
        lr: 2e-5,
        epochs: 7,
        seeds: vec![3],
        warmup: 0.0,
        ..Recipe::default()
    };
    assert_eq!(given.recipe(classify()), expected);
    assert_eq!(given.options(classify()).label_column.as_deref(), Some("2"));
    let several = with_file("", "[recipe]\nseeds = '1,2'").unwrap();
    assert_eq!(several.recipe(classify()).seeds, [1, 2]);
}
