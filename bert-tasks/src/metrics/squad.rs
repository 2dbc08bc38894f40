//! Exact match and F1 of answers, to the last digit as the official scripts of SQuAD 1.1 and 2.0 compute them (Rajpurkar
//! et al. 2016, section 6.1; 2018, section 5).

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

/// Sums over many questions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SquadScores {
    /// Whether questions may have no answer, as in SQuAD 2.0: an empty answer is then right for these.
    pub no_answer: bool,
    exact: Group,
    f1: Group,
}

/// Sums over the questions that have an answer and over those that have none.
#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    all: f64,
    answerable: (f64, usize),
    unanswerable: (f64, usize),
}

impl Group {
    fn add(&mut self, value: f64, answerable: bool) {
        self.all += value;
        let part = if answerable {
            &mut self.answerable
        } else {
            &mut self.unanswerable
        };
        part.0 += value;
        part.1 += 1;
    }

    fn percent(&self) -> f64 {
        percent(self.all, self.answerable.1 + self.unanswerable.1)
    }
}

fn percent(sum: f64, count: usize) -> f64 {
    if count == 0 {
        0.0
    } else {
        100.0 * sum / count as f64
    }
}

impl SquadScores {
    /// No question yet; `no_answer` as in the field.
    pub fn new(no_answer: bool) -> Self {
        Self {
            no_answer,
            ..Self::default()
        }
    }

    /// Adds a question, by its answer and those that are right; the best match counts.
    pub fn add(&mut self, answer: &str, gold: &[&str]) {
        if !self.no_answer {
            let best = |score: fn(&str, &str) -> f64| {
                gold.iter().map(|gold| score(answer, gold)).fold(0.0, f64::max)
            };
            self.exact.add(best(exact), true);
            self.f1.add(best(f1), true);
            return;
        }
        let gold: Vec<&str> = gold
            .iter()
            .copied()
            .filter(|gold| !normalize(gold).is_empty())
            .collect();
        let answerable = !gold.is_empty();
        let gold = if answerable { gold } else { vec![""] };
        let best =
            |score: fn(&str, &str) -> f64| gold.iter().map(|gold| score(answer, gold)).fold(0.0, f64::max);
        self.exact.add(best(exact), answerable);
        self.f1.add(best(f1_or_empty), answerable);
    }

    /// The share of answers that match exactly, in percent.
    pub fn exact_match(&self) -> f64 {
        self.exact.percent()
    }

    /// The mean F1, in percent.
    pub fn f1(&self) -> f64 {
        self.f1.percent()
    }

    /// The mean F1 of the questions that have an answer, in percent.
    pub fn has_answer_f1(&self) -> f64 {
        percent(self.f1.answerable.0, self.f1.answerable.1)
    }

    /// The mean F1 of the questions that have none, in percent: the share for which none was given.
    pub fn no_answer_f1(&self) -> f64 {
        percent(self.f1.unanswerable.0, self.f1.unanswerable.1)
    }
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

    #[test]
    fn the_best_of_the_right_answers_counts() {
        let mut scores = SquadScores::new(false);
        scores.add("Denver Broncos", &["Broncos", "the Denver Broncos"]);
        scores.add("Carolina", &["Denver Broncos"]);
        scores.add("in Paris", &["Paris"]);
        assert_eq!(scores.exact_match(), 100.0 / 3.0);
        assert_eq!(scores.f1(), 100.0 * (1.0 + 2.0 / 3.0) / 3.0);
        assert_eq!(SquadScores::default().f1(), 0.0);
    }

    #[test]
    fn no_answer_can_be_right() {
        let mut scores = SquadScores::new(true);
        scores.add("", &[]);
        scores.add("Paris", &[]);
        scores.add("", &["Paris"]);
        scores.add("Paris", &["Paris", "the"]);
        assert_eq!((scores.exact_match(), scores.f1()), (50.0, 50.0));
        assert_eq!((scores.has_answer_f1(), scores.no_answer_f1()), (50.0, 50.0));
    }
}
