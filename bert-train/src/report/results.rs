//! The metrics with their intervals, and all evaluations.

use std::fmt::Write;

use serde_json::Value;

use super::bootstrap::Interval;
use super::chart::interval;
use super::html::{escape, named};
use super::settings::run_key;
use super::view::RunView;

/// A value with the digits that a table of results needs.
pub fn figure(value: f64) -> String {
    match value.abs() {
        x if x.is_nan() => "–".into(),
        x if x >= 10.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// Each metric of each run.
pub fn results(runs: &[RunView]) -> String {
    let mut names: Vec<String> = vec![];
    for name in runs.iter().flat_map(RunView::metric_names) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return "<p class=\"note\">There has been no evaluation yet.</p>\n".into();
    }
    let several = runs.len() > 1;
    let resampled = runs.iter().any(|run| !run.intervals.is_empty());
    let body: String = names.iter().map(|name| metric(runs, name, resampled)).collect();
    let mut out =
        String::from("<div class=\"card scroll\"><table class=\"results\"><thead><tr><th>metric</th>");
    if several {
        out += "<th>run</th>";
    }
    out += "<th class=\"figure\">value</th>";
    if resampled {
        out += "<th>95 % interval</th><th></th>";
    }
    let best = "in the best evaluation";
    let _ = write!(
        out,
        "<th class=\"figure\">{best}</th></tr></thead><tbody>\n{body}</tbody></table></div>\n"
    );
    out + &notes(runs, resampled)
}

/// The rows of a metric, one for each run.
fn metric(runs: &[RunView], name: &str, resampled: bool) -> String {
    let scale = scale(runs, name);
    let mut out = String::new();
    for (number, run) in runs.iter().enumerate() {
        out += "<tr>";
        if number == 0 {
            let main = if name == run.main_metric() {
                " class=\"main\""
            } else {
                ""
            };
            let (rows, name) = (runs.len(), escape(&named(name)));
            let _ = write!(out, "<th scope=\"rowgroup\" rowspan=\"{rows}\"{main}>{name}</th>");
        }
        if runs.len() > 1 {
            let _ = write!(out, "<td>{}</td>", run_key(number, &run.name));
        }
        let value = run.value(name).map_or("–".into(), figure);
        let _ = write!(out, "<td class=\"figure\">{value}</td>");
        if resampled {
            let found = run.intervals.iter().find(|interval| interval.name == name);
            out += &match found {
                Some(found) => bounds(found, scale, number),
                None => "<td></td><td></td>".into(),
            };
        }
        let best = run.metrics["best"][name].as_f64();
        let best = best.map_or("–".into(), figure);
        let _ = writeln!(out, "<td class=\"figure\">{best}</td></tr>");
    }
    out
}

/// The notes under the table.
fn notes(runs: &[RunView], resampled: bool) -> String {
    let mut out = String::new();
    let stopped =
        |run: &RunView| run.metrics["state"].as_str() == Some("stopped") && run.kept_step().is_none();
    if runs.iter().any(stopped) {
        out += "<p class=\"note\">For a run that was stopped, the values are those of its last evaluation.</p>\n";
    }
    for (run, step) in runs.iter().filter_map(|run| Some((run, run.kept_step()?))) {
        let _ = writeln!(
            out,
            "<p class=\"note\">Model and values of {} are those of step {step}, its best evaluation.</p>",
            escape(&run.name)
        );
    }
    if resampled {
        let _ = writeln!(
            out,
            "<p class=\"note\">Intervals are percentile bootstraps over the evaluation examples ({} resamples, fixed \
             seed): how much the value of this model would vary with other examples of the same kind. They do not cover \
             other training seeds.</p>",
            super::RESAMPLES
        );
    }
    out
}

fn bounds(found: &Interval, (low, high): (f64, f64), number: usize) -> String {
    format!(
        "<td class=\"figure range\">{} to {}</td><td>{}</td>",
        figure(found.low),
        figure(found.high),
        interval(found.value, found.low, found.high, low, high, number)
    )
}

/// The range in which the intervals of a metric are drawn, the same for all runs.
fn scale(runs: &[RunView], name: &str) -> (f64, f64) {
    let all = runs
        .iter()
        .flat_map(|run| &run.intervals)
        .filter(|found| found.name == name);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), found| {
        (low.min(found.low), high.max(found.high))
    });
    let margin = (high - low).max(1e-6) * 0.35;
    (low - margin, high + margin)
}

/// The table of all evaluations of a run, with the best one marked.
pub fn evaluations(run: &RunView) -> String {
    let mut names = run.metric_names();
    names.insert(0, "loss".into());
    let best = run.metrics["best_epoch"].as_u64();
    let best_step = run.metrics["best_step"].as_u64();
    let mut out = String::from("<table><thead><tr><th>epoch</th><th class=\"figure\">step</th>");
    for name in &names {
        let _ = write!(out, "<th class=\"figure\">{}</th>", escape(&named(name)));
    }
    out += "</tr></thead><tbody>\n";
    for line in &run.evaluations {
        let whole = |field: &str| line.get(field).and_then(Value::as_u64);
        let is_best = match best_step {
            Some(step) => whole("step") == Some(step),
            None => best.is_some() && whole("epoch") == best,
        };
        let class = if is_best { " class=\"best\"" } else { "" };
        let epoch = line
            .get("epoch")
            .and_then(Value::as_f64)
            .map_or("–".into(), epochs);
        let step = whole("step").map_or("–".into(), |step| step.to_string());
        let _ = write!(out, "<tr{class}><td>{epoch}</td><td class=\"figure\">{step}</td>");
        for name in &names {
            let value = line.get(name).and_then(Value::as_f64);
            let _ = write!(
                out,
                "<td class=\"figure\">{}</td>",
                value.map_or("–".into(), figure)
            );
        }
        out += "</tr>\n";
    }
    out += "</tbody></table>";
    format!(
        "<details{}><summary>All evaluations</summary><div class=\"card scroll\">{out}</div></details>\n",
        open(run)
    )
}

/// A number of epochs, without a point if it is whole.
fn epochs(epoch: f64) -> String {
    if epoch.fract() == 0.0 {
        format!("{epoch:.0}")
    } else {
        format!("{epoch:.2}")
    }
}

fn open(run: &RunView) -> &'static str {
    if run.evaluations.len() <= 5 { " open" } else { "" }
}
