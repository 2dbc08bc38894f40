//! Vocabularies learnt from real text are those of Hugging Face's own trainer.
//!
//! Python's `BertWordPieceTokenizer.train` (tokenizers 0.23.2 and 0.23.3) gives another vocabulary each time that it is
//! called: it numbers the characters inside of words in the order of a hash map with a random seed, and ties between pairs are
//! broken by these numbers. So the expected values are those of its trainer with the characters in the order of their code
//! points:
//!
//! ```python
//! kind = BertWordPieceTokenizer(lowercase=True)                # False for the second one
//! words = Counter(word for line in open("train.txt", encoding="utf-8", newline="") for word, _ in
//!                 kind._tokenizer.pre_tokenizer.pre_tokenize_str(kind._tokenizer.normalizer.normalize_str(line)))
//! count = Counter()
//! for word, times in words.items():
//!     for c in word: count[c] += times
//! alphabet = sorted(sorted(count, key=lambda c: (-count[c], c))[:1000])                       # 80
//! inner = sorted({c for word in words for c in word[1:]} & set(alphabet))
//! first = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + alphabet + ["##" + c for c in inner]
//! kind._tokenizer.train(["train.txt"], trainers.WordPieceTrainer(
//!     vocab_size=8000, min_frequency=2, limit_alphabet=0, special_tokens=first))              # 4000, 5
//! tokens = sorted(kind.get_vocab().items(), key=lambda item: item[1])
//! sha256("".join(token + "\n" for token, _ in tokens).encode()).hexdigest()
//! ```
//!
//! With the order of the characters that a call of `BertWordPieceTokenizer.train` happened to have, the same code gives that
//! call's vocabulary, byte for byte.

use std::fs;
use std::path::Path;

use bert_core::BertTokenizer;
use bert_core::tokenizer::{NewVocabulary, Normalization, VocabularyOptions, WordCounts};
use bert_tests::shared;
use datasets::PlainText;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

fn trained(file: &Path, normalization: Normalization, options: &VocabularyOptions) -> NewVocabulary {
    let mut words = WordCounts::new(normalization);
    for block in PlainText::open(file).unwrap() {
        words.add(&block.unwrap().lines().collect::<Vec<_>>()).unwrap();
    }
    words.train(options).unwrap()
}

/// The content of the new `vocab.txt`, and the tokenizer as it is read from its folder.
fn saved(new: &NewVocabulary) -> (Vec<u8>, BertTokenizer) {
    let dir = TempDir::new().unwrap();
    new.tokenizer.save(dir.path()).unwrap();
    let read = BertTokenizer::from_dir(dir.path()).unwrap();
    (fs::read(dir.path().join("vocab.txt")).unwrap(), read)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_vocabulary_of_wikitext_is_that_of_hugging_faces_trainer() {
    let Some(shared) = shared("data/wikitext-2/train.txt") else {
        return;
    };
    let file = shared.join("data/wikitext-2/train.txt");
    let smaller = VocabularyOptions {
        size: 4000,
        min_frequency: 5,
        limit_alphabet: 80,
        ..Default::default()
    };
    let larger = VocabularyOptions {
        size: 8000,
        ..Default::default()
    };
    for (normalization, options, expected) in [
        (
            Normalization::uncased(),
            larger,
            "c061270704055468d2ad5960848e27f505d5a7e273f76849c10f0f5d2a0fd165",
        ),
        (
            Normalization::cased(),
            smaller,
            "6c413a172fd88cfc9229000801b52522d893b370103798c1444a727f970fe477",
        ),
    ] {
        let new = trained(&file, normalization, &options);
        assert_eq!(hash(&saved(&new).0), expected, "{options:?}");
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let alone = one.install(|| trained(&file, normalization, &options));
        assert_eq!(hash(&saved(&alone).0), expected, "{options:?}, one thread");
    }
}

#[test]
fn a_new_tokenizer_reads_its_own_text() {
    let Some(shared) = shared("data/wikitext-2/valid.txt") else {
        return;
    };
    let file = shared.join("data/wikitext-2/valid.txt");
    let text = fs::read_to_string(&file).unwrap();
    for (normalization, limit_alphabet) in [
        (Normalization::uncased(), 1000),
        (Normalization::cased(), 1000),
        (Normalization::cased(), 60),
    ] {
        let options = VocabularyOptions {
            size: 3000,
            limit_alphabet,
            ..Default::default()
        };
        let new = trained(&file, normalization, &options);
        assert_eq!(new.left_out.is_empty(), limit_alphabet == 1000);
        let (_, tokenizer) = saved(&new);
        assert_eq!(tokenizer.vocab_size(), 3000);
        assert_eq!(tokenizer.normalization(), Some(normalization));
        let mut unknown = 0;
        for line in text.lines() {
            let found = tokenizer.tokenize(line).unwrap();
            for (id, (start, end)) in found.ids.iter().zip(found.offsets) {
                if *id == tokenizer.unk_id() {
                    unknown += 1;
                    let word = &line[start as usize..end as usize];
                    assert!(word.chars().any(|c| new.left_out.contains(&c)), "{word}");
                }
            }
        }
        assert_eq!(unknown > 0, limit_alphabet < 1000, "{limit_alphabet} characters");
    }
}
