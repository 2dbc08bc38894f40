//! Analyses tagged sentences: scores by kind of entity or by tag, the most confident mistakes in their sentence.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    Analysis, AnalysisError, Group, GroupsPanel, Line, Mistake, Panel, Part, Scorer, confusion,
    heaviest_mistakes, label_scores, probability,
};
use crate::metrics::{Confusion, Counts, EntityCounts, SentenceCounts};

/// The analysis of `words` with `word`, `gold`, `label` and `probability` in each line; `score` makes metrics of the sums
/// over sentences. Sentences without `gold` are not evaluated. Tags are entity tags if lines have `entities`.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_tags(
    lines: &[Line],
    score: impl Fn(SentenceCounts) -> crate::metrics::Metrics + Send + Sync + 'static,
) -> Result<Analysis, AnalysisError> {
    let with_entities = lines.iter().any(|line| line.contains_key("entities"));
    let mut labels: Vec<String> = vec![];
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let (mut pairs, mut sentences, mut mistakes) = (vec![], vec![], vec![]);
    let mut kinds = EntityCounts::default();
    for (index, line) in lines.iter().enumerate() {
        let error = |field| AnalysisError {
            line: index + 1,
            field,
        };
        let words = line
            .get("words")
            .and_then(Value::as_array)
            .ok_or(error("words"))?;
        if words.iter().any(|word| word.get("gold").is_none()) {
            continue;
        }
        let column = |field: &'static str| -> Result<Vec<&str>, AnalysisError> {
            let text = |word: &'_ Value| -> Option<String> { word.get(field)?.as_str().map(str::to_owned) };
            let known = words.iter().all(|word| text(word).is_some());
            let texts = words.iter().filter_map(|word| word.get(field)?.as_str());
            if known {
                Ok(texts.collect())
            } else {
                Err(error(field))
            }
        };
        let (texts, gold, found) = (column("word")?, column("gold")?, column("label")?);
        let mut number = |name: &str| {
            *numbers.entry(name.to_owned()).or_insert_with(|| {
                labels.push(name.to_owned());
                labels.len() - 1
            })
        };
        for (word, (gold, found)) in gold.iter().zip(&found).enumerate() {
            pairs.push((number(gold), number(found)));
            if gold != found {
                mistakes.push(Mistake {
                    parts: vec![in_sentence(&texts, word)],
                    gold: (*gold).into(),
                    answer: (*found).into(),
                    weight: probability(words[word].get("probability"), index + 1)?,
                });
            }
        }
        let mut counts = EntityCounts::default();
        counts.add(&gold, &found);
        kinds.add(&gold, &found);
        sentences.push(SentenceCounts {
            words: gold.len(),
            right: gold.iter().zip(&found).filter(|(a, b)| a == b).count(),
            entities: with_entities.then(|| counts.total()),
        });
    }
    let panels = match with_entities {
        true => vec![Panel::Groups(by_kind(&kinds))],
        false => by_tag(&labels, &pairs),
    };
    let scorer = Scorer::new(sentences.len(), move |numbers| {
        let zero = SentenceCounts::zero(with_entities);
        score(numbers.iter().fold(zero, |sum, &number| sum + sentences[number]))
    });
    Ok(Analysis {
        scorer,
        panels,
        mistakes_title: "Most confident mistakes".into(),
        mistakes: heaviest_mistakes(mistakes),
    })
}

fn by_kind(kinds: &EntityCounts) -> GroupsPanel {
    let row = |(name, counts): (&String, &Counts)| Group {
        name: name.clone(),
        scores: vec![counts.f1(), counts.precision(), counts.recall()],
        count: counts.gold,
    };
    let mut rows: Vec<Group> = kinds.kinds.iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count));
    GroupsPanel {
        title: "By kind of entity".into(),
        group: "kind".into(),
        scores: vec!["F1".into(), "precision".into(), "recall".into()],
        counted: "entities".into(),
        rows,
    }
}

fn by_tag(labels: &[String], pairs: &[(usize, usize)]) -> Vec<Panel> {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|&label| &labels[label]);
    let mut rank = vec![0; labels.len()];
    order.iter().enumerate().for_each(|(new, &old)| rank[old] = new);
    let sorted: Vec<String> = order.iter().map(|&label| labels[label].clone()).collect();
    let mut counts = Confusion::new(labels.len());
    pairs
        .iter()
        .for_each(|&(gold, found)| counts.add(rank[gold], rank[found]));
    let mut scores = label_scores(&sorted, &counts);
    scores.title = "By tag".into();
    scores.group = "tag".into();
    scores.counted = "words".into();
    scores.rows.sort_by_key(|row| std::cmp::Reverse(row.count));
    vec![
        Panel::Groups(scores),
        Panel::Confusion(confusion(&sorted, &counts)),
    ]
}

/// A sentence with one of its words marked.
fn in_sentence(words: &[&str], marked: usize) -> Part {
    let start: usize = words[..marked].iter().map(|word| word.len() + 1).sum();
    Part {
        name: String::new(),
        text: words.join(" "),
        mark: Some(start..start + words[marked].len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use serde_json::json;

    fn line(words: &[(&str, &str, &str, f64)], entities: bool) -> Line {
        let words: Vec<Value> = words
            .iter()
            .map(|(word, gold, label, p)| json!({"word": word, "gold": gold, "label": label, "probability": p}))
            .collect();
        let mut line = json!({"words": words}).as_object().unwrap().clone();
        if entities {
            line.insert("entities".into(), json!([]));
        }
        line
    }

    fn metrics(counts: SentenceCounts) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.set("accuracy", counts.right as f64 / counts.words as f64);
        if let Some(entities) = counts.entities {
            metrics.set("f1", entities.f1());
        }
        metrics
    }

    #[test]
    fn entities_by_kind_and_the_word_in_its_sentence() {
        let lines = [
            line(&[("Über", "O", "O", 0.9), ("Köln", "B-LOC", "B-PER", 0.8)], true),
            line(
                &[("Bonn", "B-LOC", "B-LOC", 0.7), ("ist", "O", "B-LOC", 0.6)],
                true,
            ),
        ];
        let analysis = analyse_tags(&lines, metrics).unwrap();
        let Panel::Groups(kinds) = &analysis.panels[0] else {
            panic!("no groups");
        };
        let row = |name: &str| kinds.rows.iter().find(|row| row.name == name).unwrap().clone();
        assert_eq!(row("LOC").scores, [0.5, 0.5, 0.5]);
        assert_eq!((row("LOC").count, row("PER").count), (2, 0));
        let part = &analysis.mistakes[0].parts[0];
        assert_eq!(&part.text[part.mark.clone().unwrap()], "Köln");
        let all = analysis.scorer.score(&[0, 1]).unwrap();
        // One of the entities found in the two sentences is right: B-PER, B-LOC, B-LOC found; two are there.
        assert_eq!((all.get("accuracy"), all.get("f1")), (Some(0.5), Some(2.0 / 5.0)));
        assert_eq!(
            analysis.scorer.score(&[1, 1]).unwrap().get("f1"),
            Some(2.0 * 2.0 / 6.0)
        );
    }

    #[test]
    fn tags_that_are_no_entities_have_a_matrix_and_no_f1() {
        let lines = [
            line(&[("a", "X", "X", 0.9), ("b", "A", "X", 0.8)], false),
            Line::new(),
        ];
        assert_eq!(analyse_tags(&lines, metrics).unwrap_err().line, 2);
        let analysis = analyse_tags(&lines[..1], metrics).unwrap();
        let Panel::Confusion(matrix) = &analysis.panels[1] else {
            panic!("no matrix");
        };
        assert_eq!(
            (matrix.labels.as_slice(), &matrix.counts),
            (&["A".to_owned(), "X".into()][..], &vec![vec![0, 1], vec![0, 1]])
        );
        assert_eq!(analysis.scorer.score(&[0]).unwrap().get("f1"), None);
    }
}
