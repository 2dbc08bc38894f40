//! Long texts: their chunks have the tokens of the whole text.

use super::*;

/// Words, spaces, punctuation, special tokens and characters that are removed or are tokens by themselves.
const PARTS: &[&str] = &[
    "the",
    " ",
    "cat",
    "s",
    "sat",
    "caf\u{e9}",
    "\u{6771}",
    "!",
    "'",
    " don't ",
    "\n",
    "[MASK]",
    "[mask]",
    "\0",
    "\u{85}",
    "e\u{301}",
    "\t",
    "\u{200b}",
    "   ",
    "x",
    "aaaaaaaaaaaaaaaaaaaa",
    "\u{2019}",
    "\u{3000}",
    "[",
    "MASK",
    "]",
];

/// `count` parts in an order that `seed` gives.
fn text(seed: u64, count: u64) -> String {
    let part = |index: u64| {
        PARTS[(crate::random::mix(seed ^ crate::random::mix(index)) % PARTS.len() as u64) as usize]
    };
    (0..count).map(part).collect()
}

fn whole(tokenizer: &BertTokenizer, text: &str) -> Pieces {
    let pieces = tokenizer.pieces(text.into(), 0, OffsetType::Byte).unwrap();
    let offsets = pieces.get_offsets().iter();
    Pieces {
        ids: pieces.get_ids().to_vec(),
        offsets: offsets.map(|&(start, end)| (start as u32, end as u32)).collect(),
    }
}

#[test]
fn chunks_have_the_tokens_of_the_whole_text() {
    for (seed, tokenizer) in [(1, uncased()), (2, uncased()), (3, cased())] {
        let text = text(seed, 120_000);
        let expected = whole(&tokenizer, &text);
        assert_eq!(tokenizer.tokenize(&text).unwrap(), expected);
        for most in [0, 1, 10, 600, 5000] {
            let start = tokenizer.tokenize_start(&text, most).unwrap();
            assert!(
                start.ids.len() > most && start.ids.len() < expected.ids.len() / 2,
                "{most}"
            );
            assert_eq!(start.ids, expected.ids[..start.ids.len()]);
            assert_eq!(start.offsets, expected.offsets[..start.ids.len()]);
            let encoding = tokenizer.encode(&text, None, most + 3).unwrap();
            assert_eq!(encoding.ids[1..most + 2], expected.ids[..most + 1]);
            assert!(encoding.truncated);
        }
    }
}

fn cased() -> BertTokenizer {
    BertTokenizer::from_vocabulary(vocabulary(WORDS), Normalization::cased()).unwrap()
}

#[test]
fn the_odd_token_goes_to_the_longer_of_two_long_texts() {
    let tokenizer = uncased();
    let (short, long) = ("the ".repeat(20_000), "cat ".repeat(30_000));
    // Room for 5 tokens: [CLS] a [SEP] b [SEP].
    for (a, b, kept) in [
        (&short, &long, (2, 3)),
        (&long, &short, (3, 2)),
        (&long, &long, (2, 3)),
    ] {
        let ids = tokenizer.encode(a, Some(b), 8).unwrap().ids;
        let separator = ids.iter().position(|&id| id == tokenizer.sep_id()).unwrap();
        assert_eq!((separator - 1, ids.len() - separator - 2), kept);
    }
}

#[test]
fn a_word_of_any_length_is_one_unknown_token() {
    let tokenizer = uncased();
    for length in [101, 5_000, 200_000, 3_000_000] {
        let word = "a".repeat(length);
        let text = format!("the {word} cat");
        let pieces = tokenizer.tokenize(&text).unwrap();
        assert_eq!(tokens(&tokenizer, &pieces.ids), "the [UNK] cat", "{length}");
        let end = 4 + length as u32;
        assert_eq!(pieces.offsets, [(0, 3), (4, end), (end + 1, end + 4)]);
        assert_eq!(encoded(&tokenizer, &text), "[CLS] the [UNK] cat [SEP]");
        let last = tokenizer.tokenize(&format!("the {word}")).unwrap();
        assert_eq!(last.offsets, [(0, 3), (4, end)]);
    }
}

#[test]
fn every_mark_of_a_long_text_of_punctuation_is_a_token() {
    let tokenizer = uncased();
    let text = "!".repeat(2_000_000);
    assert_eq!(tokenizer.encode(&text, None, 128).unwrap().ids.len(), 128);
    assert_eq!(tokenizer.tokenize(&text).unwrap().ids.len(), text.len());
}
