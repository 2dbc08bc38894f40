//! Sentences as objects, from JSON or Parquet: a list of words, and a list of tags or a text.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::DataError;
use crate::examples::{Collector, Examples, MAX_WORDS, TaggedDataset, TaggedExample};
use crate::formats::parquet::{ParquetRows, parquet_files};
use crate::json::{JsonObjects, json_rows, some_values};
use crate::message::{Message, counted};
use crate::source::Source;

/// Names of a list of words, the most likely first.
const WORDS: [&str; 4] = ["tokens", "words", "token", "word"];
/// Names of a list of tags, the most likely first.
const TAGS: [&str; 12] = [
    "ner_tags",
    "tags",
    "labels",
    "ner",
    "entities",
    "pos_tags",
    "upos",
    "pos",
    "xpos",
    "chunk_tags",
    "label",
    "tag",
];

/// The number that transformers gives to what has no tag.
const IGNORED: i64 = -100;

/// What to read of each object.
#[derive(Clone, Copy, Debug)]
pub(super) struct TagObjects<'a> {
    /// The file's name in messages.
    pub(super) path: &'a Path,
    /// The name of the list of tags; guessed if it is not set.
    pub(super) tags: Option<&'a str>,
    /// Whether tags are needed, as they are for training.
    pub(super) labelled: bool,
}

impl TaggedDataset {
    /// Sentences without tags from objects, some at a time: each with a `text`, or a list of `words` or `tokens`. `path` is
    /// what errors call their text.
    pub fn read_objects(path: &Path, objects: JsonObjects) -> TaggedBlocks {
        TaggedBlocks {
            path: path.into(),
            objects: Some(objects),
            started: false,
        }
    }
}

/// See [`TaggedDataset::read_objects`].
#[derive(Debug)]
pub struct TaggedBlocks {
    path: PathBuf,
    /// None after an error or the end.
    objects: Option<JsonObjects>,
    started: bool,
}

impl TaggedBlocks {
    fn next_block(&mut self) -> Result<Option<TaggedDataset>, DataError> {
        let Some(objects) = &mut self.objects else {
            return Ok(None);
        };
        let some = some_values(objects)?;
        if some.is_empty() && self.started {
            return Ok(None);
        }
        let reader = TagObjects {
            path: &self.path,
            tags: None,
            labelled: false,
        };
        self.started = true;
        reader.read(some.into_iter().map(Ok)).map(Some)
    }
}

impl Iterator for TaggedBlocks {
    type Item = Result<TaggedDataset, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        if !matches!(block, Some(Ok(_))) {
            self.objects = None;
        }
        block
    }
}

impl TagObjects<'_> {
    /// Reads a file of JSON or Parquet.
    pub(super) fn read_file(&self) -> Result<TaggedDataset, DataError> {
        if parquet_files(self.path).is_empty() {
            let (values, note) = json_rows(self.path)?;
            return Ok(note.into_iter().fold(self.read(values)?, Examples::with_note));
        }
        let rows = ParquetRows::open(self.path)?;
        let names: HashMap<String, Vec<String>> = rows.label_names().clone();
        let (data, tags) = self.read_with(rows)?;
        Ok(match tags.and_then(|tags| names.get(&tags).cloned()) {
            Some(names) => data.with_label_names(names),
            None => data,
        })
    }

    fn read(
        &self,
        values: impl Iterator<Item = Result<(Source, Value), DataError>>,
    ) -> Result<TaggedDataset, DataError> {
        Ok(self.read_with(values)?.0)
    }

    /// The sentences, and the name of their tags.
    fn read_with(
        &self,
        values: impl Iterator<Item = Result<(Source, Value), DataError>>,
    ) -> Result<(TaggedDataset, Option<String>), DataError> {
        let (mut examples, mut notes) = (Collector::new(self.path), vec![]);
        let (mut tags, mut empty, mut numbers) = (None, 0usize, true);
        for value in values {
            let (source, value) = value?;
            let Value::Object(object) = value else {
                return Err(source.error(None, "not a JSON object; each sentence is one"));
            };
            if self.labelled && tags.is_none() {
                let (name, note) = self.tag_list(&object, &source)?;
                tags = Some(name);
                notes.extend(note);
            }
            let example = self.example(&object, tags.as_deref(), source)?;
            match example {
                Some(example) => {
                    let all = example.tags.iter().flatten();
                    numbers &= all.clone().all(|tag| tag.parse::<i64>().is_ok());
                    examples.push(example)?;
                }
                None => empty += 1,
            }
        }
        if let (true, Some(tags)) = (numbers, &tags) {
            notes.push(format!("the tags in `{tags}` are numbers, and the file does not name them").into());
        }
        if empty > 0 {
            notes.push(format!("sentences without words are skipped: {empty}").into());
        }
        let data = examples.finish()?;
        Ok((notes.into_iter().fold(data, Examples::with_note), tags))
    }

    /// The name of the list of tags in the first object, and a note if it is a choice among several.
    fn tag_list(
        &self,
        object: &Map<String, Value>,
        source: &Source,
    ) -> Result<(String, Option<Message>), DataError> {
        if let Some(name) = self.tags {
            return Ok((name.to_owned(), None));
        }
        let lists: Vec<&str> = TAGS
            .into_iter()
            .filter(|name| object.get(*name).is_some_and(Value::is_array))
            .collect();
        match lists.as_slice() {
            [] => {
                let reason = Message::new("which list holds the tags? Name it with ")
                    .option("tag_column")
                    .text(format!("; the names here are: {}", names(object)));
                Err(source.error(None, reason))
            }
            [only] => Ok(((*only).to_owned(), None)),
            [first, others @ ..] => {
                let note = format!("tags are read from `{first}`; for {}, set ", others.join(" or "));
                Ok(((*first).to_owned(), Some(Message::new(note).option("tag_column"))))
            }
        }
    }

    /// The sentence of an object; none if it is for training and has no words.
    fn example(
        &self,
        object: &Map<String, Value>,
        tags: Option<&str>,
        source: Source,
    ) -> Result<Option<TaggedExample>, DataError> {
        let list = WORDS.into_iter().find(|name| object.contains_key(*name));
        let (words, text, offsets) = match (list, object.get("text")) {
            (Some(name), _)
                if object[name]
                    .as_array()
                    .is_some_and(|words| words.len() > MAX_WORDS) =>
            {
                let reason = format!("a sentence of more than {MAX_WORDS} words");
                return Err(source.error(Some(name), reason));
            }
            (Some(name), _) => {
                let words: Option<Vec<String>> = serde_json::from_value(object[name].clone()).ok();
                let words = words.filter(|words| self.labelled || !words.is_empty());
                let reason = "it must be a list of strings with at least one";
                (words.ok_or_else(|| source.error(Some(name), reason))?, None, None)
            }
            (None, Some(Value::String(text))) if !self.labelled => {
                let TaggedExample { words, offsets, .. } =
                    TaggedExample::of_text(text.clone(), source.clone())
                        .map_err(|error| error.in_column("text"))?;
                (words, Some(text.clone()), offsets)
            }
            _ => {
                let text = if self.labelled { "" } else { "a `text` or " };
                let reason = format!(
                    "{text}a list of `tokens` or `words` is needed; the names here are: {}",
                    names(object)
                );
                return Err(source.error(None, reason));
            }
        };
        let tags = match tags {
            Some(name) => Some(read_tags(object, name, words.len(), &source)?),
            None => None,
        };
        Ok((!words.is_empty()).then_some(TaggedExample {
            words,
            tags,
            text,
            offsets,
            source,
        }))
    }
}

/// The tags of a sentence with `words` words.
fn read_tags(
    object: &Map<String, Value>,
    name: &str,
    words: usize,
    source: &Source,
) -> Result<Vec<String>, DataError> {
    let tag = |value: &Value| match value {
        Value::String(tag) if !tag.trim().is_empty() => Some(tag.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    };
    let list = object.get(name).and_then(Value::as_array);
    if list.is_some_and(|tags| tags.iter().any(|tag| tag.as_i64() == Some(IGNORED))) {
        let reason = format!(
            "{IGNORED} is not a tag: transformers gives it to pieces of words that have none; every word needs a tag: give \
             the words as they were before a tokenizer divided them, each with its tag"
        );
        return Err(source.error(Some(name), reason));
    }
    let tags: Option<Vec<String>> = list.and_then(|tags| tags.iter().map(tag).collect());
    match tags {
        Some(tags) if tags.len() == words => Ok(tags),
        Some(tags) => {
            let reason = format!(
                "{} for {}; each word needs one",
                counted(tags.len(), "tag"),
                counted(words, "word")
            );
            Err(source.error(Some(name), reason))
        }
        None => Err(source.error(
            Some(name),
            "it must be a list of strings or of whole numbers, one per word",
        )),
    }
}

fn names(object: &Map<String, Value>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<&str> = object.keys().take(SHOWN).map(String::as_str).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TagFile;

    fn read(name: &str, content: &str, tags: Option<&str>) -> Result<TaggedDataset, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        let file = TagFile::new(&path);
        let file = match tags {
            Some(name) => file.tag_name(name),
            None => file,
        };
        file.read().map_err(|error| error.to_string())
    }

    fn tags(data: &TaggedDataset) -> Vec<Vec<String>> {
        data.examples()
            .iter()
            .map(|example| example.tags.clone().unwrap())
            .collect()
    }

    const LINES: &str = "{\"tokens\": [\"Ann\", \"sleeps\"], \"ner_tags\": [\"B-PER\", \"O\"], \"pos_tags\": [1, 2]}\n\
        {\"tokens\": [\"He\"], \"ner_tags\": [\"O\"], \"pos_tags\": [3]}\n";

    #[test]
    fn lists_of_words_and_tags_are_read() {
        let array = format!("[{}]", LINES.trim_end().replace('\n', ","));
        for (name, content) in [("t.jsonl", LINES), ("t.json", LINES), ("t.json", &array)] {
            let data = read(name, content, None).unwrap();
            assert_eq!(tags(&data), [vec!["B-PER", "O"], vec!["O"]], "{name}");
            assert_eq!(data.examples()[0].words, ["Ann", "sleeps"]);
            assert_eq!(
                data.notes()[0].to_string(),
                "tags are read from `ner_tags`; for pos_tags, set `tag_column`"
            );
        }
        let data = read("t.json", &format!("{{\"data\": {array}}}"), None).unwrap();
        assert_eq!(tags(&data), [vec!["B-PER", "O"], vec!["O"]]);
        let note = data.notes().last().unwrap().to_string();
        assert!(
            note.ends_with("t.json: rows are read from the list `data`"),
            "{note}"
        );
        let data = read("t.jsonl", LINES, Some("pos_tags")).unwrap();
        assert_eq!(tags(&data), [vec!["1", "2"], vec!["3"]]);
        assert!(data.notes()[0].to_string().contains("`pos_tags` are numbers"));
        let data = read(
            "t.jsonl",
            "{\"words\": [], \"tags\": []}\n{\"words\": [\"a\"], \"tags\": [\"X\"]}\n",
            None,
        );
        let data = data.unwrap();
        assert_eq!(
            (data.len(), data.notes()[0].to_string()),
            (1, "sentences without words are skipped: 1".into())
        );
    }

    #[test]
    fn parquet_names_its_tags() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/tags.parquet");
        let data = TagFile::new(&path).read().unwrap();
        assert_eq!(tags(&data), [vec!["B-PER", "I-PER", "O"], vec!["O", "O"]]);
        assert_eq!(
            data.labels().unwrap().iter().collect::<Vec<_>>(),
            ["O", "B-PER", "I-PER"]
        );
        let words = TagFile::new(&path).labelled(false).read().unwrap();
        assert_eq!((words.len(), &words.examples()[1].tags), (2, &None));
    }

    #[test]
    fn errors_name_line_and_list() {
        for (content, expected) in [
            (
                "{\"tokens\": [\"a\"], \"kind\": [\"X\"]}",
                "line 1: which list holds the tags? Name it with `tag_column`; the names here are: tokens, kind",
            ),
            (
                "{\"text\": \"a\", \"tags\": [\"X\"]}",
                "line 1: a list of `tokens` or `words` is needed",
            ),
            (
                "{\"tokens\": \"a b\", \"tags\": [\"X\"]}",
                "column `tokens`: it must be a list of strings",
            ),
            (
                "{\"tokens\": [\"a\"], \"tags\": [\"X\", \"Y\"]}",
                "column `tags`: 2 tags for 1 word;",
            ),
            (
                "{\"tokens\": [\"a\"], \"tags\": [null]}",
                "column `tags`: it must be a list of strings",
            ),
            (
                "{\"tokens\": [\"a\", \"b\"], \"tags\": [3, -100]}",
                "line 1, column `tags`: -100 is not a tag",
            ),
            (
                "{\"tokens\": [\"a\"], \"tags\": [\"X\"]}\n{\"tokens\": [\"a\"]}",
                "line 2, column `tags`",
            ),
            ("[1]", "line 1: not a JSON object"),
        ] {
            let error = read("t.jsonl", content, None).unwrap_err();
            assert!(error.contains("t.jsonl") && error.contains(expected), "{error}");
        }
        assert!(
            read("t.jsonl", LINES, Some("no"))
                .unwrap_err()
                .contains("line 1, column `no`")
        );
    }
}
