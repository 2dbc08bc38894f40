//! The same ids as Hugging Face's, with a real vocabulary.
//!
//! The expected values were made by transformers 5.24.0 with tokenizers 0.23.3:
//! ```python
//! t = AutoTokenizer.from_pretrained("all-MiniLM-L6-v2")
//! e = t([text], None if pair is None else [pair], truncation=True, max_length=16)
//! print(e["input_ids"][0], sum(e["token_type_ids"][0]))
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;

/// Text, second text, ids, and how many of them have token type 1.
type Case = (&'static str, Option<&'static str>, &'static [u32], usize);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("", None, &[101, 102], 0),
    (" \u{9}\u{a}\u{d} ", None, &[101, 102], 0),
    ("\u{0}", None, &[101, 102], 0),
    ("The CAT sat.", None, &[101, 1996, 4937, 2938, 1012, 102], 0),
    ("A Café in Zürich — naïve façade, 東京 and 1,234.5 e-mails!", None, &[101, 1037, 7668, 1999, 10204, 1517, 15743, 8508, 1010, 1879, 1755, 1998, 1015, 1010, 22018, 102], 0),
    ("cafe\u{301} Ångström İstanbul straße", None, &[101, 7668, 17076, 15687, 9960, 2358, 27807, 102], 0),
    ("東京タワー 한국어 русский العربية", None, &[101, 1879, 1755, 1709, 30262, 30265, 1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1195, 102], 0),
    ("a\u{0}b\u{200b}c\u{fffd}d\u{ad}e\u{7f}f\u{feff}", None, &[101, 5925, 3207, 2546, 102], 0),
    ("tab\u{9}here\u{a0}nbsp\u{3000}wide\u{2028}line", None, &[101, 21628, 2182, 1050, 5910, 2361, 2898, 2240, 102], 0),
    ("[CLS] a [MASK]b [SEP] [UNK] [PAD] [cls] [unused5]", None, &[101, 101, 1037, 103, 1038, 102, 100, 0, 1031, 18856, 2015, 1033, 1031, 15171, 2629, 102], 0),
    ("##ing ##s # # [SEP]", None, &[101, 1001, 1001, 13749, 1001, 1001, 1055, 1001, 1001, 102, 102], 0),
    ("don't U.S. $5.00 50% a_b ~`^|<>", None, &[101, 2123, 1005, 1056, 1057, 1012, 1055, 1012, 1002, 1019, 1012, 4002, 2753, 1003, 1037, 102], 0),
    ("aaaaaaxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", None, &[101, 13360, 11057, 8528, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 102], 0),
    ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", None, &[101, 100, 102], 0),
    ("and 1,234.5 e-mails!", None, &[101, 1998, 1015, 1010, 22018, 1012, 1019, 1041, 1011, 5653, 2015, 999, 102], 0),
    ("\u{1f44d}\u{1f3fd} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} ☃ \u{fb01}ne ½ ²", None, &[101, 100, 100, 100, 1984, 2638, 1092, 1082, 102], 0),
    ("\u{fdfa} \u{20000} \u{e0041} \u{e000} z\u{335}a\u{327}lgo҉", None, &[101, 100, 100, 100, 102], 0),
    ("who?", Some("me."), &[101, 2040, 1029, 102, 2033, 1012, 102], 3),
    ("a", Some(""), &[101, 1037, 102, 102], 1),
    ("", Some("a"), &[101, 102, 1037, 102], 2),
    ("", Some(""), &[101, 102, 102], 1),
    ("one two three four five six seven eight nine ten", Some("uno dos tres"), &[101, 2028, 2048, 2093, 2176, 2274, 2416, 2698, 2809, 3157, 2702, 102, 27776, 9998, 24403, 102], 4),
    ("uno dos tres", Some("one two three four five six seven eight nine ten"), &[101, 27776, 9998, 24403, 102, 2028, 2048, 2093, 2176, 2274, 2416, 2698, 2809, 3157, 2702, 102], 11),
    ("one two three four five six seven eight nine ten", Some("one two three four five six seven eight nine ten"), &[101, 2028, 2048, 2093, 2176, 2274, 2416, 102, 2028, 2048, 2093, 2176, 2274, 2416, 2698, 102], 8),
];

/// The folder of the uncased MiniLM, where the shared data is.
fn minilm() -> Option<PathBuf> {
    let shared = std::env::var_os("BERT_SHARED").map_or_else(
        || concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").into(),
        PathBuf::from,
    );
    let dir = shared.join("models/all-MiniLM-L6-v2");
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: there is no {}", dir.display());
    None
}

#[test]
fn same_ids_from_tokenizer_json_and_from_vocab_txt() {
    let Some(dir) = minilm() else { return };
    let from_json = BertTokenizer::from_dir(&dir).unwrap();
    let alone = tempfile::tempdir().unwrap();
    fs::copy(dir.join("vocab.txt"), alone.path().join("vocab.txt")).unwrap();
    let from_vocab = BertTokenizer::from_dir(alone.path()).unwrap();
    assert_eq!(from_json.vocab_size(), 30522);
    assert_eq!(from_json.mask_id(), Some(103));
    assert_eq!(
        from_json.inner().to_string(false).unwrap(),
        from_vocab.inner().to_string(false).unwrap()
    );

    let inputs: Vec<_> = CASES.iter().map(|&(text, pair, ..)| (text, pair)).collect();
    for tokenizer in [&from_json, &from_vocab] {
        let encodings = tokenizer.encode_batch(&inputs, 16).unwrap();
        for ((text, _, ids, ones), encoding) in CASES.iter().zip(encodings) {
            assert_eq!(encoding.ids, *ids, "{text:?}");
            let mut types = vec![0; ids.len() - ones];
            types.resize(ids.len(), 1);
            assert_eq!(encoding.type_ids, types, "{text:?}");
        }
    }
}

#[test]
fn saved_files_equal_the_published_ones() {
    let Some(dir) = minilm() else { return };
    let out = tempfile::tempdir().unwrap();
    BertTokenizer::from_dir(&dir).unwrap().save(out.path()).unwrap();
    let read = |dir: &Path, name: &str| fs::read_to_string(dir.join(name)).unwrap();
    assert_eq!(read(out.path(), "vocab.txt"), read(&dir, "vocab.txt"));
    let json = |dir: &Path, name| serde_json::from_str::<Value>(&read(dir, name)).unwrap();
    let mut expected = json(&dir, "tokenizer.json");
    expected["truncation"] = Value::Null;
    expected["padding"] = Value::Null;
    assert_eq!(json(out.path(), "tokenizer.json"), expected);
    assert_eq!(
        json(out.path(), "special_tokens_map.json"),
        json(&dir, "special_tokens_map.json")
    );
}

/// `t(words, is_split_into_words=True)` with `word_ids()`, and
/// `t(question, context, truncation="only_second", max_length=16, stride=3, return_overflowing_tokens=True)`.
#[test]
fn same_words_and_windows() {
    let Some(dir) = minilm() else { return };
    let t = BertTokenizer::from_dir(&dir).unwrap();
    let words = ["Zürich's", "e-mail", "", "東京", "\0", "[SEP]", "ok"];
    let full = t.encode_full(&words[..], &TruncationParams::default()).unwrap();
    assert_eq!(
        full.get_ids(),
        [
            101, 10204, 1005, 1055, 1041, 1011, 5653, 1879, 1755, 102, 7929, 102
        ]
    );
    let of_words: Vec<_> = full.get_word_ids().iter().flatten().copied().collect();
    assert_eq!(of_words, [0, 0, 0, 1, 1, 1, 3, 3, 5, 6]);

    let context = "Norman Café people gave their name to Normandy, a région in France.";
    let params = TruncationParams {
        max_length: 16,
        strategy: TruncationStrategy::OnlySecond,
        stride: 3,
        ..Default::default()
    };
    let first = t.encode_full(("Where is it?", context), &params).unwrap();
    assert_eq!(
        first.get_ids(),
        [
            101, 2073, 2003, 2009, 1029, 102, 5879, 7668, 2111, 2435, 2037, 2171, 2000, 13298, 1010, 102
        ]
    );
    let [second] = &first.get_overflowing()[..] else {
        panic!("two windows in all")
    };
    assert_eq!(
        second.get_ids(),
        [
            101, 2073, 2003, 2009, 1029, 102, 2000, 13298, 1010, 1037, 2555, 1999, 2605, 1012, 102
        ]
    );
    let words: Vec<_> = (0..second.len())
        .filter(|&i| second.token_to_sequence(i) == Some(1))
        .map(|i| second.get_offsets()[i])
        .map(|(start, end)| &context[start..end])
        .collect();
    assert_eq!(words, ["to", "Normandy", ",", "a", "région", "in", "France", "."]);
}
