//! Blank lines, which get no answer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most lines that a note names.
const SHOWN: usize = 5;

/// The blank lines of a text so far. Clones share them.
#[derive(Clone, Debug)]
pub struct BlankLines(Arc<Mutex<Found>>);

#[derive(Debug)]
struct Found {
    source: PathBuf,
    /// The first of them.
    first: Vec<usize>,
    count: usize,
}

impl BlankLines {
    pub(super) fn new(source: &Path) -> Self {
        Self(Arc::new(Mutex::new(Found {
            source: source.into(),
            first: vec![],
            count: 0,
        })))
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, line: usize) {
        let mut found = self.found();
        if found.first.len() < SHOWN {
            found.first.push(line);
        }
        found.count += 1;
    }

    /// A note about them; `None` if there are none.
    pub fn note(&self) -> Option<String> {
        let found = self.found();
        let numbers: Vec<String> = found.first.iter().map(ToString::to_string).collect();
        let more = if found.count > SHOWN { ", …" } else { "" };
        let (source, numbers) = (found.source.display(), numbers.join(", "));
        match found.count {
            0 => None,
            1 => Some(format!("{source}: line {numbers} is blank and gets no answer")),
            count => Some(format!(
                "{source}: {count} blank lines get no answer: lines {numbers}{more}"
            )),
        }
    }
}
