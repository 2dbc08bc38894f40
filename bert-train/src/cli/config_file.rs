//! `--config FILE`: the settings of a `run.toml`, each taken as the flag of its name unless the command line says that
//! flag itself. So a file means what the command line means, and is checked by the same definition.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, parser::ValueSource};
use serde_json::Map;
use toml::Value;
use toml::de::DeTable;

/// What a file may say of itself beside the flags.
const ABOUT: [&str; 2] = ["task", "version"];
/// Flags that make no sense in a file.
const NEVER: [&str; 4] = ["config", "overwrite", "help", "version"];

/// A file whose settings cannot be taken: which, where, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}{place}: {reason}", path = .path.display())]
pub struct ConfigFileError {
    path: PathBuf,
    place: String,
    reason: String,
}

impl ConfigFileError {
    fn new(path: &Path, line: Option<usize>, reason: String) -> Self {
        Self {
            path: path.into(),
            place: line.map_or(String::new(), |line| format!(", line {line}")),
            reason,
        }
    }
}

/// The names a section of the file may have. The first section is the file's top.
#[derive(Debug)]
pub struct Section {
    /// Its name in the file; empty for the top.
    pub name: &'static str,
    /// Its names, written with `_`.
    pub names: Vec<String>,
}

/// Settings as flags.
#[derive(Debug)]
pub struct ConfigFile {
    path: PathBuf,
    settings: Vec<Setting>,
}

#[derive(Debug)]
struct Setting {
    /// As in the file, with its section.
    name: String,
    line: usize,
    flag: String,
    word: Option<OsString>,
}

impl ConfigFile {
    /// Reads the file for training on `corpus`, whose flags are those of `command` and belong to `sections`. What was
    /// `said` on the command line is left out. `usual` are the task's options where nothing is said: those that leave no
    /// choice here may stand in the file all the same.
    ///
    /// # Errors
    /// If the file cannot be read, is for another corpus, or has a name that is no flag's.
    pub fn read(
        path: &Path,
        corpus: &str,
        command: &Command,
        sections: &[Section],
        usual: &Map<String, serde_json::Value>,
        said: &ArgMatches,
    ) -> Result<Self, ConfigFileError> {
        let error = |line, reason| ConfigFileError::new(path, line, reason);
        let text = std::fs::read_to_string(path).map_err(|e| error(None, e.to_string()))?;
        let wrong = |e: toml::de::Error| {
            let line = e.span().map(|span| line_of(&text, span.start));
            error(line, e.message().to_owned())
        };
        let spans = DeTable::parse(&text).map_err(wrong)?;
        let table: toml::Table = toml::from_str(&text).map_err(wrong)?;
        let (top, inner) = sections.split_first().expect("the first section is the top");
        let setting = |section: &Section, at: usize, name: &str, value: &Value| {
            let full = match section.name {
                "" => name.to_owned(),
                section => format!("{section}.{name}"),
            };
            let flag = known(section, sections, name).map_err(|reason| error(Some(at), reason))?;
            let word = word(&flag, value, command, usual)
                .map_err(|reason| error(Some(at), format!("`{full}` {reason}")))?;
            Ok(Setting {
                name: full,
                line: at,
                flag,
                word,
            })
        };
        let mut settings = vec![];
        for (name, value) in &table {
            let at = line_of_key(&text, spans.get_ref(), name);
            let section = inner.iter().find(|section| section.name == name);
            match (section, value) {
                (Some(section), Value::Table(inner)) => {
                    let spans = spans.get_ref().get(name.as_str());
                    let spans = spans.and_then(|value| value.get_ref().as_table());
                    for (name, value) in inner {
                        let at = spans.map_or(at, |spans| line_of_key(&text, spans, name));
                        settings.push(setting(section, at, name, value)?);
                    }
                }
                (Some(_), _) => return Err(error(Some(at), format!("`{name}` must be a table: [{name}]"))),
                (None, Value::String(task)) if name == "task" && task != corpus => {
                    let reason = format!("these settings are for `bert train {task}`, not for {corpus}");
                    return Err(error(Some(at), reason));
                }
                (None, _) if ABOUT.contains(&name.as_str()) => {}
                (None, value) => settings.push(setting(top, at, name, value)?),
            }
        }
        settings.retain(|setting| said.value_source(&setting.flag) != Some(ValueSource::CommandLine));
        Ok(Self {
            path: path.into(),
            settings,
        })
    }

    /// The flags, to be added to the command line.
    pub fn words(&self) -> impl Iterator<Item = OsString> {
        self.settings.iter().filter_map(|setting| setting.word.clone())
    }

    /// What the command line's definition says of a flag, as the fault of the file's line that it is from.
    pub fn fault(&self, error: &clap::Error) -> ConfigFileError {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let reason = first.strip_prefix("error: ").unwrap_or(first);
        let named = self.settings.iter().find(|setting| {
            let flag = format!("--{}", setting.flag.replace('_', "-"));
            let mut words = reason.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
            words.any(|word| word == flag)
        });
        match named {
            Some(setting) => {
                let reason = format!("`{}`: {reason}", setting.name);
                ConfigFileError::new(&self.path, Some(setting.line), reason)
            }
            None => ConfigFileError::new(&self.path, None, reason.to_owned()),
        }
    }
}

/// The sections that the flags of `command` belong to: `recipe` and `files` have those of these names, `top` those that
/// are about the run itself, and all others are the task's.
pub fn sections(command: &Command, top: &[String], files: &[String], recipe: &[String]) -> [Section; 4] {
    let of = |names: &[String]| -> Vec<String> {
        let known = names.iter().filter(|name| !NEVER.contains(&name.as_str()));
        known.cloned().collect()
    };
    let elsewhere: Vec<&String> = top.iter().chain(files).chain(recipe).collect();
    let options: Vec<String> = command
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .filter(|id| !elsewhere.contains(&id))
        .collect();
    let top: Vec<String> = top
        .iter()
        .filter(|name| !files.contains(name) && !recipe.contains(name))
        .cloned()
        .collect();
    [
        Section {
            name: "",
            names: of(&top),
        },
        Section {
            name: "files",
            names: of(files),
        },
        Section {
            name: "recipe",
            names: of(recipe),
        },
        Section {
            name: "options",
            names: of(&options),
        },
    ]
}

/// The flag of a name, or what to write instead of the name.
fn known(section: &Section, sections: &[Section], name: &str) -> Result<String, String> {
    let plain = name.replace('-', "_");
    if section.names.contains(&plain) {
        return Ok(plain);
    }
    let shown = |section: &Section, name: &str| match section.name {
        "" => format!("`{name}`"),
        section => format!("`{section}.{name}`"),
    };
    // A name that belongs elsewhere is nearer than one that is written otherwise.
    let all = sections
        .iter()
        .flat_map(|section| section.names.iter().map(move |name| (section, name)));
    let nearest = all
        .map(|(other, name)| {
            let here = f64::from(u8::from(std::ptr::eq(other, section))) * 1e-6;
            (strsim::jaro_winkler(&plain, name) + here, other, name)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = nearest.map_or(String::new(), |(_, section, name)| {
        format!("; the nearest known name is {}", shown(section, name))
    });
    Err(format!("{} is not known{hint}", shown(section, name)))
}

/// The word that says `value` on the command line; `None` where saying nothing means the same.
fn word(
    flag: &str,
    value: &Value,
    command: &Command,
    usual: &Map<String, serde_json::Value>,
) -> Result<Option<OsString>, String> {
    let arg = command.get_arguments().find(|arg| arg.get_id() == flag);
    let long = format!("--{}", arg.and_then(Arg::get_long).unwrap_or(flag));
    // Options of the task that leave no choice for this corpus stand in every run.toml.
    if arg.is_some_and(Arg::is_hide_set) {
        let same = serde_json::to_value(value).is_ok_and(|value| usual.get(flag) == Some(&value));
        return if same {
            Ok(None)
        } else {
            Err("leaves no choice for this corpus".into())
        };
    }
    let plain = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        // Rust's own form, which reads back as the same number.
        Value::Float(number) => Ok(number.to_string()),
        Value::Integer(_) | Value::Boolean(_) => Ok(value.to_string()),
        _ => Err(format!(
            "cannot be {} {}",
            article(value.type_str()),
            value.type_str()
        )),
    };
    if arg.is_some_and(|arg| matches!(arg.get_action(), ArgAction::SetTrue)) {
        return match value {
            Value::Boolean(yes) => Ok(yes.then(|| long.into())),
            _ => Err("must be true or false".into()),
        };
    }
    let text = match value {
        Value::Array(values) if values.is_empty() => return Ok(None),
        Value::Array(values) => values.iter().map(plain).collect::<Result<Vec<_>, _>>()?.join(","),
        value => plain(value)?,
    };
    Ok(Some(format!("{long}={text}").into()))
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

fn line_of_key(text: &str, table: &DeTable, name: &str) -> usize {
    let key = table.keys().find(|key| key.get_ref() == name);
    key.map_or(1, |key| line_of(text, key.span().start))
}

fn line_of(text: &str, place: usize) -> usize {
    1 + text.as_bytes()[..place.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::arg;

    fn read(text: &str, said: &[&str]) -> Result<Vec<String>, String> {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("my.toml");
        std::fs::write(&path, text).unwrap();
        let command = Command::new("cola")
            .no_binary_name(true)
            .arg(arg!(--model <DIR>))
            .arg(arg!(--data <PATH>))
            .arg(arg!(--lr <RATE>))
            .arg(arg!(--batch_size <N>).long("batch-size"))
            .arg(arg!(--pairs))
            .arg(arg!(--stride <N>).hide(true).default_value("128"));
        let names = |names: &[&str]| -> Vec<String> { names.iter().map(|name| name.to_string()).collect() };
        let sections = sections(
            &command,
            &names(&["model", "data"]),
            &names(&["data"]),
            &names(&["lr", "batch_size"]),
        );
        let said = command.clone().get_matches_from(said);
        let usual = serde_json::json!({"stride": 128}).as_object().unwrap().clone();
        ConfigFile::read(&path, "cola", &command, &sections, &usual, &said)
            .map(|file| {
                let mut words: Vec<String> = file.words().map(|word| word.into_string().unwrap()).collect();
                words.sort();
                words
            })
            .map_err(|e| e.to_string().replace(&format!("{}/", dir.path().display()), ""))
    }

    #[test]
    fn settings_are_the_flags_that_were_not_said() {
        let text = "version = '0.1.0'\ntask = 'cola'\nmodel = 'my model'\n[files]\ndata = 'a b'\n[recipe]\nlr = 5e-5\n\
                    batch_size = 8\n[options]\npairs = true\nstride = 128\n";
        let words = [
            "--batch-size=8",
            "--data=a b",
            "--lr=0.00005",
            "--model=my model",
            "--pairs",
        ];
        assert_eq!(read(text, &[]).unwrap(), words);
        let left = ["--batch-size=8", "--data=a b", "--pairs"];
        assert_eq!(read(text, &["--lr", "1", "--model=other"]).unwrap(), left);
        assert!(read("[options]\npairs = false", &[]).unwrap().is_empty());
        assert_eq!(read("[recipe]\nbatch-size = 8", &[]).unwrap(), ["--batch-size=8"]);
    }

    #[test]
    fn faults_are_told_by_line_and_with_the_nearest_name() {
        let told = |text: &str, expected: &str| assert_eq!(read(text, &[]).unwrap_err(), expected);
        told(
            "[recipe]\nlr = 1e-5\nbatchsize = 3\n",
            "my.toml, line 3: `recipe.batchsize` is not known; the nearest known name is `recipe.batch_size`",
        );
        told(
            "\nlr = 1e-5\n",
            "my.toml, line 2: `lr` is not known; the nearest known name is `recipe.lr`",
        );
        told(
            "modle = 'x'",
            "my.toml, line 1: `modle` is not known; the nearest known name is `model`",
        );
        told(
            "task = 'sst2'",
            "my.toml, line 1: these settings are for `bert train sst2`, not for cola",
        );
        told(
            "recipe = 3",
            "my.toml, line 1: `recipe` must be a table: [recipe]",
        );
        told(
            "[options]\npairs = 'yes'",
            "my.toml, line 2: `options.pairs` must be true or false",
        );
        told(
            "[recipe]\nlr = { a = 1 }",
            "my.toml, line 2: `recipe.lr` cannot be a table",
        );
        assert!(
            read("a = 1\nb = = 2", &[])
                .unwrap_err()
                .starts_with("my.toml, line 2: ")
        );
    }
}
