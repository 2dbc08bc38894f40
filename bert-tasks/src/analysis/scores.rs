//! Analyses scores: how far off they are, and where.

use serde_json::Value;

use super::{
    Analysis, AnalysisError, Line, Mistake, Panel, ScatterPanel, Scorer, heaviest_mistakes, number, texts,
};
use crate::metrics::Metrics;

/// The analysis of one number a line: `gold` and `score`; `score` makes metrics of both series. Lines without `gold` are
/// not evaluated.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_scores(
    lines: &[Line],
    score: impl Fn(&[f64], &[f64]) -> Metrics + Send + Sync + 'static,
) -> Result<Analysis, AnalysisError> {
    let (mut pairs, mut mistakes) = (vec![], vec![]);
    for (index, line) in lines.iter().enumerate() {
        if !line.contains_key("gold") {
            continue;
        }
        let gold = number(line, index + 1, "gold")?;
        // JSON writes null for NaN, which a diverged model gives.
        let found = match line.get("score") {
            Some(Value::Null) => f64::NAN,
            _ => number(line, index + 1, "score")?,
        };
        pairs.push((gold, found));
        mistakes.push(Mistake {
            parts: texts(line, &["text", "second"]),
            gold: shown(gold),
            answer: shown(found),
            weight: (found - gold).abs(),
        });
    }
    let points = pairs.iter().map(|&(gold, found)| (gold, found - gold));
    let points = points.filter(|(_, error)| error.is_finite()).collect();
    let panels = vec![Panel::Scatter(ScatterPanel {
        title: "Error by score".into(),
        x: "true score".into(),
        y: "given less true".into(),
        points,
    })];
    let scorer = Scorer::new(pairs.len(), move |numbers| {
        let chosen = numbers.iter().map(|&number| pairs[number]);
        let (gold, found): (Vec<f64>, Vec<f64>) = chosen.unzip();
        score(&gold, &found)
    });
    Ok(Analysis {
        scorer,
        panels,
        mistakes_title: "Largest errors".into(),
        mistakes: heaviest_mistakes(mistakes),
    })
}

fn shown(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scores_that_are_no_numbers_are_analysed() {
        let line = json!({"text": "a", "gold": 1.0, "score": null});
        let analysis = analyse_scores(&[line.as_object().unwrap().clone()], |_, found| {
            let mut metrics = Metrics::default();
            metrics.set("first", found[0]);
            metrics
        });
        let analysis = analysis.unwrap();
        let Panel::Scatter(panel) = &analysis.panels[0] else {
            panic!("no points");
        };
        assert!(panel.points.is_empty());
        assert_eq!(analysis.mistakes[0].answer, "NaN");
    }

    #[test]
    fn errors_are_given_less_true_and_the_largest_come_first() {
        let line = |text: &str, gold: f64, score: f64| {
            let line = json!({"text": text, "second": "b", "gold": gold, "score": score});
            line.as_object().unwrap().clone()
        };
        let lines = [line("near", 2.0, 2.25), line("far", 5.0, 3.0)];
        let analysis = analyse_scores(&lines, |gold, found| {
            let mut metrics = Metrics::default();
            metrics.set(
                "sums",
                gold.iter().sum::<f64>() * 100.0 + found.iter().sum::<f64>(),
            );
            metrics
        })
        .unwrap();
        let Panel::Scatter(cloud) = &analysis.panels[0] else {
            panic!("no scatter");
        };
        assert_eq!(cloud.points, [(2.0, 0.25), (5.0, -2.0)]);
        assert_eq!(analysis.mistakes[0].parts[0].text, "far");
        assert_eq!(
            (
                analysis.mistakes[0].gold.as_str(),
                analysis.mistakes[0].answer.as_str()
            ),
            ("5", "3")
        );
        assert_eq!(analysis.scorer.score(&[1, 1]).unwrap().get("sums"), Some(1006.0));
    }
}
