//! Reading files of data in every way that the program reads them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use datasets::{DataError, Example, Examples, Table, TagFile, TaggedDataset, TextFile};

/// Divides the examples as the program does.
pub fn divided<E: Example>(data: Result<Examples<E>, DataError>) {
    let Ok(data) = data else { return };
    if let Ok((train, dev)) = data.hold_out(0.1) {
        assert!(train.len() > 0 && dev.len() > 0);
    }
}

/// A hash of rows: their lines and texts.
#[derive(Default)]
struct Rows(DefaultHasher);

impl Rows {
    fn push(&mut self, line: usize, text: &str) {
        (line, text).hash(&mut self.0);
    }
}

/// The hash of each column of the file that has a field in every row; `None` if it cannot be read as a whole,
/// or has more than 100 columns.
fn columns(path: &Path) -> Option<Vec<u64>> {
    let table = Table::read(path).ok()?;
    if table.columns().len() > 100 {
        return None;
    }
    let columns = table.columns().iter().filter_map(|name| {
        let mut rows = Rows::default();
        let fields = table.column(name).ok()?;
        fields.iter().for_each(|(line, text)| rows.push(*line, text));
        Some(rows.0.finish())
    });
    Some(columns.collect())
}

/// Reads a file of texts or pairs.
pub fn texts(path: &Path) {
    let columns = columns(path);
    for (labelled, pairs) in [(true, false), (true, true), (false, false), (false, true)] {
        let file = TextFile::new(path).labelled(labelled).pairs(pairs);
        let Ok(data) = file.read() else { continue };
        if labelled {
            let _ = (file.read_scored(), data.labels(), data.label_counts());
        }
        // A file that is read in parts has the rows of the whole file.
        if let Some(columns) = &columns {
            let mut rows = Rows::default();
            let all = data.try_for_each(|row| {
                rows.push(row.source.line, &row.text);
                Ok::<(), DataError>(())
            });
            assert!(
                all.is_ok() && columns.contains(&rows.0.finish()),
                "other rows in parts"
            );
        }
        divided(Ok(data));
    }
    let _ = TextFile::new(path).text_column("a").target_column("b").read();
}

/// Reads a file of words with tags.
pub fn tags(path: &Path) {
    let file = TagFile::new(path);
    sentences(file.read());
    for file in [
        file.clone().labelled(false),
        file.clone().word_column(1).tag_column(0),
        file.tag_name("pos"),
    ] {
        divided(file.read());
    }
}

/// Looks at sentences as training does.
pub fn sentences(data: Result<TaggedDataset, DataError>) {
    let Ok(data) = data else { return };
    let _ = data.labels();
    let Ok(data) = data.into_bio(None) else { return };
    let _ = data.labels();
    divided(Ok(data));
}
