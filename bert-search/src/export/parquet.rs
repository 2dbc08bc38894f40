//! A Parquet file, uncompressed and with plain values: <https://parquet.apache.org/docs/file-format/>. Numbers of types and fields
//! are those of `parquet.thrift`.

use std::io;
use std::path::Path;

use super::thrift::{Struct, write_unsigned};
use super::{Passage, each_passage};
use crate::files::NewFile;
use crate::{IndexError, IndexReader};

const MAGIC: &[u8] = b"PAR1";

/// A row group is written when it has so many bytes.
const ROW_GROUP: usize = 32 << 20;

const INT32: i32 = 1;
const FLOAT: i32 = 4;
const BYTE_ARRAY: i32 = 6;

const REQUIRED: i32 = 0;
const REPEATED: i32 = 2;

const UTF8: i32 = 0;
const LIST_OF_VALUES: i32 = 3;

const PLAIN: i32 = 0;
const RLE: i32 = 3;

/// The columns with their types.
const COLUMNS: [(&[&str], i32); 5] = [
    (&["id"], BYTE_ARRAY),
    (&["passage"], INT32),
    (&["title"], BYTE_ARRAY),
    (&["text"], BYTE_ARRAY),
    (&["vector", "list", "element"], FLOAT),
];

/// Writes the file `name` in a folder.
pub(super) fn write(reader: &IndexReader, dir: &Path, name: &str) -> Result<u64, IndexError> {
    let mut file = NewFile::create(dir, name)?;
    let dimension = reader.settings().dimension;
    file.write(MAGIC)?;
    let mut group = RowGroup::default();
    let mut groups = Vec::new();
    let rows = each_passage(reader, |passage, vector| {
        group
            .push(passage, vector)
            .map_err(IndexError::io(&dir.join(name)))?;
        if group.bytes() >= ROW_GROUP {
            groups.push(std::mem::take(&mut group).write(&mut file, dimension)?);
        }
        Ok(())
    })?;
    if group.rows > 0 {
        groups.push(group.write(&mut file, dimension)?);
    }
    let footer = Struct::default()
        .i32(1, 1)
        .structs(2, schema())
        .i64(3, rows as i64)
        .structs(4, groups)
        .string(6, "bert-search")
        .finish();
    file.write(&footer)?;
    file.write(&(footer.len() as u32).to_le_bytes())?;
    file.write(MAGIC)?;
    file.finish()?;
    Ok(rows)
}

fn schema() -> Vec<Struct> {
    let group = |repetition, name, children| {
        let group = Struct::default().i32(3, repetition);
        group.string(4, name).i32(5, children)
    };
    let value = |kind, name| Struct::default().i32(1, kind).i32(3, REQUIRED).string(4, name);
    vec![
        Struct::default()
            .string(4, "passages")
            .i32(5, COLUMNS.len() as i32),
        value(BYTE_ARRAY, "id").i32(6, UTF8),
        value(INT32, "passage"),
        value(BYTE_ARRAY, "title").i32(6, UTF8),
        value(BYTE_ARRAY, "text").i32(6, UTF8),
        group(REQUIRED, "vector", 1).i32(6, LIST_OF_VALUES),
        group(REPEATED, "list", 1),
        value(FLOAT, "element"),
    ]
}

/// Rows until they are written, column by column.
#[derive(Debug, Default)]
struct RowGroup {
    rows: usize,
    columns: [Vec<u8>; 5],
}

impl RowGroup {
    fn bytes(&self) -> usize {
        self.columns.iter().map(Vec::len).sum()
    }

    fn push(&mut self, passage: &Passage, vector: &[f32]) -> io::Result<()> {
        let [ids, numbers, titles, texts, vectors] = &mut self.columns;
        for (column, text) in [(ids, passage.id), (titles, passage.title), (texts, passage.text)] {
            // Sizes of pages have 31 bits.
            if text.len() >= 1 << 30 {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("document `{}` is too long for Parquet", passage.id),
                ));
            }
            column.extend_from_slice(&(text.len() as u32).to_le_bytes());
            column.extend_from_slice(text.as_bytes());
        }
        numbers.extend_from_slice(&(passage.passage as i32).to_le_bytes());
        vectors.extend_from_slice(bytemuck::cast_slice(vector));
        self.rows += 1;
        Ok(())
    }

    /// Writes each column as one page, and returns the row group's part of the footer.
    fn write(self, file: &mut NewFile, dimension: usize) -> Result<Struct, IndexError> {
        let mut chunks = Vec::new();
        let mut size = 0;
        for ((path, kind), values) in COLUMNS.into_iter().zip(&self.columns) {
            let (levels, count) = match kind {
                FLOAT => (levels(self.rows, dimension), self.rows * dimension),
                _ => (Vec::new(), self.rows),
            };
            let start = file.size() as i64;
            let page = (levels.len() + values.len()) as i32;
            let data = Struct::default()
                .i32(1, count as i32)
                .i32(2, PLAIN)
                .i32(3, RLE)
                .i32(4, RLE);
            let header = Struct::default()
                .i32(1, 0)
                .i32(2, page)
                .i32(3, page)
                .nested(5, data);
            file.write(&header.finish())?;
            file.write(&levels)?;
            file.write(values)?;
            let bytes = file.size() as i64 - start;
            let meta = Struct::default()
                .i32(1, kind)
                .i32s(2, &[PLAIN, RLE])
                .strings(3, path)
                .i32(4, 0)
                .i64(5, count as i64)
                .i64(6, bytes)
                .i64(7, bytes)
                .i64(9, start);
            chunks.push(Struct::default().i64(2, start).nested(3, meta));
            size += bytes;
        }
        let group = Struct::default().structs(1, chunks);
        Ok(group.i64(2, size).i64(3, self.rows as i64))
    }
}

/// The levels of lists that all have `dimension` values: 0 where a list starts and 1 where it goes on; then 1 for each value,
/// since it is there. Both are runs of equal levels, behind their size in bytes.
fn levels(rows: usize, dimension: usize) -> Vec<u8> {
    let run = |out: &mut Vec<u8>, len: usize, level: u8| {
        if len > 0 {
            write_unsigned(out, (len as u64) << 1);
            out.push(level);
        }
    };
    let (mut repetition, mut definition) = (Vec::new(), Vec::new());
    match dimension {
        1 => run(&mut repetition, rows, 0),
        _ => {
            for _ in 0..rows {
                run(&mut repetition, 1, 0);
                run(&mut repetition, dimension - 1, 1);
            }
        }
    }
    run(&mut definition, rows * dimension, 1);
    let mut out = Vec::new();
    for levels in [repetition, definition] {
        out.extend_from_slice(&(levels.len() as u32).to_le_bytes());
        out.extend_from_slice(&levels);
    }
    out
}
