//! Analyses answers to questions: scores by the length of the answer and by the question word.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Analysis, AnalysisError, Group, GroupsPanel, Line, Mistake, Panel, Scorer, heaviest_mistakes,
    probability, text, texts,
};
use crate::metrics::{AnswerScores, squad_metrics};

/// The groups of answers: each from this many words up to the next number.
const LENGTHS: [(usize, &str); 5] = [
    (1, "1 word"),
    (2, "2 words"),
    (3, "3 to 4 words"),
    (5, "5 to 8 words"),
    (9, "9 words or more"),
];
/// Question words; the first one in a question gives its group.
const ASKING: [&str; 9] = [
    "what", "who", "when", "where", "which", "why", "how", "whose", "whom",
];

/// The analysis of `question`, `gold`, `answer` and `probability` in each line. Where lines have a `null_difference`,
/// questions may have no answer. Lines without `gold` are not evaluated.
///
/// # Errors
/// If a field is missing in a line.
pub fn analyse_answers(lines: &[Line]) -> Result<Analysis, AnalysisError> {
    let no_answer = lines.iter().any(|line| line.contains_key("null_difference"));
    let (mut all, mut mistakes) = (vec![], vec![]);
    let mut lengths: BTreeMap<usize, Vec<AnswerScores>> = BTreeMap::new();
    let mut asking: BTreeMap<&str, Vec<AnswerScores>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(gold) = line.get("gold").and_then(Value::as_array) else {
            continue;
        };
        let gold: Vec<&str> = gold.iter().filter_map(Value::as_str).collect();
        let (question, answer) = (
            text(line, index + 1, "question")?,
            text(line, index + 1, "answer")?,
        );
        let scores = AnswerScores::of(answer, &gold, no_answer);
        all.push(scores);
        let words = match scores.answerable {
            true => gold
                .iter()
                .map(|gold| gold.split_whitespace().count())
                .find(|&words| words > 0)
                .unwrap_or(1),
            false => 0,
        };
        lengths.entry(group(words)).or_default().push(scores);
        asking.entry(asks(question)).or_default().push(scores);
        if scores.exact < 1.0 {
            let shown = |answer: &str| {
                if answer.is_empty() {
                    "no answer".into()
                } else {
                    answer.to_owned()
                }
            };
            let mut right: Vec<&str> = vec![];
            for gold in gold {
                if !right.contains(&gold) {
                    right.push(gold);
                }
            }
            mistakes.push(Mistake {
                parts: texts(line, &["question"]),
                gold: shown(&right.join(" / ")),
                answer: shown(answer),
                weight: probability(line.get("probability"), index + 1)?,
            });
        }
    }
    let lengths = lengths.into_iter().map(|(group, scores)| {
        let name = LENGTHS.iter().find(|(from, _)| *from == group);
        (name.map_or("no answer", |(_, name)| name), scores)
    });
    let mut asking: Vec<(&str, Vec<AnswerScores>)> = asking.into_iter().collect();
    asking.sort_by_key(|(_, scores)| std::cmp::Reverse(scores.len()));
    let panels = vec![
        panel("By length of the answer", "right answer", lengths),
        panel("By what is asked", "asks", asking.into_iter()),
    ];
    let scorer = Scorer::new(all.len(), move |numbers| {
        let chosen: Vec<AnswerScores> = numbers.iter().map(|&number| all[number]).collect();
        squad_metrics(&chosen, no_answer)
    });
    Ok(Analysis {
        scorer,
        panels,
        mistakes_title: "Most confident mistakes".into(),
        mistakes: heaviest_mistakes(mistakes),
    })
}

/// The smallest length of the group for answers of this length; 0 for no answer.
fn group(words: usize) -> usize {
    let starts = LENGTHS.iter().map(|(from, _)| *from);
    starts.filter(|&from| from <= words).max().unwrap_or(0)
}

fn asks(question: &str) -> &'static str {
    let lower = question.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    words
        .find_map(|word| ASKING.into_iter().find(|asking| *asking == word))
        .unwrap_or("other")
}

fn panel<'a>(title: &str, group: &str, rows: impl Iterator<Item = (&'a str, Vec<AnswerScores>)>) -> Panel {
    let row = |(name, scores): (&str, Vec<AnswerScores>)| {
        let mean =
            |pick: fn(&AnswerScores) -> f64| scores.iter().map(pick).sum::<f64>() / scores.len() as f64;
        Group {
            name: name.into(),
            scores: vec![mean(|one| one.f1), mean(|one| one.exact)],
            count: scores.len(),
        }
    };
    Panel::Groups(GroupsPanel {
        title: title.into(),
        group: group.into(),
        scores: vec!["F1".into(), "exact match".into()],
        counted: "questions".into(),
        rows: rows.map(row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(question: &str, gold: &[&str], answer: &str, null: bool) -> Line {
        let line = json!({"question": question, "gold": gold, "answer": answer, "probability": 0.5});
        let mut line = line.as_object().unwrap().clone();
        if null {
            line.insert("null_difference".into(), json!(1.0));
        }
        line
    }

    #[test]
    fn groups_are_by_the_right_answer_s_length() {
        let lines = [
            line("In what year?", &["1912", "in 1912"], "1912", false),
            line(
                "Who came, and when?",
                &["the old king of France"],
                "The king of France",
                false,
            ),
            line("Name it.", &["two words"], "other", false),
        ];
        let analysis = analyse_answers(&lines).unwrap();
        let groups = |index: usize| match &analysis.panels[index] {
            Panel::Groups(panel) => panel.rows.clone(),
            _ => panic!("no groups"),
        };
        let names = |index: usize| -> Vec<String> { groups(index).into_iter().map(|row| row.name).collect() };
        assert_eq!(names(0), ["1 word", "2 words", "5 to 8 words"]);
        assert_eq!(groups(0)[0].scores, [1.0, 1.0]);
        // Words without articles: king of France against old king of France, so F1 is 6 of 7.
        assert!((groups(0)[2].scores[0] - 6.0 / 7.0).abs() < 1e-12);
        assert_eq!(names(1), ["other", "what", "who"]);
        assert_eq!(analysis.mistakes.len(), 2);
        assert_eq!(
            analysis.scorer.score(&[0, 0, 2]).unwrap().get("exact_match"),
            Some(200.0 / 3.0)
        );
    }

    #[test]
    fn no_answer_may_be_right() {
        let lines = [line("Why?", &[], "", true), line("Why?", &[], "because", true)];
        let analysis = analyse_answers(&lines).unwrap();
        let Panel::Groups(panel) = &analysis.panels[0] else {
            panic!("no groups");
        };
        assert_eq!(
            (panel.rows[0].name.as_str(), panel.rows[0].scores[1]),
            ("no answer", 0.5)
        );
        assert_eq!(
            (
                analysis.mistakes[0].gold.as_str(),
                analysis.mistakes[0].answer.as_str()
            ),
            ("no answer", "because")
        );
    }
}
