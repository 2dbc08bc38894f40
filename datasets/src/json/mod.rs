//! The values in a JSON text: one per line, or the elements of one array, which may be a member of an object.

mod input;
mod rows;
mod some;

use std::io::Read;
use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::Value;

use self::input::Input;
use crate::error::{DataError, json_error};
use crate::source::Source;

pub(crate) use rows::json_rows;
pub(crate) use some::some_values;

/// The values of a text, each with the line on which it starts: the elements of an array if the text is one, else one
/// value after the other, usually one per line; blank lines are skipped. Only one value is in memory at a time.
pub(crate) fn json_values<R: Read>(file: &Path, text: R) -> JsonValues<R> {
    JsonValues {
        input: Input::new(file, text),
        form: Form::Unknown,
        member: String::new(),
        read: 0,
    }
}

/// The elements of the array `name` in the object that a text is, or in each of several objects; `None` if the first is no
/// such object, of which some may then have been read.
pub(crate) fn json_member<R: Read>(file: &Path, text: R, name: &str) -> Option<JsonValues<R>> {
    let mut values = json_values(file, text);
    if values.input.next_byte().ok()? != Some(b'{') {
        return None;
    }
    values.member = name.to_owned();
    values.find_member().ok()?;
    Some(values)
}

/// Whether a text in UTF-8 is JSON that starts with an object, alone or in an array. The text may end within the object.
pub fn starts_with_object(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let object = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    let Some(members) = object.strip_prefix(b"{") else {
        return false;
    };
    let mut values = serde_json::Deserializer::from_slice(object).into_iter::<Value>();
    match values.next() {
        Some(Err(error)) => error.is_eof() && members.trim_ascii_start().starts_with(b"\""),
        value => value.is_some(),
    }
}

/// The values of a JSON text that is read as they are needed, such as standard input: see [`json_objects`].
pub struct JsonObjects(JsonValues<Box<dyn Read + Send>>);

/// The values of a JSON text, each with its line: the elements of an array if the text is one, else one value per line.
/// `file` is what errors call the text.
pub fn json_objects(file: &Path, text: Box<dyn Read + Send>) -> JsonObjects {
    JsonObjects(json_values(file, text))
}

impl Iterator for JsonObjects {
    type Item = Result<(Source, Value), DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl std::fmt::Debug for JsonObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonObjects").finish_non_exhaustive()
    }
}

/// See [`json_values`].
pub(crate) struct JsonValues<R> {
    input: Input<R>,
    form: Form,
    /// The name of the array in an object.
    member: String,
    /// How many elements of the array have been read.
    read: usize,
}

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing has been read.
    Unknown,
    /// One value after the other.
    Values,
    /// An array.
    Array,
    /// An array in an object.
    Member,
    /// Nothing is left.
    Done,
}

impl<R: Read> JsonValues<R> {
    /// An error on the current line, after which nothing is read.
    fn error(&mut self, reason: impl Into<String>) -> DataError {
        self.form = Form::Done;
        self.input.line().error(None, reason.into())
    }

    /// Goes to the first element of the array in the object that starts here.
    fn find_member(&mut self) -> Result<(), DataError> {
        let start = self.input.line();
        // The opening brace.
        self.input.advance(1);
        if self.input.next_byte()? != Some(b'}') {
            loop {
                let found = self.key()? == self.member;
                if found && self.input.next_byte()? == Some(b'[') {
                    self.input.advance(1);
                    (self.form, self.read) = (Form::Member, 0);
                    return Ok(());
                }
                self.skip_value()?;
                if found || !self.goes_on()? {
                    break;
                }
            }
        }
        self.form = Form::Done;
        let reason = format!(
            "this object has no list `{}`, which an object before it has",
            self.member
        );
        Err(start.error(None, reason))
    }

    /// Goes from the end of the array to that of the next object; whether there is one.
    fn next_member(&mut self) -> Result<bool, DataError> {
        while self.goes_on()? {
            if self.key()? == self.member {
                let reason = format!(
                    "`{}` occurs twice in this object; put both into one list",
                    self.member
                );
                return Err(self.error(reason));
            }
            self.skip_value()?;
        }
        // The closing brace.
        self.input.advance(1);
        match self.input.next_byte()? {
            None => Ok(false),
            Some(b'{') => self.find_member().map(|()| true),
            Some(_) => Err(self.error("text after the end of the object; remove it")),
        }
    }

    /// The name of the next member, whose value is then next.
    fn key(&mut self) -> Result<String, DataError> {
        if self.input.next_byte()? == Some(b'"')
            && let Some(length) = self.input.value_length()?
            && let Ok(key) = serde_json::from_slice(self.input.start(length))
        {
            self.input.advance(length);
            if self.input.next_byte()? == Some(b':') {
                self.input.advance(1);
                return Ok(key);
            }
            return Err(self.error("not JSON (expected `:`)"));
        }
        Err(self.error("not JSON (expected the name of a member)"))
    }

    /// Whether a member follows the value that ended, whose comma is then used; else the closing brace is next.
    fn goes_on(&mut self) -> Result<bool, DataError> {
        match self.input.next_byte()? {
            Some(b',') => {
                self.input.advance(1);
                Ok(true)
            }
            Some(b'}') => Ok(false),
            Some(_) => Err(self.error("not JSON (expected `,` or `}`)")),
            None => Err(self.error("the object is not closed: `}` is missing; the file may be cut off")),
        }
    }

    /// Uses the value of a member that is not read. Lists and objects are passed by their brackets alone, so that they are
    /// not in memory.
    fn skip_value(&mut self) -> Result<(), DataError> {
        if matches!(self.input.next_byte()?, Some(b'[' | b'{')) {
            return self.input.skip_value();
        }
        let length = match self.input.value_length()? {
            Some(length) => length,
            None => self.input.available(),
        };
        match serde_json::from_slice::<IgnoredAny>(self.input.start(length)) {
            Ok(_) => {
                self.input.advance(length);
                Ok(())
            }
            Err(error) => Err(self.error(format!("not JSON ({})", json_error(&error)))),
        }
    }

    /// The next element of the array.
    fn element(&mut self) -> Result<Option<(Source, Value)>, DataError> {
        // The array of the next object may have no element either.
        while self.form == Form::Member && self.input.next_byte()? == Some(b']') {
            self.input.advance(1);
            if !self.next_member()? {
                self.form = Form::Done;
                return Ok(None);
            }
        }
        match (self.input.next_byte()?, self.read == 0) {
            (Some(b','), false) => {
                self.input.advance(1);
                self.input.next_byte()?;
            }
            (Some(b']'), _) => {
                self.input.advance(1);
                self.form = Form::Done;
                if self.input.next_byte()?.is_some() {
                    return Err(self.error("text after the end of the array"));
                }
                return Ok(None);
            }
            (Some(_), true) => {}
            (Some(_), false) => return Err(self.error("not JSON (expected `,` or `]`)")),
            (None, _) => return Err(self.error("the array is not closed: `]` is missing")),
        }
        self.read += 1;
        let source = self.input.line();
        let length = match self.input.value_length()? {
            Some(length) => length,
            None => self.input.available(),
        };
        match serde_json::from_str(self.input.text(length)?) {
            Ok(value) => {
                self.input.advance(length);
                Ok(Some((source, value)))
            }
            Err(error) => {
                self.input.pass_lines(error.line().max(1) - 1);
                let (element, reason) = (self.read, json_error(&error));
                Err(self.error(format!("element {element} is not JSON ({reason})")))
            }
        }
    }

    /// The next value of a text that is no array.
    fn value(&mut self) -> Result<Option<(Source, Value)>, DataError> {
        if self.input.next_byte()?.is_none() {
            return Ok(None);
        }
        let source = self.input.line();
        let line = self.input.line_length()?;
        let error = match serde_json::from_str(self.input.text(line)?) {
            Ok(value) => {
                self.input.advance(line);
                return Ok(Some((source, value)));
            }
            Err(error) => error,
        };
        // A value may take several lines.
        if error.is_eof()
            && let Some(length) = self.input.value_length()?
            && let Ok(value) = serde_json::from_str(self.input.text(length)?)
        {
            self.input.advance(length);
            return Ok(Some((source, value)));
        }
        Err(self.error(format!(
            "not JSON ({}); the file must hold one object per line, or an array of objects",
            json_error(&error)
        )))
    }
}

impl<R: Read> Iterator for JsonValues<R> {
    type Item = Result<(Source, Value), DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.form == Form::Unknown {
            self.form = match self.input.next_byte() {
                Ok(Some(b'[')) => {
                    self.input.advance(1);
                    Form::Array
                }
                Ok(_) => Form::Values,
                Err(error) => {
                    self.form = Form::Done;
                    return Some(Err(error));
                }
            };
        }
        let next = match self.form {
            Form::Array | Form::Member => self.element(),
            Form::Values => self.value(),
            Form::Unknown | Form::Done => Ok(None),
        };
        if next.is_err() {
            self.form = Form::Done;
        }
        next.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Vec<(usize, Value)>, String> {
        json_values(Path::new("t.json"), text.as_bytes())
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
            let values = json_member(Path::new("t.json"), text.as_bytes(), "data")?;
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
    fn nothing_after_a_member_is_ignored() {
        let read = |text: &str| -> Result<Vec<usize>, String> {
            let values = json_member(Path::new("t.json"), text.as_bytes(), "data").unwrap();
            let lines = values.map(|value| value.map(|(source, _)| source.line));
            lines.collect::<Result<_, _>>().map_err(|error| error.to_string())
        };
        let more = "{\"data\": [1, 2],\n\"version\": \"}\", \"more\": [{}, []], \"n\": 1.0}\n\n";
        assert_eq!(read(more).unwrap(), [1, 1]);
        // One set after the other, as `cat` makes them, or one per line.
        for text in [
            "{\"data\": [1,\n2]}{\"data\": []} { \"v\": {}, \"data\": [3] }",
            "{\"data\": [1]}\n{\"data\": [2, 3]}\n",
        ] {
            assert_eq!(read(text).unwrap().len(), 3, "{text}");
        }
        for (text, expected) in [
            (
                "{\"data\": [1]}\n{\"data\": [2]}\nx",
                "t.json, line 3: text after the end of the object",
            ),
            (
                "{\"data\": [1]}\n]",
                "t.json, line 2: text after the end of the object",
            ),
            (
                "{\"data\": [1]\n",
                "t.json, line 2: the object is not closed: `}` is missing",
            ),
            (
                "{\"data\": [1], \"v\": 1",
                "t.json, line 1: the object is not closed",
            ),
            ("{\"data\": [1], \"v\"", "t.json, line 1: not JSON (expected `:`)"),
            ("{\"data\": [1], \"v\": ", "t.json, line 1: not JSON (EOF"),
            (
                "{\"data\": [1], \"v\": [",
                "t.json, line 1: not JSON (a value has no end)",
            ),
            ("{\"data\": [1],}", "t.json, line 1: not JSON (expected the name"),
            (
                "{\"data\": [1], \"v\": no}",
                "t.json, line 1: not JSON (expected ident)",
            ),
            (
                "{\"data\": [1] \"v\": 1}",
                "t.json, line 1: not JSON (expected `,` or `}`)",
            ),
            (
                "{\"data\": [1]]",
                "t.json, line 1: not JSON (expected `,` or `}`)",
            ),
            (
                "{\"data\": [],\n\"data\": [1]}",
                "t.json, line 2: `data` occurs twice in this object",
            ),
            (
                "{\"data\": [1]}\n{\"a\": 1}",
                "t.json, line 2: this object has no list `data`",
            ),
            (
                "{\"data\": [1]}\n{}",
                "t.json, line 2: this object has no list `data`",
            ),
            (
                "{\"data\": [1]}\n{\"data\": 1}",
                "t.json, line 2: this object has no list `data`",
            ),
            (
                "{\"data\": [1]}\n{\"data\": [2}",
                "t.json, line 2: not JSON (expected `,` or `]`)",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn objects_are_distinguished_from_plain_text() {
        for text in [
            "{\"text\": \"a\"}\nplain",
            "\u{feff}[\n{}]",
            "{\n\"text\":\n\"a\"}",
            " [{}, 1",
            "[\n  {\n    \"paragraphs\": [\n      {\"context\": \"a\"},\n",
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
