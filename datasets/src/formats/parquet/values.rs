//! The values of a page.

use super::levels::{bits, deltas, runs};
use super::metadata::Kind;

/// Values of one type.
#[derive(Clone, Debug)]
pub(super) enum Values {
    Booleans(Vec<bool>),
    Integers(Vec<i64>),
    Unsigned(Vec<u64>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    /// Bytes, and where each value is in them.
    Bytes(Vec<u8>, Vec<(usize, usize)>),
    /// Indices into the dictionary.
    Indices(Vec<u32>),
    /// Values that are not used.
    Opaque(usize),
}

impl Values {
    /// Their number.
    pub(super) fn len(&self) -> usize {
        match self {
            Values::Booleans(values) => values.len(),
            Values::Integers(values) => values.len(),
            Values::Unsigned(values) => values.len(),
            Values::Floats(values) => values.len(),
            Values::Doubles(values) => values.len(),
            Values::Bytes(_, places) => places.len(),
            Values::Indices(values) => values.len(),
            Values::Opaque(count) => *count,
        }
    }

    /// The `count` values of a page.
    ///
    /// # Errors
    /// If the bytes hold fewer, or their encoding is not known.
    pub(super) fn decode(bytes: &[u8], encoding: i64, kind: Kind, count: usize) -> Result<Self, String> {
        let short = || "a page has fewer values than it says".to_owned();
        Ok(match (encoding, kind) {
            (_, Kind::Opaque(_)) => Values::Opaque(count),
            (0, Kind::Boolean) => {
                let values = (0..count).map(|at| Some(bits(bytes, at, 1)? == 1));
                Values::Booleans(values.collect::<Option<_>>().ok_or_else(short)?)
            }
            // With its length in four bytes.
            (3, Kind::Boolean) => {
                let values = runs(bytes.get(4..).ok_or_else(short)?, 1, count)?;
                Values::Booleans(values.into_iter().map(|value| value == 1).collect())
            }
            (0, Kind::Bytes) => {
                let mut places = vec![];
                let mut at = 0usize;
                for _ in 0..count {
                    let length = bytes.get(at..).and_then(<[u8]>::first_chunk).ok_or_else(short)?;
                    let start = at + 4;
                    at = start.saturating_add(u32::from_le_bytes(*length) as usize);
                    if at > bytes.len() {
                        return Err(short());
                    }
                    places.push((start, at));
                }
                Values::Bytes(bytes.to_vec(), places)
            }
            (0, Kind::Int32 | Kind::Unsigned32) => {
                let values = plain(bytes, count)?.map(i32::from_le_bytes);
                Values::of_32_bits(values.collect(), kind)
            }
            (0, Kind::Int64) => Values::Integers(plain(bytes, count)?.map(i64::from_le_bytes).collect()),
            (0, Kind::Unsigned64) => Values::Unsigned(plain(bytes, count)?.map(u64::from_le_bytes).collect()),
            (0, Kind::Float) => Values::Floats(plain(bytes, count)?.map(f32::from_le_bytes).collect()),
            (0, Kind::Double) => Values::Doubles(plain(bytes, count)?.map(f64::from_le_bytes).collect()),
            // Dictionary indices, after their width.
            (2 | 8, _) => {
                let (width, rest) = bytes.split_first().unwrap_or((&0, &[]));
                Values::Indices(runs(rest, usize::from(*width), count)?)
            }
            (5, Kind::Int32 | Kind::Unsigned32) => {
                let (values, _) = deltas(bytes, count)?;
                Values::of_32_bits(values.into_iter().map(|value| value as i32).collect(), kind)
            }
            (5, Kind::Int64) => Values::Integers(deltas(bytes, count)?.0),
            (5, Kind::Unsigned64) => {
                let (values, _) = deltas(bytes, count)?;
                Values::Unsigned(values.into_iter().map(|value| value as u64).collect())
            }
            (6, Kind::Bytes) => {
                let (lengths, rest) = deltas(bytes, count)?;
                let mut at = 0usize;
                let places = lengths.into_iter().map(|length| {
                    let start = at;
                    at = at.checked_add(usize::try_from(length).ok()?)?;
                    (at <= rest.len()).then_some((start, at))
                });
                let places: Option<Vec<_>> = places.collect();
                Values::Bytes(rest.to_vec(), places.ok_or_else(short)?)
            }
            (7, Kind::Bytes) => with_prefixes(bytes, count)?,
            (9, Kind::Float) => Values::Floats(split(bytes, count)?.map(f32::from_le_bytes).collect()),
            (9, Kind::Double) => Values::Doubles(split(bytes, count)?.map(f64::from_le_bytes).collect()),
            (9, Kind::Int32 | Kind::Unsigned32) => {
                let values = split(bytes, count)?.map(i32::from_le_bytes);
                Values::of_32_bits(values.collect(), kind)
            }
            (9, Kind::Int64) => Values::Integers(split(bytes, count)?.map(i64::from_le_bytes).collect()),
            (encoding, kind) => {
                return Err(format!(
                    "values of the type {kind:?} have the unknown encoding {encoding}"
                ));
            }
        })
        .and_then(|values: Self| match values.len() == count {
            true => Ok(values),
            false => Err(short()),
        })
    }

    fn of_32_bits(values: Vec<i32>, kind: Kind) -> Self {
        let wide = |value: i32| match kind {
            Kind::Unsigned32 => i64::from(value as u32),
            _ => i64::from(value),
        };
        Values::Integers(values.into_iter().map(wide).collect())
    }
}

/// `count` values of `N` bytes.
fn plain<const N: usize>(bytes: &[u8], count: usize) -> Result<impl Iterator<Item = [u8; N]>, String> {
    let (values, _) = bytes.as_chunks::<N>();
    let values = values.get(..count);
    let values = values.ok_or("a page has fewer values than it says")?;
    Ok(values.iter().copied())
}

/// `count` values of `N` bytes: first the first byte of each, then the second (`BYTE_STREAM_SPLIT`).
fn split<const N: usize>(bytes: &[u8], count: usize) -> Result<impl Iterator<Item = [u8; N]>, String> {
    if bytes.len() / N < count {
        return Err("a page has fewer values than it says".into());
    }
    Ok((0..count).map(move |value| std::array::from_fn(|byte| bytes[byte * count + value])))
}

/// Bytes, each with the length of the prefix that it shares with the one before (`DELTA_BYTE_ARRAY`).
fn with_prefixes(bytes: &[u8], count: usize) -> Result<Values, String> {
    let damaged = || "texts in a page are damaged".to_owned();
    let (prefixes, rest) = deltas(bytes, count)?;
    let (suffixes, rest) = deltas(rest, count)?;
    if prefixes.len() != suffixes.len() {
        return Err(damaged());
    }
    let (mut all, mut places, mut at) = (vec![], vec![], 0);
    let mut before = (0usize, 0usize);
    for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
        let prefix = usize::try_from(prefix).map_err(|_| damaged())?;
        let suffix = usize::try_from(suffix).map_err(|_| damaged())?;
        let end = at + suffix.min(rest.len() + 1);
        let new = rest.get(at..end).ok_or_else(damaged)?;
        at = end;
        if prefix > before.1 - before.0 {
            return Err(damaged());
        }
        // A text repeats its prefix, so that all can be more than the page: as much as other encodings allow.
        if all.len() + prefix + suffix > super::MAX_PAGE_SIZE {
            return Err("the texts of a page are too large".into());
        }
        let start = all.len();
        all.extend_from_within(before.0..before.0 + prefix);
        all.extend_from_slice(new);
        before = (start, all.len());
        places.push(before);
    }
    Ok(Values::Bytes(all, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: Values) -> Vec<String> {
        let Values::Bytes(bytes, places) = values else {
            panic!("no texts");
        };
        let text = |&(start, end): &(usize, usize)| String::from_utf8(bytes[start..end].to_vec()).unwrap();
        places.iter().map(text).collect()
    }

    #[test]
    fn texts_as_in_the_format_s_examples() {
        let plain = [2, 0, 0, 0, b'h', b'i', 0, 0, 0, 0];
        assert_eq!(
            texts(Values::decode(&plain, 0, Kind::Bytes, 2).unwrap()),
            ["hi", ""]
        );
        for count in [3, 1 << 40] {
            assert!(Values::decode(&plain, 0, Kind::Bytes, count).is_err());
        }
        assert!(Values::decode(&[255; 8], 0, Kind::Bytes, 1).is_err());
        // Lengths 2 and 1 as differences, then the bytes.
        let lengths = [128, 1, 4, 2, 4, 1, 0, 0, 0, 0];
        let delta = [lengths.as_slice(), b"hia"].concat();
        assert_eq!(
            texts(Values::decode(&delta, 6, Kind::Bytes, 2).unwrap()),
            ["hi", "a"]
        );
        assert!(Values::decode(&delta[..12], 6, Kind::Bytes, 2).is_err());
        // "axis", "axle": no shared prefix, then 2; suffixes of 4 and 2 bytes.
        let prefixes = [128, 1, 4, 2, 0, 4, 0, 0, 0, 0];
        let suffixes = [128, 1, 4, 2, 8, 3, 0, 0, 0, 0];
        let shared = [prefixes.as_slice(), &suffixes, b"axisle"].concat();
        assert_eq!(
            texts(Values::decode(&shared, 7, Kind::Bytes, 2).unwrap()),
            ["axis", "axle"]
        );
        assert!(Values::decode(&shared[..24], 7, Kind::Bytes, 2).is_err());
    }

    #[test]
    fn numbers_of_all_widths() {
        let one = |bytes: &[u8], encoding, kind| Values::decode(bytes, encoding, kind, 1);
        let Ok(Values::Integers(signed)) = one(&[255; 4], 0, Kind::Int32) else {
            panic!("no numbers");
        };
        let Ok(Values::Integers(unsigned)) = one(&[255; 4], 0, Kind::Unsigned32) else {
            panic!("no numbers");
        };
        assert_eq!((signed[0], unsigned[0]), (-1, 4_294_967_295));
        let Ok(Values::Floats(floats)) =
            Values::decode(&[0, 0, 0, 0, 0x80, 0, 0x3f, 0x40], 9, Kind::Float, 2)
        else {
            panic!("no numbers");
        };
        assert_eq!(floats, [1.0, 2.0]);
        assert!(one(&[0; 3], 0, Kind::Float).is_err());
        assert!(one(&[0; 4], 77, Kind::Float).unwrap_err().contains("encoding 77"));
    }
}
