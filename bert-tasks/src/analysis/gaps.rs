//! Analyses filled gaps: how often masked words are found, and examples.

use std::collections::HashMap;

use serde_json::Value;

use super::{Analysis, AnalysisError, Group, GroupsPanel, Line, Mistake, Panel, Part, Scorer, number, text};
use crate::language_modelling::masked::MaskedCounts;
use crate::metrics::Metrics;

/// How many masked words are listed with their scores.
const WORDS: usize = 15;
/// How many examples are shown.
const EXAMPLES: usize = 20;
const MASK: &str = "[MASK]";

/// The analysis of the masked tokens of texts: `masked`, `right` and `log_likelihood` of each, and `gaps` with `gold` and `words`
/// of its beginning; `score` makes metrics of the sums over texts. Texts without `masked` are not evaluated.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_gaps(
    lines: &[Line],
    score: impl Fn(MaskedCounts) -> Metrics + Send + Sync + 'static,
) -> Result<Analysis, AnalysisError> {
    let (mut all, mut examples) = (vec![], vec![]);
    let mut words: HashMap<String, (usize, usize)> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        if !line.contains_key("masked") {
            continue;
        }
        all.push(counts(line, index + 1)?);
        let found = gaps(line, index + 1)?;
        for (gold, best, _) in &found {
            let (count, right) = words.entry(gold.clone()).or_default();
            *count += 1;
            *right += usize::from(gold == best);
        }
        // One of each text, not always its first.
        if let (true, false) = (examples.len() < EXAMPLES, found.is_empty()) {
            let number = index % found.len();
            examples.push(example(text(line, index + 1, "text")?, number, &found[number]));
        }
    }
    let scorer = Scorer::new(all.len(), move |numbers| {
        score(numbers.iter().map(|&number| all[number]).sum())
    });
    Ok(Analysis {
        scorer,
        panels: vec![Panel::Groups(frequent(words))],
        mistakes_title: "Examples of filled gaps".into(),
        mistakes: examples,
    })
}

fn counts(line: &Line, index: usize) -> Result<MaskedCounts, AnalysisError> {
    let count = |field: &'static str| number(line, index, field).map(|count| count as usize);
    let optional = |field: &'static str| line.get(field).map_or(Ok(0), |_| count(field));
    Ok(MaskedCounts {
        masked: count("masked")?,
        right: count("right")?,
        // JSON writes null for NaN, which a diverged model gives.
        log_likelihood: match line.get("log_likelihood") {
            Some(Value::Null) => f64::NAN,
            _ => number(line, index, "log_likelihood")?,
        },
        pairs: optional("pairs")?,
        pairs_right: optional("pairs_right")?,
    })
}

/// What is masked, the model's prediction, and its probability.
type FoundGap = (String, String, f64);

fn gaps(line: &Line, index: usize) -> Result<Vec<FoundGap>, AnalysisError> {
    let error = AnalysisError {
        line: index,
        field: "gaps",
    };
    let gaps = line.get("gaps").and_then(Value::as_array).ok_or(error.clone())?;
    let found = gaps.iter().map(|gap| {
        let best = gap.get("words")?.get(0)?;
        let word = best.get("word")?.as_str()?;
        let probability = best.get("probability")?.as_f64().unwrap_or(0.0);
        Some((
            gap.get("gold")?.as_str()?.to_owned(),
            word.to_owned(),
            probability,
        ))
    });
    found.collect::<Option<_>>().ok_or(error)
}

/// The gap with this number in its text.
fn example(text: &str, gap: usize, (gold, best, probability): &FoundGap) -> Mistake {
    let mark = text.match_indices(MASK).nth(gap);
    Mistake {
        parts: vec![Part {
            name: String::new(),
            text: text.to_owned(),
            mark: mark.map(|(start, mask)| start..start + mask.len()),
        }],
        gold: gold.clone(),
        answer: best.clone(),
        weight: *probability,
    }
}

/// The words that are masked most often.
fn frequent(words: HashMap<String, (usize, usize)>) -> GroupsPanel {
    let mut words: Vec<(String, (usize, usize))> = words.into_iter().collect();
    words.sort_by(|(a, (more, _)), (b, (less, _))| less.cmp(more).then(a.cmp(b)));
    let row = |(name, (count, right)): (String, (usize, usize))| Group {
        name,
        scores: vec![right as f64 / count as f64],
        count,
    };
    GroupsPanel {
        title: "Words that are masked most often".into(),
        group: "word".into(),
        scores: vec!["found".into()],
        counted: "times".into(),
        rows: words.into_iter().take(WORDS).map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(text: &str, gaps: &[(&str, &str)], counts: [usize; 2]) -> Line {
        let gaps: Vec<Value> = gaps
            .iter()
            .map(|(gold, word)| json!({"gold": gold, "words": [{"word": word, "probability": 0.5}]}))
            .collect();
        let [masked, right] = counts;
        let line = json!({
            "text": text, "gaps": gaps, "masked": masked, "right": right, "log_likelihood": -1.5,
        });
        line.as_object().unwrap().clone()
    }

    fn metrics(counts: MaskedCounts) -> Metrics {
        Metrics::from_iter([
            ("accuracy", counts.right as f64 / counts.masked as f64),
            ("likelihood", counts.log_likelihood),
        ])
    }

    #[test]
    fn examples_mark_their_gap_and_words_are_counted() {
        let two = [("cat", "dog"), ("the", "the")];
        let lines = [
            line("a [MASK] and [MASK]", &two, [4, 1]),
            line("the [MASK] and [MASK]", &[("the", "a"), ("the", "the")], [2, 1]),
            json!({"text": "a text without anything known"})
                .as_object()
                .unwrap()
                .clone(),
        ];
        let analysis = analyse_gaps(&lines, metrics).unwrap();
        let Panel::Groups(words) = &analysis.panels[0] else {
            panic!("no groups");
        };
        let rows: Vec<_> = words
            .rows
            .iter()
            .map(|row| (row.name.as_str(), row.count))
            .collect();
        assert_eq!(rows, [("the", 3), ("cat", 1)]);
        assert!((words.rows[0].scores[0] - 2.0 / 3.0).abs() < 1e-12);
        let first = &analysis.mistakes[0];
        assert_eq!((first.gold.as_str(), first.answer.as_str()), ("cat", "dog"));
        assert_eq!(first.parts[0].mark, Some(2..8));
        // The second text shows its second gap.
        assert_eq!(analysis.mistakes[1].parts[0].mark, Some(15..21));
        let all = analysis.scorer.score(&[0, 1, 1]).unwrap();
        assert_eq!(
            (all.get("accuracy"), all.get("likelihood")),
            (Some(3.0 / 8.0), Some(-4.5))
        );
    }

    #[test]
    fn a_missing_field_is_named() {
        let mut broken = line("a [MASK]", &[("a", "b")], [1, 0]);
        broken.shift_remove("right");
        let error = analyse_gaps(&[broken], metrics).unwrap_err();
        assert_eq!((error.line, error.field), (1, "right"));
        let mut broken = line("a [MASK]", &[("a", "b")], [1, 0]);
        broken.insert("gaps".into(), json!([{"gold": "a"}]));
        assert_eq!(analyse_gaps(&[broken], metrics).unwrap_err().field, "gaps");
    }
}
