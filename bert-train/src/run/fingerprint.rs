//! Check sums of what a run learns from, so that it never goes on with something else.

use std::collections::BTreeMap;

use bert_tasks::Task;
use crc32c::crc32c_append;
use datasets::Source;

use crate::data::encoded::EncodedDataset;

/// A check sum (CRC-32C) for each file: of the token ids, segments and targets of its examples' rows, in order. A change
/// of text, label, tokenizer or option changes it; that the file lies elsewhere does not. Each part is the sources of its
/// examples and their rows.
pub fn fingerprints<'a, K: Task>(
    parts: impl IntoIterator<Item = (&'a [Source], &'a EncodedDataset<K>)>,
) -> BTreeMap<String, String> {
    let mut sums: BTreeMap<String, u32> = BTreeMap::new();
    let mut bytes = vec![];
    for (part, (sources, rows)) in parts.into_iter().enumerate() {
        for row in rows.iter() {
            let file = &sources[row.example].file;
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            // Where one row ends and the next begins counts, too, and so does the part.
            bytes.clear();
            bytes.push(part as u8);
            bytes.extend((row.encoding.ids.len() as u64).to_le_bytes());
            bytes.extend(row.encoding.ids.iter().flat_map(|id| id.to_le_bytes()));
            bytes.extend(&row.encoding.type_ids);
            bytes.extend(format!("{:?}", row.target).as_bytes());
            match sums.get_mut(name.as_ref()) {
                Some(sum) => *sum = crc32c_append(*sum, &bytes),
                None => drop(sums.insert(name.into_owned(), crc32c_append(0, &bytes))),
            }
        }
    }
    let sums = sums.into_iter();
    sums.map(|(name, sum)| (name, format!("{sum:08x}"))).collect()
}

/// Bytes as people write check sums.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
