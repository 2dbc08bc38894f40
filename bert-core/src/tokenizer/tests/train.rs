//! New vocabularies on texts that are small enough to see why.

use std::collections::BTreeSet;

use super::super::{BertTokenizer, NewVocabulary, Normalization, TokenizerError};
use super::super::{VocabularyOptions, WordCounts};

const TEXTS: [&str; 4] = [
    "low low low low low lower lower newest newest newest",
    "newest newest newest widest widest widest",
    "Été, été; naïve 東京 (low)",
    "\tA\u{a0}b\u{2028}c\0d\r\n",
];

fn counts(texts: &[&str], normalization: Normalization) -> WordCounts {
    let mut words = WordCounts::new(normalization);
    words.add(texts).unwrap();
    words
}

fn trained(texts: &[&str], options: &VocabularyOptions) -> NewVocabulary {
    counts(texts, Normalization::uncased()).train(options).unwrap()
}

fn tokens(tokenizer: &BertTokenizer) -> Vec<String> {
    (0..tokenizer.vocab_size() as u32)
        .map(|id| tokenizer.token(id).unwrap())
        .collect()
}

fn options(size: usize) -> VocabularyOptions {
    VocabularyOptions {
        size,
        ..Default::default()
    }
}

#[test]
fn special_tokens_come_first_then_characters_then_the_most_frequent_pairs() {
    let new = trained(&["ab ab ab abc abc xbc"], &options(14));
    // a-b occurs five times; then ab-c occurs twice, x-b and b-c once.
    let expected = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "x", "##b", "##c", "ab", "abc",
    ];
    assert_eq!(tokens(&new.tokenizer), expected);
    assert_eq!((new.least, new.long_words), (11, 0));
    assert!(new.left_out.is_empty());
    let rarer = VocabularyOptions {
        min_frequency: 1,
        ..options(14)
    };
    assert_eq!(
        tokens(&trained(&["ab ab ab abc abc xbc"], &rarer).tokenizer)[13],
        "xb"
    );
}

#[test]
fn words_are_those_that_the_tokenizer_reads() {
    let uncased = counts(&TEXTS, Normalization::uncased());
    let mut words: Vec<&str> = uncased.counts.keys().map(String::as_str).collect();
    words.sort();
    let expected = [
        "(", ")", ",", ";", "a", "b", "cd", "ete", "low", "lower", "naive", "newest", "widest", "京", "東",
    ];
    assert_eq!(words, expected);
    assert_eq!((uncased.counts["low"], uncased.counts["ete"]), (6, 2));
    let cased = Normalization {
        chinese_chars: false,
        ..Normalization::cased()
    };
    let cased = counts(&TEXTS, cased);
    for word in ["Été", "été", "naïve", "東京", "A"] {
        assert_eq!(cased.counts[word], 1, "{word}");
    }
}

#[test]
fn nothing_depends_on_the_order_or_on_the_division_of_the_texts() {
    let expected = tokens(&trained(&TEXTS, &options(60)).tokenizer);
    let mut reversed = TEXTS;
    reversed.reverse();
    for _ in 0..5 {
        assert_eq!(tokens(&trained(&TEXTS, &options(60)).tokenizer), expected);
        assert_eq!(tokens(&trained(&reversed, &options(60)).tokenizer), expected);
    }
    let mut words = WordCounts::new(Normalization::uncased());
    for text in TEXTS {
        for word in text.split_inclusive(' ') {
            words.add(&[word]).unwrap();
        }
    }
    assert_eq!(tokens(&words.train(&options(60)).unwrap().tokenizer), expected);
}

/// Many words of few letters have many pairs that are equally frequent.
#[test]
fn ties_are_broken_in_the_same_way_each_time() {
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    for round in 0..40 {
        let letters = 2 + draw(4);
        let word = |draw: &mut dyn FnMut(u64) -> u64| -> String {
            let length = 1 + draw(10);
            (0..length)
                .map(|_| char::from(b'a' + draw(letters) as u8))
                .collect()
        };
        let words: Vec<String> = (0..60).map(|_| word(&mut draw)).collect();
        let text = words.join(" ");
        let first = tokens(&trained(&[&text], &options(80)).tokenizer);
        for _ in 0..4 {
            let again = tokens(&trained(&[&text], &options(80)).tokenizer);
            assert_eq!(again, first, "round {round}: {text}");
        }
    }
}

#[test]
fn the_rarest_characters_are_left_out() {
    let limited = VocabularyOptions {
        limit_alphabet: 3,
        ..options(100)
    };
    // Of c, d and e, each of which occurs once, c has the smallest code point.
    let new = trained(&["aaa bb ec d ab"], &limited);
    assert_eq!(new.left_out, BTreeSet::from(['d', 'e']));
    let characters: Vec<String> = tokens(&new.tokenizer)[5..11].to_vec();
    assert_eq!(characters, ["a", "b", "c", "##a", "##b", "##c"]);
    let encoding = new.tokenizer.encode("ab ec c", None, 16).unwrap();
    // [CLS] a ##b [UNK] c [SEP]
    assert_eq!(encoding.ids[3], new.tokenizer.unk_id());
    let known = encoding.ids.iter().filter(|&&id| id != new.tokenizer.unk_id());
    assert_eq!(known.count(), encoding.ids.len() - 1);
}

#[test]
fn special_tokens_and_characters_are_kept_whatever_the_size() {
    let new = trained(&["ab ab ab"], &options(1));
    let expected = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "##b"];
    assert_eq!(tokens(&new.tokenizer), expected);
    assert_eq!(new.least, 8);
}

#[test]
fn words_that_bert_cannot_read_are_counted_and_very_long_ones_are_not_learnt_from() {
    let long = "x".repeat(101);
    let new = trained(&[&long, &long, "x"], &options(1000));
    assert_eq!(new.long_words, 2);
    let very_long = "yz".repeat(50_000);
    let new = trained(&[&very_long, "ab ab"], &options(1000));
    assert_eq!(new.long_words, 1);
    let expected = ["a", "b", "y", "z", "##b", "##y", "##z", "ab"];
    assert_eq!(tokens(&new.tokenizer)[5..], expected);
}

#[test]
fn special_tokens_of_ones_own_are_single_tokens_in_every_text() {
    let own = VocabularyOptions {
        special_tokens: vec!["<user>".into(), "§".into()],
        ..options(100)
    };
    let new = trained(&["user: hello; a§b a§b"], &own);
    assert_eq!(tokens(&new.tokenizer)[4..7], ["[MASK]", "<user>", "§"]);
    let dir = tempfile::tempdir().unwrap();
    new.tokenizer.save(dir.path()).unwrap();
    for tokenizer in [new.tokenizer, BertTokenizer::from_dir(dir.path()).unwrap()] {
        let encoding = tokenizer.encode("hello <user>", None, 16).unwrap();
        assert!(encoding.ids.contains(&5), "{encoding:?}");
        assert!(!encoding.ids.contains(&tokenizer.unk_id()));
        let special = |id: &u32| tokenizer.is_special(*id);
        assert_eq!((0..9).filter(special).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
    }
    for (token, reason) in [
        ("", "at least one character"),
        ("a b", "no white space"),
        ("a\n", "no white space"),
        ("[MASK]", "already"),
    ] {
        let refused = VocabularyOptions {
            special_tokens: vec![token.into()],
            ..options(100)
        };
        let error = refused.check().unwrap_err().to_string();
        assert!(
            error.contains(&format!("{token:?}")) && error.contains(reason),
            "{error}"
        );
        let words = counts(&TEXTS, Normalization::uncased());
        assert!(words.train(&refused).is_err());
    }
}

#[test]
fn what_cannot_be_learnt_from_is_refused() {
    let empty = WordCounts::new(Normalization::uncased());
    assert!(empty.is_empty());
    assert!(matches!(empty.train(&options(10)), Err(TokenizerError::NoWords)));
    let blank = counts(&["", " \t\n", "\u{200b}"], Normalization::uncased());
    assert!(matches!(blank.train(&options(10)), Err(TokenizerError::NoWords)));

    let mut many = counts(&["ab abc"], Normalization::uncased());
    *many.counts.get_mut("ab").unwrap() = i32::MAX as u64;
    let error = many.clone().train(&options(10)).unwrap_err().to_string();
    assert!(error.contains("\"ab\" occur 2147483648 times"), "{error}");
    *many.counts.get_mut("ab").unwrap() -= 1;
    assert_eq!(
        many.train(&options(100)).unwrap().tokenizer.vocab_size(),
        5 + 3 + 2 + 1
    );
}
