//! Texts that are longer than a row, in parts.

/// Tokens in as few blocks of at most `room` as there can be, of the same length up to one: so no row is short.
pub(super) fn even_blocks(ids: &[u32], room: usize) -> Vec<&[u32]> {
    let count = ids.len().div_ceil(room).max(1);
    let bound = |block: usize| ids.len() * block / count;
    (0..count)
        .map(|block| &ids[bound(block)..bound(block + 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_even_and_complete() {
        let ids: Vec<u32> = (0..1000).collect();
        for (length, room) in [(1000, 126), (126, 126), (127, 126), (1, 126), (0, 126), (9, 1)] {
            let blocks = even_blocks(&ids[..length], room);
            assert_eq!(blocks.concat(), &ids[..length]);
            assert_eq!(blocks.len(), length.div_ceil(room).max(1));
            let lengths = blocks.iter().map(|block| block.len());
            let (low, high) = (lengths.clone().min().unwrap(), lengths.max().unwrap());
            assert!(high - low <= 1 && high <= room, "{length} {room}: {low} {high}");
        }
    }
}
