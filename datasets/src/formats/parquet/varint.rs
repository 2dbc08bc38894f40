//! Whole numbers of as many bytes as they need (ULEB128), in Parquet's pages and in Thrift's compact protocol.

/// A number of seven bits per byte, the lowest first, and the bytes after it; `None` if it is cut off or has more than ten
/// bytes.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// A [`varint`] with its sign in the lowest bit.
pub(super) fn zigzag(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (value, rest) = varint(bytes)?;
    Some(((value >> 1) as i64 ^ -((value & 1) as i64), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_seven_bits_per_byte() {
        assert_eq!(varint(&[0xac, 0x02, 9]), Some((300, &[9][..])));
        let mut most = [0xff; 10];
        most[9] = 1;
        assert_eq!(varint(&most), Some((u64::MAX, &[][..])));
        assert_eq!(zigzag(&most), Some((i64::MIN, &[][..])));
        for (byte, value) in [(0, 0), (1, -1), (2, 1), (3, -2)] {
            assert_eq!(zigzag(&[byte]), Some((value, &[][..])));
        }
        for damaged in [&[][..], &[0x80], &[0xff; 11]] {
            assert_eq!(varint(damaged), None);
        }
    }
}
