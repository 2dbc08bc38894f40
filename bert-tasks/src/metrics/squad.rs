//! Exact match and F1 of answers, to the last digit as the official scripts of SQuAD 1.1 and 2.0 compute them (Rajpurkar
//! et al. 2016, section 6.1; 2018, section 5).

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Metrics;

/// The scores of one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerScores {
    /// 1 if it matches a right answer, else 0.
    pub exact: f64,
    /// The best overlap with a right answer, from 0 to 1.
    pub f1: f64,
    /// Whether the question has an answer.
    pub answerable: bool,
}

impl AnswerScores {
    /// The scores of `answer` against the gold answers; the best match counts. With `no_answer`, as in SQuAD 2.0, an
    /// empty answer is correct for a question without gold answers.
    pub fn of(answer: &str, gold: &[&str], no_answer: bool) -> Self {
        let best = |gold: &[&str], score: fn(&str, &str) -> f64| {
            gold.iter().map(|gold| score(answer, gold)).fold(0.0, f64::max)
        };
        if !no_answer {
            return Self {
                exact: best(gold, exact),
                f1: best(gold, f1),
                answerable: true,
            };
        }
        let answerable = !gold.is_empty();
        let mut gold = gold.to_vec();
        gold.retain(|gold| !normalize(gold).is_empty());
        if gold.is_empty() {
            gold.push("");
        }
        Self {
            exact: best(&gold, exact),
            f1: best(&gold, f1_or_empty),
            answerable,
        }
    }
}

/// The means over many answers, in percent: `exact_match` and `f1`; with `no_answer` also the `f1` of the questions that
/// have an answer, and the `f1` of the questions without one, which is the share for which no answer was given.
pub fn squad_metrics(scores: &[AnswerScores], no_answer: bool) -> Metrics {
    let percent = |pick: fn(&AnswerScores) -> f64, of: &dyn Fn(&AnswerScores) -> bool| {
        let chosen: Vec<f64> = scores.iter().filter(|one| of(one)).map(pick).collect();
        100.0 * chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
    };
    let mut metrics = Metrics::default();
    metrics.set("exact_match", percent(|one| one.exact, &|_| true));
    metrics.set("f1", percent(|one| one.f1, &|_| true));
    if no_answer {
        metrics.set("has_answer_f1", percent(|one| one.f1, &|one| one.answerable));
        metrics.set("no_answer_f1", percent(|one| one.f1, &|one| !one.answerable));
    }
    metrics
}

fn exact(answer: &str, gold: &str) -> f64 {
    f64::from(u8::from(normalize(answer) == normalize(gold)))
}

/// F1 over the words of both, counted as often as they occur.
fn f1(answer: &str, gold: &str) -> f64 {
    let (answer, gold) = (normalize(answer), normalize(gold));
    let words = |text: &'_ str| -> Vec<String> {
        text.split(' ')
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (answer, gold) = (words(&answer), words(&gold));
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in &gold {
        *counts.entry(word).or_default() += 1;
    }
    let mut same = 0;
    for word in &answer {
        if let Some(count) = counts.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            same += 1;
        }
    }
    if same == 0 {
        return 0.0;
    }
    let precision = f64::from(same) / answer.len() as f64;
    let recall = f64::from(same) / gold.len() as f64;
    (2.0 * precision * recall) / (precision + recall)
}

/// As version 2.0 has it: where one has no words, all depends on whether the other has none either.
fn f1_or_empty(answer: &str, gold: &str) -> f64 {
    if normalize(answer).is_empty() || normalize(gold).is_empty() {
        exact(answer, gold)
    } else {
        f1(answer, gold)
    }
}

/// Lower case, without ASCII punctuation, without articles, single spaces between words.
///
/// The scripts are in Python, and so are the meanings: white space is what `str.split` splits at, and an article is a
/// whole word in the sense of the `re` module.
///
/// ```
/// use bert_tasks::metrics::normalize;
/// assert_eq!(normalize("The  N95-masks, (a lot)"), "n95masks lot");
/// ```
pub fn normalize(text: &str) -> String {
    let lower: String = text
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_ascii_punctuation())
        .collect();
    let mut out = String::with_capacity(lower.len());
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let in_word = is_word(first);
        let end = rest.find(|c| is_word(c) != in_word).unwrap_or(rest.len());
        let run = &rest[..end];
        rest = &rest[end..];
        if in_word {
            out.push_str(if matches!(run, "a" | "an" | "the") {
                " "
            } else {
                run
            });
        } else {
            out.extend(run.chars().map(|c| if is_space(c) { ' ' } else { c }));
        }
    }
    out.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `\w` of Python's `re`: letters and numbers of Unicode, and the underscore, which is gone with the punctuation. Rust's
/// `is_alphanumeric` also takes marks that are parts of letters.
fn is_word(character: char) -> bool {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}_]$").expect("a valid pattern"));
    match character.is_ascii() {
        true => character.is_ascii_alphanumeric() || character == '_',
        false => WORD.is_match(character.encode_utf8(&mut [0; 4])),
    }
}

/// `str.isspace` of Python, which has four separators that Unicode does not call white space.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_normalised_as_in_python() {
        let cases = [
            ("  The Cat ", "cat"),
            ("a an the", ""),
            ("A-team", "ateam"),
            ("the.cat", "thecat"),
            ("an apple a day", "apple day"),
            ("Σίσυφος ΟΔΟΣ", "σίσυφος οδος"),
            ("x\u{1c}y\u{a0}z\u{3000}", "x y z"),
            // A vowel sign is no \w, so that an article may stand before it; a letter is.
            ("a\u{903}", "\u{903}"),
            ("a\u{e9}", "a\u{e9}"),
            ("the\u{2161}", "the\u{2171}"),
            ("the“cat”", "“cat”"),
            ("_the_", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(normalize(text), expected, "{text:?}");
        }
    }

    #[test]
    fn words_count_as_often_as_they_occur() {
        assert_eq!(f1("to be or not", "to be"), 2.0 * 0.5 * 1.0 / 1.5);
        assert_eq!(f1("be be", "be"), 2.0 * 0.5 / 1.5);
        assert_eq!(f1("cat", "dog"), 0.0);
        assert_eq!(f1("the", "a"), 0.0);
        assert_eq!(exact("the", "a"), 1.0);
    }

    fn means(answers: &[(&str, &[&str])], no_answer: bool) -> Vec<f64> {
        let scores: Vec<_> = answers
            .iter()
            .map(|(answer, gold)| AnswerScores::of(answer, gold, no_answer))
            .collect();
        squad_metrics(&scores, no_answer)
            .iter()
            .map(|(_, value)| value)
            .collect()
    }

    #[test]
    fn the_best_of_the_right_answers_counts() {
        let answers: [(&str, &[&str]); 3] = [
            ("Denver Broncos", &["Broncos", "the Denver Broncos"]),
            ("Carolina", &["Denver Broncos"]),
            ("in Paris", &["Paris"]),
        ];
        assert_eq!(
            means(&answers, false),
            [100.0 / 3.0, 100.0 * (1.0 + 2.0 / 3.0) / 3.0]
        );
        assert_eq!(means(&[], false), [0.0, 0.0]);
    }

    #[test]
    fn no_answer_can_be_right() {
        let mut answers: Vec<(&str, &[&str])> = vec![
            ("", &[]),
            ("Paris", &[]),
            ("", &["Paris"]),
            ("Paris", &["Paris", "the"]),
        ];
        assert_eq!(means(&answers, true), [50.0; 4]);
        // An answer of articles alone is nothing to the script, but it is an answer.
        answers.push(("", &["the"]));
        assert_eq!(means(&answers, true), [60.0, 60.0, 200.0 / 3.0, 50.0]);
    }
}
