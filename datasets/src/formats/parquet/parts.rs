//! Data sets in several files whose names count them: `train-00000-of-00003.parquet`.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Meaning, parquet_files};
use crate::error::DataError;

/// The most files that a message names.
const SHOWN: usize = 3;

/// Checks that the Parquet files that `path` means are whole data sets: where names end in `-00000-of-00003.parquet`, there
/// must be one file for each number. A single file, and a pattern that chooses among the numbers, are taken as they are.
///
/// # Errors
/// If a file is missing, or two are the same part.
pub fn check_parquet_files(path: &Path) -> Result<(), DataError> {
    let Some(Meaning { dir, fits }) = Meaning::of(path) else {
        return Ok(());
    };
    let files = parquet_files(path);
    let names = files.iter().filter_map(|file| file.file_name()?.to_str());
    let parts = names.filter_map(Part::of).filter(|part| {
        let (start, end) = fits.unwrap_or_default();
        start.len() <= part.at && part.at + part.digits.len() + end.len() <= part.name.len()
    });
    let mut sets: BTreeMap<&str, Vec<Part<'_>>> = BTreeMap::new();
    for part in parts {
        sets.entry(&part.name[..part.at]).or_default().push(part);
    }
    match sets.values().find_map(|parts| fault(parts)) {
        Some(reason) => Err(DataError::Incomplete {
            dir: dir.into(),
            reason,
        }),
        None => Ok(()),
    }
}

/// A file that is a part of a data set.
#[derive(Clone, Copy)]
struct Part<'a> {
    name: &'a str,
    /// Where its number is in the name.
    at: usize,
    digits: &'a str,
    number: u64,
    total: u64,
}

impl<'a> Part<'a> {
    /// What a name says; a hash may follow the numbers, as in earlier files of the hub. None if it has another form.
    fn of(name: &'a str) -> Option<Self> {
        let (stem, _) = name.rsplit_once('.')?;
        let (before, after) = stem.rsplit_once("-of-")?;
        let at = before.rfind('-').map_or(0, |at| at + 1);
        let (total, hash) = after.split_once('-').unwrap_or((after, "0"));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let digits = &before[at..];
        if !is_number(digits) || !is_number(total) || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self {
            name,
            at,
            digits,
            number: digits.parse().ok()?,
            total: total.parse().ok().filter(|&total| total > 0)?,
        })
    }

    /// The name of the file with another number.
    fn sibling(&self, number: u64) -> String {
        let (before, after) = (&self.name[..self.at], &self.name[self.at + self.digits.len()..]);
        let width = self.digits.len();
        // The hashes of the others are not known.
        let after = match after.match_indices('-').nth(2) {
            Some((hash, _)) => format!("{}-*.parquet", &after[..hash]),
            None => after.to_owned(),
        };
        format!("{before}{number:0width$}{after}")
    }
}

/// What is wrong with files whose names begin alike, at least one.
fn fault(parts: &[Part<'_>]) -> Option<String> {
    let first = parts.first()?;
    if let Some(other) = parts.iter().find(|part| part.total != first.total) {
        return Some(format!(
            "{} and {} are of different divisions of the data; keep the files of one",
            first.name, other.name
        ));
    }
    let mut numbers: BTreeMap<u64, &str> = BTreeMap::new();
    for part in parts {
        if let Some(other) = numbers.insert(part.number, part.name) {
            return Some(format!(
                "{other} and {} are the same part of the data; keep one of them",
                part.name
            ));
        }
    }
    // Some programs count from 1.
    let start = u64::from(numbers.contains_key(&first.total) && !numbers.contains_key(&0));
    let all = start..first.total.saturating_add(start);
    if let Some((_, name)) = numbers.iter().find(|(number, _)| !all.contains(number)) {
        return Some(format!(
            "the name of {name} has a number that is not below {}; rename or remove it",
            first.total
        ));
    }
    // Numbers are different and in the range.
    let missing = first.total - numbers.len() as u64;
    if missing == 0 {
        return None;
    }
    let shown: Vec<String> = all
        .filter(|number| !numbers.contains_key(number))
        .take(SHOWN)
        .map(|number| first.sibling(number))
        .collect();
    let more = match missing - shown.len() as u64 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "{} of the {} parts of the data are here; missing: {}{more}; download them too, or give a single file to read it alone",
        numbers.len(),
        first.total,
        shown.join(", ")
    ))
}
