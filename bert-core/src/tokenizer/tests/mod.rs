//! Texts to token ids, with small vocabularies.

mod chunks;
#[cfg(feature = "files")]
mod files;
#[cfg(feature = "files")]
mod hugging_face;
#[cfg(feature = "files")]
mod settings;
#[cfg(feature = "files")]
mod train;

use super::truncate::longest_first;
use super::*;

const WORDS: &[&str] = &[
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", "sat", "cafe", "café", "The", "東",
    "京", "!", "'", "don", "t", "a", "b",
];

fn vocabulary(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| w.to_string()).collect()
}

fn uncased() -> BertTokenizer {
    BertTokenizer::from_vocabulary(vocabulary(WORDS), Normalization::uncased()).unwrap()
}

fn tokens(tokenizer: &BertTokenizer, ids: &[u32]) -> String {
    let tokens: Vec<_> = ids.iter().map(|&id| tokenizer.token(id).unwrap()).collect();
    tokens.join(" ")
}

fn encoded(tokenizer: &BertTokenizer, text: &str) -> String {
    tokens(tokenizer, &tokenizer.encode(text, None, 64).unwrap().ids)
}

#[test]
fn words_are_cut_into_pieces() {
    let t = uncased();
    for (text, expected) in [
        ("The CATs sat!", "[CLS] the cat ##s sat ! [SEP]"),
        ("café CAFÉ cafe\u{301}", "[CLS] cafe cafe cafe [SEP]"),
        ("the東京cat", "[CLS] the 東 京 cat [SEP]"),
        ("c\0a\u{200b}\u{7}t\u{fffd}\tsat", "[CLS] cat sat [SEP]"),
        ("don't!!", "[CLS] don ' t ! ! [SEP]"),
        ("the catnip", "[CLS] the [UNK] [SEP]"),
        ("the [MASK] sat[SEP]", "[CLS] the [MASK] sat [SEP] [SEP]"),
        ("[mask]", "[CLS] [UNK] [UNK] [UNK] [SEP]"),
        ("##s", "[CLS] [UNK] [UNK] [UNK] [SEP]"),
        ("", "[CLS] [SEP]"),
        (" \r\n\0", "[CLS] [SEP]"),
    ] {
        assert_eq!(encoded(&t, text), expected, "{text:?}");
    }
    assert_eq!(t.inner().decode(&[2, 5, 6, 7, 14, 3], true).unwrap(), "the cats!");
}

#[test]
fn a_word_has_at_most_100_characters() {
    let mut words = vocabulary(WORDS);
    words.extend(["é".into(), "##é".into()]);
    let t = BertTokenizer::from_vocabulary(words, Normalization::cased()).unwrap();
    assert_eq!(t.encode(&"é".repeat(100), None, 512).unwrap().ids.len(), 102);
    assert_eq!(encoded(&t, &"é".repeat(101)), "[CLS] [UNK] [SEP]");
}

#[test]
fn each_normalisation_option_works() {
    let text = "The THE café\0 東京";
    for (normalization, expected) in [
        (Normalization::cased(), "[CLS] The [UNK] café 東 京 [SEP]"),
        (
            Normalization {
                strip_accents: Some(true),
                ..Normalization::cased()
            },
            "[CLS] The [UNK] cafe 東 京 [SEP]",
        ),
        (
            Normalization {
                strip_accents: Some(false),
                ..Normalization::uncased()
            },
            "[CLS] the the café 東 京 [SEP]",
        ),
        (
            Normalization {
                chinese_chars: false,
                ..Normalization::uncased()
            },
            "[CLS] the the cafe [UNK] [SEP]",
        ),
        (
            Normalization {
                clean_text: false,
                ..Normalization::uncased()
            },
            "[CLS] the the [UNK] 東 京 [SEP]",
        ),
    ] {
        let t = BertTokenizer::from_vocabulary(vocabulary(WORDS), normalization).unwrap();
        assert_eq!(t.normalization(), Some(normalization));
        assert_eq!(encoded(&t, text), expected, "{normalization:?}");
    }
}

#[test]
fn ids_of_special_tokens() {
    let t = uncased();
    assert_eq!(
        (t.pad_id(), t.unk_id(), t.cls_id(), t.sep_id(), t.mask_id()),
        (0, 1, 2, 3, Some(4))
    );
    assert_eq!(
        (t.vocab_size(), t.token(12).as_deref(), t.token(20)),
        (20, Some("東"), None)
    );
    let t = BertTokenizer::from_vocabulary(
        vocabulary(&["[CLS]", "[SEP]", "[PAD]", "[UNK]"]),
        Normalization::cased(),
    );
    let t = t.unwrap();
    assert_eq!(
        (t.pad_id(), t.unk_id(), t.cls_id(), t.sep_id(), t.mask_id()),
        (2, 3, 0, 1, None)
    );
    assert_eq!(t.encode("x", Some("y"), 8).unwrap().ids, [0, 3, 1, 3, 1]);
}

#[test]
fn pairs_have_two_segments() {
    let pair = uncased().encode("The cat", Some("sat!"), 64).unwrap();
    assert_eq!(pair.ids, [2, 5, 6, 3, 8, 14, 3]);
    assert_eq!(pair.type_ids, [0, 0, 0, 0, 1, 1, 1]);
    assert!(!pair.truncated);
    let pair = uncased().encode("", Some(""), 64).unwrap();
    assert_eq!((pair.ids, pair.type_ids), (vec![2, 3, 3], vec![0, 0, 1]));
}

#[test]
fn the_longest_text_is_truncated_first() {
    for ((a, b, room), expected) in [
        ((3, 4, 7), (3, 4)),
        ((9, 0, 5), (5, 0)),
        ((0, 9, 5), (0, 5)),
        ((9, 2, 8), (6, 2)),
        ((2, 9, 8), (2, 6)),
        ((4, 9, 8), (4, 4)),
        ((5, 9, 8), (4, 4)),
        ((5, 9, 9), (4, 5)),
        ((9, 5, 9), (5, 4)),
        ((9, 9, 9), (4, 5)),
        ((30, 20, 9), (5, 4)),
        ((1, 1, 1), (0, 1)),
        ((2, 1, 1), (1, 0)),
    ] {
        assert_eq!(longest_first(a, b, room), expected, "{a} {b} {room}");
    }
}

#[test]
fn texts_are_truncated_at_their_ends() {
    let t = uncased();
    let text = t.encode("the cat sat the cat", None, 5).unwrap();
    assert_eq!((text.ids, text.truncated), (vec![2, 5, 6, 8, 3], true));
    let pair = t.encode("the cats sat !", Some("a b"), 8).unwrap();
    assert_eq!(tokens(&t, &pair.ids), "[CLS] the cat ##s [SEP] a b [SEP]");
    assert_eq!(pair.type_ids, [0, 0, 0, 0, 0, 1, 1, 1]);
    assert!(pair.truncated);
    assert_eq!(t.encode("the", None, 3).unwrap().ids, [2, 5, 3]);
    assert_eq!(t.encode("the", Some("cat"), 4).unwrap().ids, [2, 3, 6, 3]);
    let error = t.encode("the", None, 2).unwrap_err();
    assert!(matches!(
        error,
        TokenizerError::MaxLength {
            max_length: 2,
            least: 3
        }
    ));
    let error = t
        .encode_batch(&[("the", None), ("the", Some("cat"))], 3)
        .unwrap_err();
    assert!(matches!(
        error,
        TokenizerError::MaxLength {
            max_length: 3,
            least: 4
        }
    ));
}

/// Compares with `tokenizers` and its truncation (up to the length where its version 0.23.2 stops early).
#[test]
fn encode_and_encode_batch_agree_with_the_tokenizers_crate() {
    let t = uncased();
    let word = |n: usize| vec!["cat"; n].join(" ");
    let texts: Vec<_> = (0..12)
        .flat_map(|a| (0..12).map(move |b| (word(a), word(b))))
        .collect();
    let inputs: Vec<_> = texts
        .iter()
        .map(|(a, b)| (&**a, (b.len() % 2 == 1).then_some(&**b)))
        .collect();
    for max_length in [5, 8, 13, 20] {
        let batch = t.encode_batch(&inputs, max_length).unwrap();
        assert_eq!(batch.len(), inputs.len());
        let params = TruncationParams {
            max_length,
            ..Default::default()
        };
        let mut theirs = t.inner().clone();
        theirs.with_truncation(Some(params.clone())).unwrap();
        for (encoding, &(a, b)) in batch.iter().zip(&inputs) {
            assert_eq!(*encoding, t.encode(a, b, max_length).unwrap());
            let (full, theirs) = match b {
                Some(b) => (
                    t.encode_full((a, b), &params).unwrap(),
                    theirs.encode((a, b), true).unwrap(),
                ),
                None => (
                    t.encode_full(a, &params).unwrap(),
                    theirs.encode(a, true).unwrap(),
                ),
            };
            assert_eq!(full.get_ids(), encoding.ids);
            assert!(
                full.get_type_ids().iter().eq(encoding
                    .type_ids
                    .iter()
                    .map(|&x| x as u32)
                    .collect::<Vec<_>>()
                    .iter())
            );
            assert_eq!(encoding.truncated, !full.get_overflowing().is_empty());
            if a.split(' ').count().max(b.unwrap_or("").split(' ').count()) < max_length {
                assert_eq!(full.get_ids(), theirs.get_ids());
                assert_eq!(full.get_sequence_ids(), theirs.get_sequence_ids());
            }
        }
    }
}

#[test]
fn no_text_causes_a_panic() {
    let t = uncased();
    let mut state = 1_u64;
    let mut random = |below: u32| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as u32 % below
    };
    for _ in 0..3000 {
        let range = [0x80, 0x800, 0x3100, 0x20000, 0x110000][random(5) as usize];
        let text: String = (0..random(40))
            .filter_map(|_| char::from_u32(random(range)))
            .collect();
        let full = t
            .encode_full(
                &*text,
                &TruncationParams {
                    max_length: 9,
                    stride: 2,
                    ..Default::default()
                },
            )
            .unwrap();
        assert_eq!(full.get_ids(), t.encode(&text, None, 9).unwrap().ids);
        assert!(
            full.get_offsets()
                .iter()
                .all(|&(start, end)| text.get(start..end).is_some())
        );
    }
}

#[test]
fn the_full_encoding_has_words_and_windows() {
    let t = uncased();
    let words = ["The", "cats", "", "sat!"];
    let full = t.encode_full(&words[..], &TruncationParams::default()).unwrap();
    assert_eq!(full.get_ids(), [2, 5, 6, 7, 8, 14, 3]);
    assert_eq!(
        full.get_word_ids(),
        [None, Some(0), Some(1), Some(1), Some(3), Some(3), None]
    );
    assert_eq!(full.get_offsets()[3], (3, 4));

    let windows = |strategy, max_length, stride| TruncationParams {
        strategy,
        max_length,
        stride,
        ..Default::default()
    };
    let input = ("the cat", "a b a b a");
    let full = t
        .encode_full(input, &windows(TruncationStrategy::OnlySecond, 8, 1))
        .unwrap();
    let all: Vec<_> = std::iter::once(&full)
        .chain(full.get_overflowing())
        .map(|w| tokens(&t, w.get_ids()))
        .collect();
    assert_eq!(
        all,
        [
            "[CLS] the cat [SEP] a b a [SEP]",
            "[CLS] the cat [SEP] a b a [SEP]"
        ]
    );
    let full = t
        .encode_full(input, &windows(TruncationStrategy::OnlyFirst, 9, 0))
        .unwrap();
    assert_eq!(tokens(&t, full.get_ids()), "[CLS] the [SEP] a b a b a [SEP]");

    use TruncationStrategy::{LongestFirst, OnlyFirst, OnlySecond};
    let error = |params| t.encode_full(input, &params).unwrap_err();
    assert!(matches!(
        error(windows(OnlySecond, 8, 3)),
        TokenizerError::Stride { stride: 3, window: 3 }
    ));
    assert!(matches!(
        error(windows(LongestFirst, 7, 2)),
        TokenizerError::Stride { stride: 2, window: 2 }
    ));
    assert!(matches!(
        error(windows(OnlySecond, 5, 0)),
        TokenizerError::NoRoom { which: "second", .. }
    ));
    assert!(matches!(
        error(windows(OnlyFirst, 8, 0)),
        TokenizerError::NoRoom {
            available: 1,
            needed: 2,
            ..
        }
    ));
    assert!(matches!(
        error(windows(LongestFirst, 3, 0)),
        TokenizerError::MaxLength { .. }
    ));
    let error = t.encode_full("a b a b", &windows(OnlySecond, 4, 0)).unwrap_err();
    assert!(matches!(error, TokenizerError::NoRoom { which: "second", .. }));
}
