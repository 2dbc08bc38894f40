//! Mutations.

/// One mutation in this many repeats a part of the input.
const RARE: u32 = 1024;
/// The size of other inputs, in bytes.
const USUAL: usize = 4 << 10;
/// The longest part that is repeated.
const PART: usize = 64;

/// libFuzzer's own mutations; rarely, a part of the input is repeated until the input is large. Those few find what takes more than
/// linear time or memory.
pub fn mutate(input: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut state = seed | 1;
    let mut draw = |below: usize| {
        // xorshift (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below.max(1)
    };
    if !seed.is_multiple_of(RARE) || size == 0 || size >= most {
        return libfuzzer_sys::fuzzer_mutate(input, size, most.min(size.max(USUAL)));
    }
    let start = draw(size);
    let end = (start + 1 + draw(PART)).min(size);
    let times = draw((most - size) / (end - start) + 1);
    let part = input[start..end].to_vec();
    let added = times * part.len();
    input.copy_within(end..size, end + added);
    for copy in input[end..end + added].chunks_exact_mut(part.len()) {
        copy.copy_from_slice(&part);
    }
    size + added
}
