//! Pages: the parts of a column that are compressed and encoded by themselves.

use std::io::Read;

use super::levels::runs;
use super::metadata::Column;
use super::thrift::{Struct, read_struct};
use super::values::Values;
use super::{MAX_PAGE_SIZE, TIMES};

/// The largest page that can be compressed to any size: programs write pages of about one MiB.
const USUAL_PAGE: usize = 1 << 24;
/// The most bytes that Zstandard may refer back to, if the page is smaller: all levels but the last three need no more.
const WINDOW: u64 = 1 << 23;

/// A page of a column.
pub(super) enum Page {
    /// What indices of the following pages point to.
    Dictionary(Values),
    /// Values.
    Data(Data),
}

/// The values of a page with their levels.
pub(super) struct Data {
    /// Whether each value starts a row; empty if the column is in no list.
    pub(super) starts: Vec<bool>,
    /// The definition level of each value; empty if all are 0.
    pub(super) levels: Vec<u32>,
    /// The values that are not null.
    pub(super) values: Values,
    /// The number of values, null or not.
    pub(super) count: usize,
}

/// Reads the page at the start of `bytes`, which has at most `most` values; returns the number of its bytes too. `None` for a page without values.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read(
    bytes: &[u8],
    codec: i64,
    column: &Column,
    most: usize,
) -> Result<(Option<Page>, usize), String> {
    let (header, start) = read_struct(bytes)?;
    let sizes = (header.size(3), header.size(2));
    let (Some(compressed), Some(size)) = sizes else {
        return Err("a page has no size".into());
    };
    if size > MAX_PAGE_SIZE {
        return Err(format!(
            "a page has {size} bytes; at most {MAX_PAGE_SIZE} are read"
        ));
    }
    if size > USUAL_PAGE.max(compressed.saturating_mul(TIMES as usize)) {
        return Err(format!("a page of {size} bytes is compressed to {compressed}"));
    }
    let end = start.saturating_add(compressed);
    let body = bytes.get(start..end).ok_or("a page is cut off")?;
    let page = match header.integer(1) {
        Some(0) => {
            let about = header.inner(5).ok_or("a page has no header")?;
            Some(Page::Data(first_version(
                about,
                &decompress(body, codec, size)?,
                column,
                most,
            )?))
        }
        Some(2) => {
            let about = header.inner(7).ok_or("a dictionary has no header")?;
            let count = counted(about, most)?;
            Some(Page::Dictionary(Values::decode(
                &decompress(body, codec, size)?,
                0,
                column.kind,
                count,
            )?))
        }
        Some(3) => {
            let about = header.inner(8).ok_or("a page has no header")?;
            Some(Page::Data(second_version(
                about, body, codec, size, column, most,
            )?))
        }
        _ => None,
    };
    Ok((page, end))
}

fn counted(header: &Struct<'_>, most: usize) -> Result<usize, String> {
    match header.size(1) {
        Some(count) if count <= most => Ok(count),
        Some(count) => Err(format!(
            "a page says that it has {count} values, but the file is too small for that"
        )),
        None => Err("a page does not say how many values it has".into()),
    }
}

/// The number of bits that hold numbers up to `level`.
fn width(level: u8) -> usize {
    (u8::BITS - level.leading_zeros()) as usize
}

/// A page whose levels are compressed with its values, after their lengths.
fn first_version(header: &Struct<'_>, bytes: &[u8], column: &Column, most: usize) -> Result<Data, String> {
    let count = counted(header, most)?;
    let mut rest = bytes;
    let mut levels = |most: u8, encoding: Option<i64>| {
        if most == 0 {
            return Ok(vec![]);
        }
        if encoding != Some(3) {
            return Err(format!("levels have the unknown encoding {encoding:?}"));
        }
        let (length, after) = rest.split_first_chunk().ok_or("a page is cut off")?;
        let length = u32::from_le_bytes(*length) as usize;
        let (levels, after) = after.split_at_checked(length).ok_or("a page is cut off")?;
        rest = after;
        runs(levels, width(most), count)
    };
    let repetition = levels(column.lists, header.integer(4))?;
    let definition = levels(column.defined, header.integer(3))?;
    let encoding = header.integer(2).unwrap_or(0);
    data(repetition, definition, rest, encoding, column, count)
}

/// A page whose levels are not compressed.
fn second_version(
    header: &Struct<'_>,
    body: &[u8],
    codec: i64,
    size: usize,
    column: &Column,
    most: usize,
) -> Result<Data, String> {
    let count = counted(header, most)?;
    let lengths = (header.size(6).unwrap_or(0), header.size(5).unwrap_or(0));
    let (repetition, rest) = body.split_at_checked(lengths.0).ok_or("a page is cut off")?;
    let (definition, rest) = rest.split_at_checked(lengths.1).ok_or("a page is cut off")?;
    let levels = |bytes, most| match most {
        0 => Ok(vec![]),
        most => runs(bytes, width(most), count),
    };
    let repetition = levels(repetition, column.lists)?;
    let definition = levels(definition, column.defined)?;
    let encoding = header.integer(4).unwrap_or(0);
    let size = size.saturating_sub(lengths.0 + lengths.1);
    // Pages are compressed unless they say otherwise.
    let values = match header.integer(7) {
        // A truth that is false is 0 in a struct, and 2 in a list.
        Some(0 | 2) => rest.to_vec(),
        _ if rest.is_empty() => vec![],
        _ => decompress(rest, codec, size)?,
    };
    data(repetition, definition, &values, encoding, column, count)
}

fn data(
    repetition: Vec<u32>,
    levels: Vec<u32>,
    bytes: &[u8],
    encoding: i64,
    column: &Column,
    count: usize,
) -> Result<Data, String> {
    let defined = match column.defined {
        0 => count,
        defined => levels
            .iter()
            .filter(|&&level| level == u32::from(defined))
            .count(),
    };
    Ok(Data {
        starts: repetition.into_iter().map(|level| level == 0).collect(),
        levels,
        values: Values::decode(bytes, encoding, column.kind, defined)?,
        count,
    })
}

/// The `size` bytes of a page.
fn decompress(bytes: &[u8], codec: i64, size: usize) -> Result<Vec<u8>, String> {
    let damaged = |error: String| format!("a page cannot be decompressed ({error})");
    let read = |reader: &mut dyn Read| {
        let mut out = vec![];
        let read = reader.take(size as u64 + 1).read_to_end(&mut out);
        read.map(|_| out).map_err(|e| damaged(e.to_string()))
    };
    let out = match codec {
        0 => bytes.to_vec(),
        1 => {
            let length = snap::raw::decompress_len(bytes).map_err(|e| damaged(e.to_string()))?;
            // Snappy stores at most 64 bytes in three.
            if length != size || length / 32 > bytes.len() {
                return Err(damaged("wrong size".into()));
            }
            let out = snap::raw::Decoder::new().decompress_vec(bytes);
            out.map_err(|e| damaged(e.to_string()))?
        }
        2 => read(&mut flate2::read::MultiGzDecoder::new(bytes))?,
        6 => {
            let window = WINDOW.max(size as u64);
            let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(bytes, window);
            read(&mut decoder.map_err(|e| damaged(e.to_string()))?)?
        }
        codec => {
            let name = match codec {
                3 => "LZO",
                4 => "Brotli",
                5 | 7 => "LZ4",
                _ => "an unknown method",
            };
            return Err(format!(
                "the values are compressed with {name}; only Snappy, gzip and Zstandard can be read"
            ));
        }
    };
    match out.len() == size {
        true => Ok(out),
        false => Err(damaged("wrong size".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::metadata::Kind;
    use super::*;

    #[test]
    fn a_page_is_not_far_larger_than_its_bytes() {
        let column = Column {
            path: vec![],
            kind: Kind::Bytes,
            defined: 0,
            lists: 0,
            element: 0,
        };
        // A data page of 2^25 bytes that is compressed to 8.
        let header = [0x15, 0, 0x15, 0x80, 0x80, 0x80, 0x20, 0x15, 16, 0];
        let error = read(&[&header[..], &[0; 8]].concat(), 6, &column, 10)
            .err()
            .unwrap();
        assert_eq!(error, "a page of 33554432 bytes is compressed to 8");
    }

    #[test]
    fn a_small_page_needs_no_large_window() {
        // A frame with a window of this size and one block of one byte.
        let frame = |window: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, window, 9, 0, 0, b'a'];
        let (eight_mib, many) = (13 << 3, 17 << 3);
        assert_eq!(decompress(&frame(eight_mib), 6, 1).unwrap(), b"a");
        let error = decompress(&frame(many), 6, 1).unwrap_err();
        assert!(error.contains("cannot be decompressed"), "{error}");
    }
}
