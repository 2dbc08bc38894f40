//! Bodies of requests to a Qdrant server: <https://api.qdrant.tech/api-reference/collections/create-collection> and
//! <https://api.qdrant.tech/api-reference/points/upsert-points>.

use std::path::Path;

use serde::Serialize;
use serde_json::json;
use sha1::{Digest, Sha1};

use super::{Passage, each_passage};
use crate::files::NewFile;
use crate::{IndexError, IndexReader, Similarity};

/// A file has at most so many points. A server takes requests of up to 32 MiB, if nothing else is configured.
const POINTS: usize = 1000;
/// A file is complete when it has so many bytes.
const BYTES: u64 = 8 << 20;

/// The name space of URLs (RFC 9562).
const URLS: [u8; 16] = 0x6ba7b811_9dad_11d1_80b4_00c04fd430c8_u128.to_be_bytes();

/// A passage in a file of points.
#[derive(Serialize)]
struct Point<'a> {
    id: String,
    vector: &'a [f32],
    payload: &'a Passage<'a>,
}

/// Writes `collection.json` and the files of points.
pub(super) fn write(reader: &IndexReader, dir: &Path) -> Result<u64, IndexError> {
    let distance = match reader.settings().similarity {
        Similarity::Cosine => "Cosine",
        Similarity::Dot => "Dot",
    };
    let vectors = json!({ "size": reader.settings().dimension, "distance": distance });
    let mut collection = NewFile::create(dir, "collection.json")?;
    collection.write(json!({ "vectors": vectors }).to_string().as_bytes())?;
    collection.finish()?;
    let (mut open, mut files): (Option<(NewFile, usize)>, u32) = (None, 0);
    let rows = each_passage(reader, |passage, vector| {
        let (mut file, points) = match open.take() {
            Some(open) => open,
            None => {
                files += 1;
                (NewFile::create(dir, format!("points-{files:06}.json"))?, 0)
            }
        };
        file.write(if points == 0 { b"{\"points\":[" } else { b"," })?;
        let id = uuid(&format!("{}#{}", passage.id, passage.passage));
        let point = Point {
            id,
            vector,
            payload: passage,
        };
        file.write(&serde_json::to_vec(&point).expect("it has only strings and numbers"))?;
        if points + 1 == POINTS || file.size() >= BYTES {
            return finish(file);
        }
        open = Some((file, points + 1));
        Ok(())
    })?;
    if let Some((file, _)) = open {
        finish(file)?;
    }
    Ok(rows)
}

fn finish(mut file: NewFile) -> Result<(), IndexError> {
    file.write(b"]}")?;
    file.finish().map(drop)
}

/// The version 5 UUID of a name in the name space of URLs (RFC 9562).
fn uuid(name: &str) -> String {
    let hash = Sha1::new().chain_update(URLS).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_those_of_python() {
        // uuid.uuid5(uuid.NAMESPACE_URL, "d1#0")
        assert_eq!(uuid("d1#0"), "69ad9090-2b6f-564a-b741-052c12fe56f2");
    }
}
