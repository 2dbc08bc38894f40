//! The metadata of a Parquet file: its columns, where their pages are, and the names of its labels.
//!
//! Source: <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::thrift::{Struct, read_struct};

/// Groups within groups.
const DEPTH: usize = 32;

/// What a file holds.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) columns: Vec<Column>,
    pub(super) row_groups: Vec<RowGroup>,
    /// The names of numbered labels, by the path of their column: those of `ClassLabel` features in Hugging Face's datasets.
    pub(super) labels: HashMap<String, Vec<String>>,
}

/// A column of values.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The names of the groups that it is in, and its own, without those of lists' inner groups.
    pub(super) path: Vec<Arc<str>>,
    pub(super) kind: Kind,
    /// The definition level of a value.
    pub(super) defined: u8,
    /// How many lists it is in.
    pub(super) lists: u8,
    /// The definition level of an element of its list.
    pub(super) element: u8,
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Int32,
    Int64,
    Unsigned32,
    Unsigned64,
    Float,
    Double,
    /// Text, or bytes that may be text.
    Bytes,
    /// Values that are no text and no numbers, with their width in bytes.
    Opaque(usize),
}

/// Some rows of a file.
#[derive(Debug)]
pub(super) struct RowGroup {
    pub(super) rows: usize,
    /// One per column.
    pub(super) chunks: Vec<Chunk>,
}

/// The pages of one column in a row group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) length: usize,
    pub(super) codec: i64,
}

impl Metadata {
    /// Reads the metadata at a file's end.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let (file, _) = read_struct(bytes)?;
        if file.inner(8).is_some() {
            return Err("the file is encrypted".into());
        }
        let schema: Vec<&Struct> = file.structs(2).collect();
        let mut columns = vec![];
        let mut rest = schema.as_slice();
        let root = Parent::default();
        let Some((head, tail)) = rest.split_first() else {
            return Err("the file has no schema".into());
        };
        rest = tail;
        for _ in 0..head.size(5).unwrap_or(0) {
            rest = node(rest, &root, &mut columns, 0)?;
        }
        let groups = file.structs(4).map(|group| row_group(group, columns.len()));
        let row_groups = groups.collect::<Result<_, _>>()?;
        let texts = file.structs(5).filter(|pair| pair.text(1) == Some("huggingface"));
        let labels = texts.filter_map(|pair| pair.text(2)).map(label_names).next();
        Ok(Self {
            columns,
            row_groups,
            labels: labels.unwrap_or_default(),
        })
    }
}

/// What a schema node inherits.
#[derive(Clone, Default)]
struct Parent {
    path: Vec<Arc<str>>,
    defined: u8,
    lists: u8,
    element: u8,
    /// How many of the next levels' names belong only to a list's inner groups.
    unnamed: u8,
}

/// Reads a node of the schema with all below it; returns the nodes after it.
fn node<'s, 'a>(
    nodes: &'s [&'s Struct<'a>],
    parent: &Parent,
    columns: &mut Vec<Column>,
    depth: usize,
) -> Result<&'s [&'s Struct<'a>], String> {
    let Some((head, mut rest)) = nodes.split_first() else {
        return Err("the schema is cut off".into());
    };
    if depth > DEPTH {
        return Err("the schema is nested too deeply".into());
    }
    let mut here = parent.clone();
    let children = head.size(5).unwrap_or(0);
    match head.integer(3) {
        Some(1) => here.defined += 1,
        Some(2) => {
            here.defined += 1;
            here.lists += 1;
            here.element = here.defined;
        }
        _ => {}
    }
    match parent.unnamed {
        0 => here.path.push(head.text(4).ok_or("a column has no name")?.into()),
        // The repeated group of a list, and its only member.
        2 if children != 1 => here.unnamed = 0,
        _ => here.unnamed -= 1,
    }
    // A list: converted type 3, or logical type 3.
    let is_list = head.integer(6) == Some(3) || head.inner(10).is_some_and(|kind| kind.inner(3).is_some());
    if children > 0 && is_list {
        here.unnamed = 2;
    }
    if children == 0 {
        columns.push(Column {
            path: here.path.clone(),
            kind: kind(head)?,
            defined: here.defined,
            lists: here.lists,
            element: here.element,
        });
    }
    for _ in 0..children {
        rest = node(rest, &here, columns, depth + 1)?;
    }
    Ok(rest)
}

fn kind(node: &Struct<'_>) -> Result<Kind, String> {
    let converted = node.integer(6);
    Ok(match (node.integer(1), converted) {
        (Some(0), _) => Kind::Boolean,
        // Unsigned whole numbers.
        (Some(1), Some(13)) => Kind::Unsigned32,
        (Some(2), Some(14)) => Kind::Unsigned64,
        // A decimal number's digits are no number without its scale.
        (Some(1), Some(5)) => Kind::Opaque(4),
        (Some(2), Some(5)) => Kind::Opaque(8),
        (Some(1), _) => Kind::Int32,
        (Some(2), _) => Kind::Int64,
        (Some(3), _) => Kind::Opaque(12),
        (Some(4), _) => Kind::Float,
        (Some(5), _) => Kind::Double,
        (Some(6), _) => Kind::Bytes,
        (Some(7), _) => match node.size(2) {
            Some(width @ 1..=1024) => Kind::Opaque(width),
            _ => return Err("a column of fixed width has no width".into()),
        },
        (kind, _) => return Err(format!("a column has the unknown type {kind:?}")),
    })
}

fn row_group(group: &Struct<'_>, columns: usize) -> Result<RowGroup, String> {
    let chunk = |chunk: &Struct<'_>| {
        let data = chunk.inner(3)?;
        let first = data.integer(9)?;
        // Some writers give 0 where there is no dictionary.
        let dictionary = data.integer(11).filter(|&at| at > 0);
        Some(Chunk {
            start: u64::try_from(dictionary.map_or(first, |at| at.min(first))).ok()?,
            length: data.size(7)?,
            codec: data.integer(4)?,
        })
    };
    let chunks: Option<Vec<Chunk>> = group.structs(1).map(chunk).collect();
    match (group.size(3), chunks) {
        (Some(rows), Some(chunks)) if chunks.len() == columns => Ok(RowGroup { rows, chunks }),
        _ => Err("a row group does not fit its schema".into()),
    }
}

/// The names of labels in the description that Hugging Face's datasets writes.
fn label_names(text: &str) -> HashMap<String, Vec<String>> {
    let description: Value = serde_json::from_str(text).unwrap_or_default();
    let mut found = HashMap::new();
    let features = description.pointer("/info/features").and_then(Value::as_object);
    for (name, feature) in features.into_iter().flatten() {
        // A list's feature is inside.
        let label = match feature.get("feature") {
            Some(inner) => inner,
            None => feature,
        };
        let names = label.get("names").and_then(Value::as_array);
        let is_label = label.get("_type").and_then(Value::as_str) == Some("ClassLabel");
        let names: Option<Vec<String>> =
            names.and_then(|names| names.iter().map(|name| Some(name.as_str()?.to_owned())).collect());
        if let (true, Some(names)) = (is_label, names) {
            found.insert(name.clone(), names);
        }
    }
    found
}
