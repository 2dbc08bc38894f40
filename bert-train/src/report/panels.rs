//! The tables and figures of a task's analysis, and the list of mistakes.

use std::fmt::Write;

use bert_tasks::analysis::{Analysis, ConfusionPanel, GroupsPanel, Mistake, Panel, Part};

use super::chart::scatter;
use super::html::escape;
use crate::progress::format::number;
use datasets::counted;

/// A matrix with more labels gets the whole width of the page.
const WIDE: usize = 5;
/// Texts are cut to about this many characters, so that the page stays small.
const MAX_LENGTH: usize = 600;

/// All panels of a run, in the colour of number `number`.
pub fn panels(analysis: &Analysis, number: usize) -> String {
    let panel = |panel: &Panel| match panel {
        Panel::Confusion(matrix) => confusion(matrix),
        Panel::Groups(groups) => self::groups(groups, number),
        Panel::Scatter(cloud) => scatter(&cloud.title, &cloud.x, &cloud.y, &cloud.points, number),
    };
    analysis.panels.iter().map(panel).collect()
}

fn confusion(matrix: &ConfusionPanel) -> String {
    let mut out =
        String::from("<table class=\"matrix\"><thead><tr><th><small>true ↓ predicted →</small></th>");
    for label in &matrix.labels {
        let _ = write!(out, "<th>{}</th>", escape(label));
    }
    out += "<th class=\"sum\">all</th></tr></thead><tbody>\n";
    for (gold, (label, counts)) in matrix.labels.iter().zip(&matrix.counts).enumerate() {
        let all: u64 = counts.iter().sum();
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(label));
        for (given, &count) in counts.iter().enumerate() {
            let share = count as f64 / all.max(1) as f64;
            let right = if gold == given { "right" } else { "wrong" };
            let part = match count {
                0 => String::new(),
                _ => format!("<small>{:.1} %</small>", 100.0 * share),
            };
            let _ = write!(
                out,
                "<td class=\"{right}\" style=\"--share:{share:.3}\">{count}{part}</td>"
            );
        }
        let _ = writeln!(out, "<td class=\"sum\">{all}</td></tr>");
    }
    out += "</tbody></table>";
    let note = match matrix.left_out {
        0 => String::new(),
        count => format!(
            "<p class=\"note\">Not shown: {} with fewer mistakes.</p>",
            counted(count, "label")
        ),
    };
    let body = format!("<div class=\"scroll\">{out}</div>{note}");
    let whole = card("Confusion matrix", &body);
    match matrix.labels.len() {
        0..=WIDE => whole,
        _ => whole.replacen("card", "card wide", 1),
    }
}

fn groups(panel: &GroupsPanel, number: usize) -> String {
    if panel.rows.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<table class=\"groups\"><thead><tr><th>{}</th>",
        escape(&panel.group)
    );
    for (column, score) in panel.scores.iter().enumerate() {
        let span = if column == 0 { " colspan=\"2\"" } else { "" };
        let _ = write!(out, "<th class=\"figure\"{span}>{}</th>", escape(score));
    }
    let _ = writeln!(
        out,
        "<th class=\"figure\">{}</th></tr></thead><tbody>",
        escape(&panel.counted)
    );
    for row in &panel.rows {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&row.name));
        for (column, score) in row.scores.iter().enumerate() {
            if column == 0 {
                let colour = super::chart::colour(number);
                let width = 100.0 * score.clamp(0.0, 1.0);
                let _ = write!(
                    out,
                    "<td class=\"bar\"><i style=\"--part:{width:.1}%;--key:{colour}\"></i></td>"
                );
            }
            let _ = write!(out, "<td class=\"figure\">{score:.3}</td>");
        }
        let _ = writeln!(out, "<td class=\"figure\">{}</td></tr>", row.count);
    }
    out += "</tbody></table>";
    card(&panel.title, &format!("<div class=\"scroll\">{out}</div>"))
}

/// The mistakes as a list; empty if there are none.
pub fn mistakes(analysis: &Analysis) -> String {
    if analysis.mistakes.is_empty() {
        return String::new();
    }
    let mut out = String::from("<ol class=\"mistakes card\">\n");
    for mistake in &analysis.mistakes {
        out += &item(mistake);
    }
    out += "</ol>\n";
    out
}

fn item(mistake: &Mistake) -> String {
    let mut out = String::from("<li>");
    for part in &mistake.parts {
        let name = match part.name.as_str() {
            "" => String::new(),
            name => format!("<small>{}</small> ", escape(name)),
        };
        let _ = write!(out, "<p>{name}{}</p>", marked(part));
    }
    let _ = writeln!(
        out,
        "<p class=\"verdict\"><span class=\"weight\">{}</span><span>predicted <b class=\"said\">{}</b></span>\
         <span>correct <b class=\"gold\">{}</b></span></p></li>",
        number(mistake.weight),
        escape(&cut(&mistake.answer, 0)),
        escape(&cut(&mistake.gold, 0))
    );
    out
}

fn marked(part: &Part) -> String {
    match &part.mark {
        Some(range) if part.text.get(range.clone()).is_some() => {
            let (before, after) = (&part.text[..range.start], &part.text[range.end..]);
            let from = before
                .char_indices()
                .rev()
                .nth(MAX_LENGTH / 2)
                .map_or(0, |(place, _)| place);
            let lead = if from > 0 { "… " } else { "" };
            format!(
                "{lead}{}<mark>{}</mark>{}",
                escape(&before[from..]),
                escape(&part.text[range.clone()]),
                escape(&cut(after, MAX_LENGTH / 2))
            )
        }
        _ => escape(&cut(&part.text, 0)),
    }
}

/// The first `most` characters of the text; 0 is the usual number.
fn cut(text: &str, most: usize) -> String {
    let most = if most == 0 { MAX_LENGTH } else { most };
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

fn card(title: &str, body: &str) -> String {
    format!(
        "<figure class=\"card\"><figcaption><b>{}</b></figcaption>\n{body}</figure>\n",
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_at_the_mistake_and_texts_are_escaped() {
        let part = Part {
            name: String::new(),
            text: "Ärger in <Köln> & Bonn".into(),
            mark: Some(10..17),
        };
        assert_eq!(marked(&part), "Ärger in <mark>&lt;Köln&gt;</mark> &amp; Bonn");
        // A range that is not in the text marks nothing.
        let odd = Part {
            mark: Some(1..3),
            ..part.clone()
        };
        assert_eq!(marked(&odd), escape(&part.text));
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut(&"é".repeat(MAX_LENGTH), 0), "é".repeat(MAX_LENGTH));
        assert_eq!(cut(&"é".repeat(MAX_LENGTH + 1), 0), "é".repeat(MAX_LENGTH) + " …");
    }
}
