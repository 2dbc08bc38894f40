//! Thrift's compact protocol, in which Parquet writes its metadata.
//!
//! Source: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

use super::varint::{varint, zigzag};

/// Structs within structs: Parquet's metadata needs six levels.
const DEPTH: usize = 16;

/// A value of any type.
#[derive(Debug)]
pub(super) enum Thrift<'a> {
    /// All whole numbers and truths.
    Integer(i64),
    /// Never needed: statistics.
    Double,
    Bytes(&'a [u8]),
    List(Vec<Thrift<'a>>),
    Struct(Struct<'a>),
}

/// The fields of a struct that are present, by their ids.
#[derive(Debug, Default)]
pub(super) struct Struct<'a>(Vec<(i64, Thrift<'a>)>);

impl<'a> Struct<'a> {
    fn field(&self, id: i64) -> Option<&Thrift<'a>> {
        self.0
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, value)| value)
    }

    /// A field that is a whole number or a truth (0 or 1).
    pub(super) fn integer(&self, id: i64) -> Option<i64> {
        match self.field(id)? {
            Thrift::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A field that is a number of at least 0.
    pub(super) fn size(&self, id: i64) -> Option<usize> {
        usize::try_from(self.integer(id)?).ok()
    }

    /// A field that is text.
    pub(super) fn text(&self, id: i64) -> Option<&'a str> {
        match self.field(id)? {
            Thrift::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// A field that is a struct.
    pub(super) fn inner(&self, id: i64) -> Option<&Struct<'a>> {
        match self.field(id)? {
            Thrift::Struct(inner) => Some(inner),
            _ => None,
        }
    }

    /// The structs of a field that is a list of them; none if it is absent.
    pub(super) fn structs(&self, id: i64) -> impl Iterator<Item = &Struct<'a>> {
        let list = match self.field(id) {
            Some(Thrift::List(list)) => list.as_slice(),
            _ => &[],
        };
        list.iter().filter_map(|value| match value {
            Thrift::Struct(inner) => Some(inner),
            _ => None,
        })
    }
}

/// Reads a struct, and returns the number of its bytes too.
///
/// # Errors
/// If the bytes are no struct.
pub(super) fn read_struct(bytes: &[u8]) -> Result<(Struct<'_>, usize), String> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.structure(0)?;
    Ok((value, reader.at))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, String> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| "the metadata is cut off".into())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let bytes = self.bytes[self.at..].get(..count);
        self.at += count.min(self.bytes.len());
        bytes.ok_or_else(|| "the metadata is cut off".into())
    }

    fn varint(&mut self) -> Result<u64, String> {
        self.number(varint(&self.bytes[self.at..]))
    }

    fn zigzag(&mut self) -> Result<i64, String> {
        self.number(zigzag(&self.bytes[self.at..]))
    }

    /// A number that was read, and passes its bytes.
    fn number<T>(&mut self, read: Option<(T, &[u8])>) -> Result<T, String> {
        let (value, rest) = read.ok_or("a number in the metadata is cut off or too long")?;
        self.at = self.bytes.len() - rest.len();
        Ok(value)
    }

    fn structure(&mut self, depth: usize) -> Result<Struct<'a>, String> {
        if depth > DEPTH {
            return Err("the metadata is nested too deeply".into());
        }
        let (mut fields, mut id) = (vec![], 0i64);
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Ok(Struct(fields));
            }
            id = match header >> 4 {
                0 => self.zigzag()?,
                delta => id.wrapping_add(i64::from(delta)),
            };
            let value = match header & 0x0f {
                // In a struct, a truth is in its field's type.
                1 => Thrift::Integer(1),
                2 => Thrift::Integer(0),
                kind => self.value(kind, depth)?,
            };
            fields.push((id, value));
        }
    }

    fn value(&mut self, kind: u8, depth: usize) -> Result<Thrift<'a>, String> {
        Ok(match kind {
            1..=3 => Thrift::Integer(i64::from(self.byte()?)),
            4..=6 => Thrift::Integer(self.zigzag()?),
            7 => {
                self.take(8)?;
                Thrift::Double
            }
            8 => {
                let count = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Thrift::Bytes(self.take(count)?)
            }
            9 | 10 => {
                let header = self.byte()?;
                let count = match header >> 4 {
                    15 => usize::try_from(self.varint()?).unwrap_or(usize::MAX),
                    count => usize::from(count),
                };
                // Every element takes at least a byte.
                if count > self.bytes.len() {
                    return Err("a list in its metadata is longer than the file".into());
                }
                let depth = depth + 1;
                if depth > DEPTH {
                    return Err("the metadata is nested too deeply".into());
                }
                let elements = (0..count).map(|_| self.value(header & 0x0f, depth));
                Thrift::List(elements.collect::<Result<_, _>>()?)
            }
            12 => Thrift::Struct(self.structure(depth + 1)?),
            // Parquet has no maps.
            kind => return Err(format!("the metadata has the unknown type {kind}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_ids_and_types() {
        // 1: i32 -3; 2: "ab"; 3: true; 20: [struct {1: 7}, struct {}].
        let bytes = [
            0x15, 5, 0x18, 2, b'a', b'b', 0x11, 0x09, 40, 0x2c, 0x15, 14, 0, 0, 0, 99,
        ];
        let (read, length) = read_struct(&bytes).unwrap();
        assert_eq!(length, bytes.len() - 1);
        assert_eq!(
            (read.integer(1), read.text(2), read.integer(3)),
            (Some(-3), Some("ab"), Some(1))
        );
        let inner: Vec<_> = read.structs(20).map(|inner| inner.size(1)).collect();
        assert_eq!(inner, [Some(7), None]);
        assert_eq!((read.size(1), read.integer(9)), (None, None));
    }

    #[test]
    fn damaged_metadata_is_refused() {
        for bytes in [
            &[][..],
            &[0x15],
            &[0x15, 0xff],
            &[
                0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
            ],
            &[0x18, 0xff, 0xff, 0xff, 0xff, 0x0f],
            &[0x19, 0xfc, 0xff, 0xff, 0x0f],
            &[0x1b, 0],
            &[0x1c; 100],
        ] {
            assert!(read_struct(bytes).is_err(), "{bytes:?}");
        }
        let lists = [[0x19].as_slice(), &[0x19; 100]].concat();
        assert!(read_struct(&lists).is_err());
    }
}
