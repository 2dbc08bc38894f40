//! Some values at a time, so that memory does not follow a text.

use serde_json::Value;

use crate::error::DataError;
use crate::examples::CHUNK;
use crate::source::Source;

/// The value that reaches this many bytes of text is the last of its block.
const BLOCK: usize = 4 << 20;

/// The next values: up to [`CHUNK`], or about 4 MiB. None at the end.
///
/// # Errors
/// At the first value that cannot be read.
pub(crate) fn some_values(
    values: &mut impl Iterator<Item = Result<(Source, Value), DataError>>,
) -> Result<Vec<(Source, Value)>, DataError> {
    let (mut some, mut bytes) = (vec![], 0);
    while some.len() < CHUNK && bytes < BLOCK {
        let Some(value) = values.next() else { break };
        let value = value?;
        bytes += size(&value.1);
        some.push(value);
    }
    Ok(some)
}

/// The approximate number of bytes of a value.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size).sum(),
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value)).sum(),
    }
}
