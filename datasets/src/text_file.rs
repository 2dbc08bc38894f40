//! A user's own file of texts.

use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::examples::Source;
use crate::table::Table;
use crate::text::{TextDataset, TextExample};

/// Names that a column of texts often has, the likeliest first.
const TEXT_NAMES: [&str; 14] = [
    "text",
    "sentence",
    "review",
    "content",
    "document",
    "utterance",
    "comment",
    "tweet",
    "message",
    "question",
    "body",
    "title",
    "headline",
    "sentence1",
];
/// Names that a column of labels often has, the likeliest first.
const LABEL_NAMES: [&str; 12] = [
    "label",
    "labels",
    "class",
    "category",
    "sentiment",
    "target",
    "intent",
    "gold_label",
    "rating",
    "tag",
    "topic",
    "y",
];

/// Which file to read, and which of its columns.
///
/// ```no_run
/// use datasets::TextFile;
/// let reviews = TextFile::new("reviews.csv".as_ref()).label_column("stars").read()?;
/// println!("{} texts", reviews.len());
/// # Ok::<(), datasets::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextFile {
    path: PathBuf,
    text: Option<String>,
    label: Option<String>,
    labelled: bool,
}

impl TextFile {
    /// A CSV, TSV or JSON-lines file; the columns are guessed from their names.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            text: None,
            label: None,
            labelled: true,
        }
    }

    /// The column with the texts.
    pub fn text_column(mut self, name: &str) -> Self {
        self.text = Some(name.into());
        self
    }

    /// The column with the labels.
    pub fn label_column(mut self, name: &str) -> Self {
        self.label = Some(name.into());
        self
    }

    /// Whether labels are needed, as they are for training.
    pub fn labelled(mut self, labelled: bool) -> Self {
        self.labelled = labelled;
        self
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// If the file is malformed, a column is missing or cannot be guessed, or a text or label is empty.
    pub fn read(&self) -> Result<TextDataset, DataError> {
        let table = Table::read(&self.path)?;
        let (text, label) = self.choose(&table)?;
        let texts = table.column(&text)?;
        let labels = label.as_deref().map(|name| table.column(name)).transpose()?;
        let source = Source::file(&self.path);
        let mut examples = Vec::with_capacity(texts.len());
        for (row, &(line, content)) in texts.iter().enumerate() {
            let filled = |name: &str, field: &str, what: &str| match field.trim().is_empty() {
                true => Err(DataError::at(
                    &source.file,
                    line,
                    Some(name),
                    format!("empty {what}; every row needs one"),
                )),
                false => Ok(()),
            };
            filled(&text, content, "text")?;
            let label = match (&label, &labels) {
                (Some(name), Some(labels)) => {
                    let field = labels[row].1.trim();
                    filled(name, field, "label")?;
                    Some(field.to_owned())
                }
                _ => None,
            };
            examples.push(TextExample {
                text: content.to_owned(),
                second: None,
                label,
                source: source.line(line),
            });
        }
        TextDataset::new(&self.path, examples)
    }

    /// The columns asked for, or guessed: by name, else, of two columns, the one that is left.
    fn choose(&self, table: &Table) -> Result<(String, Option<String>), DataError> {
        let columns = table.columns();
        let guess = |names: &[&str], taken: Option<&String>| {
            let free = || columns.iter().filter(move |column| Some(*column) != taken);
            names
                .iter()
                .find_map(|name| free().find(|column| column.eq_ignore_ascii_case(name)))
                .cloned()
        };
        let other = |taken: &String| match columns {
            [a, b] if b == taken => Some(a.clone()),
            [a, b] if a == taken => Some(b.clone()),
            _ => None,
        };
        let label = self
            .label
            .clone()
            .or_else(|| guess(&LABEL_NAMES, self.text.as_ref()));
        let label = label.filter(|_| self.labelled);
        let text = self
            .text
            .clone()
            .or_else(|| guess(&TEXT_NAMES, label.as_ref()))
            .or_else(|| label.as_ref().and_then(other))
            .or_else(|| (columns.len() == 1).then(|| columns[0].clone()));
        let missing = |what: &str| {
            table.no_column(format!(
                "which column holds the {what}s? Its first line must name the columns; give --{what}-column NAME"
            ))
        };
        let text = text.ok_or_else(|| missing("text"))?;
        let label = match (self.labelled, label.or_else(|| other(&text))) {
            (false, _) => None,
            (true, Some(label)) => Some(label),
            (true, None) => return Err(missing("label")),
        };
        Ok((text, label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        name: &str,
        content: &str,
        change: impl Fn(TextFile) -> TextFile,
    ) -> Result<Vec<(String, Option<String>)>, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, content).unwrap();
        let read = change(TextFile::new(&file)).read();
        read.map(|data| {
            data.examples()
                .iter()
                .map(|e| (e.text.clone(), e.label.clone()))
                .collect()
        })
        .map_err(|e| e.to_string())
    }

    fn row(text: &str, label: &str) -> Vec<(String, Option<String>)> {
        vec![(text.into(), Some(label.into()))]
    }

    #[test]
    fn columns_are_guessed_from_the_header() {
        let read = |content| read("t.csv", content, |file| file).unwrap();
        assert_eq!(
            read("id,Review,stars,Sentiment\n1,fine,5,good\n"),
            row("fine", "good")
        );
        assert_eq!(read("label,words\nx,fine\n"), row("fine", "x"));
        assert_eq!(read("sentence,verdict\nfine,x\n"), row("fine", "x"));
    }

    #[test]
    fn columns_can_be_named() {
        let found = read("t.csv", "text,label,stars\nfine,x,5\n", |f| {
            f.label_column("stars")
        });
        assert_eq!(found.unwrap(), row("fine", "5"));
        let found = read("t.csv", "text,label,note\nfine,x,so\n", |f| f.text_column("note"));
        assert_eq!(found.unwrap(), row("so", "x"));
        let fault = read("t.csv", "text,label\nfine,x\n", |f| f.text_column("body")).unwrap_err();
        assert!(fault.contains("no column `body`"), "{fault}");
    }

    #[test]
    fn what_cannot_be_guessed_is_asked_for() {
        let fault = |content| read("t.csv", content, |file| file).unwrap_err();
        let no_header = fault("a fine film,1,x\na poor film,0,y\n");
        assert!(
            no_header.contains("--text-column NAME") && no_header.contains("a fine film, 1, x"),
            "{no_header}"
        );
        assert!(fault("text,a,b\nfine,1,2\n").contains("--label-column NAME"));
    }

    #[test]
    fn empty_fields_are_told() {
        let fault = |content| read("t.csv", content, |file| file).unwrap_err();
        assert!(fault("text,label\nfine,x\n ,x\n").contains("line 3, column `text`: empty text"));
        assert!(fault("text,label\nfine,\n").contains("line 2, column `label`: empty label"));
    }

    #[test]
    fn labels_are_not_needed_to_predict() {
        let found = read("t.csv", "text,more\nfine,1\n", |f| f.labelled(false)).unwrap();
        assert_eq!(found, [("fine".to_owned(), None)]);
    }
}
