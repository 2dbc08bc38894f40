//! The values in a JSON text: one per line, or the elements of one array.

use std::path::Path;

use serde_json::Value;

use crate::error::{DataError, json_error};
use crate::file::utf8;
use crate::source::Source;

/// The values of a text, each with the line on which it starts: the elements of an array if the text is one, else one
/// value after the other, usually one per line; blank lines are skipped. Only one value is in memory at a time.
pub(crate) fn json_values<'a>(file: &Path, text: &'a str) -> JsonValues<'a> {
    let start = skip_space(text, 0);
    JsonValues::new(file, text, start, text[start..].starts_with('['), false)
}

/// The elements of the array `name` in the object that a text is; `None` if it is no such object.
pub(crate) fn json_member<'a>(file: &Path, text: &'a str, name: &str) -> Option<JsonValues<'a>> {
    let mut at = skip_space(text, 0);
    if !text[at..].starts_with('{') {
        return None;
    }
    loop {
        // The opening brace, or the comma between two members.
        at = skip_space(text, at + 1);
        let end = text[at..]
            .starts_with('"')
            .then(|| value_end(text, at))
            .flatten()?;
        let key: String = serde_json::from_str(&text[at..end]).ok()?;
        at = skip_space(text, end);
        if !text[at..].starts_with(':') {
            return None;
        }
        at = skip_space(text, at + 1);
        if key == name {
            let array = text[at..].starts_with('[');
            return array.then(|| JsonValues::new(file, text, at, true, true));
        }
        at = skip_space(text, value_end(text, at)?);
        if !text[at..].starts_with(',') {
            return None;
        }
    }
}

/// Whether a text in UTF-8 is JSON that starts with an object, alone or in an array.
pub fn starts_with_object(bytes: &[u8]) -> bool {
    let Ok(text) = utf8(Path::new(""), bytes) else {
        return false;
    };
    let first = json_values(Path::new(""), text).next();
    matches!(first, Some(Ok((_, Value::Object(_)))))
}

/// See [`json_values`].
pub(crate) struct JsonValues<'a> {
    file: Source,
    text: &'a str,
    at: usize,
    /// The line of `at`, from 1.
    line: usize,
    array: bool,
    /// Whether the array is inside an object.
    inner: bool,
    /// How many elements of the array have been read.
    read: usize,
}

impl<'a> JsonValues<'a> {
    fn new(file: &Path, text: &'a str, start: usize, array: bool, inner: bool) -> Self {
        let mut values = JsonValues {
            file: Source::file(file),
            text,
            at: 0,
            line: 1,
            array,
            inner,
            read: 0,
        };
        values.advance(start + usize::from(array));
        values
    }

    /// Moves to a later byte.
    fn advance(&mut self, to: usize) {
        let passed = &self.text.as_bytes()[self.at..to];
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count();
        self.at = to;
    }

    /// An error on the current line, after which nothing is read.
    fn error(&mut self, reason: impl Into<String>) -> DataError {
        let source = self.file.line(self.line);
        self.at = self.text.len();
        self.array = false;
        source.error(None, reason.into())
    }

    /// The next element of the array.
    fn element(&mut self) -> Option<Result<(Source, Value), DataError>> {
        let rest = |values: &Self| values.text[values.at..].chars().next();
        self.advance(skip_space(self.text, self.at));
        match (rest(self), self.read == 0) {
            (Some(','), false) => {
                self.advance(self.at + 1);
                self.advance(skip_space(self.text, self.at));
            }
            (Some(']'), _) => {
                self.advance(skip_space(self.text, self.at + 1));
                self.array = false;
                if !self.inner && self.at < self.text.len() {
                    return Some(Err(self.error("text after the end of the array")));
                }
                self.at = self.text.len();
                return None;
            }
            (Some(_), true) => {}
            (Some(_), false) => return Some(Err(self.error("not JSON (expected `,` or `]`)"))),
            (None, _) => return Some(Err(self.error("the array is not closed: `]` is missing"))),
        }
        self.read += 1;
        let source = self.file.line(self.line);
        let end = value_end(self.text, self.at).unwrap_or(self.text.len());
        match serde_json::from_str(&self.text[self.at..end]) {
            Ok(value) => {
                self.advance(end);
                Some(Ok((source, value)))
            }
            Err(error) => {
                self.line += error.line().max(1) - 1;
                let (element, reason) = (self.read, json_error(&error));
                Some(Err(
                    self.error(format!("element {element} is not JSON ({reason})"))
                ))
            }
        }
    }

    /// The next value of a text that is no array.
    fn value(&mut self) -> Option<Result<(Source, Value), DataError>> {
        self.advance(skip_space(self.text, self.at));
        if self.at == self.text.len() {
            return None;
        }
        let source = self.file.line(self.line);
        let rest = &self.text[self.at..];
        let line = rest.find('\n').unwrap_or(rest.len());
        match serde_json::from_str(&rest[..line]) {
            Ok(value) => {
                self.advance(self.at + line);
                Some(Ok((source, value)))
            }
            Err(error) => {
                // A value may take several lines.
                let end = value_end(self.text, self.at).filter(|_| error.is_eof());
                let value =
                    end.and_then(|end| Some((end, serde_json::from_str(&self.text[self.at..end]).ok()?)));
                Some(match value {
                    Some((end, value)) => {
                        self.advance(end);
                        Ok((source, value))
                    }
                    None => Err(self.error(format!(
                        "not JSON ({}); the file must hold one object per line, or an array of objects",
                        json_error(&error)
                    ))),
                })
            }
        }
    }
}

impl Iterator for JsonValues<'_> {
    type Item = Result<(Source, Value), DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.array {
            true => self.element(),
            false => self.value(),
        }
    }
}

/// The first byte from `at` that is not JSON's white space.
fn skip_space(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    let space = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    at + space.count()
}

/// The end of the JSON value that starts at `at`, by its brackets and quotes alone; `None` if it has no end.
fn value_end(text: &str, at: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[at..];
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (index, byte) in bytes.iter().enumerate() {
        if quoted {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = false,
                _ => {}
            }
            if !quoted && depth == 0 {
                return Some(at + index + 1);
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(at + index),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + index + 1);
                }
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return Some(at + index),
            _ => {}
        }
    }
    (depth == 0 && !quoted).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Vec<(usize, Value)>, String> {
        json_values(Path::new("t.json"), text)
            .map(|value| value.map(|(source, value)| (source.line, value)))
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())
    }

    #[test]
    fn lines_arrays_and_values_over_several_lines_are_read() {
        let (one, two) = (json!({"a": "x]},\"{"}), json!({"a": [1, {"b": "\\"}]}));
        let lines = format!("{one}\n\n  {two}\r\n");
        assert_eq!(read(&lines).unwrap(), [(1, one.clone()), (3, two.clone())]);
        for array in [format!("[{one},\n{two}]"), format!(" [ {one}\n ,{two} ]\n")] {
            let read = read(&array).unwrap();
            assert_eq!(read, [(1, one.clone()), (2, two.clone())], "{array}");
        }
        let pretty = format!("{one:#}\n{two:#}\n");
        assert_eq!(read(&pretty).unwrap(), [(1, one.clone()), (4, two.clone())]);
        assert_eq!(read(&format!("[\n{two:#}\n]")).unwrap(), [(2, two)]);
        assert_eq!(read("[1, \"a,b\", null]").unwrap().len(), 3);
        for empty in ["", " \n", "[]", "[ ]\n"] {
            assert_eq!(read(empty).unwrap(), [], "{empty:?}");
        }
    }

    #[test]
    fn a_member_of_an_object_is_read() {
        let read = |text: &str| {
            let values = json_member(Path::new("t.json"), text, "data")?;
            Some(values.map(|value| value.unwrap().0.line).collect::<Vec<_>>())
        };
        assert_eq!(read(r#"{"data": [1, 2], "more": 3}"#).unwrap(), [1, 1]);
        assert_eq!(
            read("{\"v\": {\"data\": [7]},\n\"a\": \"}\", \"data\" :\n [1,\n2]}").unwrap(),
            [3, 4]
        );
        assert_eq!(read("{\"data\": []}").unwrap(), [0; 0]);
        for text in [
            "",
            "[1]",
            "{}",
            "{\"a\": 1}",
            "{\"data\": 1}",
            "{\"a\"",
            "{\"a\": [",
            "{data: [1]}",
            "{\"a\" \"data\": [1]}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn objects_are_distinguished_from_plain_text() {
        for text in [
            "{\"text\": \"a\"}\nplain",
            "\u{feff}[\n{}]",
            "{\n\"text\":\n\"a\"}",
            " [{}, 1",
        ] {
            assert!(starts_with_object(text.as_bytes()), "{text}");
        }
        for text in ["", "plain", "[MASK] it", "[1]", "{curly} braces", "\"{}\"", "{"] {
            assert!(!starts_with_object(text.as_bytes()), "{text}");
        }
        assert!(!starts_with_object(b"{\"a\": \"\xff\"}"));
    }

    #[test]
    fn errors_name_the_line() {
        for (text, expected) in [
            ("{}\n{\"a\": \n", "t.json, line 2: not JSON (EOF"),
            ("{}\n{\"a\" 1}\n{}", "t.json, line 2: not JSON (expected `:`"),
            (
                "[{},\n{\"a\": }]",
                "t.json, line 2: element 2 is not JSON (expected value",
            ),
            (
                "[{},\n{\n\"a\" 1}]",
                "t.json, line 3: element 2 is not JSON (expected `:`",
            ),
            ("[{}\n{}]", "t.json, line 2: not JSON (expected `,` or `]`)"),
            ("[{}\n", "t.json, line 2: the array is not closed"),
            ("[{}]\nx", "t.json, line 2: text after the end of the array"),
            ("[{}, ]", "t.json, line 1: element 2 is not JSON"),
            ("[,{}]", "t.json, line 1: element 1 is not JSON"),
            ("[{\"a\": \"b]", "t.json, line 1: element 1 is not JSON (EOF"),
            ("{} {}", "t.json, line 1: not JSON (trailing"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
    }
}
