//! The values of a column, row by row.

use serde_json::{Number, Value};

use super::metadata::{Chunk, Column};
use super::page::{self, Data, Page};
use super::values::Values;

/// The most values of a list in a small file.
const MAX_LIST_LENGTH: usize = 1 << 16;

/// What a column has in a row.
#[derive(Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    One(Value),
    Many(Vec<Value>),
}

/// Reads the cells of a column in one row group.
pub(super) struct Cells {
    column: Column,
    /// Names of numbered labels.
    names: Option<Vec<String>>,
    /// The most values of a page.
    most: usize,
    codec: i64,
    /// The pages that have not been read.
    bytes: Vec<u8>,
    at: usize,
    dictionary: Option<Values>,
    page: Option<Data>,
    /// How much of the page has been read: values, null or not, and those that are not null.
    read: (usize, usize),
}

impl Cells {
    /// The cells of `column`, whose pages are `bytes`, each of at most `most` values.
    pub(super) fn new(
        column: Column,
        names: Option<Vec<String>>,
        most: usize,
        chunk: Chunk,
        bytes: Vec<u8>,
    ) -> Self {
        Self {
            column,
            names,
            most,
            codec: chunk.codec,
            bytes,
            at: 0,
            dictionary: None,
            page: None,
            read: (0, 0),
        }
    }

    /// The cell of the next row.
    ///
    /// # Errors
    /// If there is none, or why it cannot be read.
    pub(super) fn next(&mut self) -> Result<Cell, String> {
        if !self.more()? {
            return Err("a column has fewer rows than its row group".into());
        }
        if self.column.lists == 0 {
            let level = self.level();
            return Ok(match self.value(level)? {
                Value::Null => Cell::Null,
                value => Cell::One(value),
            });
        }
        let first = self.level();
        let element = u32::from(self.column.element);
        if first < element {
            self.value(first)?;
            // The list itself is null, or it is empty.
            return Ok(if first + 1 < element {
                Cell::Null
            } else {
                Cell::Many(vec![])
            });
        }
        let mut values = vec![];
        // No file is a single list: a value in it may take half a byte and more.
        let most = MAX_LIST_LENGTH.max(self.most / 16);
        loop {
            if values.len() == most {
                return Err(format!(
                    "a list has more than {most} values, but the file is too small for that"
                ));
            }
            let level = self.level();
            values.push(self.value(level)?);
            let more = self.more()?;
            let page = self.page.as_ref().filter(|_| more);
            let start = page.and_then(|page| page.starts.get(self.read.0));
            if start.copied().unwrap_or(true) {
                return Ok(Cell::Many(values));
            }
        }
    }

    /// Whether there is another value; reads the next page if the last one is done.
    fn more(&mut self) -> Result<bool, String> {
        while self.page.as_ref().is_none_or(|page| self.read.0 == page.count) {
            if self.at >= self.bytes.len() {
                return Ok(false);
            }
            let (page, length) = page::read(&self.bytes[self.at..], self.codec, &self.column, self.most)?;
            self.at += length;
            match page {
                Some(Page::Dictionary(values)) => self.dictionary = Some(values),
                Some(Page::Data(data)) => {
                    self.page = Some(data);
                    self.read = (0, 0);
                }
                None => {}
            }
        }
        Ok(true)
    }

    /// The definition level of the next value.
    fn level(&self) -> u32 {
        let level = self.page.as_ref().and_then(|page| page.levels.get(self.read.0));
        level.copied().unwrap_or(0)
    }

    /// The next value, which has the definition level `level`.
    fn value(&mut self, level: u32) -> Result<Value, String> {
        self.read.0 += 1;
        let Some(page) = self
            .page
            .as_ref()
            .filter(|_| level == u32::from(self.column.defined))
        else {
            return Ok(Value::Null);
        };
        let at = self.read.1;
        self.read.1 += 1;
        let (values, at) = match &page.values {
            Values::Indices(indices) => {
                let values = self.dictionary.as_ref().ok_or("a dictionary is missing")?;
                (values, indices[at] as usize)
            }
            values => (values, at),
        };
        if at >= values.len() {
            return Err("an index is beyond its dictionary".into());
        }
        Ok(self.named(plain(values, at)))
    }

    /// A label's name for its number; null for -1, which means that there is no label.
    fn named(&self, value: Value) -> Value {
        match (&self.names, value.as_i64()) {
            (Some(_), Some(-1)) => Value::Null,
            (Some(names), Some(number)) => {
                let name = usize::try_from(number).ok().and_then(|number| names.get(number));
                name.map_or(value, |name| name.as_str().into())
            }
            _ => value,
        }
    }
}

/// A value that is not an index; null if it is neither text nor a finite number.
fn plain(values: &Values, at: usize) -> Value {
    let float = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    match values {
        Values::Booleans(values) => values[at].into(),
        Values::Integers(values) => values[at].into(),
        Values::Unsigned(values) => values[at].into(),
        // The number that is written as short as possible: 4.8, not 4.800000190734863.
        Values::Floats(values) => values[at].to_string().parse().map_or(Value::Null, float),
        Values::Doubles(values) => float(values[at]),
        Values::Bytes(bytes, places) => {
            let (start, end) = places[at];
            std::str::from_utf8(&bytes[start..end]).map_or(Value::Null, Value::from)
        }
        Values::Indices(_) | Values::Opaque(_) => Value::Null,
    }
}
