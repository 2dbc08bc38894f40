//! Where the examples of a dataset are from.

use std::path::Path;
use std::sync::Arc;

use datasets::{DataError, Example, Examples, Source};

/// The file and line of each example, in four bytes an example.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The line of each example, from 1.
    lines: Vec<u32>,
    /// The files, each with the first example that is from it. Examples of a file follow each other.
    files: Vec<(usize, Arc<Path>)>,
}

impl Sources {
    /// The sources of `examples`.
    ///
    /// # Errors
    /// If a temporary file cannot be read.
    pub fn of<E: Example>(examples: &Examples<E>) -> Result<Self, DataError> {
        let mut sources = Self::default();
        sources.lines.reserve_exact(examples.len());
        examples.try_for_each(|example| {
            sources.push(example.source());
            Ok::<(), DataError>(())
        })?;
        Ok(sources)
    }

    fn push(&mut self, source: &Source) {
        if self.files.last().is_none_or(|(_, file)| *file != source.file) {
            self.files.push((self.lines.len(), source.file.clone()));
        }
        self.lines.push(u32::try_from(source.line).unwrap_or(u32::MAX));
    }

    /// The file of the example with this number.
    ///
    /// # Panics
    /// If there is no such example.
    pub fn file(&self, example: usize) -> &Path {
        let after = self.files.partition_point(|(first, _)| *first <= example);
        &self.files[after - 1].1
    }

    /// The source of the example with this number, if there is one.
    pub fn get(&self, example: usize) -> Option<Source> {
        let line = *self.lines.get(example)?;
        Some(Source::file(self.file(example)).line(line as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_has_its_file_and_line() {
        let (a, b) = (Source::file(Path::new("a")), Source::file(Path::new("b")));
        let all = [a.line(2), a.line(3), b.line(9), a.line(4)];
        let mut sources = Sources::default();
        all.iter().for_each(|source| sources.push(source));
        let found: Vec<Source> = (0..4).filter_map(|example| sources.get(example)).collect();
        assert_eq!(found, all);
        assert_eq!(sources.file(2), Path::new("b"));
        assert_eq!(sources.get(4), None);
    }
}
