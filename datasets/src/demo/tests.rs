use std::collections::{HashMap, HashSet};

use super::lexicon::NEW_PEOPLE;
use super::*;

fn splits() -> (Vec<Pair>, Vec<Pair>) {
    pairs(&DemoConfig::default())
}

fn all(pairs: &[Pair]) -> impl Iterator<Item = &DemoExample> {
    pairs.iter().flat_map(|(good, bad)| [good, bad])
}

#[test]
fn sizes_and_balance_are_as_asked() {
    let demo = generate(&DemoConfig::default());
    let (train, dev) = (demo.train.len(), demo.dev.len());
    assert_eq!((train, dev), (8000, 1000));
    for data in [&demo.train, &demo.dev] {
        let ones: usize = data.require_labels(&labels()).unwrap().iter().sum();
        assert_eq!(2 * ones, data.len());
    }
}

#[test]
fn the_same_seed_gives_the_same_sentences_everywhere() {
    // FNV-1a over all sentences: a change of the generator changes what users' demos learn, and must be meant.
    let demo = generate(&DemoConfig::default());
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for example in demo.train.examples().iter().chain(demo.dev.examples()) {
        for byte in example.text.bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    assert_eq!(hash, 0xad50_3e72_323b_717c, "{hash:#x}");
    let other = generate(&DemoConfig {
        seed: 2,
        ..DemoConfig::default()
    });
    assert_ne!(other.dev.examples()[0].text, demo.dev.examples()[0].text);
}

#[test]
fn no_sentence_occurs_twice() {
    let (train, dev) = splits();
    let mut seen = HashSet::new();
    for example in all(&train).chain(all(&dev)) {
        assert!(seen.insert(&example.text), "{}", example.text);
    }
}

#[test]
fn every_phenomenon_is_in_both_splits() {
    for pairs in [splits().0, splits().1] {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        all(&pairs).for_each(|example| *counts.entry(example.phenomenon).or_default() += 1);
        assert_eq!(counts.len(), PHENOMENA.len());
        assert!(
            counts.values().all(|&count| count * 10 == 2 * pairs.len()),
            "{counts:?}"
        );
    }
}

#[test]
fn some_words_are_in_dev_only() {
    let (train, dev) = splits();
    let new = |example: &DemoExample| {
        let text = example.text.to_lowercase();
        NEW_PEOPLE.iter().any(|(noun, _)| text.contains(noun))
    };
    assert!(!all(&train).any(new));
    let share = all(&dev).filter(|example| new(example)).count() as f64 / (2 * dev.len()) as f64;
    assert!((0.08..0.16).contains(&share), "{share}");
}

#[test]
fn all_words_are_made_of_the_vocabulary_without_single_letters() {
    let vocabulary: HashSet<String> = vocabulary().into_iter().collect();
    let pieces = |word: &str| -> Vec<String> {
        let (mut rest, mut pieces) = (word, vec![]);
        while !rest.is_empty() {
            let prefix = if pieces.is_empty() { "" } else { "##" };
            let piece = (1..=rest.len())
                .rev()
                .map(|end| format!("{prefix}{}", &rest[..end]))
                .find(|piece| vocabulary.contains(piece))
                .unwrap_or_else(|| panic!("{word}"));
            rest = &rest[piece.len() - prefix.len()..];
            pieces.push(piece);
        }
        pieces
    };
    let (train, dev) = splits();
    for example in all(&train).chain(all(&dev)) {
        let text = example.text.to_lowercase().replace(['.', '?'], "");
        for word in text.split(' ') {
            let pieces = pieces(word);
            let single = |piece: &String| piece.trim_start_matches("##").len() == 1 && piece != "##s";
            assert!(!pieces.iter().any(single), "{word}: {pieces:?}");
        }
    }
    assert_eq!(pieces("climbers"), ["climb", "##er", "##s"]);
    assert_eq!(pieces("brothers"), ["brother", "##s"]);
}

/// A naive Bayes classifier on word counts: what can be told from the words alone.
#[test]
fn words_alone_do_not_tell_the_label() {
    let (train, dev) = splits();
    let bag = |text: &str| -> Vec<String> { text.to_lowercase().split(' ').map(str::to_owned).collect() };
    let mut counts: HashMap<String, [f64; 2]> = HashMap::new();
    for example in all(&train) {
        for word in bag(&example.text) {
            counts.entry(word).or_insert([1.0; 2])[usize::from(example.acceptable)] += 1.0;
        }
    }
    let right = all(&dev).filter(|example| {
        let score: f64 = bag(&example.text)
            .iter()
            .filter_map(|word| counts.get(word))
            .map(|[bad, good]| good.ln() - bad.ln())
            .sum();
        (score > 0.0) == example.acceptable
    });
    let accuracy = right.count() as f64 / (2 * dev.len()) as f64;
    assert!(accuracy < 0.7, "{accuracy}");
}
