//! What is refused before any model is fetched and any data is read, and how the errors name their source.

use crate::program::{World, reviews};

/// Words of serde, toml and Rust that no message may show.
const INTERNAL: [&str; 7] = [
    "TOML parse error",
    "usize",
    "invalid type",
    "invalid value",
    "variant",
    "unknown field",
    "os error",
];

#[test]
fn flags_are_refused_before_model_and_data() {
    let world = World::new();
    world.write("full/chapter.txt", "years of work");
    let train = "--model nowhere/model --data nowhere.csv --output run";
    let cases: [(&str, &[&str]); 9] = [
        (
            "train classify --class-weights balancedd",
            &["--class-weights", "`balancedd` is neither"],
        ),
        (
            "train classify --class-weights a=-1",
            &["--class-weights", "that of `a` is -1"],
        ),
        ("train tag --scheme bioo", &["--scheme", "bioo", "iobes"]),
        ("train tag --tags upso", &["--tags", "upso", "xpos"]),
        ("train tag --word-column 0", &["--word-column", "at least 1"]),
        ("train qa --n-best 0", &["--n-best", "at least 1"]),
        (
            "train qa --max-length 32 --stride 40",
            &["--stride is 40", "at most 29", "--max-length is 32"],
        ),
        (
            "train qa --max-length 32 --max-question-length 30",
            &["--max-question-length is 30", "at most 28", "--max-length is 32"],
        ),
        (
            "train tag --max-length 16 --overlap 14",
            &["--overlap is 14", "at most 13"],
        ),
    ];
    for (words, parts) in cases {
        world.refuses(&format!("{words} {train}"), parts);
    }
    let full = "train classify --model nowhere/model --data nowhere.csv --output full";
    world.refuses(
        full,
        &["full: this folder is not empty", "--output", "--overwrite"],
    );
    world.refuses("train demo --output full", &["full: this folder is not empty"]);
    world.refuses(
        "train demo --config nowhere.toml",
        &["--config: nowhere.toml: there is no such file"],
    );
    world.refuses("train demo --config full", &["--config: full: "]);
    let unused = world.bert("train stsb --hold-out .2");
    unused.refused("unused", &["error: stsb does not use --hold-out\n"]);
    assert!(!unused.err.contains("Usage"), "{}", unused.err);
    // A default adapts to a short maximum length.
    let existing = "--model nowhere/model --data reviews.csv --output run";
    let missing = world.bert(&format!("train qa --max-length 32 {existing}"));
    missing.refused("a short maximum", &["--model: nowhere/model"]);
    assert!(!world.exists("run"));
}

#[test]
fn data_is_refused_before_a_model_is_fetched() {
    let world = World::new();
    world.write("reviews.xyz", reviews());
    let cases: [(&str, &[&str]); 7] = [
        (
            "classify --data nowhere.csv",
            &["--data: nowhere.csv: there is no such file"],
        ),
        (
            "classify --data reviews.xyz",
            &["--data: reviews.xyz: the name must end in .csv"],
        ),
        (
            "classify --data reviews.csv --dev nowhere.csv",
            &["--dev: nowhere.csv: "],
        ),
        (
            "regress --data reviews.csv --dev reviews.xyz",
            &["--dev: reviews.xyz: the name must end in .csv"],
        ),
        ("sst2 --data nowhere", &["--data: nowhere: "]),
        // A data set of the hub is no file.
        ("classify --data glue/cola", &["--model: ", "some-bert"]),
        // Sentences with tags may be in files of any name.
        ("tag --data reviews.xyz", &["--model: ", "some-bert"]),
    ];
    for (words, parts) in cases {
        world.refuses(&format!("train {words} --model some-bert --output run"), parts);
    }
    assert!(!world.exists("run"));
}

#[test]
fn errors_about_files_name_their_flags() {
    let world = World::new();
    world.short_run();
    for (words, part) in [
        ("eval run --data nowhere.csv", "--data: nowhere.csv: "),
        ("eval run --dev nowhere.csv", "--dev: nowhere.csv: "),
        ("eval run --data model/config.xyz", "--data: model/config.xyz: "),
        ("predict run --file nowhere.txt", "--file: nowhere.txt: "),
        ("predict run --file nowhere.csv", "--file: nowhere.csv: "),
        ("predict run --file model/vocab", "--file: model/vocab: "),
    ] {
        world.refuses(words, &[part]);
    }
    // The file is opened before tokenizer and weights are loaded.
    world.write("run/model/tokenizer.json", "damaged");
    world.refuses("predict run --file nowhere.txt", &["--file: nowhere.txt: "]);
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let world = World::new();
    for command in ["eval", "predict", "generate", "score", "info", "report", "resume"] {
        world.refuses(
            &format!("{command} nowhere"),
            &["nowhere: there is no such folder; give the folder of a run or of a model"],
        );
    }
}

#[test]
fn negative_numbers_are_values() {
    let world = World::new();
    for (words, part) in [
        ("train demo --lr -1", "--lr is -1; it must be"),
        ("train demo --weight-decay -1", "--weight-decay is -1; it must be"),
        ("train demo --min-delta -1e-4", "--min-delta"),
        ("train demo --top-k -1", "'--top-k <N>': must be a whole number"),
        ("train demo --epochs -1", "'--epochs <N>': must be a whole number"),
        (
            "train demo --seed -1",
            "'--seed <SEED>': must be a whole number from 0",
        ),
        ("eval model --batch-size -1", "'--batch-size <N>'"),
        ("tokenizer train a.txt --output o --size -1", "'--size <TOKENS>'"),
    ] {
        world.refuses(words, &[part]);
    }
}

#[test]
fn every_command_reads_run_toml_alike() {
    let world = World::new();
    world.short_run();
    let good = world.read("run/run.toml");
    let with = |table: &str, line: &str| {
        let name = line.split(' ').next().unwrap();
        let kept: Vec<&str> = good
            .lines()
            .filter(|old| !old.starts_with(&format!("{name} = ")))
            .collect();
        kept.join("\n")
            .replace(&format!("[{table}]"), &format!("[{table}]\n{line}"))
    };
    let cases = [
        (
            "recipe",
            "epochs = \"x\"",
            "`recipe.epochs` must be a whole number, 0 or more",
        ),
        (
            "recipe",
            "lr = -1",
            "`recipe.lr` is -1; it must be above 0 and at most 1",
        ),
        (
            "recipe",
            "batchsize = 2",
            "`recipe.batchsize` is not known; the nearest known name is `recipe.batch_size`",
        ),
        ("options", "foo = 1", "`options.foo` is not known"),
        (
            "options",
            "label_smoothing = 3",
            "`options.label_smoothing` is 3; it must be at least 0 and below 1",
        ),
        (
            "options",
            "class_weights = \"balancedd\"",
            "`options.class_weights` must be `balanced`",
        ),
    ];
    for (table, line, reason) in cases {
        let text = with(table, line);
        let number = 1 + text.lines().position(|other| other == line).unwrap();
        world.write("run/run.toml", text);
        let mut commands = vec!["resume run", "eval run --data reviews.csv", "predict run good"];
        if table == "recipe" {
            commands.push("info run");
        }
        for command in commands {
            let outcome = world.bert(command);
            outcome.refused(command, &[&format!("run/run.toml, line {number}: {reason}")]);
            for word in INTERNAL {
                assert!(!outcome.err.contains(word), "{command}: {}", outcome.err);
            }
        }
    }
    // What only the model or the machine can refuse is reported by its line, too.
    std::fs::remove_file(world.path("run/metrics.json")).unwrap();
    for (line, reason) in [
        (
            "max_length = 99999",
            "`recipe.max_length` is 99999; this model reads at most",
        ),
        (
            "freeze_layers = 9",
            "`recipe.freeze_layers` is 9; this model has 1 layer",
        ),
    ] {
        let text = with("recipe", line);
        let number = 1 + text.lines().position(|other| other == line).unwrap();
        world.write("run/run.toml", text);
        world.refuses("resume run", &[&format!("run/run.toml, line {number}: {reason}")]);
    }
    let text = good.replace("device = \"flex\"", "device = \"gpu9\"");
    let number = 1 + text.lines().position(|line| line.contains("gpu9")).unwrap();
    world.write("run/run.toml", text);
    world.refuses(
        "resume run",
        &[&format!("run/run.toml, line {number}: `device`: "), "gpu9"],
    );
    world.refuses("resume run --device gpu8", &["--device", "gpu8"]);
}

#[test]
fn evaluation_and_prediction_refuse_what_they_do_not_use() {
    let world = World::new();
    world.short_run();
    let cases: [(&str, &[&str]); 9] = [
        ("eval run --stride 5", &["classify does not use --stride"]),
        (
            "eval run --n-best 3 --no-answer",
            &["classify does not use --n-best"],
        ),
        (
            "eval run --class-weights balanced",
            &["--class-weights is for training only"],
        ),
        (
            "eval run --class-weights zz",
            &["--class-weights", "`zz` is neither"],
        ),
        (
            "predict run --scheme bio good",
            &["a model for classification does not use --scheme"],
        ),
        (
            "predict run --max-length 2 good",
            &["--max-length is 2; it must be at least 3"],
        ),
        (
            "eval run --max-length 2",
            &["--max-length is 2; it must be at least 3"],
        ),
        (
            "eval run --predictions model",
            &["--predictions: model: this is a folder"],
        ),
        (
            "eval run --predictions no/p.jsonl",
            &["--predictions: no/p.jsonl: its folder does not exist"],
        ),
    ];
    for (words, parts) in cases {
        world.refuses(words, parts);
    }
    // A pair needs more room than a text.
    let pairs = reviews().replace("text,label", "text,text_pair,label");
    world.write("pairs.csv", pairs.replace("was", "was,it was"));
    let words =
        "train classify --pairs --model model --data pairs.csv --epochs 1 --device flex --output pairs";
    assert_eq!(world.bert(words).code, 0);
    let words = "predict pairs --max-length 3 --first good --second bad";
    world.refuses(words, &["--max-length is 3; it must be at least 4"]);
    let outcome = world.bert("eval run --label-column label --data reviews.csv --json");
    assert_eq!(outcome.code, 0, "{}", outcome.err);
}

#[test]
fn advice_names_only_flags_that_the_command_has() {
    let world = World::new();
    let outcome = world.bert("fetch nosuch/x");
    outcome.refused("fetch", &["nosuch/x", "use a folder with config.json"]);
    assert!(!outcome.err.contains("--model"), "{}", outcome.err);
    world.write("my.toml", "model = 'nosuch/x'\n");
    let outcome = world.bert("train classify --data reviews.csv --output run --config my.toml");
    outcome.refused(
        "config",
        &["my.toml, line 1: `model`: ", "use a folder with config.json"],
    );
    assert!(!outcome.err.contains("--model"), "{}", outcome.err);
}
