//! Event files for TensorBoard: records of protobuf messages, each framed by checksums.
//!
//! The frame is that of TensorFlow's `core/lib/io/record_writer`; the messages are `Event`, `Summary` and `TensorProto`
//! of its `core/util/event.proto` and `core/framework`, with only the fields that are needed here.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::run::error::RunError;

/// The folder in a run folder for event files.
pub const FOLDER: &str = "tensorboard";

/// Writes one event file; every event is handed to the system before the next step.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl EventFile {
    /// A new event file in `dir`, which is created if it does not exist.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn create(dir: &Path) -> Result<Self, RunError> {
        std::fs::create_dir_all(dir).map_err(|e| RunError::io(dir, e))?;
        let now = seconds();
        // TensorBoard finds its files by this pattern, and reads them in the order of their names.
        let name = format!(
            "events.out.tfevents.{:010}.{}.bert",
            now as u64,
            std::process::id()
        );
        let path = dir.join(name);
        let file = File::create(&path).map_err(|e| RunError::io(&path, e))?;
        let mut events = Self {
            path,
            file: BufWriter::new(file),
        };
        events.write(&event(now, 0, |out| out.bytes(3, b"brain.Event:2")))?;
        Ok(events)
    }

    /// Adds numbers by name, such as `train/loss`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn scalars(&mut self, step: u64, scalars: &[(String, f64)]) -> Result<(), RunError> {
        self.write(&scalars_event(seconds(), step, scalars))
    }

    /// Adds a text, which TensorBoard shows as Markdown.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn text(&mut self, name: &str, step: u64, text: &str) -> Result<(), RunError> {
        self.write(&text_event(seconds(), step, name, text))
    }

    fn write(&mut self, message: &[u8]) -> Result<(), RunError> {
        frame(message, &mut self.file)
            .and_then(|()| self.file.flush())
            .map_err(|e| RunError::io(&self.path, e))
    }
}

fn seconds() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// Writes length, checksum of the length, message, checksum of the message.
fn frame(message: &[u8], out: &mut impl Write) -> io::Result<()> {
    let length = (message.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked(&length).to_le_bytes())?;
    out.write_all(message)?;
    out.write_all(&masked(message).to_le_bytes())
}

/// CRC-32C in the masked form of TensorFlow, for data that may itself contain checksums.
fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

fn event(wall_time: f64, step: u64, what: impl FnOnce(&mut Message)) -> Vec<u8> {
    let mut event = Message::default();
    event.double(1, wall_time);
    event.whole(2, step);
    what(&mut event);
    event.0
}

fn scalars_event(wall_time: f64, step: u64, scalars: &[(String, f64)]) -> Vec<u8> {
    event(wall_time, step, |event| {
        event.message(5, |summary| {
            for (name, number) in scalars {
                summary.message(1, |value| {
                    value.bytes(1, name.as_bytes());
                    value.float(2, *number as f32);
                });
            }
        });
    })
}

fn text_event(wall_time: f64, step: u64, name: &str, text: &str) -> Vec<u8> {
    const DT_STRING: u64 = 7;
    const DATA_CLASS_TENSOR: u64 = 2;
    event(wall_time, step, |event| {
        event.message(5, |summary| {
            summary.message(1, |value| {
                value.bytes(1, name.as_bytes());
                value.message(8, |tensor| {
                    tensor.whole(1, DT_STRING);
                    tensor.message(2, |shape| shape.message(2, |axis| axis.whole(1, 1)));
                    tensor.bytes(8, text.as_bytes());
                });
                value.message(9, |metadata| {
                    metadata.message(1, |plugin| plugin.bytes(1, b"text"));
                    metadata.whole(4, DATA_CLASS_TENSOR);
                });
            });
        });
    })
}

/// A protobuf message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn key(&mut self, field: u64, kind: u64) {
        self.varint(field << 3 | kind);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn whole(&mut self, field: u64, value: u64) {
        self.key(field, 0);
        self.varint(value);
    }

    fn double(&mut self, field: u64, value: f64) {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
    }

    fn float(&mut self, field: u64, value: f32) {
        self.key(field, 5);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn message(&mut self, field: u64, fill: impl FnOnce(&mut Message)) {
        let mut inner = Message::default();
        fill(&mut inner);
        self.bytes(field, &inner.0);
    }
}

/// The text of a settings file as a Markdown code block.
pub fn code_block(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}\n"));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a record, if its checksums are right, and its length with its frame.
    fn read_record(bytes: &[u8]) -> Result<(&[u8], usize), String> {
        let part = |from: usize, to: usize| {
            bytes
                .get(from..to)
                .ok_or_else(|| "the file ends within a record".to_owned())
        };
        let word = |from: usize| -> Result<u32, String> {
            let word = part(from, from + 4)?;
            Ok(u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        };
        let head = part(0, 8)?;
        if word(8)? != masked(head) {
            return Err("the checksum of a record's length is wrong".into());
        }
        let length = head
            .iter()
            .rev()
            .fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        let message = part(12, 12 + length)?;
        if word(12 + length)? != masked(message) {
            return Err("the checksum of a record is wrong".into());
        }
        Ok((message, 16 + length))
    }

    #[test]
    fn checksums_are_those_of_tensorflow() {
        // tensorboard.compat.tensorflow_stub.pywrap_tensorflow.masked_crc32c(b"123456789"); the CRC-32C itself is the
        // check value e3069283 of the algorithm.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(
            masked(b"123456789"),
            0xe306_9283u32.rotate_right(15).wrapping_add(0xa282_ead8)
        );
    }

    #[test]
    fn messages_are_those_of_protobuf() {
        // tensorboard.compat.proto.event_pb2.Event(wall_time=1.5, step=300, file_version="brain.Event:2")
        let bytes = event(1.5, 300, |out| out.bytes(3, b"brain.Event:2"));
        let expected = b"\x09\0\0\0\0\0\0\xf8\x3f\x10\xac\x02\x1a\x0dbrain.Event:2";
        assert_eq!(bytes, expected);
        // Event(wall_time=1.5, step=300, summary=Summary(value=[Summary.Value(tag="a/b", simple_value=.25)]))
        let bytes = scalars_event(1.5, 300, &[("a/b".into(), 0.25)]);
        let expected = b"\x09\0\0\0\0\0\0\xf8\x3f\x10\xac\x02\x2a\x0c\x0a\x0a\x0a\x03a/b\x15\0\0\x80\x3e";
        assert_eq!(bytes, expected);
    }

    #[test]
    fn a_file_is_a_sequence_of_records() {
        let dir = tempfile::TempDir::new().unwrap();
        let mut events = EventFile::create(dir.path()).unwrap();
        events.text("run.toml", 0, &code_block("lr = 1\n")).unwrap();
        let scalars = [("train/loss".to_owned(), 0.7), ("train/padding".to_owned(), 0.1)];
        events.scalars(10, &scalars).unwrap();
        let bytes = std::fs::read(&events.path).unwrap();
        let (mut rest, mut records) = (&bytes[..], vec![]);
        while !rest.is_empty() {
            let (record, length) = read_record(rest).unwrap();
            records.push(record);
            rest = &rest[length..];
        }
        assert_eq!(records.len(), 3);
        let has =
            |record: &[u8], text: &str| record.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has(records[0], "brain.Event:2"));
        assert!(has(records[1], "run.toml") && has(records[1], "    lr = 1\n") && has(records[1], "text"));
        assert!(has(records[2], "train/loss") && has(records[2], "train/padding"));
        let length = read_record(&bytes).unwrap().1;
        let mut damaged = bytes.clone();
        damaged[length + 20] ^= 1;
        assert!(read_record(&damaged).is_ok() && read_record(&damaged[..20]).is_err());
        assert!(read_record(&damaged[length..]).is_err());
    }
}
