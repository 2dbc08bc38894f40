//! Numbers of variable length: seven bits a byte, lowest first, and the highest bit says that another byte follows (LEB128).

/// Appends a number.
pub(super) fn write(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads a number, and takes its bytes away; `None` if the bytes end in it, or it has more than 64 bits.
pub(super) fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_all_lengths() {
        let mut bytes = Vec::new();
        let numbers = (0..64).flat_map(|shift| [(1 << shift) - 1, 1 << shift, u64::MAX >> shift]);
        numbers.clone().for_each(|number| write(&mut bytes, number));
        let mut rest = &bytes[..];
        for number in numbers {
            assert_eq!(read(&mut rest), Some(number));
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn numbers_without_end_and_too_large_ones() {
        for damaged in [
            &[][..],
            &[0x80],
            &[0xff; 20],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
        ] {
            assert_eq!(read(&mut &damaged[..]), None);
        }
    }
}
