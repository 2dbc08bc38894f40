//! The settings of `run.toml`, and where runs differ in them.

use std::fmt::Write;

use super::html::escape;
use super::view::RunView;
use crate::system::shell::quoted;

/// The settings by section and name; `None` if a run has none of that name.
fn rows(runs: &[RunView]) -> Vec<(String, Vec<Option<String>>)> {
    let flat: Vec<Vec<(String, String)>> = runs.iter().map(|run| flat(&run.settings)).collect();
    let mut names: Vec<&String> = vec![];
    for (name, _) in flat.iter().flatten() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let of = |name: &String| {
        let find = |settings: &Vec<(String, String)>| {
            let found = settings.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        flat.iter().map(find).collect()
    };
    names.iter().map(|name| ((*name).clone(), of(name))).collect()
}

/// A table's entries by name, the entries of inner tables after its own.
fn flat(table: &toml::Table) -> Vec<(String, String)> {
    let plain = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (tables, values): (Vec<_>, Vec<_>) = table.iter().partition(|(_, value)| value.is_table());
    let mut rows: Vec<(String, String)> = values
        .into_iter()
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect();
    for (name, value) in tables {
        let inner = value.as_table().map(flat).unwrap_or_default();
        rows.extend(
            inner
                .into_iter()
                .map(|(inner, value)| (format!("{name}.{inner}"), value)),
        );
    }
    rows
}

/// The settings of one run, or the different and the common settings of several.
pub fn settings(runs: &[RunView]) -> String {
    let rows = rows(runs);
    if let [run] = runs {
        let mut out = String::from("<div class=\"card settings\">");
        for (name, values) in &rows {
            let value = values[0].as_deref().unwrap_or_default();
            let _ = writeln!(
                out,
                "<div><dt>{}</dt><dd>{}</dd></div>",
                escape(shorter(name)),
                escape(value)
            );
        }
        out += "</div>\n";
        if let Some(task) = run.settings.get("task").and_then(toml::Value::as_str) {
            let _ = writeln!(
                out,
                "<p class=\"note\">To repeat this run: <code>bert train {} --config {} --output again</code></p>",
                escape(task),
                escape(&quoted(&format!("{}/run.toml", run.name)))
            );
        }
        return out;
    }
    let (same, different): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|(_, values)| values.iter().all(|value| *value == values[0]));
    let mut out = String::new();
    if different.is_empty() {
        out += "<p class=\"note\">All settings are the same.</p>\n";
    } else {
        out += "<div class=\"card scroll\"><table><thead><tr><th>what differs</th>";
        for (number, run) in runs.iter().enumerate() {
            let _ = write!(out, "<th>{}</th>", run_key(number, &run.name));
        }
        out += "</tr></thead><tbody>\n";
        for (name, values) in &different {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(shorter(name)));
            for value in values {
                let _ = write!(out, "<td>{}</td>", escape(value.as_deref().unwrap_or("–")));
            }
            out += "</tr>\n";
        }
        out += "</tbody></table></div>\n";
    }
    if !same.is_empty() {
        out += "<details><summary>Same in all runs</summary><div class=\"card settings\">";
        for (name, values) in &same {
            let value = values[0].as_deref().unwrap_or_default();
            let _ = writeln!(
                out,
                "<div><dt>{}</dt><dd>{}</dd></div>",
                escape(shorter(name)),
                escape(value)
            );
        }
        out += "</div></details>\n";
    }
    out
}

/// A run's name beside its colour.
pub fn run_key(number: usize, name: &str) -> String {
    format!(
        "<span class=\"key\" style=\"--key:{}\">{}</span>",
        super::chart::colour(number),
        escape(name)
    )
}

/// The name without its table.
fn shorter(name: &str) -> &str {
    ["recipe.", "files.", "options."]
        .iter()
        .find_map(|table| name.strip_prefix(table))
        .unwrap_or(name)
}
