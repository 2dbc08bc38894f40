//! Analyses predictions of next words: how well texts are predicted, and examples.

use serde_json::Value;

use super::{Analysis, AnalysisError, Line, MISTAKES, Mistake, Part, Scorer, number, probability, text};
use crate::language_modelling::causal::CausalCounts;
use crate::metrics::Metrics;

/// The analysis of texts that are read from left to right: `tokens`, `right` and `log_likelihood` of each, and the `next` word after
/// the beginning that is its `text`; `score` makes metrics of the sums over texts. Texts without `next` are not evaluated.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_next_words(
    lines: &[Line],
    score: impl Fn(CausalCounts) -> Metrics + Send + Sync + 'static,
) -> Result<Analysis, AnalysisError> {
    let (mut all, mut examples) = (vec![], vec![]);
    for (index, line) in lines.iter().enumerate() {
        let Some(next) = line.get("next") else { continue };
        all.push(counts(line, index + 1)?);
        if examples.len() < MISTAKES {
            examples.push(example(line, index + 1, next)?);
        }
    }
    let scorer = Scorer::new(all.len(), move |numbers| {
        score(numbers.iter().map(|&number| all[number]).sum())
    });
    Ok(Analysis {
        scorer,
        panels: vec![],
        mistakes_title: "Examples of next words".into(),
        mistakes: examples,
    })
}

fn counts(line: &Line, index: usize) -> Result<CausalCounts, AnalysisError> {
    Ok(CausalCounts {
        tokens: number(line, index, "tokens")? as usize,
        right: number(line, index, "right")? as usize,
        // JSON writes null for NaN, which a diverged model gives.
        log_likelihood: match line.get("log_likelihood") {
            Some(Value::Null) => f64::NAN,
            _ => number(line, index, "log_likelihood")?,
        },
    })
}

fn example(line: &Line, index: usize, next: &Value) -> Result<Mistake, AnalysisError> {
    let error = AnalysisError {
        line: index,
        field: "next",
    };
    let word = |name: &str| next.get(name).and_then(Value::as_str).ok_or(error.clone());
    let beginning = text(line, index, "text")?;
    let gold = word("gold")?;
    // The end of the text, where the word belongs.
    let shown = format!("{beginning} …");
    Ok(Mistake {
        parts: vec![Part {
            name: String::new(),
            mark: Some(shown.len() - "…".len()..shown.len()),
            text: shown,
        }],
        gold: gold.to_owned(),
        answer: word("word")?.to_owned(),
        weight: probability(next.get("probability"), index)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(tokens: usize, right: usize) -> Line {
        let line = json!({
            "text": "the cat", "tokens": tokens, "right": right, "log_likelihood": -2.0,
            "next": {"gold": "sat", "word": "sleeps", "probability": 0.25},
        });
        line.as_object().unwrap().clone()
    }

    fn metrics(counts: CausalCounts) -> Metrics {
        Metrics::from_iter([("accuracy", counts.right as f64 / counts.tokens as f64)])
    }

    #[test]
    fn texts_are_summed_and_examples_mark_the_word() {
        let users_own = json!({"text": "x", "tokens": 9, "right": 9, "log_likelihood": -1.0});
        let lines = [line(4, 1), users_own.as_object().unwrap().clone(), line(2, 2)];
        let analysis = analyse_next_words(&lines, metrics).unwrap();
        assert_eq!(analysis.scorer.score(&[0, 1]).unwrap().get("accuracy"), Some(0.5));
        let first = &analysis.mistakes[0];
        assert_eq!((first.gold.as_str(), first.answer.as_str()), ("sat", "sleeps"));
        assert_eq!(&first.parts[0].text[first.parts[0].mark.clone().unwrap()], "…");
    }

    #[test]
    fn a_missing_field_is_named() {
        let mut broken = line(4, 1);
        broken.shift_remove("right");
        assert_eq!(analyse_next_words(&[broken], metrics).unwrap_err().field, "right");
        let mut broken = line(4, 1);
        broken.insert("next".into(), json!({"gold": "x"}));
        let error = analyse_next_words(&[line(1, 1), broken], metrics).unwrap_err();
        assert_eq!((error.line, error.field), (2, "next"));
    }
}
