//! Analyses filled gaps: how often masked words are found, and examples.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::{Analysis, AnalysisError, Group, GroupsPanel, Line, Mistake, Panel, Part, Scorer, number, text};
use crate::language_modelling::masked::MaskedCounts;
use crate::metrics::Metrics;

/// How many masked words are listed with their scores.
const WORDS: usize = 15;
/// How many examples are shown.
const EXAMPLES: usize = 20;

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
        for gap in &found {
            let (count, right) = words.entry(gap.gold.clone()).or_default();
            *count += 1;
            *right += usize::from(gap.gold == gap.best);
        }
        // One of each text, not always its first.
        if let (true, false) = (examples.len() < EXAMPLES, found.is_empty()) {
            let gap = &found[index % found.len()];
            examples.push(example(text(line, index + 1, "text")?, gap));
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

/// A gap of a line.
struct Gap {
    /// What is masked.
    gold: String,
    /// The model's prediction.
    best: String,
    /// The probability of the prediction.
    probability: f64,
    /// Where the gap is, in characters; none in files of earlier versions.
    span: Option<Range<usize>>,
}

fn gaps(line: &Line, index: usize) -> Result<Vec<Gap>, AnalysisError> {
    let error = AnalysisError {
        line: index,
        field: "gaps",
    };
    let gaps = line.get("gaps").and_then(Value::as_array).ok_or(error.clone())?;
    let found = gaps.iter().map(|gap| {
        let best = gap.get("words")?.get(0)?;
        let offset = |name: &str| {
            gap.get(name)
                .and_then(Value::as_u64)
                .map(|offset| offset as usize)
        };
        Some(Gap {
            gold: gap.get("gold")?.as_str()?.to_owned(),
            best: best.get("word")?.as_str()?.to_owned(),
            probability: best.get("probability")?.as_f64().unwrap_or(0.0),
            span: offset("start").zip(offset("end")).map(|(start, end)| start..end),
        })
    });
    found.collect::<Option<_>>().ok_or(error)
}

/// A text with one of its gaps marked.
fn example(text: &str, gap: &Gap) -> Mistake {
    let byte = |offset: usize| {
        text.char_indices()
            .nth(offset)
            .map_or(text.len(), |(byte, _)| byte)
    };
    Mistake {
        parts: vec![Part {
            name: String::new(),
            text: text.to_owned(),
            mark: gap
                .span
                .as_ref()
                .map(|span| byte(span.start)..byte(span.end.max(span.start))),
        }],
        gold: gap.gold.clone(),
        answer: gap.best.clone(),
        weight: gap.probability,
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
        let masks = text.match_indices("<m>").zip(gaps);
        let gap = |((start, _), (gold, word)): ((usize, _), &(&str, &str))| {
            let start = text[..start].chars().count();
            let words = json!([{"word": word, "probability": 0.5}]);
            json!({"gold": gold, "start": start, "end": start + 3, "words": words})
        };
        let gaps: Vec<Value> = masks.map(gap).collect();
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
            line("à <m> and <m>", &two, [4, 1]),
            line("the <m> and <m>", &[("the", "a"), ("the", "the")], [2, 1]),
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
        assert_eq!(first.parts[0].mark, Some(3..6));
        // The second text shows its second gap.
        assert_eq!(analysis.mistakes[1].parts[0].mark, Some(12..15));
        let all = analysis.scorer.score(&[0, 1, 1]).unwrap();
        assert_eq!(
            (all.get("accuracy"), all.get("likelihood")),
            (Some(3.0 / 8.0), Some(-4.5))
        );
    }

    #[test]
    fn a_missing_field_is_named() {
        let mut broken = line("a <m>", &[("a", "b")], [1, 0]);
        broken.shift_remove("right");
        let error = analyse_gaps(&[broken], metrics).unwrap_err();
        assert_eq!((error.line, error.field), (1, "right"));
        let mut broken = line("a <m>", &[("a", "b")], [1, 0]);
        broken.insert("gaps".into(), json!([{"gold": "a"}]));
        assert_eq!(analyse_gaps(&[broken], metrics).unwrap_err().field, "gaps");
    }
}
