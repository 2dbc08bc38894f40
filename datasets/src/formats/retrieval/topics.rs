//! TREC topics: queries between `<top>` and `</top>`.

use crate::error::DataError;
use crate::examples::Query;
use crate::source::Source;

/// Collects the queries of a file of topics, line by line. The title of a topic is the query.
#[derive(Debug, Default)]
pub(super) struct Topics {
    open: Option<Topic>,
    queries: Vec<Query>,
}

#[derive(Debug)]
struct Topic {
    source: Source,
    /// The text of the fields so far, by the name of their tag.
    fields: Vec<(String, String)>,
}

/// Whether a line begins a topic.
pub(super) fn begins_topic(line: &str) -> bool {
    line.trim_start()
        .get(..5)
        .is_some_and(|tag| tag.eq_ignore_ascii_case("<top>"))
}

impl Topics {
    /// Reads a line.
    ///
    /// # Errors
    /// If tags are out of order, or a topic has no number or no title.
    pub(super) fn line(&mut self, source: &Source, line: &str) -> Result<(), DataError> {
        let mut rest = line;
        while let Some((before, tag, after)) = next_tag(rest) {
            self.text(before);
            match (tag.to_ascii_lowercase().as_str(), &mut self.open) {
                ("top", None) => {
                    let (source, fields) = (source.clone(), vec![]);
                    self.open = Some(Topic { source, fields });
                }
                ("top", Some(topic)) => {
                    let reason = format!(
                        "a topic begins within that of line {}: `</top>` is missing",
                        topic.source.line
                    );
                    return Err(source.error(None, reason));
                }
                ("/top", Some(_)) => {
                    let topic = self.open.take().expect("a topic is open");
                    self.queries.push(topic.query()?);
                }
                (_, None) => {
                    return Err(
                        source.error(None, format!("`<{tag}>` outside of a topic: `<top>` is missing"))
                    );
                }
                // A closing tag ends its field: what follows belongs to none.
                (name, Some(topic)) => topic.fields.push((name.to_owned(), String::new())),
            }
            rest = after;
        }
        self.text(rest);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some((_, field)) = self.open.as_mut().and_then(|topic| topic.fields.last_mut()) {
            field.push_str(text);
            field.push(' ');
        }
    }

    /// All queries.
    ///
    /// # Errors
    /// If a topic is not closed.
    pub(super) fn finish(self) -> Result<Vec<Query>, DataError> {
        match self.open {
            Some(topic) => Err(topic
                .source
                .error(None, "the topic is not closed: `</top>` is missing")),
            None => Ok(self.queries),
        }
    }
}

impl Topic {
    fn query(self) -> Result<Query, DataError> {
        let field = |name: &str, label: &str| -> Result<String, DataError> {
            let text = self.fields.iter().find(|(tag, _)| tag == name);
            let text = text.map_or("", |(_, text)| text.trim());
            // "Number: 301" and "Topic: International crime" in older files.
            let text = text.strip_prefix(label).unwrap_or(text).trim_start_matches(':');
            let words: Vec<&str> = text.split_whitespace().collect();
            match words.is_empty() {
                true => Err(self.source.error(Some(name), "the topic lacks it")),
                false => Ok(words.join(" ")),
            }
        };
        Ok(Query {
            id: field("num", "Number")?,
            text: field("title", "Topic")?,
            source: self.source.clone(),
        })
    }
}

/// The text before the next tag, the tag's name, and the text after it. `<` alone is text.
fn next_tag(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('<') {
        let start = from + at;
        let inside = &text[start + 1..];
        let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '_' || c == '-'));
        match end {
            Some(end) if end > 0 && inside[end..].starts_with('>') => {
                return Some((&text[..start], &inside[..end], &inside[end + 1..]));
            }
            _ => from = start + 1,
        }
    }
    None
}
