//! The rows of a JSON file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{JsonValues, json_member, json_values};
use crate::error::DataError;
use crate::file::open_data;

/// The objects of a file: its values, or those in the list of an object that is all of the file. The list is the object's only
/// member, or its only list of objects, called `data`; then there is a note about it.
///
/// # Errors
/// If the file cannot be opened.
pub(crate) fn json_rows(file: &Path) -> Result<(JsonValues<File>, Option<String>), DataError> {
    let text = open_data(file)?;
    // A pipe can be read only once.
    let is_regular = text.metadata().is_ok_and(|data| data.is_file());
    if !is_regular {
        return Ok((json_values(file, text), None));
    }
    if let Some(name) = list_of_rows(file, text)
        && let Some(values) = json_member(file, open_data(file)?, &name)
    {
        let note = format!("{}: rows are read from the list `{name}`", file.display());
        return Ok((values, Some(note)));
    }
    Ok((json_values(file, open_data(file)?), None))
}

/// The name of the list that holds the rows of a text that is one object; see [`json_rows`].
fn list_of_rows<R: Read>(file: &Path, text: R) -> Option<String> {
    let mut values = json_values(file, text);
    if values.input.next_byte().ok()? != Some(b'{') {
        return None;
    }
    values.input.advance(1);
    let (mut found, mut lists, mut members) = (None, 0, 0usize);
    loop {
        let name = values.key().ok()?;
        members += 1;
        if values.input.next_byte().ok()? != Some(b'[') {
            values.skip_value().ok()?;
        } else if skip_list(&mut values)? {
            found = Some(name);
            lists += 1;
        }
        if !values.goes_on().ok()? {
            break;
        }
    }
    // The closing brace.
    values.input.advance(1);
    let is_all = values.input.next_byte().ok()?.is_none();
    found.filter(|name| is_all && lists == 1 && (members == 1 || name == "data"))
}

/// Uses a list, one element after the other; whether it begins with an object.
fn skip_list<R: Read>(values: &mut JsonValues<R>) -> Option<bool> {
    values.input.advance(1);
    let of_objects = values.input.next_byte().ok()? == Some(b'{');
    loop {
        match values.input.next_byte().ok()? {
            Some(b']') => {
                values.input.advance(1);
                return Some(of_objects);
            }
            Some(b',') => values.input.advance(1),
            None | Some(b'}') => return None,
            Some(_) => values.input.skip_value().ok()?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_an_object_that_is_all_of_the_text() {
        let found = |text: &str| list_of_rows(Path::new("t.json"), text.as_bytes());
        for text in [
            "{\"rows\": [{\"a\": 1}, {\"a\": [\"]}\"]}]}",
            " {\n\"rows\" :[ {} ] }\n ",
            "{\"rows\": [{}, 1, \"x\"]}",
        ] {
            assert_eq!(found(text).as_deref(), Some("rows"), "{text}");
        }
        for text in [
            "{\"version\": \"1\", \"data\": [{\"a\": 1}]}",
            "{\"schema\": {\"fields\": [{}]}, \"ids\": [1, 2], \"data\": [{\"a\": 1}], \"n\": null}",
        ] {
            assert_eq!(found(text).as_deref(), Some("data"), "{text}");
        }
        for text in [
            "",
            "{}",
            "[{\"rows\": [{}]}]",
            "{\"rows\": [{}]}\n{}",
            "{\"rows\": [{}]} x",
            "{\"rows\": [{}]",
            "{\"rows\": [{}",
            "{\"rows\": [{}}]}",
            "{\"rows\": []}",
            "{\"rows\": [1, {}]}",
            "{\"rows\": {\"0\": [{}]}}",
            "{\"text\": \"a\", \"spans\": [{}]}",
            "{\"train\": [{}], \"test\": [{}]}",
            "{\"data\": [{}], \"data\": [{}]}",
            "{\"rows\": [{}], 1}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
