//! The page and its sections.

use std::time::Duration;

use serde_json::Value;

use super::chart::{Series, Stroke, curves};
use super::html::{escape, named, section};
use super::panels::{mistakes, panels};
use super::results::{evaluations, figure, results};
use super::settings::{run_key, settings};
use super::view::RunView;
use crate::progress::format::duration;
use crate::progress::format::{self, number};
use crate::system::memory;

const STYLE: &str = include_str!("style.css");

/// The page of `runs`, complete without any other file.
pub fn page(runs: &[RunView]) -> String {
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let title = names.join(" · ");
    let several = runs.len() > 1;
    let mut body = String::new();
    body += &header(runs);
    body += &section("result", "Results", &result(runs));
    let figures = training(runs);
    if !figures.is_empty() {
        body += &section(
            "curves",
            "Training",
            &format!("<div class=\"grid\">{figures}</div>\n"),
        );
    }
    body += &section(
        "errors",
        "Where the model is wrong",
        &beside(runs, |number, run| panels(&run.analysis, number)),
    );
    let heading = runs
        .iter()
        .map(|run| run.analysis.mistakes_title.as_str())
        .find(|title| !title.is_empty())
        .unwrap_or("Mistakes");
    let all: String = if several {
        beside(runs, |_, run| mistakes(&run.analysis))
    } else {
        runs.iter().map(|run| mistakes(&run.analysis)).collect()
    };
    body += &section("mistakes", heading, &all);
    body += &section("settings", "Settings", &settings(runs));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n{body}</main>\n<footer>Made by bert {} from run.toml, metrics.json, log.jsonl and \
         predictions.jsonl.</footer>\n</body>\n</html>\n",
        escape(&title),
        escape(env!("CARGO_PKG_VERSION")),
    )
}

/// The text of `each` for every run, side by side.
fn beside(runs: &[RunView], each: impl Fn(usize, &RunView) -> String) -> String {
    let column = |(number, run): (usize, &RunView)| {
        let inner = each(number, run);
        match (runs.len() > 1, inner.is_empty()) {
            (_, true) => String::new(),
            (true, _) => format!("<div><h3>{}</h3>{inner}</div>\n", run_key(number, &run.name)),
            (false, _) => inner,
        }
    };
    let all: String = runs.iter().enumerate().map(column).collect();
    match all.is_empty() {
        true => all,
        false => format!("<div class=\"grid\">{all}</div>\n"),
    }
}

fn header(runs: &[RunView]) -> String {
    let first = &runs[0];
    let corpus = first
        .settings
        .get("task")
        .and_then(toml::Value::as_str)
        .unwrap_or_default();
    let about = match first.task {
        Some(task) if runs.iter().all(|run| run.task == first.task) => {
            format!(
                "<p class=\"about\">{} <span>({}, {})</span></p>",
                escape(task.about),
                task.name,
                escape(corpus)
            )
        }
        _ => String::new(),
    };
    if runs.len() > 1 {
        let keys: Vec<String> = runs
            .iter()
            .enumerate()
            .map(|(number, run)| format!("<span>{}{}</span>", run_key(number, &run.name), state(run)))
            .collect();
        return format!(
            "<header><h1>{} runs</h1>{about}<p class=\"keys\">{}</p></header>\n",
            runs.len(),
            keys.join(" ")
        );
    }
    format!(
        "<header><h1>{} {}</h1>{about}</header>\n<div class=\"tiles\">{}</div>\n",
        escape(&first.name),
        state(first),
        tiles(first)
    )
}

fn state(run: &RunView) -> String {
    let state = run.metrics["state"].as_str().unwrap_or("started");
    format!("<span class=\"state {0}\">{0}</span>", escape(state))
}

fn tile(name: &str, value: &str, more: &str) -> String {
    let more = if more.is_empty() {
        String::new()
    } else {
        format!("<small>{}</small>", escape(more))
    };
    format!(
        "<div class=\"card tile\"><span>{}</span><b>{}</b>{more}</div>\n",
        escape(name),
        escape(value)
    )
}

fn tiles(run: &RunView) -> String {
    let main = run.main_metric();
    let mut out = String::new();
    if let Some(value) = run.value(main) {
        let found = run.intervals.iter().find(|interval| interval.name == main);
        let range = found.map(|found| format!("{} to {}", figure(found.low), figure(found.high)));
        out +=
            &tile(&named(main), &figure(value), &range.unwrap_or_default()).replacen("tile", "tile hero", 1);
    }
    let count = |field: &str| run.metrics[field].as_u64().map(|count| count.to_string());
    if let (Some(train), Some(dev)) = (count("train_examples"), count("dev_examples")) {
        out += &tile("training examples", &train, &format!("{dev} evaluation examples"));
    }
    if let (Some(steps), Some(planned)) = (count("steps"), count("steps_planned")) {
        let planned = (steps != planned).then(|| format!("of {planned} planned"));
        let skipped = run.metrics["skipped_steps"].as_u64().filter(|count| *count > 0);
        let skipped = skipped.map(|count| format!("{count} skipped: not finite"));
        let more: Vec<String> = planned.into_iter().chain(skipped).collect();
        out += &tile("steps", &steps, &more.join("; "));
    }
    if let Some(seconds) = run.metrics["train_seconds"].as_f64() {
        let rate = run.metrics["train_texts_per_second"].as_f64();
        let more = rate.map(|rate| format!("{} texts per second", number(rate)));
        out += &tile("training", &time(seconds), &more.unwrap_or_default());
    }
    if let Some(padding) = mean(&run.curve("padding")) {
        let tokens = mean(&run.curve("tokens_per_second"));
        let more = tokens.map(|tokens| format!("{} tokens per second", number(tokens)));
        out += &tile(
            "padding",
            &format!("{:.1} %", 100.0 * padding),
            &more.unwrap_or_default(),
        );
    }
    let backend = run.metrics["backend"].as_str();
    let memory = run.metrics["peak_memory_bytes"].as_f64();
    match (memory, backend) {
        (Some(bytes), _) => out += &tile("peak memory", &memory::shown(bytes), backend.unwrap_or_default()),
        (None, Some(backend)) => out += &tile("backend", backend, ""),
        (None, None) => {}
    }
    out
}

fn mean(points: &[(f64, f64)]) -> Option<f64> {
    let sum: f64 = points.iter().map(|(_, value)| value).sum();
    (!points.is_empty()).then(|| sum / points.len() as f64)
}

fn time(seconds: f64) -> String {
    duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

fn result(runs: &[RunView]) -> String {
    let mut out = results(runs);
    match runs {
        [run] if !run.evaluations.is_empty() => out += &evaluations(run),
        [_] => {}
        runs => out += &costs(runs),
    }
    out
}

/// Time, speed and memory of each of several runs.
fn costs(runs: &[RunView]) -> String {
    let mut rows = String::new();
    for (number, run) in runs.iter().enumerate() {
        let metrics = &run.metrics;
        let count = |field: &str| {
            metrics[field]
                .as_u64()
                .map_or("–".into(), |count| count.to_string())
        };
        let number_of = |value: &Value, form: fn(f64) -> String| value.as_f64().map_or("–".into(), form);
        let padding =
            mean(&run.curve("padding")).map_or("–".into(), |share| format!("{:.1} %", 100.0 * share));
        let cells = [
            count("steps"),
            number_of(&metrics["train_seconds"], time),
            number_of(&metrics["train_texts_per_second"], format::number),
            padding,
            number_of(&metrics["peak_memory_bytes"], memory::shown),
            metrics["backend"].as_str().unwrap_or("–").to_owned(),
        ];
        let cells: String = cells
            .iter()
            .map(|cell| format!("<td class=\"figure\">{}</td>", escape(cell)))
            .collect();
        rows += &format!("<tr><td>{}</td>{cells}</tr>\n", run_key(number, &run.name));
    }
    let heads = [
        "steps",
        "training",
        "texts per second",
        "padding",
        "peak memory",
        "backend",
    ];
    let heads: String = heads
        .iter()
        .map(|head| format!("<th class=\"figure\">{head}</th>"))
        .collect();
    format!(
        "<div class=\"card scroll\"><table><thead><tr><th>run</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n"
    )
}

/// The figures of training: the loss, each metric, then rate, norm and speed.
fn training(runs: &[RunView]) -> String {
    let several = runs.len() > 1;
    let label = |run: &RunView, what: &str| {
        if several {
            format!("{} {what}", run.name)
        } else {
            what.to_owned()
        }
    };
    let mut losses = vec![];
    for (number, run) in runs.iter().enumerate() {
        losses.push(Series {
            name: label(run, "training"),
            colour: number,
            stroke: Stroke::Noisy,
            points: run.curve("loss"),
        });
        losses.push(Series {
            name: label(run, "evaluation"),
            colour: if several { number } else { 1 },
            stroke: Stroke::Dots,
            points: run.evaluated("loss"),
        });
    }
    let mut out = curves("Loss", &losses);
    let mut names: Vec<String> = vec![];
    for name in runs.iter().flat_map(RunView::metric_names) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let each = |stroke: Stroke, points: &dyn Fn(&RunView) -> Vec<(f64, f64)>| -> Vec<Series> {
        let series = |(number, run): (usize, &RunView)| Series {
            name: run.name.clone(),
            colour: number,
            stroke,
            points: points(run),
        };
        runs.iter().enumerate().map(series).collect()
    };
    for name in &names {
        let title = capital(&named(name));
        out += &curves(&title, &each(Stroke::Dots, &|run| run.evaluated(name)));
    }
    for (field, title, stroke) in [
        ("learning_rate", "Learning rate", Stroke::Plain),
        ("grad_norm", "Gradient norm, before clipping", Stroke::Noisy),
        (
            "tokens_per_second",
            "Tokens per second, without padding",
            Stroke::Noisy,
        ),
        ("padding", "Share of padding", Stroke::Noisy),
    ] {
        out += &curves(title, &each(stroke, &|run| run.curve(field)));
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
