//! Files of questions: SQuAD's JSON, and JSON lines.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{DataError, json_error};
use crate::examples::question::{check, distinct};
use crate::examples::{Answer, Examples, QuestionDataset, QuestionExample};
use crate::file::{has_extension, read_utf8, utf8};
use crate::json::json_values;
use crate::source::Source;

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

/// Reads SQuAD's JSON, or JSON lines (see [`QuestionDataset::from_json_lines`]) if the name ends in `.jsonl` or
/// `.ndjson`.
///
/// # Errors
/// If it is malformed, has no question, two questions with one id, or an answer that begins beyond its passage.
pub(crate) fn read(path: &Path) -> Result<QuestionDataset, DataError> {
    let text = read_utf8(path)?;
    if has_extension(path, &["jsonl", "ndjson"]) {
        return QuestionDataset::from_json_lines(path, text.as_bytes(), true);
    }
    let file: File = serde_json::from_str(&text).map_err(|e| {
        let reason = format!("not SQuAD's JSON (column {}): {}", e.column(), json_error(&e));
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
                let location = format!(
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
                    source.error(None, format!("{location}: {reason}"))
                })?;
                examples.push(example);
            }
        }
    }
    distinct(&examples)?;
    Examples::new(path, examples)
}

impl QuestionDataset {
    /// One object per line: `question`, `context` or `passage`, and, where they are known, `id` (else the line's number) and
    /// `answers`, which are `{"text": [...], "answer_start": [...]}` as Hugging Face has them, or a list of such pairs as
    /// SQuAD has them.
    ///
    /// # Errors
    /// If a line is malformed; if `labelled`, also where answers are missing.
    pub fn from_json_lines(path: &Path, bytes: &[u8], labelled: bool) -> Result<Self, DataError> {
        let text = utf8(path, bytes)?;
        let mut examples = vec![];
        for line in json_values(path, text) {
            let (source, value) = line?;
            let field = |names: &[&str]| {
                let found = names.iter().find_map(|name| value.get(*name)?.as_str());
                found
                    .map(str::to_owned)
                    .ok_or_else(|| source.error(Some(names[0]), "a text is needed here"))
            };
            let answers = match value.get("answers") {
                None | Some(Value::Null) if labelled => {
                    return Err(source.error(Some("answers"), "missing; every question needs its answers"));
                }
                None | Some(Value::Null) => None,
                Some(answers) => Some(parse_answers(answers).ok_or_else(|| {
                    let reason =
                        "it must be {\"text\": [...], \"answer_start\": [...]} or a list of such pairs";
                    source.error(Some("answers"), reason)
                })?),
            };
            let id = match value.get("id") {
                None | Some(Value::Null) => source.line.to_string(),
                Some(Value::String(id)) => id.clone(),
                Some(Value::Number(id)) => id.to_string(),
                Some(_) => return Err(source.error(Some("id"), "it must be a text or a number")),
            };
            let example = QuestionExample {
                id,
                question: field(&["question"])?,
                passage: field(&["context", "passage"])?.into(),
                answers,
                source: source.clone(),
            };
            check(&example, |reason| source.error(None, reason))?;
            examples.push(example);
        }
        distinct(&examples)?;
        Examples::new(path, examples)
    }
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
