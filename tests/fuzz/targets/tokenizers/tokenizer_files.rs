//! The files of a tokenizer together: vocabulary, settings, special and added tokens.
#![no_main]

use bert_fuzz::tokenizers::{WORDS, of_folder, saved, used};
use bert_fuzz::{joined, target};

target!(|input| used(of_folder(input)), || {
    let read = |name| std::fs::read_to_string(saved().join(name)).expect("it has been written");
    let words = WORDS.join("\n");
    let config = r#"{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null, "model_max_length": 512,
"cls_token": "[CLS]", "additional_special_tokens": ["[E1]", {"content": "[E2]", "lstrip": true}],
"added_tokens_decoder": {"10": {"content": "[NEW]", "special": true, "normalized": false}}}"#;
    vec![
        joined(&[("vocab.txt", words.as_str()), ("tokenizer_config.json", config)]),
        joined(&[
            ("vocab.txt", words.as_str()),
            ("special_tokens_map.json", &read("special_tokens_map.json")),
            ("added_tokens.json", r#"{"[A]": 10, "[B]": 11}"#),
            (
                "tokenizer_config.json",
                r#"{"do_lower_case": false, "extra_special_tokens": {"x": "[X]"}}"#,
            ),
        ]),
        joined(&[
            ("tokenizer.json", read("tokenizer.json").as_str()),
            (
                "tokenizer_config.json",
                r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#,
            ),
            ("config.json", r#"{"model_type": "bert"}"#),
        ]),
    ]
});
