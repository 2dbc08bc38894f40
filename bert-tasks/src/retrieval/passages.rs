//! Passages of an article: what an encoder reads at a time.

use std::iter;
use std::ops::Range;

use bert_core::{BertTokenizer, TokenizerError};

use crate::windows::windows;

/// The most tokens that are kept together.
const LONGEST: usize = 16;

/// Cuts an article that is longer than `max_length` tokens into passages, as ranges of bytes of its text. Each fits into the encoder
/// together with the title, and neighbours have about `overlap` tokens in common. Words are not divided. A title that takes more than
/// half of the room is cut to it by the encoder, and passages have the other half.
///
/// An article with a title alone is one empty passage; one with neither has none.
///
/// ```
/// # use bert_core::{BertTokenizer, tokenizer::Normalization};
/// use bert_tasks::retrieval::passages;
/// # fn example(tokenizer: &BertTokenizer) -> Result<(), Box<dyn std::error::Error>> {
/// for range in passages(tokenizer, "A title", "A long text …", 256, 32)? {
///     println!("{range:?}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If `max_length` leaves no room for text, or the tokenizer refuses the text.
pub fn passages(
    tokenizer: &BertTokenizer,
    title: &str,
    text: &str,
    max_length: usize,
    overlap: usize,
) -> Result<Vec<Range<usize>>, TokenizerError> {
    let room = tokenizer.room(max_length)?;
    let of_title = tokenizer.tokenize_start(title, room)?.ids.len();
    let room = room - of_title.min(room / 2);
    let pieces = tokenizer.tokenize(text)?;
    if pieces.ids.is_empty() {
        return Ok(match of_title {
            0 => vec![],
            _ => iter::once(0..text.len()).collect(),
        });
    }
    let words = words(text, &pieces.offsets, room.min(LONGEST));
    let lengths: Vec<usize> = words.iter().map(|word| word.tokens).collect();
    let found = windows(&lengths, room, overlap.min(room / 2));
    let count = found.len();
    let range = |(number, window): (usize, Range<usize>)| {
        // White space and what has no tokens belongs to the passage before it.
        let start = if number == 0 { 0 } else { words[window.start].start };
        let end = match number + 1 == count {
            true => text.len(),
            false => words[window.end - 1].end,
        };
        start..end
    };
    Ok(found.into_iter().enumerate().map(range).collect())
}

/// Some tokens that follow each other.
struct Word {
    start: usize,
    end: usize,
    tokens: usize,
}

/// The words of a text: tokens without anything between them, at most `most`, since some scripts have no spaces.
fn words(text: &str, offsets: &[(u32, u32)], most: usize) -> Vec<Word> {
    let mut words: Vec<Word> = vec![];
    for &(start, end) in offsets {
        // Several tokens can be parts of one character.
        let start = text.floor_char_boundary(start as usize);
        let end = text.ceil_char_boundary(end as usize);
        match words.last_mut() {
            Some(word) if start < word.end || (start == word.end && word.tokens < most) => {
                word.end = word.end.max(end);
                word.tokens += 1;
            }
            _ => words.push(Word {
                start,
                end,
                tokens: 1,
            }),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use bert_core::tokenizer::Normalization;

    use super::*;

    fn tokenizer() -> BertTokenizer {
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "oil", "price", "##s", ".", "fell", "油", "价",
        ];
        BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Normalization::uncased()).unwrap()
    }

    fn cut(title: &str, text: &str, max_length: usize, overlap: usize) -> Vec<String> {
        let found = passages(&tokenizer(), title, text, max_length, overlap).unwrap();
        found.into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn passages_fit_overlap_and_cover_the_text() {
        let tokenizer = tokenizer();
        let text = " Oil prices fell. Prices  fell, oil fell. é oil prices. ".repeat(20);
        for (max_length, overlap) in [(8, 0), (12, 4), (20, 9), (20, 1000), (4, 0)] {
            let found = passages(&tokenizer, "oil", &text, max_length, overlap).unwrap();
            assert_eq!((found[0].start, found.last().unwrap().end), (0, text.len()));
            for pair in found.windows(2) {
                assert!(pair[0].start < pair[1].start, "{pair:?}");
                assert!(
                    text[pair[0].end.min(pair[1].start)..pair[1].start]
                        .trim()
                        .is_empty()
                );
                let shared = text[pair[1].start..pair[0].end.max(pair[1].start)]
                    .split_whitespace()
                    .count();
                assert!((overlap == 0) == (shared == 0) || max_length < 12, "{pair:?}");
            }
            for range in found {
                let input = format!("oil {}", &text[range]);
                let ids = tokenizer.tokenize(&input).unwrap().ids;
                // A word of three tokens may not fit into a room of one.
                assert!(ids.len() + 2 <= max_length.max(6), "{input}");
            }
        }
    }

    #[test]
    fn short_and_empty_articles() {
        assert_eq!(cut("oil", " Prices fell. ", 16, 4), [" Prices fell. "]);
        assert_eq!(cut("oil", "", 16, 4), [""]);
        assert_eq!(cut("oil", " \n", 16, 4), [" \n"]);
        assert!(cut("", " \n", 16, 4).is_empty());
        assert!(cut(" ", "", 16, 4).is_empty());
        // The title takes half of the room at most.
        assert_eq!(
            cut(&"oil ".repeat(99), "fell fell fell", 6, 0),
            ["fell fell", " fell"].map(str::trim)
        );
        assert!(passages(&tokenizer(), "", "oil", 2, 0).is_err());
    }

    #[test]
    fn scripts_without_spaces_are_cut_between_characters() {
        let text = "油价".repeat(100);
        let found = passages(&tokenizer(), "", &text, 34, 0).unwrap();
        assert_eq!(found.len(), 7);
        assert!(
            found
                .iter()
                .all(|range| text.get(range.clone()).is_some() && range.len() <= 32 * 3)
        );
        let long = "x".repeat(5000);
        assert_eq!(cut("", &long, 16, 4), [long]);
    }
}
