//! Questions about passages, with answers that are parts of the passage.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::error::{DataError, json_fault};
use crate::examples::{Example, Examples, Source};
use crate::file::{find, has_extension, json_lines, read_utf8, utf8};

/// A question about a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuestionExample {
    /// Its name in the file.
    pub id: String,
    /// The question.
    pub question: String,
    /// The passage; the questions of one passage share it.
    #[serde(serialize_with = "as_text")]
    pub passage: Arc<str>,
    /// Answers that are right, where they are known; none where it is known that there is none.
    pub answers: Option<Vec<Answer>>,
    /// Where it is from.
    #[serde(skip)]
    pub source: Source,
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// A part of a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its text.
    pub text: String,
    /// Its place in the passage, in Unicode code points.
    #[serde(rename = "answer_start")]
    pub start: usize,
}

/// Questions in the order of their files.
pub type QuestionDataset = Examples<QuestionExample>;

impl Example for QuestionExample {
    fn source(&self) -> &Source {
        &self.source
    }
}

impl QuestionExample {
    /// The answers that do not stand where their offset says.
    pub fn mismatches(&self) -> Vec<&Answer> {
        let stands = |answer: &Answer| {
            let found = self
                .passage
                .chars()
                .skip(answer.start)
                .take(answer.text.chars().count());
            found.eq(answer.text.chars())
        };
        self.answers
            .iter()
            .flatten()
            .filter(|answer| !stands(answer))
            .collect()
    }

    /// Where an answer stands in the passage, in bytes and without white space at its ends: the first that stands where its
    /// offset says, else the first that stands anywhere as words of its own, where it is nearest to its offset.
    pub fn span(&self) -> Option<Range<usize>> {
        let passage = self.passage.as_ref();
        let answers = self.answers.as_deref().unwrap_or_default();
        let offset = |answer: &Answer| {
            let mut characters = passage.char_indices();
            characters
                .nth(answer.start)
                .map_or(passage.len(), |(byte, _)| byte)
        };
        let stands = |answer: &Answer| {
            let start = offset(answer);
            let text = answer.text.trim_start();
            let first = start + answer.text.len() - text.len();
            let found = passage[start..].starts_with(&answer.text) && !text.is_empty();
            found.then(|| first..first + text.trim_end().len())
        };
        let nearest = |answer: &Answer| {
            let (text, offset) = (answer.text.trim(), offset(answer));
            let places = passage
                .match_indices(text)
                .map(|(start, _)| start..start + text.len());
            let words = places.filter(|place| !place.is_empty() && is_whole(passage, place));
            words.min_by_key(|place| place.start.abs_diff(offset))
        };
        let exact = answers.iter().find_map(stands);
        exact.or_else(|| answers.iter().find_map(nearest))
    }

    /// Whether it has answers and none of them stands in its passage.
    pub fn is_lost(&self) -> bool {
        let answers = self.answers.as_deref().unwrap_or_default();
        answers.iter().any(|answer| !answer.text.trim().is_empty()) && self.span().is_none()
    }
}

/// Whether a part of a text begins and ends with a word, where its writing parts words.
fn is_whole(text: &str, part: &Range<usize>) -> bool {
    // Letters of scripts without spaces have no case.
    let in_word = |letter: char| letter.is_numeric() || letter.is_lowercase() || letter.is_uppercase();
    let part_of_one = |at: usize| {
        let (before, after) = text.split_at(at);
        before.ends_with(in_word) && after.starts_with(in_word)
    };
    !part_of_one(part.start) && !part_of_one(part.end)
}

#[derive(Deserialize)]
struct File {
    data: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    #[serde(default)]
    title: String,
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    id: String,
    question: String,
    answers: Option<Vec<Answer>>,
    #[serde(default)]
    is_impossible: bool,
}

/// The Stanford Question Answering Dataset (Rajpurkar et al. 2016 and 2018), and files of the same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Squad {
    /// Version 1.1: every question has an answer.
    V1,
    /// Version 2.0: some have none.
    V2,
}

impl Squad {
    /// The questions to learn from.
    ///
    /// # Errors
    /// If the folder has no file of this version, or it is malformed.
    pub fn train(self, dir: &Path) -> Result<QuestionDataset, DataError> {
        let names: &[&str] = match self {
            Squad::V1 => &[
                "train-v1.1.json",
                "train-v1.1.partial.json",
                "train.json",
                "train.jsonl",
            ],
            Squad::V2 => &["train-v2.0.json", "train.json", "train.jsonl"],
        };
        Self::file(&find(dir, names)?)
    }

    /// The questions to judge by.
    ///
    /// # Errors
    /// If the folder has no file of this version, or it is malformed.
    pub fn dev(self, dir: &Path) -> Result<QuestionDataset, DataError> {
        let names: &[&str] = match self {
            Squad::V1 => &["dev-v1.1.json", "dev.json", "dev.jsonl", "validation.jsonl"],
            Squad::V2 => &["dev-v2.0.json", "dev.json", "dev.jsonl", "validation.jsonl"],
        };
        Self::file(&find(dir, names)?)
    }

    /// A file: SQuAD's JSON, or JSON lines (see [`from_json_lines`]) where its name ends in `.jsonl` or `.ndjson`.
    ///
    /// # Errors
    /// If it is malformed, has no question, two questions of one id, or an answer that begins beyond its passage.
    pub fn file(path: &Path) -> Result<QuestionDataset, DataError> {
        let text = read_utf8(path)?;
        if has_extension(path, &["jsonl", "ndjson"]) {
            return from_json_lines(path, text.as_bytes(), true);
        }
        let file: File = serde_json::from_str(&text).map_err(|e| {
            let reason = format!("not SQuAD's JSON (column {}): {}", e.column(), json_fault(&e));
            DataError::at(path, e.line().max(1), None, reason)
        })?;
        let source = Source::file(path);
        let mut examples = vec![];
        for (a, article) in file.data.into_iter().enumerate() {
            for (p, paragraph) in article.paragraphs.into_iter().enumerate() {
                let passage: Arc<str> = paragraph.context.into();
                for question in paragraph.qas {
                    let answers = if question.is_impossible {
                        Some(vec![])
                    } else {
                        question.answers
                    };
                    let place = format!(
                        "article {} ({}), paragraph {}, question {}",
                        a + 1,
                        article.title,
                        p + 1,
                        question.id
                    );
                    let example = QuestionExample {
                        id: question.id,
                        question: question.question,
                        passage: passage.clone(),
                        answers,
                        source: source.clone(),
                    };
                    check(&example, |reason| {
                        source.fault(None, format!("{place}: {reason}"))
                    })?;
                    examples.push(example);
                }
            }
        }
        distinct(&examples)?;
        Examples::new(path, examples)
    }
}

fn check(example: &QuestionExample, fault: impl Fn(String) -> DataError) -> Result<(), DataError> {
    if example.question.trim().is_empty() {
        return Err(fault("empty question".into()));
    }
    if example.passage.trim().is_empty() {
        return Err(fault("empty passage".into()));
    }
    let length = example.passage.chars().count();
    for answer in example.answers.iter().flatten() {
        if answer.start.saturating_add(answer.text.chars().count()) > length {
            return Err(fault(format!(
                "the answer `{}` begins at character {} of a passage of {length}",
                answer.text, answer.start
            )));
        }
    }
    Ok(())
}

fn distinct(examples: &[QuestionExample]) -> Result<(), DataError> {
    let mut seen = HashSet::new();
    match examples.iter().find(|example| !seen.insert(&example.id)) {
        Some(example) => Err(example.source.fault(
            None,
            format!(
                "two questions have the id `{}` (one without an id goes by its line's number)",
                example.id
            ),
        )),
        None => Ok(()),
    }
}

/// One object a line: `question`, `context` or `passage`, and, where they are known, `id` (else the line's number) and
/// `answers`, which are `{"text": [...], "answer_start": [...]}` as Hugging Face has them, or a list of such pairs as
/// SQuAD has them.
///
/// # Errors
/// If a line is malformed; if `labelled`, also where answers are missing.
pub fn from_json_lines(path: &Path, bytes: &[u8], labelled: bool) -> Result<QuestionDataset, DataError> {
    let text = utf8(path, bytes)?;
    let mut examples = vec![];
    for line in json_lines(path, text) {
        let (source, value) = line?;
        let field = |names: &[&str]| {
            let found = names.iter().find_map(|name| value.get(*name)?.as_str());
            found
                .map(str::to_owned)
                .ok_or_else(|| source.fault(Some(names[0]), "a text is needed here"))
        };
        let answers = match value.get("answers") {
            None | Some(Value::Null) if labelled => {
                return Err(source.fault(Some("answers"), "missing; every question needs its answers"));
            }
            None | Some(Value::Null) => None,
            Some(answers) => Some(parse_answers(answers).ok_or_else(|| {
                let reason = "it must be {\"text\": [...], \"answer_start\": [...]} or a list of such pairs";
                source.fault(Some("answers"), reason)
            })?),
        };
        let id = match value.get("id") {
            None | Some(Value::Null) => source.line.to_string(),
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            Some(_) => return Err(source.fault(Some("id"), "it must be a text or a number")),
        };
        let example = QuestionExample {
            id,
            question: field(&["question"])?,
            passage: field(&["context", "passage"])?.into(),
            answers,
            source: source.clone(),
        };
        check(&example, |reason| source.fault(None, reason))?;
        examples.push(example);
    }
    distinct(&examples)?;
    Examples::new(path, examples)
}

fn parse_answers(value: &Value) -> Option<Vec<Answer>> {
    if value.is_array() {
        return serde_json::from_value(value.clone()).ok();
    }
    let texts = value.get("text")?.as_array()?;
    let starts = value.get("answer_start")?.as_array()?;
    let answer = |(text, start): (&Value, &Value)| {
        Some(Answer {
            text: text.as_str()?.to_owned(),
            start: usize::try_from(start.as_u64()?).ok()?,
        })
    };
    (texts.len() == starts.len()).then(|| texts.iter().zip(starts).map(answer).collect())?
}

impl QuestionDataset {
    /// Questions with their passages, from no file.
    ///
    /// # Errors
    /// If there is none, or one is empty.
    pub fn from_pairs(source: &Path, pairs: &[(&str, &str)]) -> Result<Self, DataError> {
        let file = Source::file(source);
        let mut examples = vec![];
        for (at, (question, passage)) in pairs.iter().enumerate() {
            let source = file.line(at + 1);
            let example = QuestionExample {
                id: (at + 1).to_string(),
                question: (*question).to_owned(),
                passage: (*passage).into(),
                answers: None,
                source: source.clone(),
            };
            check(&example, |reason| source.fault(None, reason))?;
            examples.push(example);
        }
        Self::new(source, examples)
    }
}

#[cfg(test)]
mod tests;
