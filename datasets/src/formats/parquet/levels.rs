//! Whole numbers of a few bits: levels, indices into dictionaries, and differences.
//!
//! Source: <https://github.com/apache/parquet-format/blob/master/Encodings.md>.

use super::varint::{varint, zigzag};

/// `width` bits from bit `at`, the lowest first; `None` beyond the end.
///
/// # Panics
/// If `width` is above 64.
pub(super) fn bits(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    if width == 0 {
        return Some(0);
    }
    let window = bytes.get(at / 8..(at + width).div_ceil(8))?;
    let mut value = 0u128;
    for (index, &byte) in window.iter().enumerate() {
        value |= u128::from(byte) << (8 * index);
    }
    let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
    Some((value >> (at % 8)) as u64 & mask)
}

/// The first `count` numbers of `width` bits in runs of equal numbers and packed ones (`RLE`).
///
/// # Errors
/// If there are fewer.
pub(super) fn runs(bytes: &[u8], width: usize, count: usize) -> Result<Vec<u32>, String> {
    let short = || "a page has fewer values than it says".to_owned();
    if width > 32 {
        return Err("a page has numbers of more than 32 bits".into());
    }
    let (mut numbers, mut rest) = (vec![], bytes);
    while numbers.len() < count {
        let left = count - numbers.len();
        let (header, after) = varint(rest).ok_or_else(short)?;
        let length = usize::try_from(header >> 1).unwrap_or(usize::MAX);
        if header & 1 == 0 {
            let size = width.div_ceil(8);
            let value = bits(after, 0, 8 * size).ok_or_else(short)? as u32;
            numbers.resize(numbers.len() + left.min(length), value);
            rest = &after[size..];
            if length == 0 {
                return Err(short());
            }
        } else {
            // Groups of eight; the last may be cut off after the last value that counts.
            let values = length.saturating_mul(8).min(left);
            for index in 0..values {
                numbers.push(bits(after, index * width, width).ok_or_else(short)? as u32);
            }
            rest = after.get(length.saturating_mul(width)..).unwrap_or_default();
            if length == 0 {
                return Err(short());
            }
        }
    }
    Ok(numbers)
}

/// All numbers of a `DELTA_BINARY_PACKED` sequence of at most `count`, and the bytes after it.
///
/// # Errors
/// If it is cut off or longer.
pub(super) fn deltas(bytes: &[u8], count: usize) -> Result<(Vec<i64>, &[u8]), String> {
    let damaged = || "differences in a page are damaged".to_owned();
    let (block, rest) = varint(bytes).ok_or_else(damaged)?;
    let (miniblocks, rest) = varint(rest).ok_or_else(damaged)?;
    let (total, rest) = varint(rest).ok_or_else(damaged)?;
    let (first, mut rest) = zigzag(rest).ok_or_else(damaged)?;
    let (block, miniblocks) = (block as usize, miniblocks as usize);
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    if total > count || miniblocks == 0 || block == 0 || block > 1 << 20 || block % miniblocks != 0 {
        return Err(damaged());
    }
    let size = block / miniblocks;
    if size % 8 != 0 {
        return Err(damaged());
    }
    let mut numbers = vec![];
    if total > 0 {
        numbers.push(first);
    }
    let mut last = first;
    while numbers.len() < total {
        let (least, after) = zigzag(rest).ok_or_else(damaged)?;
        let (widths, after) = after.split_at_checked(miniblocks).ok_or_else(damaged)?;
        rest = after;
        for &width in widths {
            if numbers.len() == total {
                break;
            }
            if width > 64 {
                return Err(damaged());
            }
            let width = usize::from(width);
            let values = size.min(total - numbers.len());
            for index in 0..values {
                let delta = bits(rest, index * width, width).ok_or_else(damaged)?;
                last = last.wrapping_add(least).wrapping_add(delta as i64);
                numbers.push(last);
            }
            rest = rest.get(size * width / 8..).unwrap_or_default();
        }
    }
    Ok((numbers, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_as_in_the_format_s_examples() {
        // 0 to 7 in three bits each, packed (Encodings.md, "Run Length Encoding / Bit-Packing Hybrid").
        let packed = [3, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(runs(&packed, 3, 8).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(runs(&packed, 3, 3).unwrap(), [0, 1, 2]);
        assert_eq!(runs(&[6, 5, 4, 1], 3, 5).unwrap(), [5, 5, 5, 1, 1]);
        assert_eq!(runs(&[8, 0x34, 0x12], 13, 4).unwrap(), [0x1234; 4]);
        assert_eq!(runs(&[4], 0, 2).unwrap(), [0, 0]);
        for (bytes, width, count) in [
            (&[6, 5][..], 3, 4),
            (&[], 3, 1),
            (&[3, 1], 3, 8),
            (&[0, 0], 3, 1),
            (&[6], 33, 1),
        ] {
            assert!(runs(bytes, width, count).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn deltas_as_in_the_format_s_examples() {
        // Encodings.md: 1 to 5, and 7 5 3 1 2 3 4 5, in one block of 128 values and 4 miniblocks.
        let one = [128, 1, 4, 5, 2, 2, 0, 0, 0, 0];
        assert_eq!(deltas(&one, 9).unwrap().0, [1, 2, 3, 4, 5]);
        let mut two = vec![128, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111];
        two.extend([0; 6]);
        two.push(77);
        let (numbers, rest) = deltas(&two, 8).unwrap();
        assert_eq!(
            (numbers.as_slice(), rest),
            (&[7, 5, 3, 1, 2, 3, 4, 5][..], &[77][..])
        );
        assert!(deltas(&two, 7).is_err());
        for length in 0..12 {
            assert!(deltas(&two[..length], 8).is_err(), "{length}");
        }
    }

    #[test]
    fn bits_cross_bytes() {
        assert_eq!(bits(&[0b1010_0000, 0b1], 5, 4), Some(0b1101));
        assert_eq!(bits(&[0xff; 9], 1, 64), Some(u64::MAX));
        assert_eq!(bits(&[1], 4, 5), None);
        assert_eq!(bits(&[], 0, 0), Some(0));
    }
}
