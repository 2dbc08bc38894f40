//! Analyses rankings: for which queries a search fails.

use serde_json::Value;

use super::{
    Analysis, AnalysisError, Group, GroupsPanel, Line, Mistake, Panel, Part, Scorer, heaviest_mistakes, text,
};
use crate::metrics::Metrics;
use crate::task::Decode;

/// The upper ends of the groups of ranks.
const RANKS: [(usize, &str); 4] = [
    (1, "1"),
    (3, "2 to 3"),
    (10, "4 to 10"),
    (usize::MAX, "not among the first 10"),
];

/// The analysis of one ranking a line: `query`, `gold` (ids), `ranking` (the first articles, each with `id` and `score`), and a
/// value for each metric. Lines without `ranking` are not evaluated.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_rankings(lines: &[Line]) -> Result<Analysis, AnalysisError> {
    let names = crate::retrieval::Retrieval::METRICS;
    let (mut values, mut mistakes, mut ranks) = (vec![], vec![], vec![]);
    for (index, line) in lines.iter().enumerate() {
        let Some(ranking) = line.get("ranking").and_then(Value::as_array) else {
            continue;
        };
        let query = text(line, index + 1, "query")?;
        let gold = ids(line.get("gold"));
        let found: Vec<&str> = ranking
            .iter()
            .filter_map(|ranked| ranked["id"].as_str())
            .collect();
        let first = found.iter().position(|id| gold.contains(id));
        ranks.push(first.map(|before| before + 1));
        let of_line: Vec<f64> = names
            .iter()
            .map(|name| line.get(*name).and_then(Value::as_f64).unwrap_or(0.0))
            .collect();
        if first != Some(0) && !gold.is_empty() {
            let score = ranking.first().and_then(|ranked| ranked["score"].as_f64());
            mistakes.push(Mistake {
                parts: vec![Part {
                    name: String::new(),
                    text: query.to_owned(),
                    mark: None,
                }],
                gold: gold.join(", "),
                answer: found.iter().take(3).copied().collect::<Vec<_>>().join(", "),
                weight: score.unwrap_or(0.0),
            });
        }
        values.push(of_line);
    }
    let all = ranks.len().max(1) as f64;
    let mut lower = 0;
    let rows = RANKS.map(|(upper, name)| {
        let is_in =
            |rank: &&Option<usize>| rank.map_or(upper == usize::MAX, |rank| rank > lower && rank <= upper);
        let count = ranks.iter().filter(is_in).count();
        lower = upper.min(10);
        Group {
            name: name.into(),
            scores: vec![count as f64 / all],
            count,
        }
    });
    let panels = vec![Panel::Groups(GroupsPanel {
        title: "Rank of the first relevant article".into(),
        group: "rank".into(),
        scores: vec!["share of the queries".into()],
        counted: "queries".into(),
        rows: rows.into(),
    })];
    let scorer = Scorer::new(values.len(), move |numbers| {
        let mut metrics = Metrics::default();
        for (index, name) in names.iter().enumerate() {
            let sum: f64 = numbers.iter().map(|&number| values[number][index]).sum();
            metrics.set(name, sum / numbers.len().max(1) as f64);
        }
        metrics
    });
    Ok(Analysis {
        scorer,
        panels,
        mistakes_title: "Queries whose first article is not relevant, the most certain first".into(),
        mistakes: heaviest_mistakes(mistakes),
    })
}

fn ids(value: Option<&Value>) -> Vec<&str> {
    let all = value.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn queries_are_grouped_by_rank() {
        let line = |query: &str, gold: &str, ranked: [&str; 4], mrr: f64| {
            let ranking: Vec<Value> = ranked.iter().map(|id| json!({"id": id, "score": 0.5})).collect();
            let line = json!({"id": "1", "query": query, "gold": [gold], "ranking": ranking, "mrr@10": mrr});
            line.as_object().unwrap().clone()
        };
        let lines = [
            line("first", "a", ["a", "b", "c", "d"], 1.0),
            line("third", "c", ["a", "b", "c", "d"], 1.0 / 3.0),
            line("fourth", "d", ["a", "b", "c", "d"], 0.25),
            line("never", "e", ["a", "b", "c", "d"], 0.0),
        ];
        let analysis = analyse_rankings(&lines).unwrap();
        let Panel::Groups(panel) = &analysis.panels[0] else {
            panic!("no groups");
        };
        let counts: Vec<usize> = panel.rows.iter().map(|row| row.count).collect();
        assert_eq!(counts, [1, 1, 1, 1]);
        let queries: Vec<&str> = analysis
            .mistakes
            .iter()
            .map(|mistake| mistake.parts[0].text.as_str())
            .collect();
        assert_eq!(queries, ["third", "fourth", "never"]);
        assert_eq!(analysis.mistakes[0].answer, "a, b, c");
        assert_eq!(analysis.scorer.score(&[0, 3]).unwrap().get("mrr@10"), Some(0.5));
    }
}
