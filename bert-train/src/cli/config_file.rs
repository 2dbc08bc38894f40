//! The file of `--config`, such as a run's `run.toml`: its settings stand in for the flags that were not given.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use bert_train::RunError;
use bert_train::run::settings::{SettingsFile, nearest, underscored, unknown};
use toml::de::DeValue;

use super::flag::flag;
use super::flags::{AnyFlags, Section};

/// What a file may say about itself besides settings.
const ABOUT: [&str; 2] = ["task", "version"];

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

/// The settings of a file that hold, and where they are.
#[derive(Debug)]
pub struct ConfigFile {
    file: SettingsFile,
    /// The line of each setting that no flag overrides, by its name with its table's.
    lines: BTreeMap<String, usize>,
}

impl ConfigFile {
    /// The `run.toml` of a run, whose settings hold except for `overridden` options.
    pub fn of_run(file: &SettingsFile, overridden: &[&str]) -> Self {
        let mut lines = file.lines();
        lines.retain(|name, _| !overridden.contains(&name.rsplit('.').next().unwrap_or_default()));
        let file = file.clone();
        Self { file, lines }
    }

    /// Reads the file for training on `corpus`, and fills in the flags of `tables` that were not given. The first table
    /// is the file itself.
    ///
    /// # Errors
    /// If the file cannot be read, is for another corpus, sets an option twice, has an unknown name, or a value that its
    /// option cannot have.
    pub fn read(path: &Path, corpus: &str, tables: &mut [Table<'_>]) -> Result<Self, RunError> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such file");
        let file = SettingsFile::read(path)?.ok_or_else(|| RunError::Io {
            path: path.into(),
            source: missing(),
        })?;
        let line_of = |offset: usize| file.line(offset);
        let document = file.document()?;
        let mut settings = Settings {
            tables,
            seen: BTreeMap::new(),
            taken: BTreeMap::new(),
        };
        for (name, value) in &document {
            let line = line_of(name.span().start);
            let error = |reason: String| file.error(line, reason);
            let name = name.get_ref().as_ref();
            let table = settings
                .tables
                .iter()
                .position(|table| !table.name.is_empty() && table.name == name);
            match (table, value.get_ref()) {
                (Some(table), DeValue::Table(inner)) => {
                    for (name, value) in inner {
                        let line = line_of(name.span().start);
                        let set = settings.set(table, name.get_ref(), value.get_ref(), line);
                        set.map_err(|reason| file.error(line, reason))?;
                    }
                }
                (Some(_), _) => return Err(error(format!("`{name}` must be a table: [{name}]"))),
                (None, DeValue::String(task)) if name == "task" && task != corpus => {
                    let reason =
                        format!("these settings are for `bert train {task}`, not for `bert train {corpus}`");
                    return Err(error(reason));
                }
                (None, DeValue::String(_)) if ABOUT.contains(&name) => {}
                (None, _) if ABOUT.contains(&name) => {
                    return Err(error(format!("`{name}` must be a text")));
                }
                (None, value) => settings.set(0, name, value, line).map_err(error)?,
            }
        }
        let lines = settings.taken;
        Ok(Self { file, lines })
    }

    /// An error about the option `option`, whose message `reason` makes from the setting's name; `None` if the option's value is
    /// not from the file.
    pub fn error(&self, option: &str, reason: impl FnOnce(&str) -> String) -> Option<RunError> {
        let (name, line) = self.setting(option)?;
        Some(self.file.error(line, reason(&format!("`{name}`"))))
    }

    /// How messages name an option: by its setting and line if its value is from the file, else by its flag.
    pub fn render_option(&self, option: &str) -> String {
        match self.setting(option) {
            Some((name, line)) => format!("`{name}` ({}, line {line})", self.file.path().display()),
            None => flag(option),
        }
    }

    /// The setting that stands in for an option's flag, with its table's name, and its line.
    fn setting(&self, option: &str) -> Option<(&str, usize)> {
        let mut settings = self.lines.iter();
        settings
            .find(|(name, _)| name.rsplit('.').next() == Some(option))
            .map(|(name, line)| (name.as_str(), *line))
    }
}

/// The settings of a file, on their way into the flags.
struct Settings<'a, 'b> {
    tables: &'a mut [Table<'b>],
    /// The line of each setting so far, by its name with its table's.
    seen: BTreeMap<String, usize>,
    /// Those of them that stand in for a flag.
    taken: BTreeMap<String, usize>,
}

impl Settings<'_, '_> {
    /// Gives `value` to the option `name` of a table.
    fn set(&mut self, table: usize, name: &str, value: &DeValue<'_>, line: usize) -> Result<(), String> {
        // The command line writes names with hyphens, and run.toml with underscores.
        let plain = underscored(name);
        let mut groups = self.tables[table].groups.iter();
        let Some(group) = groups.position(|group| group.names().contains(&plain.as_str())) else {
            return Err(self.unknown(table, name, &plain));
        };
        let full = full_name(self.tables[table].name, &plain);
        if let Some(first) = self.seen.insert(full.clone(), line) {
            let lines = [first.min(line), first.max(line)];
            return Err(format!(
                "`{full}` is set twice, in lines {} and {}",
                lines[0], lines[1]
            ));
        }
        let table = &mut self.tables[table];
        let named = |reason: String| format!("`{full}` {reason}");
        if table.fixed.contains(&plain.as_str()) {
            let fixed = Err(format!("`{full}` cannot be chosen for this corpus"));
            return match &table.values {
                Some((none, options)) => {
                    let mut one = none.none();
                    one.fill(&plain, value).map_err(named)?;
                    one.changed_in(*options).map_or(Ok(()), |_| fixed)
                }
                None => fixed,
            };
        }
        if table.groups[group].fill(&plain, value).map_err(named)? {
            self.taken.insert(full, line);
        }
        Ok(())
    }

    /// A message about an unknown name, with the nearest one that is known.
    fn unknown(&self, table: usize, name: &str, plain: &str) -> String {
        // Of names that are equally near, one of the same table wins: the last of them.
        let (here, others): (Vec<_>, Vec<_>) = self
            .tables
            .iter()
            .enumerate()
            .partition(|(other, _)| *other == table);
        let known = others.into_iter().chain(here).flat_map(|(_, table)| {
            let names = table.groups.iter().flat_map(|group| group.names());
            names.map(|known| (table.name, *known))
        });
        let known: Vec<(&str, &str)> = known.collect();
        let nearest = nearest(plain, known.iter().map(|(_, name)| *name));
        let nearest = nearest.and_then(|nearest| known.iter().rfind(|(_, name)| *name == nearest));
        let nearest = nearest.map(|(table, name)| full_name(table, name));
        unknown(&full_name(self.tables[table].name, name), nearest.as_deref())
    }
}

fn full_name(table: &str, name: &str) -> String {
    match table {
        "" => name.to_owned(),
        table => format!("{table}.{name}"),
    }
}
