//! Damaged model files of many kinds: each is read or refused, without a panic. Bytes are flipped, cut, inserted and
//! repeated, and values of JSON replaced, by fixed seeds. `BERT_MUTATIONS` sets how many (100; at least that).

use std::fs;
use std::path::Path;

use bert_core::models::bert::ARCHITECTURE;
use bert_core::random::mix;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, parse_device, store};
use bert_tasks::SequenceClassifier;
use bert_tests::use_tokenizer;
use serde_json::{Value, json};

/// Pieces of the files' own syntax, and numbers at the ends of ranges.
const PIECES: [&str; 16] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "4294967296",
    "18446744073709551615",
    "\\ud800",
    "\u{feff}",
    "\"type\":\"Sequence\"",
    "\0",
];

/// The bytes with a few changes that `seed` draws.
fn mutated(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut counter = 0;
    let mut draw = |below: usize| {
        counter += 1;
        (mix(seed ^ mix(counter)) % below.max(1) as u64) as usize
    };
    let mut bytes = bytes.to_vec();
    for _ in 0..=draw(3) {
        let at = draw(bytes.len() + 1);
        match draw(6) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << draw(8),
            2 => {
                bytes.splice(at..at, PIECES[draw(PIECES.len())].bytes());
            }
            3 => {
                let end = (at + draw(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + draw(100)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let to = draw(bytes.len() + 1);
                bytes.splice(to..to, part);
            }
            _ => {
                // A number, where there is one.
                if let Some(digit) = bytes.iter().skip(at).position(u8::is_ascii_digit) {
                    let at = at + digit;
                    bytes.splice(at..at + 1, PIECES[7 + draw(5)].bytes());
                }
            }
        }
    }
    bytes
}

/// The JSON with other values in one or two of its nodes: it is still JSON.
fn mutated_json(text: &[u8], seed: u64) -> Vec<u8> {
    let mut counter = 0;
    let mut draw = |below: usize| {
        counter += 1;
        (mix(seed ^ mix(counter)) % below.max(1) as u64) as usize
    };
    let mut json: Value = serde_json::from_slice(text).unwrap();
    for _ in 0..=draw(2) {
        replace_one(&mut json, &mut draw);
    }
    json.to_string().into_bytes()
}

/// Replaces this value or one inside of it.
fn replace_one(value: &mut Value, draw: &mut impl FnMut(usize) -> usize) {
    if draw(6) > 0 {
        let inner = match value {
            Value::Object(map) if !map.is_empty() => {
                let which = draw(map.len());
                map.values_mut().nth(which)
            }
            Value::Array(list) if !list.is_empty() => {
                let which = draw(list.len());
                list.get_mut(which)
            }
            _ => None,
        };
        if let Some(inner) = inner {
            return replace_one(inner, draw);
        }
    }
    *value = match draw(12) {
        0 => Value::Null,
        1 => (-1).into(),
        2 => u64::MAX.into(),
        3 => 4_294_967_296_u64.into(),
        4 => 0.5.into(),
        5 => "".into(),
        6 => "[CLS]".into(),
        7 => json!([]),
        8 => json!({}),
        9 => json!([value.clone(), value.clone()]),
        10 => json!({"type": "Sequence", "content": "the cat", "id": 10}),
        _ => true.into(),
    };
}

/// How many mutations of a file are read.
fn count() -> u64 {
    let count = std::env::var("BERT_MUTATIONS")
        .ok()
        .and_then(|count| count.parse().ok());
    count.unwrap_or(100)
}

fn config() -> BertConfig {
    BertConfig::compact(10, 8, 1, 2)
}

fn tokenizer() -> BertTokenizer {
    let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "##s", "sat", "!",
    ];
    BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Default::default()).unwrap()
}

/// Reads each mutation with `read`, which says whether it was accepted: some are, and some are not.
fn check(what: &str, bytes: &[u8], mut read: impl FnMut(&[u8]) -> bool) {
    let mut mutations = vec![mutated as fn(&[u8], u64) -> Vec<u8>];
    if bytes.starts_with(b"{") {
        mutations.push(mutated_json);
    }
    let mut accepted = 0;
    for mutate in &mutations {
        accepted += (0..count()).filter(|&seed| read(&mutate(bytes, seed))).count();
    }
    let all = count() as usize * mutations.len();
    println!("{what}: {accepted} of {all} accepted");
    assert!(accepted > 0 && accepted < all, "{what}: {accepted} of {all}");
}

#[test]
fn configurations() {
    let mut config = config();
    config.set_labels(&["no".into(), "yes".into()]);
    check("config.json", config.to_json().as_bytes(), |bytes| {
        let config = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| BertConfig::from_json(text).ok());
        let Some(config) = config else { return false };
        let _ = (config.labels(), config.parameters(), config.weight_names());
        config.max_tokens() > 0
    });
}

/// Uses the tokenizer if it was read: whether it was.
fn used(tokenizer: Result<BertTokenizer, bert_core::TokenizerError>, dir: &Path) -> bool {
    tokenizer.map(|tokenizer| use_tokenizer(tokenizer, dir)).is_ok()
}

#[test]
fn tokenizers() {
    let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    tokenizer().save(dir.path()).unwrap();
    let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
    let json = read("tokenizer.json");
    check("tokenizer.json, as it is", &json, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        used(BertTokenizer::from_json(&text, &ARCHITECTURE), out.path())
    });
    let added = r#"{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "strip_accents": null, "model_max_length": 512,
        "cls_token": "[CLS]", "additional_special_tokens": ["[E1]", {"content": "[E2]", "lstrip": true}],
        "added_tokens_decoder": {"10": {"content": "[NEW]", "special": true, "normalized": false}}}"#;
    for (name, bytes, vocabulary) in [
        ("tokenizer.json", json.as_slice(), None),
        ("vocab.txt", &read("vocab.txt"), None),
        ("tokenizer_config.json", added.as_bytes(), Some("vocab.txt")),
        (
            "special_tokens_map.json",
            &read("special_tokens_map.json"),
            Some("vocab.txt"),
        ),
        (
            "added_tokens.json",
            br#"{"[A]": 10, "[B]": 11}"#,
            Some("tokenizer.json"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        if let Some(vocabulary) = vocabulary {
            fs::copy(dir.path().join(vocabulary), folder.path().join(vocabulary)).unwrap();
        }
        check(name, bytes, |bytes| {
            fs::write(folder.path().join(name), bytes).unwrap();
            used(BertTokenizer::from_dir(folder.path()), out.path())
        });
    }
}

#[test]
fn weights() {
    let device = parse_device("flex").unwrap();
    let model = SequenceClassifier::new(&config(), 2, 1, &device);
    let names = ARCHITECTURE.names("ForSequenceClassification");
    let bytes = store::to_safetensors(&model, names).unwrap();
    check("model.safetensors", &bytes, |bytes| {
        let Ok(checkpoint) = Checkpoint::from_bytes(bytes.to_vec()) else {
            return false;
        };
        let _ = checkpoint.check_embeddings(&config());
        checkpoint
            .load_into(SequenceClassifier::new(&config(), 2, 2, &device), names)
            .is_ok()
    });
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pytorch_model.bin");
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pytorch_model.bin");
    check("pytorch_model.bin", &fs::read(fixture).unwrap(), |bytes| {
        fs::write(&path, bytes).unwrap();
        Checkpoint::open(dir.path()).is_ok()
    });
    fs::remove_file(&path).unwrap();
    fs::write(dir.path().join("a.safetensors"), &bytes).unwrap();
    let index =
        r#"{"metadata": {"total_size": 9}, "weight_map": {"x": "a.safetensors", "y": "a.safetensors"}}"#;
    check("model.safetensors.index.json", index.as_bytes(), |bytes| {
        fs::write(dir.path().join("model.safetensors.index.json"), bytes).unwrap();
        Checkpoint::open(dir.path()).is_ok()
    });
}
