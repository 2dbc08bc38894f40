//! The file of `--config`, such as a run's `run.toml`: its settings stand in for the flags that were not given.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::flags::{AnyFlags, Section};

/// What a file may say about itself besides settings.
const ABOUT: [&str; 2] = ["task", "version"];

/// A settings file that cannot be used: which, where, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}{place}: {reason}", path = .path.display(), place = .line.map_or(String::new(), |line| format!(", line {line}")))]
pub struct ConfigFileError {
    path: PathBuf,
    line: Option<usize>,
    reason: String,
}

/// A table of the file with the flags that it fills in.
pub struct Table<'a> {
    /// Its name; empty for the file itself.
    pub name: &'static str,
    /// The flags.
    pub groups: Vec<&'a mut dyn Section>,
    /// Names among these with a fixed value.
    pub fixed: Vec<&'static str>,
    /// The flags of the fixed names, with none given, and the options that hold their values.
    pub values: Option<(Box<dyn AnyFlags>, &'a dyn Any)>,
}

/// A settings file whose settings have been taken.
#[derive(Debug)]
pub struct ConfigFile {
    path: PathBuf,
    /// The line of each setting that stands in for a flag, by its name with its table's.
    lines: BTreeMap<String, usize>,
}

impl ConfigFile {
    /// Reads the file for training on `corpus`, and fills in the flags of `tables` that were not given. The first table
    /// is the file itself.
    ///
    /// # Errors
    /// If the file cannot be read, is for another corpus, has an unknown name, or a value that its option cannot have.
    pub fn read(path: &Path, corpus: &str, tables: &mut [Table<'_>]) -> Result<Self, ConfigFileError> {
        let error = |line, reason| ConfigFileError {
            path: path.into(),
            line,
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|e| error(None, e.to_string()))?;
        let line_of = |place: usize| 1 + text[..place.min(text.len())].matches('\n').count();
        let document = DeTable::parse(&text)
            .map_err(|e| error(e.span().map(|span| line_of(span.start)), e.message().to_owned()))?;
        let mut lines = BTreeMap::new();
        for (name, value) in document.into_inner() {
            let line = line_of(name.span().start);
            let error = |reason| error(Some(line), reason);
            let name = name.into_inner();
            let table = tables.iter().skip(1).position(|table| table.name == name);
            match (table, value.get_ref()) {
                (Some(place), DeValue::Table(_)) => {
                    let DeValue::Table(inner) = value.into_inner() else {
                        unreachable!("it is a table");
                    };
                    for (name, value) in inner {
                        let line = line_of(name.span().start);
                        let taken = fill(tables, place + 1, name.get_ref(), value);
                        let taken = taken.map_err(|reason| ConfigFileError {
                            path: path.into(),
                            line: Some(line),
                            reason,
                        })?;
                        lines.extend(taken.map(|name| (name, line)));
                    }
                }
                (Some(_), _) => return Err(error(format!("`{name}` must be a table: [{name}]"))),
                (None, DeValue::String(task)) if name == "task" && task != corpus => {
                    return Err(error(format!(
                        "these settings are for `bert train {task}`, not for {corpus}"
                    )));
                }
                (None, _) if ABOUT.contains(&&*name) => {}
                (None, _) => lines.extend(
                    fill(tables, 0, &name, value)
                        .map_err(error)?
                        .map(|name| (name, line)),
                ),
            }
        }
        Ok(Self {
            path: path.into(),
            lines,
        })
    }

    /// An error of the setting `name`, with its table's name; `None` if the value is not from the file.
    pub fn error(&self, name: &str, reason: String) -> Option<ConfigFileError> {
        self.lines.get(name).map(|&line| ConfigFileError {
            path: self.path.clone(),
            line: Some(line),
            reason,
        })
    }
}

/// Gives `value` to the option `name` of a table; the full name of the setting if it was taken.
fn fill(
    tables: &mut [Table<'_>],
    place: usize,
    name: &str,
    value: Spanned<DeValue<'_>>,
) -> Result<Option<String>, String> {
    let plain = name.replace('-', "_");
    let mut groups = tables[place].groups.iter();
    let Some(group) = groups.position(|group| group.names().contains(&plain.as_str())) else {
        return Err(unknown(tables, place, name, &plain));
    };
    let table = &mut tables[place];
    let full = full_name(table.name, &plain);
    if table.fixed.contains(&plain.as_str()) {
        let fixed = Err(format!("`{full}` cannot be chosen for this corpus"));
        return match &table.values {
            Some((none, options)) => {
                let mut one = none.none();
                one.fill(&plain, value)
                    .map_err(|reason| format!("`{full}` {reason}"))?;
                one.changed_in(*options).map_or(Ok(None), |_| fixed)
            }
            None => fixed,
        };
    }
    let taken = table.groups[group]
        .fill(&plain, value)
        .map_err(|reason| format!("`{full}` {reason}"))?;
    Ok(taken.then_some(full))
}

fn full_name(table: &str, name: &str) -> String {
    match table {
        "" => name.to_owned(),
        table => format!("{table}.{name}"),
    }
}

/// A message about an unknown name, with the nearest one that is known.
fn unknown(tables: &[Table<'_>], place: usize, name: &str, plain: &str) -> String {
    let all = tables.iter().enumerate().flat_map(|(other, table)| {
        let names = table.groups.iter().flat_map(|group| group.names());
        names.map(move |known| (other, table.name, *known))
    });
    // Of names that are equally near, one of the same table wins.
    let nearest = all
        .map(|(other, table, known)| {
            let here = f64::from(u8::from(other == place)) * 1e-6;
            (strsim::jaro_winkler(plain, known) + here, full_name(table, known))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let hint = nearest.map_or(String::new(), |(_, nearest)| {
        format!("; the nearest known name is `{nearest}`")
    });
    format!("`{}` is not known{hint}", full_name(tables[place].name, name))
}
