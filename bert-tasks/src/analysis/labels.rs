//! Analyses labels: confusion, scores by label, the most confident mistakes.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{
    Analysis, AnalysisError, ConfusionPanel, Group, GroupsPanel, Line, Mistake, Panel, Scorer,
    heaviest_mistakes, probability, text, texts,
};
use crate::metrics::{Confusion, Metrics};

/// The most labels that a matrix shows.
const MATRIX: usize = 16;

/// The analysis of one label a line: `gold`, `label`, `probability` and `probabilities`, whose keys are all labels in
/// their order, or the most probable ones of many (then the labels that occur are sorted); `score` makes metrics of a confusion matrix. Lines without `gold` are not evaluated.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_labels(
    lines: &[Line],
    score: impl Fn(&Confusion) -> Metrics + Send + Sync + 'static,
) -> Result<Analysis, AnalysisError> {
    let mut labels: Vec<String> = vec![];
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut number_of = |name: &str| {
        *numbers.entry(name.to_owned()).or_insert_with(|| {
            labels.push(name.to_owned());
            labels.len() - 1
        })
    };
    let (mut pairs, mut mistakes) = (vec![], vec![]);
    for (index, line) in lines.iter().enumerate() {
        // Logits are there only if the probabilities of all labels are.
        if let (0, Some(all)) = (index, line.get("probabilities").and_then(Value::as_object)) {
            let names: Vec<&str> = match line.contains_key("logits") {
                true => all.keys().map(String::as_str).collect(),
                false => occurring(lines).into_iter().collect(),
            };
            for name in names {
                number_of(name);
            }
        }
        if !line.contains_key("gold") {
            continue;
        }
        let (gold, answer) = (text(line, index + 1, "gold")?, text(line, index + 1, "label")?);
        pairs.push((number_of(gold), number_of(answer)));
        if gold != answer {
            mistakes.push(Mistake {
                parts: texts(line, &["text", "second"]),
                gold: gold.into(),
                answer: answer.into(),
                weight: probability(line.get("probability"), index + 1)?,
            });
        }
    }
    let counts = counted(labels.len(), &pairs);
    let panels = vec![
        Panel::Confusion(confusion(&labels, &counts)),
        Panel::Groups(label_scores(&labels, &counts)),
    ];
    let classes = labels.len();
    let scorer = Scorer::new(pairs.len(), move |numbers| {
        let chosen: Vec<_> = numbers.iter().map(|&number| pairs[number]).collect();
        score(&counted(classes, &chosen))
    });
    Ok(Analysis {
        scorer,
        panels,
        mistakes_title: "Most confident mistakes".into(),
        mistakes: heaviest_mistakes(mistakes),
    })
}

/// The labels that are right or predicted somewhere, sorted.
fn occurring(lines: &[Line]) -> BTreeSet<&str> {
    let fields = lines
        .iter()
        .flat_map(|line| [line.get("gold"), line.get("label")]);
    fields.flatten().filter_map(Value::as_str).collect()
}

fn counted(classes: usize, pairs: &[(usize, usize)]) -> Confusion {
    let mut counts = Confusion::new(classes);
    pairs.iter().for_each(|&(gold, answer)| counts.add(gold, answer));
    counts
}

/// The matrix of all labels, or of those with the most mistakes if they are too many for a page.
pub fn confusion(labels: &[String], counts: &Confusion) -> ConfusionPanel {
    let errors =
        |label: usize| (counts.gold(label) + counts.predicted(label) - 2.0 * counts.hits(label)) as u64;
    let mut shown: Vec<usize> = (0..labels.len()).collect();
    if shown.len() > MATRIX {
        shown.sort_by_key(|&label| std::cmp::Reverse(errors(label)));
        shown.truncate(MATRIX);
        shown.sort_unstable();
    }
    let row = |&gold: &usize| shown.iter().map(|&answer| counts.count(gold, answer)).collect();
    ConfusionPanel {
        labels: shown.iter().map(|&label| labels[label].clone()).collect(),
        counts: shown.iter().map(row).collect(),
        left_out: labels.len() - shown.len(),
    }
}

/// Precision, recall and F1 of each label that occurs or was predicted.
pub fn label_scores(labels: &[String], counts: &Confusion) -> GroupsPanel {
    let row = |(label, name): (usize, &String)| {
        let (gold, given) = (counts.gold(label), counts.predicted(label));
        let hits = counts.hits(label);
        let share = |whole: f64| if whole == 0.0 { 0.0 } else { hits / whole };
        (gold + given > 0.0).then(|| Group {
            name: name.clone(),
            scores: vec![counts.f1(label), share(given), share(gold)],
            count: gold as usize,
        })
    };
    GroupsPanel {
        title: "By label".into(),
        group: "label".into(),
        scores: vec!["F1".into(), "precision".into(), "recall".into()],
        counted: "examples".into(),
        rows: labels.iter().enumerate().filter_map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_model_that_overflows_is_unsure() {
        let mut lines = lines(&[("yes", "no", f64::NAN)]);
        assert!(lines[0]["probability"].is_null());
        let analysis = |lines: &[Line]| analyse_labels(lines, |_| Metrics::default());
        assert_eq!(analysis(&lines).unwrap().mistakes[0].weight, 0.0);
        lines[0].remove("probability");
        assert!(analysis(&lines).is_err());
    }

    fn lines(rows: &[(&str, &str, f64)]) -> Vec<Line> {
        let line = |&(gold, label, probability): &(&str, &str, f64)| {
            let value = json!({
                "text": format!("{gold} as {label}"), "gold": gold, "label": label, "probability": probability,
                "probabilities": {"no": 0.5, "yes": 0.5}, "logits": [0.0, 0.0],
            });
            value.as_object().unwrap().clone()
        };
        rows.iter().map(line).collect()
    }

    #[test]
    fn labels_have_the_order_of_their_numbers_and_mistakes_that_of_confidence() {
        let rows = [
            ("yes", "yes", 0.9),
            ("yes", "no", 0.6),
            ("no", "yes", 0.8),
            ("no", "no", 0.7),
            ("no", "no", 0.7),
        ];
        let analysis = analyse_labels(&lines(&rows), |counts| {
            let mut metrics = Metrics::default();
            metrics.set("accuracy", counts.accuracy());
            metrics
        })
        .unwrap();
        let Panel::Confusion(matrix) = &analysis.panels[0] else {
            panic!("no matrix");
        };
        assert_eq!(matrix.labels, ["no", "yes"]);
        assert_eq!(matrix.counts, [[2, 1], [1, 1]]);
        let texts: Vec<&str> = analysis
            .mistakes
            .iter()
            .map(|m| m.parts[0].text.as_str())
            .collect();
        assert_eq!(texts, ["no as yes", "yes as no"]);
        let Panel::Groups(groups) = &analysis.panels[1] else {
            panic!("no groups");
        };
        assert_eq!(groups.rows[0].scores, [2.0 / 3.0; 3]);
        assert_eq!(groups.rows[1].count, 2);
        let accuracy = |numbers: &[usize]| analysis.scorer.score(numbers).unwrap().get("accuracy").unwrap();
        assert_eq!(accuracy(&[0, 1, 2, 3, 4]), 0.6);
        assert_eq!(accuracy(&[0, 0, 1]), 2.0 / 3.0);
    }

    #[test]
    fn where_only_the_most_probable_labels_are_given_all_that_occur_are_counted() {
        let rows = [("c", "b", 0.9), ("b", "b", 0.6), ("a", "c", 0.8)];
        let mut lines = lines(&rows);
        for line in &mut lines {
            line["probabilities"] = json!({"b": 0.9});
            line.remove("logits");
        }
        let analysis = analyse_labels(&lines, |_| Metrics::default()).unwrap();
        let Panel::Confusion(matrix) = &analysis.panels[0] else {
            panic!("no matrix");
        };
        assert_eq!(matrix.labels, ["a", "b", "c"]);
        assert_eq!(matrix.counts, [[0, 0, 1], [0, 1, 0], [0, 1, 0]]);
    }

    #[test]
    fn of_many_labels_those_with_mistakes_are_shown() {
        let labels: Vec<String> = (0..40).map(|label| format!("label {label}")).collect();
        let mut counts = Confusion::new(40);
        (0..40).for_each(|label| counts.add(label, label));
        counts.add(33, 7);
        let panel = confusion(&labels, &counts);
        assert_eq!(panel.left_out, 24);
        assert!(panel.labels.contains(&"label 7".into()) && panel.labels.contains(&"label 33".into()));
    }

    #[test]
    fn a_line_without_its_label_is_reported() {
        let mut lines = lines(&[("yes", "yes", 0.9), ("yes", "no", 0.6)]);
        lines[1].remove("label");
        let error = analyse_labels(&lines, |_| Metrics::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: field `label` is missing or has another type"
        );
    }
}
