//! `tokenizer.json`: as it is, and rebuilt as transformers does.
#![no_main]

use bert_fuzz::tokenizers::{of_folder, of_json, saved, used};
use bert_fuzz::{joined, target};
use serde_json::{Value, json};

target!(
    |input| {
        used(of_json(input));
        used(of_folder(&joined(&[("tokenizer.json", input)])));
    },
    || {
        let text = std::fs::read_to_string(saved().join("tokenizer.json")).expect("it has been written");
        let json: Value = serde_json::from_str(&text).expect("it is JSON");
        let with = |name: &str, part: Value| {
            let mut json = json.clone();
            json[name] = part;
            json.to_string()
        };
        vec![
            text,
            with(
                "normalizer",
                json!({"type": "Sequence", "normalizers": [
                {"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}, {"type": "Nmt"}, {"type": "Prepend", "prepend": "_"},
                {"type": "Strip", "strip_left": true, "strip_right": true}, {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": "a+|(b)"}, "content": "b"},
                {"type": "Replace", "pattern": {"String": "x"}, "content": ""}]}),
            ),
            with(
                "pre_tokenizer",
                json!({"type": "Sequence", "pretokenizers": [
                {"type": "Whitespace"}, {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": true},
                {"type": "Split", "pattern": {"Regex": "x(?=y)"}, "behavior": "Removed", "invert": false},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}, {"type": "UnicodeScripts"},
                {"type": "CharDelimiterSplit", "delimiter": "-"}, {"type": "FixedLength", "length": 5}]}),
            ),
            with(
                "pre_tokenizer",
                json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}),
            ),
            with(
                "added_tokens",
                json!([{"id": 10, "content": "the c", "single_word": true, "lstrip": true, "rstrip": true,
                "normalized": true, "special": false}]),
            ),
            with(
                "padding",
                json!({"strategy": {"Fixed": 9}, "direction": "Left", "pad_to_multiple_of": 8, "pad_id": 0,
                "pad_type_id": 0, "pad_token": "[PAD]"}),
            ),
        ]
    }
);
