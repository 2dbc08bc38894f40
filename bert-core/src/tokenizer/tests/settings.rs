//! The same ids as transformers gives for what stands beside a vocabulary.
//!
//! The expected values were made by transformers 5.24.0 with tokenizers 0.23.3, from folders with these files and a
//! `config.json` of `{"model_type": "bert"}`:
//! ```python
//! AutoTokenizer.from_pretrained(folder)(text)["input_ids"]
//! ```

use std::fs;

use serde_json::{Value, json};

use super::*;

/// The tokenizer of a folder with these files, as text or as JSON.
fn of(files: &[(&str, Value)]) -> Result<BertTokenizer, TokenizerError> {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let text = content
            .as_str()
            .map_or_else(|| content.to_string(), str::to_owned);
        fs::write(dir.path().join(name), text).unwrap();
    }
    BertTokenizer::from_dir(dir.path())
}

fn ids(files: &[(&str, Value)], text: &str) -> Vec<u32> {
    let tokenizer = of(files).unwrap_or_else(|error| panic!("{files:?}: {error}"));
    tokenizer.encode(text, None, 64).unwrap().ids
}

/// The words as a `vocab.txt`.
fn words() -> Value {
    (WORDS.join("\n") + "\n").into()
}

/// A `vocab.txt` with blank lines, and with "the" and "cat" twice.
fn repeated() -> Value {
    let (first, rest) = WORDS.split_at(6);
    let all = [first, &["", "the", ""], rest, &["cat", "", ""]].concat();
    (all.join("\n") + "\n").into()
}

/// The `tokenizer.json` of the words, with a change.
fn json_file(change: impl FnOnce(&mut Value)) -> Value {
    let mut value = serde_json::to_value(uncased().inner()).unwrap();
    change(&mut value);
    value
}

/// An added token in a `tokenizer.json` or an `added_tokens_decoder`.
fn token(content: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut token = json!({"content": content, "lstrip": false, "rstrip": false, "normalized": false,
        "single_word": false, "special": true});
    change(&mut token);
    token
}

const NEW: &str = "The café sat cats [NEW] the 東京";
const ENTITIES: &str = "The café sat cats[E1] the [e1] [E2]東京";

#[test]
fn vocabularies_with_repeated_and_blank_lines() {
    let files = [("vocab.txt", repeated())];
    assert_eq!(ids(&files, NEW), [2, 7, 12, 11, 23, 10, 1, 1, 1, 7, 15, 16, 3]);
    assert_eq!(of(&files).unwrap().vocab_size(), 26);
    // White space at the end of lines, and blank lines at the end, change nothing.
    let repeated_text = repeated().as_str().unwrap().to_owned();
    for text in [
        repeated_text.replace('\n', " \t\n"),
        repeated_text.replace('\n', "\r\n"),
    ] {
        let files = [("vocab.txt", text.into())];
        assert_eq!(ids(&files, NEW), [2, 7, 12, 11, 23, 10, 1, 1, 1, 7, 15, 16, 3]);
        assert_eq!(of(&files).unwrap().vocab_size(), 26);
    }
    // A new token has the number of tokens as its id, even if an id before it has none.
    let files = [
        ("vocab.txt", repeated()),
        ("added_tokens.json", json!({"[E1]": 30})),
    ];
    assert_eq!(
        ids(&files, ENTITIES),
        [2, 7, 12, 11, 23, 10, 21, 7, 21, 1, 1, 1, 15, 16, 3]
    );
    // It is saved without a change of ids.
    let dir = tempfile::tempdir().unwrap();
    let tokenizer = of(&[("vocab.txt", repeated())]).unwrap();
    tokenizer.save(dir.path()).unwrap();
    for _ in 0..2 {
        let again = BertTokenizer::from_dir(dir.path()).unwrap();
        assert_eq!(
            again.encode(NEW, None, 64).unwrap(),
            tokenizer.encode(NEW, None, 64).unwrap()
        );
        // The second time from vocab.txt.
        let _ = fs::remove_file(dir.path().join("tokenizer.json"));
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_vocabulary() {
    let text = format!("\u{feff}{}", WORDS.join("\n"));
    assert_eq!(ids(&[("vocab.txt", text.into())], "the cat"), [2, 5, 6, 3]);
    let text = format!("\u{feff}{}", json_file(|_| ()));
    let config = "\u{feff}{\"do_lower_case\": false}";
    let files = [
        ("tokenizer.json", text.into()),
        ("tokenizer_config.json", config.into()),
    ];
    assert_eq!(ids(&files, "The cat"), [2, 11, 6, 3]);
}

#[test]
fn settings_decide_how_texts_are_normalised() {
    let config = |config: Value| ("tokenizer_config.json", config);
    let lower = |config_: Value| [("vocab.txt", words()), config(config_)];
    let uncased = [2, 5, 9, 8, 6, 7, 1, 1, 1, 5, 12, 13, 3];
    assert_eq!(ids(&[("vocab.txt", words())], NEW), uncased);
    assert_eq!(
        ids(&lower(json!({"do_lower_case": false})), NEW),
        [2, 11, 10, 8, 6, 7, 1, 1, 1, 5, 12, 13, 3]
    );
    assert_eq!(
        ids(
            &lower(json!({"do_lower_case": false, "strip_accents": true})),
            NEW
        ),
        [2, 11, 9, 8, 6, 7, 1, 1, 1, 5, 12, 13, 3]
    );
    // A tokenizer.json decides only where the class takes it as it is.
    for (key, value) in [("strip_accents", json!(false)), ("lowercase", json!(false))] {
        let file = json_file(|json| json["normalizer"][key] = value);
        assert_eq!(ids(&[("tokenizer.json", file.clone())], NEW), uncased, "{key}");
        let files = [
            ("tokenizer.json", file.clone()),
            config(json!({"tokenizer_class": "BertTokenizer"})),
        ];
        assert_eq!(ids(&files, NEW), uncased, "{key}");
    }
    let file = json_file(|json| json["normalizer"]["lowercase"] = false.into());
    let files = [
        ("tokenizer.json", file),
        config(json!({"tokenizer_class": "PreTrainedTokenizerFast"})),
    ];
    assert_eq!(ids(&files, NEW), [2, 11, 10, 8, 6, 7, 1, 1, 1, 5, 12, 13, 3]);
    for change in [
        |json: &mut Value| json["normalizer"] = json!({"type": "Lowercase"}),
        |json: &mut Value| {
            json["model"]["max_input_chars_per_word"] = 2.into();
            json["model"]["continuing_subword_prefix"] = "@@".into();
        },
        |json: &mut Value| json["model"]["vocab"]["b"] = 99.into(),
        |json: &mut Value| json["model"]["vocab"]["b"] = 18.into(),
        |json: &mut Value| {
            json["post_processor"] =
                json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true});
        },
    ] {
        assert_eq!(ids(&[("tokenizer.json", json_file(change))], NEW), uncased);
    }
    let file = json_file(|json| json["normalizer"] = json!({"type": "Lowercase"}));
    let files = [
        ("tokenizer.json", file),
        config(json!({"tokenizer_class": "PreTrainedTokenizerFast"})),
    ];
    assert_eq!(ids(&files, NEW), [2, 5, 10, 8, 6, 7, 1, 1, 1, 5, 1, 3]);
}

#[test]
fn tokens_are_added_from_all_files() {
    let with_new = [2, 5, 9, 8, 6, 7, 20, 5, 12, 13, 3];
    let config = |config: Value| ("tokenizer_config.json", config);
    let new = |id: &str| json!({"added_tokens_decoder": {id: token("[NEW]", |_| ())}});
    let in_json = json_file(|json| {
        let listed = token("[NEW]", |token| token["id"] = 20.into());
        json["added_tokens"].as_array_mut().unwrap().push(listed);
    });
    let fast = json!({"tokenizer_class": "PreTrainedTokenizerFast"});
    for files in [
        vec![
            ("vocab.txt", words()),
            ("added_tokens.json", json!({"[NEW]": 20})),
        ],
        vec![
            ("vocab.txt", words()),
            ("added_tokens.json", json!({"[NEW]": 25})),
        ],
        vec![("vocab.txt", words()), config(new("20"))],
        vec![
            ("vocab.txt", words()),
            config(json!({"additional_special_tokens": ["[NEW]"]})),
        ],
        vec![
            ("vocab.txt", words()),
            config(json!({"extra_special_tokens": ["[NEW]"]})),
        ],
        vec![
            ("vocab.txt", words()),
            config(json!({"extra_special_tokens": {"new_token": "[NEW]"}})),
        ],
        vec![("vocab.txt", words()), config(json!({"new_token": "[NEW]"}))],
        vec![("vocab.txt", words()), config(json!({"bos_token": "[NEW]"}))],
        vec![
            ("vocab.txt", words()),
            (
                "special_tokens_map.json",
                json!({"additional_special_tokens": ["[NEW]"]}),
            ),
        ],
        vec![("tokenizer.json", in_json.clone())],
        vec![
            ("tokenizer.json", json_file(|_| ())),
            ("added_tokens.json", json!({"[NEW]": 20})),
        ],
        vec![
            ("tokenizer.json", json_file(|_| ())),
            ("added_tokens.json", json!({"[NEW]": 20})),
            config(fast.clone()),
        ],
        vec![("tokenizer.json", in_json.clone()), config(fast)],
    ] {
        assert_eq!(ids(&files, NEW), with_new, "{files:?}");
    }
    // The list of tokenizer_config.json hides those of the other files.
    let none = [2, 5, 9, 8, 6, 7, 1, 1, 1, 5, 12, 13, 3];
    let pad = json!({"added_tokens_decoder": {"0": token("[PAD]", |_| ())}});
    assert_eq!(ids(&[("tokenizer.json", in_json), config(pad)], NEW), none);
    let existing = [("vocab.txt", words()), ("added_tokens.json", json!({"sat": 8}))];
    assert_eq!(ids(&existing, NEW), none);
}

#[test]
fn the_order_and_the_options_of_added_tokens() {
    let config = |config: Value| ("tokenizer_config.json", config);
    let entities = ("added_tokens.json", json!({"[E2]": 21, "[E1]": 20}));
    let map = (
        "special_tokens_map.json",
        json!({"additional_special_tokens": ["[E1]", "[E2]"]}),
    );
    let normalised = [2, 5, 9, 8, 6, 7, 20, 5, 20, 21, 12, 13, 3];
    assert_eq!(
        ids(&[("vocab.txt", words()), entities.clone()], ENTITIES),
        normalised
    );
    assert_eq!(
        ids(&[("vocab.txt", words()), entities, map], ENTITIES),
        normalised
    );
    let decoder = json!({"bos_token": "[E0]", "added_tokens_decoder": {
        "21": token("[E1]", |_| ()),
        "20": token("[E2]", |_| ()),
    }});
    let ordered = [2, 5, 9, 8, 6, 7, 21, 5, 1, 1, 1, 20, 12, 13, 3];
    assert_eq!(ids(&[("vocab.txt", words()), config(decoder)], ENTITIES), ordered);
    let keys = json!({"eos_token": "[E2]", "entity_token": "[E1]", "additional_special_tokens": ["[E3]"]});
    let files = [("vocab.txt", words()), config(keys)];
    assert_eq!(ids(&files, ENTITIES), ordered);
    assert_eq!(of(&files).unwrap().vocab_size(), 23);
    let options = json!({"added_tokens_decoder": {
        "20": token("[E1]", |token| token["single_word"] = true.into()),
        "21": token("[E2]", |token| {
            token["lstrip"] = true.into();
            token["rstrip"] = true.into();
        }),
    }});
    assert_eq!(
        ids(&[("vocab.txt", words()), config(options)], ENTITIES),
        [2, 5, 9, 8, 6, 7, 1, 1, 1, 5, 1, 1, 1, 21, 12, 13, 3]
    );
    let hidden = json!({"added_tokens_decoder": {"20": token("[E1]", |_| ())}});
    let files = [
        ("vocab.txt", words()),
        ("added_tokens.json", json!({"[E2]": 20})),
        config(hidden),
    ];
    assert_eq!(
        ids(&files, ENTITIES),
        [2, 5, 9, 8, 6, 7, 20, 5, 1, 1, 1, 1, 1, 1, 12, 13, 3]
    );
    let normalised = json!({"added_tokens_decoder": {"20": token("Café", |token| {
        token["normalized"] = true.into();
        token["special"] = false.into();
    })}});
    let files = [("vocab.txt", words()), config(normalised)];
    assert_eq!(ids(&files, "The café sat Café CAFÉ"), [2, 5, 20, 8, 20, 20, 3]);
}

#[test]
fn classes_with_the_same_tokenizer_are_read_and_others_refused() {
    let config = |config: Value| ("tokenizer_config.json", config);
    for class in [
        "BertTokenizer",
        "BertTokenizerFast",
        "DistilBertTokenizer",
        "DistilBertTokenizerFast",
        "ElectraTokenizer",
        "MobileBertTokenizer",
        "ConvBertTokenizer",
        "LayoutLMTokenizer",
        "LxmertTokenizer",
        "SqueezeBertTokenizer",
        "DPRQuestionEncoderTokenizer",
    ] {
        let files = [("vocab.txt", words()), config(json!({"tokenizer_class": class}))];
        assert_eq!(ids(&files, "The café cats"), [2, 5, 9, 6, 7, 3], "{class}");
    }
    let refused = |files: &[(&str, Value)], part: &str| {
        let error = of(files).unwrap_err().to_string();
        assert!(
            error.contains("tokenizer_config.json") && error.contains(part),
            "{error}"
        );
    };
    for class in [
        "BertJapaneseTokenizer",
        "MPNetTokenizer",
        "FunnelTokenizer",
        "RobertaTokenizerFast",
        "NoSuch",
    ] {
        let files = [("vocab.txt", words()), config(json!({"tokenizer_class": class}))];
        refused(
            &files,
            &format!("`tokenizer_class` is \"{class}\"; it tokenises in another way"),
        );
    }
    let files = [
        ("vocab.txt", words()),
        (
            "config.json",
            json!({"model_type": "bert", "tokenizer_class": "BertJapaneseTokenizer"}),
        ),
    ];
    refused(&files, "BertJapaneseTokenizer");
    let files = [
        ("vocab.txt", words()),
        config(json!({"word_tokenizer_type": "mecab"})),
    ];
    refused(&files, "`word_tokenizer_type`");
    let files = [
        ("vocab.txt", words()),
        config(json!({})),
        ("special_tokens_map.json", json!({"cls_token": "the"})),
    ];
    refused(&files, "its `cls_token` is \"the\", not [CLS]");
    let files = [
        ("vocab.txt", words()),
        config(json!({"additional_special_tokens": 7})),
    ];
    refused(&files, "`additional_special_tokens` is 7");
    let files = [
        ("vocab.txt", words()),
        config(json!({"cls_token": {"text": "x"}})),
    ];
    refused(&files, "describes no token");
    // These take a tokenizer.json as it is, and there is none.
    let files = [
        ("vocab.txt", words()),
        config(json!({"tokenizer_class": "TokenizersBackend"})),
    ];
    let error = of(&files).unwrap_err().to_string();
    assert!(error.contains("has no tokenizer.json"), "{error}");
}

#[test]
fn a_file_is_read_with_the_settings_beside_it_as_its_folder_is() {
    let read = |class: &str, name: &str, content: &str| {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        let config = json!({"tokenizer_class": class, "do_lower_case": false, "model_max_length": 64});
        write("tokenizer_config.json", &config.to_string());
        write("added_tokens.json", r#"{"<new>": 40}"#);
        write(name, content);
        [dir.path(), &dir.path().join(name)].map(|path| {
            let tokenizer = BertTokenizer::from_path(path).unwrap();
            assert!(tokenizer.inner().token_to_id("<new>").is_some());
            let json = tokenizer.inner().to_string(false).unwrap();
            (json, tokenizer.model_max_length)
        })
    };
    let (json, words) = (json_file(|_| ()), words());
    for (class, name, content) in [
        ("BertTokenizer", "vocab.txt", words.as_str().unwrap()),
        ("BertTokenizer", "tokenizer.json", &json.to_string()),
        ("PreTrainedTokenizerFast", "tokenizer.json", &json.to_string()),
    ] {
        let [folder, file] = read(class, name, content);
        assert_eq!(folder, file);
    }
}

#[test]
fn a_model_without_an_embedding_for_each_id_is_refused() {
    let config = |rows: usize, types: usize| crate::BertConfig {
        type_vocab_size: types,
        ..crate::BertConfig::compact(rows, 8, 1, 2)
    };
    assert!(uncased().for_model(&config(20, 2)).is_ok());
    let blank_at_the_end = of(&[("vocab.txt", (WORDS.join("\n") + "\n\n  \n").into())]).unwrap();
    assert!(
        blank_at_the_end
            .clone()
            .for_model(&config(WORDS.len(), 2))
            .is_ok()
    );
    assert!(blank_at_the_end.for_model(&config(WORDS.len() - 1, 2)).is_err());
    let error = uncased().for_model(&config(19, 2)).unwrap_err().to_string();
    assert!(
        error.contains("ids up to 19") && error.contains("`vocab_size` is 19"),
        "{error}"
    );
    let one_type = uncased().for_model(&config(20, 1)).unwrap();
    assert!(one_type.encode("the cat", None, 8).is_ok());
    for error in [
        one_type.encode("the cat", Some("sat"), 8).unwrap_err(),
        one_type
            .encode_full(("the cat", "sat"), &TruncationParams::default())
            .unwrap_err(),
        one_type.room_for_two(8).unwrap_err(),
    ] {
        assert!(
            matches!(error, TokenizerError::TokenTypes { second: 1, types: 1 }),
            "{error}"
        );
    }
    // Ids with gaps count up to the last one.
    let sparse = of(&[(
        "tokenizer.json",
        json_file(|json| json["model"]["vocab"]["b"] = 99.into()),
    )])
    .unwrap();
    assert!(sparse.clone().for_model(&config(99, 2)).is_err());
    assert!(sparse.for_model(&config(100, 2)).is_ok());
}

#[test]
fn a_vocabulary_with_capitals_that_is_lower_cased_is_noticed() {
    assert!(!uncased().loses_capitals());
    let mut words = vocabulary(WORDS);
    words.extend(["Cat".into(), "##S".into()]);
    let lost = BertTokenizer::from_vocabulary(words.clone(), Normalization::uncased()).unwrap();
    assert!(lost.loses_capitals());
    let kept = BertTokenizer::from_vocabulary(words, Normalization::cased()).unwrap();
    assert!(!kept.loses_capitals());
}
