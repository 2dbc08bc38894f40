//! Checksums of the encoded data, so that a run never resumes with other data.

use std::collections::BTreeMap;

use bert_tasks::{EncodedRow, Task};
use crc32c::crc32c_append;

use crate::data::{EncodedDataset, Sources};

/// A checksum (CRC-32C) for each file, of its rows in order. It changes with a text, a label, the tokenizer or an option,
/// but not with the file's folder. Each part has the sources of its examples and their rows.
pub fn fingerprints<'a, K: Task>(
    parts: impl IntoIterator<Item = (&'a Sources, &'a EncodedDataset<K>)>,
) -> BTreeMap<String, String> {
    let mut sums: BTreeMap<String, u32> = BTreeMap::new();
    let mut bytes = vec![];
    for (part, (sources, rows)) in parts.into_iter().enumerate() {
        for row in rows.iter() {
            let file = sources.file(row.example());
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            // The length keeps neighbouring rows apart, and the first byte the parts.
            bytes.clear();
            bytes.push(part as u8);
            row.fingerprint(&mut bytes);
            match sums.get_mut(name.as_ref()) {
                Some(sum) => *sum = crc32c_append(*sum, &bytes),
                None => drop(sums.insert(name.into_owned(), crc32c_append(0, &bytes))),
            }
        }
    }
    let sums = sums.into_iter();
    sums.map(|(name, sum)| (name, format!("{sum:08x}"))).collect()
}
