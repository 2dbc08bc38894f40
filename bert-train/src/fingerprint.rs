//! Check sums of what a run learns from, so that it never goes on with something else.

use std::collections::BTreeMap;

use bert_tasks::{Row, Task};
use crc32fast::Hasher;
use datasets::Source;

/// A check sum for each file: of the token ids, segments and targets of its examples' rows, in order. A change of text,
/// label, tokenizer or option changes it; that the file lies elsewhere does not. Each part is the sources of its
/// examples and their rows.
pub fn fingerprints<'a, K: Task>(
    parts: impl IntoIterator<Item = (&'a [Source], &'a [Row<K>])>,
) -> BTreeMap<String, String> {
    let mut hashers: BTreeMap<String, Hasher> = BTreeMap::new();
    for (part, (sources, rows)) in parts.into_iter().enumerate() {
        for row in rows {
            let file = &sources[row.example].file;
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            let hasher = match hashers.get_mut(name.as_ref()) {
                Some(hasher) => hasher,
                None => hashers.entry(name.into_owned()).or_default(),
            };
            // Where one row ends and the next begins counts, too, and so does the part.
            hasher.update(&[part as u8]);
            hasher.update(&(row.encoding.ids.len() as u64).to_le_bytes());
            for id in &row.encoding.ids {
                hasher.update(&id.to_le_bytes());
            }
            hasher.update(&row.encoding.type_ids);
            hasher.update(format!("{:?}", row.target).as_bytes());
        }
    }
    let sums = hashers.into_iter();
    sums.map(|(name, hasher)| (name, format!("{:08x}", hasher.finalize())))
        .collect()
}
