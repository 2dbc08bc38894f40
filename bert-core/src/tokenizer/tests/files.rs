//! Reading, checking and writing files.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::models::bert::ARCHITECTURE;

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(dir.path().join(name), content).unwrap();
    }
    dir
}

fn from_dir(files: &[(&str, &[u8])]) -> Result<BertTokenizer, TokenizerError> {
    BertTokenizer::from_dir(folder(files).path())
}

/// The tokenizer of a `tokenizer.json`.
fn as_it_is(json: &[u8]) -> Result<BertTokenizer, TokenizerError> {
    BertTokenizer::from_json(std::str::from_utf8(json).unwrap(), &ARCHITECTURE)
}

/// The `tokenizer.json` of [`uncased`], with a change.
fn tokenizer_json(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::to_value(uncased().inner()).unwrap();
    change(&mut value);
    value.to_string().into_bytes()
}

#[test]
fn a_saved_tokenizer_loads_as_the_same() {
    let mut added = uncased();
    added
        .inner
        .add_tokens([tokenizers::AddedToken::from("cat nap", false)])
        .unwrap();
    added.model_max_length = 256;
    let bare = BertTokenizer::from_vocabulary(
        vocabulary(&["[PAD]", "[UNK]", "[CLS]", "[SEP]"]),
        Normalization::cased(),
    );
    for (t, class) in [
        (uncased(), "BertTokenizer"),
        (added, "PreTrainedTokenizerFast"),
        (bare.unwrap(), "BertTokenizer"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("not/there/yet");
        t.save(&dir).unwrap();
        let again = BertTokenizer::from_dir(&dir).unwrap();
        assert_eq!(
            again.inner().to_string(false).unwrap(),
            t.inner().to_string(false).unwrap()
        );
        assert_eq!(
            (again.special, again.model_max_length),
            (t.special, t.model_max_length)
        );
        let json: Value =
            serde_json::from_slice(&fs::read(dir.join("tokenizer_config.json")).unwrap()).unwrap();
        assert_eq!(json["tokenizer_class"], class);
        assert_eq!(json["do_lower_case"], t.normalization().unwrap().lowercase);
        assert_eq!(json["mask_token"].is_null(), t.mask_id().is_none());
        let json: Value =
            serde_json::from_slice(&fs::read(dir.join("special_tokens_map.json")).unwrap()).unwrap();
        assert_eq!(json["cls_token"], "[CLS]");

        let text = "The catnap CAT NAP 東京";
        assert_eq!(
            again.encode(text, None, 9).unwrap(),
            t.encode(text, None, 9).unwrap()
        );
        if class == "BertTokenizer" {
            fs::remove_file(dir.join("tokenizer.json")).unwrap();
            let again = BertTokenizer::from_dir(&dir).unwrap();
            assert_eq!(
                again.inner().to_string(false).unwrap(),
                t.inner().to_string(false).unwrap()
            );
        }
    }
    let file = folder(&[("file", b"")]);
    let error = uncased().save(&file.path().join("file")).unwrap_err();
    assert!(matches!(error, TokenizerError::Io { .. }), "{error}");
}

#[test]
fn tokenizer_config_takes_precedence_over_tokenizer_json() {
    let vocab = WORDS.join("\r\n");
    let json = tokenizer_json(|json| json["normalizer"]["lowercase"] = true.into());
    for name_and_file in [("vocab.txt", vocab.as_bytes()), ("tokenizer.json", &json)] {
        let case = |config: &str| {
            let t = from_dir(&[name_and_file, ("tokenizer_config.json", config.as_bytes())]).unwrap();
            (t.normalization().unwrap(), t.model_max_length)
        };
        let (cased, uncased) = (Normalization::cased(), Normalization::uncased());
        assert_eq!(from_dir(&[name_and_file]).unwrap().normalization(), Some(uncased));
        assert_eq!(case("{}"), (uncased, 512));
        assert_eq!(
            case(r#"{"do_lower_case": false, "model_max_length": 128}"#),
            (cased, 128)
        );
        assert_eq!(
            case(r#"{"strip_accents": false, "tokenize_chinese_chars": false, "model_max_length": 1e30}"#),
            (
                Normalization {
                    strip_accents: Some(false),
                    chinese_chars: false,
                    ..uncased
                },
                512
            )
        );
        assert_eq!(
            case(r#"{"do_lower_case": null, "strip_accents": null}"#),
            (uncased, 512)
        );
    }
    // As in transformers, a `tokenizer.json` decides only for classes that take it as it is.
    let json = tokenizer_json(|json| json["normalizer"]["lowercase"] = false.into());
    for (config, expected) in [
        ("{}", Normalization::uncased()),
        (
            r#"{"tokenizer_class": "BertTokenizerFast"}"#,
            Normalization::uncased(),
        ),
        (
            r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#,
            Normalization::cased(),
        ),
        (
            r#"{"tokenizer_class": "TokenizersBackend", "do_lower_case": true}"#,
            Normalization::cased(),
        ),
    ] {
        let files: &[(&str, &[u8])] = &[
            ("tokenizer.json", &json),
            ("tokenizer_config.json", config.as_bytes()),
        ];
        assert_eq!(
            from_dir(files).unwrap().normalization(),
            Some(expected),
            "{config}"
        );
    }
}

#[test]
fn truncation_padding_and_missing_parts_of_tokenizer_json_are_corrected() {
    let json = tokenizer_json(|json| {
        json["truncation"] =
            json!({"max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"});
        json["padding"] = json!({"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"});
        json["added_tokens"] = json!([]);
        json["post_processor"] = json!(null);
    });
    let t = from_dir(&[("tokenizer.json", &json)]).unwrap();
    assert!(t.inner().get_truncation().is_none() && t.inner().get_padding().is_none());
    assert_eq!(
        t.inner().to_string(false).unwrap(),
        uncased().inner().to_string(false).unwrap()
    );

    let json = tokenizer_json(|json| {
        json["post_processor"] = json!({"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]});
    });
    let t = as_it_is(&json).unwrap();
    let full = t
        .encode_full(("the cat", "sat"), &TruncationParams::default())
        .unwrap();
    assert_eq!(full.get_type_ids(), [0, 0, 0, 0, 1, 1]);
    assert_eq!(
        full.get_sequence_ids(),
        [None, Some(0), Some(0), None, Some(1), None]
    );

    let json = tokenizer_json(|json| json["normalizer"] = json!({"type": "Lowercase"}));
    let t = as_it_is(&json).unwrap();
    assert_eq!(
        (t.normalization(), encoded(&t, "THE café")),
        (None, "[CLS] the café [SEP]".into())
    );
    let dir = tempfile::tempdir().unwrap();
    t.save(dir.path()).unwrap();
    assert!(
        fs::read_to_string(dir.path().join("tokenizer_config.json"))
            .unwrap()
            .contains("PreTrainedTokenizerFast")
    );
    let again = BertTokenizer::from_dir(dir.path()).unwrap();
    assert_eq!(encoded(&again, "THE café"), encoded(&t, "THE café"));
}

#[test]
fn tokenizer_json_loads_from_memory() {
    let json = String::from_utf8(tokenizer_json(|_| ())).unwrap();
    let t = BertTokenizer::from_json(&json, &ARCHITECTURE).unwrap();
    assert_eq!(encoded(&t, "The cats"), encoded(&uncased(), "The cats"));
    let error = BertTokenizer::from_json("{}", &ARCHITECTURE)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("tokenizer.json: ") && error.contains("Model missing"),
        "{error}"
    );
}

#[test]
fn broken_vocabularies_are_refused() {
    let error = |content: &[u8]| from_dir(&[("vocab.txt", content)]).unwrap_err();
    let says = |content: &[u8], end: &str| {
        let text = error(content).to_string();
        assert!(text.contains("vocab.txt: ") && text.ends_with(end), "{text}");
    };
    says(b"", "the vocabulary is empty");
    says(b"[PAD]\n[UNK]\nthe\xff\n", "line 3: not UTF-8");
    says(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n",
        "download the file again",
    );
    for missing in ["[PAD]", "[UNK]", "[CLS]", "[SEP]"] {
        let words: Vec<_> = WORDS.iter().filter(|w| **w != missing).copied().collect();
        says(
            words.join("\n").as_bytes(),
            &format!("no token {missing}; BERT needs [PAD], [UNK], [CLS] and [SEP]"),
        );
        let error = BertTokenizer::from_vocabulary(vocabulary(&words), Normalization::cased()).unwrap_err();
        assert!(matches!(error, TokenizerError::MissingSpecial { token, .. } if token == missing));
    }
    let error = BertTokenizer::from_vocabulary(vec![], Normalization::cased()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "(vocabulary in memory): the vocabulary is empty"
    );

    let dir = tempfile::tempdir().unwrap();
    assert!(
        matches!(BertTokenizer::from_dir(dir.path()), Err(TokenizerError::NoFiles { dir: d, .. }) if d == dir.path())
    );
    let file = dir.path().join("vocab.txt");
    let error = BertTokenizer::from_vocab_file(&file, Normalization::cased()).unwrap_err();
    assert!(
        matches!(&error, TokenizerError::Io { file: f, .. } if *f == file),
        "{error}"
    );
}

#[test]
fn broken_json_is_refused() {
    let says = |json: &[u8], end: &str| {
        let text = from_dir(&[("tokenizer.json", json)]).unwrap_err().to_string();
        assert!(text.contains("tokenizer.json: ") && text.contains(end), "{text}");
    };
    let model = |model: Value| tokenizer_json(|json| json["model"] = model);
    let vocabulary = |token: &str, id: Value| tokenizer_json(|json| json["model"]["vocab"][token] = id);
    says(b"{\"version\": \"1.0\",\n oops", "line 2 column 2");
    says(b"\xff", "line 1");
    says(b"{}", "the file has no `model.vocab`");
    says(b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull");
    says(
        &model(json!({"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"})),
        "WordLevel, not WordPiece",
    );
    says(
        &model(json!({"type": "BPE", "vocab": {}, "merges": []})),
        "its model is BPE, not WordPiece",
    );
    says(
        &model(json!({"vocab": {}, "merges": []})),
        "its model is BPE, not WordPiece",
    );
    says(
        &tokenizer_json(|json| json["model"]["vocab"] = json!({})),
        "the vocabulary is empty",
    );
    says(
        &vocabulary("b", 16_777_216.into()),
        "has the id 16777216; ids must be below",
    );
    says(&vocabulary("b", (-1).into()), "the id of \"b\" is -1");
    says(
        &vocabulary("b", 4_294_967_296_u64.into()),
        "the id of \"b\" is 4294967296",
    );
    says(
        &tokenizer_json(|json| json["added_tokens"] = json!([{"content": "x"}])),
        "`added_tokens`: missing field `id`",
    );
    // At these the crate panics when a text is encoded.
    let within =
        |part: Value| json!({"type": "Sequence", "normalizers": [part.clone()], "pretokenizers": [part]});
    let charsmap = json!({"type": "Precompiled", "precompiled_charsmap": "AAAAAA=="});
    let pieces = json!({"type": "FixedLength", "length": 0});
    // BERT's own class takes only the vocabulary from the file.
    let as_it_is = |json: &[u8], end: &str| {
        let class = (
            "tokenizer_config.json",
            &br#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#[..],
        );
        let text = from_dir(&[("tokenizer.json", json), class])
            .unwrap_err()
            .to_string();
        assert!(text.contains("tokenizer.json: ") && text.contains(end), "{text}");
    };
    for part in [charsmap.clone(), within(charsmap)] {
        as_it_is(
            &tokenizer_json(|json| json["normalizer"] = part),
            "is Precompiled",
        );
    }
    for part in [pieces.clone(), within(pieces)] {
        as_it_is(
            &tokenizer_json(|json| json["pre_tokenizer"] = part),
            "of length 0",
        );
    }
    says(&without("[SEP]"), "no token [SEP]");
    says(&without("[UNK]"), "no token [UNK]");

    let config: &[u8] = br#"{"do_lower_case": "yes"}"#;
    let vocab = WORDS.join("\n");
    let error = from_dir(&[("vocab.txt", vocab.as_bytes()), ("tokenizer_config.json", config)]).unwrap_err();
    assert!(
        matches!(&error, TokenizerError::Json { file, .. } if file.ends_with("tokenizer_config.json")),
        "{error}"
    );
}

/// A `tokenizer.json` without one of the words.
fn without(token: &str) -> Vec<u8> {
    let words = WORDS.iter().filter(|w| **w != token);
    let vocab = words
        .enumerate()
        .map(|(id, word)| (word.to_string(), id.into()))
        .collect();
    tokenizer_json(|json| {
        json["added_tokens"] = json!([]);
        json["model"]["vocab"] = Value::Object(vocab);
    })
}

#[test]
fn a_tokenizer_json_that_is_taken_as_it_is_must_be_berts() {
    let says = |json: &[u8], end: &str| {
        let text = as_it_is(json).unwrap_err().to_string();
        assert!(text.contains("tokenizer.json: ") && text.contains(end), "{text}");
    };
    says(b"{", "line 1");
    says(b"{}", "Model missing");
    // Numbers out of range inside a decoder made version 0.23.2 of the tokenizers crate panic.
    let text = String::from_utf8(tokenizer_json(|_| ())).unwrap();
    let decoder = text.find("\"decoder\":{").unwrap() + "\"decoder\":{".len();
    for broken in ["\"x\": 1e999, ", "\"x\" 1, ", "{", "\"\\ud800\": 1, "] {
        let mut text = text.clone();
        text.insert_str(decoder, broken);
        says(text.as_bytes(), "line 1");
    }
    says(
        &tokenizer_json(|json| json["model"]["unk_token"] = "?".into()),
        "its unknown token is \"?\", not [UNK]",
    );
    says(
        &tokenizer_json(|json| json["model"]["vocab"] = json!({})),
        "the vocabulary is empty",
    );
    says(
        &tokenizer_json(|json| json["model"]["vocab"]["b"] = 99_999_999.into()),
        "has the id 99999999",
    );
    says(&without("[SEP]"), "no token [SEP]");
    says(&without("[UNK]"), "no token [UNK]");

    let form = "its post-processor does not make";
    let post = |change: fn(&mut Value)| tokenizer_json(|json| change(&mut json["post_processor"]));
    says(
        &post(|p| *p = json!({"type": "BertProcessing", "sep": ["[SEP]", 4], "cls": ["[CLS]", 2]})),
        form,
    );
    says(
        &post(|p| *p = json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true})),
        form,
    );
    says(&post(|p| p["special_tokens"] = json!({})), form);
    says(&post(|p| p["single"][1]["Sequence"]["id"] = "B".into()), form);
    says(&post(|p| p["pair"][3]["Sequence"]["type_id"] = 0.into()), form);
}
