//! Records of fields with a separator between them: CSV and TSV.

use std::path::Path;

use super::Record;
use crate::error::DataError;

/// What can separate the columns of a `.csv` file, the most likely first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records that show what separates the columns.
const SAMPLE: usize = 20;

/// The name of a separator, in the plural.
pub(super) fn name(separator: u8) -> &'static str {
    match separator {
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "bars",
        _ => "commas",
    }
}

/// What separates the columns of a `.csv` file, and how many lines at its start say so (`sep=;`, as Excel writes it):
/// commas, if the header has some and the first records have as many fields; else the separator for which both holds, or
/// that the header has.
pub(super) fn separator(text: &str) -> (u8, usize) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(separator) = first.strip_prefix("sep=").map(str::as_bytes)
        && let &[separator] = separator
    {
        return (separator, 1);
    }
    let widths = |separator: u8| -> Vec<usize> {
        let records = reader(text, separator).into_records().take(SAMPLE);
        records.map_while(|record| Some(record.ok()?.len())).collect()
    };
    let found: Vec<(u8, Vec<usize>)> = SEPARATORS.map(|separator| (separator, widths(separator))).into();
    let has = |widths: &[usize]| widths.first().is_some_and(|&width| width > 1);
    let fits = |widths: &[usize]| has(widths) && widths.iter().all(|width| *width == widths[0]);
    let best = found.iter().find(|(_, widths)| fits(widths));
    let best = best.or_else(|| found.iter().find(|(_, widths)| has(widths)));
    (best.map_or(b',', |(separator, _)| *separator), 0)
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(separator)
        .from_reader(text.as_bytes())
}

/// The records of a CSV text after its first `skipped` lines, in which fields can be in quotes.
pub(super) fn csv_records(
    file: &Path,
    text: &str,
    separator: u8,
    skipped: usize,
) -> Result<Vec<Record>, DataError> {
    if let Some(line) = open_quote(text, char::from(separator)) {
        let reason =
            "a quote is opened here and never closed; quotes inside a quoted field are doubled: \"\"";
        return Err(DataError::at(file, line, None, reason));
    }
    let mut records = Vec::new();
    // The crate counts lines too, but takes the line feed after a carriage return for the next record's.
    let (mut line, mut counted) = (1, 0);
    for record in reader(text, separator).records().skip(skipped) {
        let record = record.map_err(|e| DataError::at(file, line, None, e.to_string()))?;
        let mut start = record.position().map_or(0, |at| at.byte() as usize);
        start += text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
        line += text[counted..start].matches('\n').count();
        counted = start;
        records.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(records)
}

/// The line of a quote in a CSV file that is never closed. (The csv crate would read the rest of the file as its field.)
fn open_quote(text: &str, separator: char) -> Option<usize> {
    let (mut line, mut opened, mut field_start) = (1, None, true);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, opened) {
            ('"', None) if field_start => opened = Some(line),
            ('"', Some(_)) if characters.peek() == Some(&'"') => {
                characters.next();
            }
            ('"', Some(_)) => opened = None,
            _ => {}
        }
        field_start = opened.is_none() && (character == separator || matches!(character, '\n' | '\r'));
        line += usize::from(character == '\n');
    }
    opened
}

/// The records of a user's TSV text, and whether fields were in quotes.
///
/// Quotes are read as pandas and Excel write them if that is what all quotes in the text are. Else they are plain
/// characters, as in GLUE's files, except around a field with doubled quotes inside.
pub(super) fn tsv_records(text: &str) -> (Vec<Record>, bool) {
    let mut quotes = Quotes::default();
    quotes.observe(text);
    match quotes.around_fields() {
        true => (quoted_records(text).map_or(vec![], |quoted| quoted.records), true),
        false => plain_records(text),
    }
}

/// The records of a TSV text whose quotes are plain characters, except around fields with doubled quotes inside; whether
/// there was such a field.
pub(super) fn plain_records(text: &str) -> (Vec<Record>, bool) {
    let mut unquoted = false;
    let mut unquote = |field: String| {
        let inner = field.strip_prefix('"').and_then(|field| field.strip_suffix('"'));
        let doubled = |inner: &&str| inner.contains("\"\"") && !inner.replace("\"\"", "").contains('"');
        match inner.filter(doubled) {
            Some(inner) => {
                unquoted = true;
                inner.replace("\"\"", "\"")
            }
            None => field,
        }
    };
    let records = tab_records(text)
        .into_iter()
        .map(|(line, fields)| (line, fields.into_iter().map(&mut unquote).collect()));
    let records = records.collect();
    (records, unquoted)
}

/// What the quotes in a TSV text are, by all parts of it that were seen. A part ends with a record.
#[derive(Default)]
pub(super) struct Quotes {
    any: bool,
    /// Whether a field with a quote is not quoted as a whole.
    inside: bool,
    /// Whether a quoted field holds a line break.
    spans: bool,
    quoted: Width,
    plain: Width,
}

/// The number of fields of records.
#[derive(Default)]
struct Width {
    first: Option<usize>,
    differs: bool,
}

impl Width {
    fn observe(&mut self, fields: usize) {
        self.differs |= *self.first.get_or_insert(fields) != fields;
    }
}

impl Quotes {
    pub(super) fn observe(&mut self, text: &str) {
        self.any |= text.contains('"');
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.plain.observe(line.split('\t').count());
        }
        if self.inside || text.trim().is_empty() {
            return;
        }
        match quoted_records(text) {
            Some(Quoted { records, spans }) => {
                self.spans |= spans;
                records
                    .iter()
                    .for_each(|(_, fields)| self.quoted.observe(fields.len()));
            }
            None => self.inside = true,
        }
    }

    /// No further part can make fields quoted.
    pub(super) fn are_characters(&self) -> bool {
        self.inside || self.quoted.differs
    }

    /// Whether all quotes are around fields.
    pub(super) fn around_fields(&self) -> bool {
        let table = self.plain.first > Some(1) && !self.plain.differs;
        self.any && !self.are_characters() && !(self.spans && table)
    }
}

/// Lines split at their tabs, each with its number; blank lines are skipped.
pub(super) fn tab_records(text: &str) -> Vec<Record> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| (at + 1, line.split('\t').map(str::to_owned).collect()))
        .collect()
}

/// Records whose fields may be in quotes.
pub(super) struct Quoted {
    pub(super) records: Vec<Record>,
    /// Whether a field holds a line break.
    spans: bool,
}

/// The records of a text with tabs in which each field with a quote is quoted as a whole, and quotes inside are doubled;
/// `None` if the text is not of that form.
pub(super) fn quoted_records(text: &str) -> Option<Quoted> {
    let (mut records, mut spans, mut line) = (vec![], false, 1);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find('\n').unwrap_or(rest.len());
        if rest[..end].trim().is_empty() {
            rest = rest.get(end + 1..).unwrap_or_default();
            line += 1;
            continue;
        }
        let (mut fields, start) = (vec![], line);
        loop {
            let field;
            (field, rest) = match rest.strip_prefix('"') {
                Some(quoted) => quoted_field(quoted)?,
                None => {
                    let end = rest.find(['\t', '\n']).unwrap_or(rest.len());
                    let (field, rest) = rest.split_at(end);
                    if field.contains('"') {
                        return None;
                    }
                    let field = if rest.starts_with('\t') {
                        field
                    } else {
                        field.trim_end_matches('\r')
                    };
                    (field.to_owned(), rest)
                }
            };
            let breaks = field.matches('\n').count();
            spans |= breaks > 0;
            line += breaks;
            fields.push(field);
            rest = rest
                .strip_prefix('\r')
                .filter(|rest| rest.starts_with('\n'))
                .unwrap_or(rest);
            match rest.strip_prefix('\t') {
                Some(next) => rest = next,
                None => break,
            }
        }
        records.push((start, fields));
        if !rest.is_empty() {
            rest = rest.strip_prefix('\n')?;
            line += 1;
        }
    }
    (!records.is_empty()).then_some(Quoted { records, spans })
}

/// The rest of a quoted field without its quotes, and the text after it.
fn quoted_field(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        field += part;
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}
