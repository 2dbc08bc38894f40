//! Files of questions: SQuAD's JSON, JSON lines, and Parquet.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::DataError;
use crate::examples::question::check;
use crate::examples::{Answer, Collector, Examples, QuestionDataset, QuestionExample};
use crate::file::open_data;
use crate::formats::parquet::{ParquetRows, parquet_files};
use crate::json::{JsonObjects, json_member, json_values, some_values};
use crate::source::Source;

/// Values of a text, each with its line.
type Values = Box<dyn Iterator<Item = Result<(Source, Value), DataError>>>;

/// The most fields of an object that a message names.
const SHOWN: usize = 20;

/// The error for answers of another form.
const ANSWERS: &str =
    "it must be a list of {\"text\": …, \"answer_start\": …}, or {\"text\": […], \"answer_start\": […]}";

/// Reads SQuAD's JSON: an object with the articles in `data`, or the articles alone, as an array or one per line. The
/// questions can also be single objects, in JSON or Parquet (see [`QuestionDataset::read_objects`]).
///
/// # Errors
/// If it is malformed, has no question, two questions with one id, or an answer that begins beyond its passage; if
/// `labelled`, also where a single object has no answers.
pub(crate) fn read(path: &Path, labelled: bool) -> Result<QuestionDataset, DataError> {
    let mut reader = Reader::new(labelled);
    let read = reader.read(path, values(path)?);
    if !reader.is_given_twice {
        return read;
    }
    // A number that a question got is the id of a later one: the numbers that are free show only at the end of the file.
    let mut reader = Reader::new(labelled);
    for value in values(path)? {
        let ids = &mut reader.own_ids;
        each_id(&value?.1, &mut |id| {
            ids.insert(hash(id));
        });
    }
    reader.read(path, values(path)?)
}

/// The articles or questions of a file.
fn values(path: &Path) -> Result<Values, DataError> {
    if !parquet_files(path).is_empty() {
        return Ok(Box::new(ParquetRows::open(path)?));
    }
    Ok(match json_member(path, open_data(path)?, "data") {
        Some(articles) => Box::new(articles),
        None => Box::new(json_values(path, open_data(path)?)),
    })
}

/// Calls `look` with the ids of an article's, a paragraph's or a single question.
fn each_id(value: &Value, look: &mut impl FnMut(&str)) {
    let list = |name| value.get(name).and_then(Value::as_array);
    match list("paragraphs").or_else(|| list("qas")) {
        Some(values) => values.iter().for_each(|value| each_id(value, look)),
        None => {
            if let Ok(Some(id)) = own_id(value.get("id")) {
                look(&id);
            }
        }
    }
}

/// The id that a question has in its file; none if it has none, and an error if it cannot be an id.
fn own_id(id: Option<&Value>) -> Result<Option<String>, ()> {
    match id {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(Value::Number(id)) => Ok(Some(id.to_string())),
        Some(_) => Err(()),
    }
}

fn hash(id: &str) -> u64 {
    let mut hash = DefaultHasher::new();
    id.hash(&mut hash);
    hash.finish()
}

impl QuestionDataset {
    /// Questions of objects, some at a time: each with `question`, `context` or `passage`, and, where they are known, `id` (else
    /// the question's number, or the next that is free) and `answers`, which are `{"text": [...], "answer_start": [...]}` as Hugging Face has them, or
    /// a list of such pairs as SQuAD has them. An article of SQuAD is read with all its questions. `path` is what errors call
    /// their text; answers are not needed.
    pub fn read_objects(path: &Path, objects: JsonObjects) -> QuestionBlocks {
        QuestionBlocks {
            path: path.into(),
            objects: Some(objects),
            reader: Reader::new(false),
        }
    }
}

/// See [`QuestionDataset::read_objects`].
pub struct QuestionBlocks {
    path: PathBuf,
    /// None after an error or the end.
    objects: Option<JsonObjects>,
    reader: Reader,
}

impl QuestionBlocks {
    fn next_block(&mut self) -> Result<Option<QuestionDataset>, DataError> {
        let Some(objects) = &mut self.objects else {
            return Ok(None);
        };
        loop {
            let some = some_values(objects)?;
            let ended = some.is_empty();
            for (source, value) in some {
                self.reader.value(source, &value)?;
            }
            let examples = std::mem::take(&mut self.reader.examples);
            if examples.is_empty() && ended && self.reader.count > 0 {
                return Ok(None);
            }
            // An article can be without questions.
            if !examples.is_empty() || ended {
                return Examples::new(&self.path, examples).map(Some);
            }
        }
    }
}

impl Iterator for QuestionBlocks {
    type Item = Result<QuestionDataset, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        if !matches!(block, Some(Ok(_))) {
            self.objects = None;
        }
        block
    }
}

impl std::fmt::Debug for QuestionBlocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuestionBlocks")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The questions that have been read.
struct Reader {
    labelled: bool,
    examples: Vec<QuestionExample>,
    /// The number of questions, with those that were taken away.
    count: usize,
    /// Hashes of their ids.
    ids: HashSet<u64>,
    /// Hashes of the ids that questions of the text have, where all of it is known.
    own_ids: HashSet<u64>,
    /// The numbers that questions without an id got, by the hashes of those ids.
    given: HashMap<u64, usize>,
    /// The next number that may be free.
    free: usize,
    /// Whether a question has the id that one before got.
    is_given_twice: bool,
    /// The numbers of the articles by their titles.
    titles: HashMap<String, u32>,
    articles: u32,
}

/// An object in a file, with its name in messages.
struct Located<'a> {
    object: &'a Map<String, Value>,
    source: Source,
    /// Article, paragraph and question; empty if the line says enough.
    name: String,
}

impl Located<'_> {
    fn error(&self, field: &str, reason: impl std::fmt::Display) -> DataError {
        self.source.error(Some(field), format!("{}{reason}", self.name))
    }

    /// A field that is text.
    fn text(&self, names: &[&str]) -> Result<&str, DataError> {
        let found = names.iter().find_map(|name| self.object.get(*name)?.as_str());
        found.ok_or_else(|| self.error(names[0], "a text is needed here"))
    }

    /// The objects in a field that is a list of them.
    fn objects(&self, name: &str) -> Result<impl Iterator<Item = &Map<String, Value>>, DataError> {
        let list = self.object.get(name).and_then(Value::as_array);
        match list.map(|list| list.iter().map(Value::as_object).collect::<Option<Vec<_>>>()) {
            Some(Some(objects)) => Ok(objects.into_iter()),
            _ => Err(self.error(name, "a list of objects is needed here")),
        }
    }
}

impl Reader {
    fn new(labelled: bool) -> Self {
        Self {
            labelled,
            examples: vec![],
            count: 0,
            ids: HashSet::new(),
            own_ids: HashSet::new(),
            given: HashMap::new(),
            free: 1,
            is_given_twice: false,
            titles: HashMap::new(),
            articles: 0,
        }
    }

    fn read(
        &mut self,
        path: &Path,
        values: impl Iterator<Item = Result<(Source, Value), DataError>>,
    ) -> Result<QuestionDataset, DataError> {
        let mut collector = Collector::new(path);
        for value in values {
            let (source, value) = value?;
            self.value(source, &value)?;
            self.examples
                .drain(..)
                .try_for_each(|example| collector.push(example))?;
        }
        collector.finish()
    }

    /// Reads an article, a paragraph or a question.
    fn value(&mut self, source: Source, value: &Value) -> Result<(), DataError> {
        let Value::Object(object) = value else {
            return Err(source.error(
                None,
                "not a JSON object; the file must hold articles or questions",
            ));
        };
        if object.contains_key("paragraphs") {
            self.article(object, source)
        } else if object.contains_key("qas") {
            let name = format!("paragraph {}", self.articles + 1);
            self.articles += 1;
            let source = source.document(Some(self.articles));
            self.paragraph(&Located { object, source, name })
        } else {
            self.single(object, source)
        }
    }

    fn article(&mut self, object: &Map<String, Value>, source: Source) -> Result<(), DataError> {
        self.articles += 1;
        let title = object.get("title").and_then(Value::as_str).unwrap_or_default();
        let title = if title.is_empty() {
            String::new()
        } else {
            format!(" ({title})")
        };
        let article = Located {
            object,
            source: source.document(Some(self.articles)),
            name: format!("article {}{title}: ", self.articles),
        };
        for (number, object) in article.objects("paragraphs")?.enumerate() {
            self.paragraph(&Located {
                object,
                source: article.source.clone(),
                name: format!("article {}{title}, paragraph {}", self.articles, number + 1),
            })?;
        }
        Ok(())
    }

    /// `paragraph.name` has no colon yet.
    fn paragraph(&mut self, paragraph: &Located<'_>) -> Result<(), DataError> {
        let named = Located {
            object: paragraph.object,
            source: paragraph.source.clone(),
            name: format!("{}: ", paragraph.name),
        };
        let passage: Arc<str> = named.text(&["context"])?.into();
        for (number, object) in named.objects("qas")?.enumerate() {
            let mut question = Located {
                object,
                source: paragraph.source.clone(),
                name: format!("{}, question {}: ", paragraph.name, number + 1),
            };
            let id = self.id(&question)?;
            question.name = format!("{}, question {id}: ", paragraph.name);
            self.question(&question, id, passage.clone())?;
        }
        Ok(())
    }

    /// A question that is an object with its passage.
    fn single(&mut self, object: &Map<String, Value>, source: Source) -> Result<(), DataError> {
        if !object.contains_key("question") {
            let fields: Vec<&str> = object.keys().take(SHOWN).map(String::as_str).collect();
            let fields = match (fields.is_empty(), object.len().saturating_sub(SHOWN)) {
                (true, _) => "it has no field".to_owned(),
                (false, 0) => format!("its fields are: {}", fields.join(", ")),
                (false, more) => format!("its fields are: {} and {more} more", fields.join(", ")),
            };
            let reason = format!("neither an article (`paragraphs`) nor a question (`question`); {fields}");
            return Err(source.error(None, reason));
        }
        let title = object.get("title").and_then(Value::as_str);
        let next = self.titles.len() as u32;
        let document = title.map(|title| *self.titles.entry(title.to_owned()).or_insert(next));
        let question = Located {
            object,
            source: source.document(document),
            name: String::new(),
        };
        if self.labelled
            && matches!(object.get("answers"), None | Some(Value::Null))
            && !is_impossible(&question)?
        {
            return Err(question.error("answers", "missing; every question needs its answers"));
        }
        let id = self.id(&question)?;
        let passage = question.text(&["context", "passage"])?.into();
        self.question(&question, id, passage)
    }

    /// The id, or a number that no question has as its id, the question's own if it is free.
    fn id(&mut self, question: &Located<'_>) -> Result<String, DataError> {
        let own = own_id(question.object.get("id"));
        if let Some(id) = own.map_err(|()| question.error("id", "it must be a text or a number"))? {
            return Ok(id);
        }
        self.free = self.free.max(self.count + 1);
        loop {
            let id = self.free.to_string();
            self.free += 1;
            let hash = hash(&id);
            if !self.ids.contains(&hash) && !self.own_ids.contains(&hash) {
                self.given.insert(hash, self.count + 1);
                return Ok(id);
            }
        }
    }

    fn question(&mut self, question: &Located<'_>, id: String, passage: Arc<str>) -> Result<(), DataError> {
        let answers = match question.object.get("answers") {
            _ if is_impossible(question)? => Some(vec![]),
            None | Some(Value::Null) => None,
            Some(answers) => Some(self.answers(question, answers, &passage)?),
        };
        let example = QuestionExample {
            id,
            question: question.text(&["question"])?.into(),
            passage,
            answers,
            source: question.source.clone(),
        };
        check(&example, |reason| {
            question.source.error(None, format!("{}{reason}", question.name))
        })?;
        let hash = hash(&example.id);
        if !self.ids.insert(hash) {
            let reason = match self.given.get(&hash) {
                Some(number) => {
                    self.is_given_twice = true;
                    format!(
                        "the id `{}` was given to question {number}, which has none; give every question an id",
                        example.id
                    )
                }
                None => format!("two questions have the id `{}`", example.id),
            };
            return Err(example.source.error(None, reason));
        }
        self.count += 1;
        self.examples.push(example);
        Ok(())
    }

    /// The answers that have text: an empty one means that there is none.
    fn answers(
        &self,
        question: &Located<'_>,
        answers: &Value,
        passage: &str,
    ) -> Result<Vec<Answer>, DataError> {
        let malformed = || question.error("answers", ANSWERS);
        let pairs: Option<Vec<(&Value, &Value)>> = match answers {
            Value::Array(list) => list
                .iter()
                .map(|answer| Some((answer.get("text")?, answer.get("answer_start")?)))
                .collect(),
            answers => {
                let list = |name| answers.get(name).and_then(Value::as_array);
                match (list("text"), list("answer_start")) {
                    (Some(texts), Some(starts)) if texts.len() == starts.len() => {
                        Some(texts.iter().zip(starts).collect())
                    }
                    _ => None,
                }
            }
        };
        let mut found = vec![];
        for (text, start) in pairs.ok_or_else(malformed)? {
            let text = text
                .as_str()
                .ok_or_else(|| question.error("answers", "`text` must be a text"))?;
            // Programs that compute with floats write 8.0.
            let whole = start.as_f64().filter(|number| number.fract() == 0.0);
            let start = match (start.as_u64(), whole) {
                (Some(start), _) => usize::try_from(start).unwrap_or(usize::MAX),
                // Unknown: where it first occurs.
                (None, Some(-1.0)) => passage
                    .find(text)
                    .map_or(0, |byte| passage[..byte].chars().count()),
                (None, Some(start)) if start >= 0.0 => start as usize,
                _ => {
                    let reason = format!(
                        "`answer_start` is {start}; it must be a number of characters from the start"
                    );
                    return Err(question.error("answers", reason));
                }
            };
            if !text.trim().is_empty() {
                let text = text.to_owned();
                found.push(Answer { text, start });
            }
        }
        Ok(found)
    }
}

/// Whether the file says that the question has no answer.
fn is_impossible(question: &Located<'_>) -> Result<bool, DataError> {
    match question.object.get("is_impossible") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(Value::Number(number)) if number.as_i64() == Some(0) => Ok(false),
        Some(Value::Number(number)) if number.as_i64() == Some(1) => Ok(true),
        Some(_) => Err(question.error("is_impossible", "it must be true or false")),
    }
}
