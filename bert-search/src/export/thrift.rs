//! Thrift's compact protocol, as far as the headers and the footer of a Parquet file need it:
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// The fields of a struct, in the order of their ids.
#[derive(Debug, Default)]
pub(super) struct Struct {
    bytes: Vec<u8>,
    last: u8,
}

impl Struct {
    pub fn i32(self, id: u8, value: i32) -> Self {
        let mut new = self.field(id, I32);
        write_signed(&mut new.bytes, value.into());
        new
    }

    pub fn i64(self, id: u8, value: i64) -> Self {
        let mut new = self.field(id, I64);
        write_signed(&mut new.bytes, value);
        new
    }

    pub fn string(self, id: u8, value: &str) -> Self {
        let mut new = self.field(id, BINARY);
        write_string(&mut new.bytes, value);
        new
    }

    pub fn nested(self, id: u8, value: Struct) -> Self {
        let mut new = self.field(id, STRUCT);
        new.bytes.extend(value.finish());
        new
    }

    pub fn i32s(self, id: u8, values: &[i32]) -> Self {
        let mut new = self.list(id, I32, values.len());
        values
            .iter()
            .for_each(|&value| write_signed(&mut new.bytes, value.into()));
        new
    }

    pub fn strings(self, id: u8, values: &[&str]) -> Self {
        let mut new = self.list(id, BINARY, values.len());
        values
            .iter()
            .for_each(|value| write_string(&mut new.bytes, value));
        new
    }

    pub fn structs(self, id: u8, values: Vec<Struct>) -> Self {
        let mut new = self.list(id, STRUCT, values.len());
        values
            .into_iter()
            .for_each(|value| new.bytes.extend(value.finish()));
        new
    }

    /// The bytes, with the end of the struct.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }

    fn field(mut self, id: u8, kind: u8) -> Self {
        self.bytes.push((id - self.last) << 4 | kind);
        self.last = id;
        self
    }

    fn list(self, id: u8, kind: u8, len: usize) -> Self {
        let mut new = self.field(id, LIST);
        match len < 15 {
            true => new.bytes.push((len as u8) << 4 | kind),
            false => {
                new.bytes.push(0xf0 | kind);
                write_unsigned(&mut new.bytes, len as u64);
            }
        }
        new
    }
}

/// Appends a number of variable length.
pub(super) fn write_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn write_signed(out: &mut Vec<u8>, value: i64) {
    write_unsigned(out, (value << 1 ^ value >> 63) as u64);
}

fn write_string(out: &mut Vec<u8>, value: &str) {
    write_unsigned(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}
