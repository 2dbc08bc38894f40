use std::path::Path;

use crate::examples::{
    QuestionDataset, QuestionExample, TaggedDataset, TaggedExample, TextDataset, TextExample,
};
use crate::source::Source;
use std::collections::{BTreeMap, BTreeSet};

fn texts(labels: &[&str]) -> TextDataset {
    let source = Source::file(Path::new("t.csv"));
    let examples = labels.iter().enumerate().map(|(row, label)| TextExample {
        text: format!("text {row}"),
        second: None,
        label: Some((*label).to_owned()),
        source: source.line(row + 2),
    });
    TextDataset::new(&source.file, examples.collect()).unwrap()
}

/// How many examples of each label are in train and in dev.
fn counts(labels: &[&str]) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (train, dev) = texts(labels).hold_out(0.1).unwrap();
    let count = |data: &TextDataset| {
        let mut counts = BTreeMap::new();
        for example in data.examples() {
            *counts.entry(example.label.clone().unwrap()).or_default() += 1;
        }
        counts
    };
    (count(&train), count(&dev))
}

fn repeated<'a>(labels: &[&'a str], count: usize) -> Vec<&'a str> {
    labels.iter().copied().cycle().take(count).collect()
}

#[test]
fn each_label_keeps_its_share_in_any_order() {
    let ten: Vec<String> = (0..10).map(|label| label.to_string()).collect();
    let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
    let sorted: Vec<&str> = [["a"; 300].as_slice(), &["b"; 100]].concat();
    let tables: [(Vec<&str>, Vec<usize>); 5] = [
        (repeated(&["a", "b"], 400), vec![20, 20]),
        (repeated(&ten, 400), vec![4; 10]),
        (sorted, vec![30, 10]),
        // 19 to 1: the two labels share 10 examples, 9.5 to .5.
        (repeated(&[["a"; 19].as_slice(), &["b"]].concat(), 100), vec![10]),
        (repeated(&["a", "b", "c"], 20), vec![1, 1]),
    ];
    for (labels, expected) in tables {
        let (train, dev) = counts(&labels);
        assert_eq!(dev.values().copied().collect::<Vec<_>>(), expected, "{dev:?}");
        let total: usize = train.values().chain(dev.values()).sum();
        assert_eq!(total, labels.len());
    }
}

#[test]
fn a_label_of_one_example_stays_in_train_and_is_reported() {
    let mut labels = repeated(&["a", "b"], 40);
    // The tenth data row, which earlier versions held out.
    labels[9] = "rare";
    let (train, dev) = texts(&labels).hold_out(0.1).unwrap();
    assert!(
        train
            .examples()
            .iter()
            .any(|example| example.label.as_deref() == Some("rare"))
    );
    assert_eq!((train.len(), dev.len()), (36, 4));
    assert_eq!(
        train.labels().unwrap().iter().collect::<Vec<_>>(),
        ["a", "b", "rare"]
    );
    let notes: Vec<String> = dev.notes().iter().map(ToString::to_string).collect();
    assert_eq!(
        notes[0],
        "4 of 40 examples are held out at random for evaluation, in proportion to the labels, the same for every seed \
         (`dev` sets a file for evaluation instead)"
    );
    assert_eq!(
        notes[1],
        "labels without evaluation data, as no example was held out: 1 of 3 (rare)"
    );
}

#[test]
fn the_division_is_random_but_always_the_same() {
    let labels = repeated(&["a", "b"], 400);
    let rows = || -> Vec<usize> {
        let (_, dev) = texts(&labels).hold_out(0.1).unwrap();
        dev.examples()
            .iter()
            .map(|example| example.source.line - 2)
            .collect()
    };
    assert_eq!(rows(), rows());
    assert!(rows().is_sorted());
    // Neither every tenth row nor one end of the file.
    assert!(rows().iter().any(|row| row % 10 != 9));
    let halves = rows().iter().filter(|&&row| row < 200).count();
    assert!((10..=30).contains(&halves), "{halves}");
}

#[test]
fn too_few_examples_are_refused() {
    for (labels, share, expected) in [
        (
            repeated(&["a", "b"], 9),
            0.1,
            "t.csv, line 10: only 9 rows: too few to hold out 10%; set `dev` to",
        ),
        (vec!["a"], 0.5, "line 2: only 1 row: too few to hold out 50%"),
    ] {
        let error = texts(&labels).hold_out(share).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let different: Vec<String> = (0..20).map(|label| label.to_string()).collect();
    let different: Vec<&str> = different.iter().map(String::as_str).collect();
    let error = texts(&different).hold_out(0.1).unwrap_err().to_string();
    assert!(error.contains("no example can be held out"), "{error}");
    // A share of nearly all still leaves something to train on.
    let (train, dev) = texts(&repeated(&["a", "b"], 10)).hold_out(0.99).unwrap();
    assert_eq!((train.len(), dev.len()), (2, 8));
}

fn sentences(documents: &[(Option<u32>, &str)]) -> TaggedDataset {
    let source = Source::file(Path::new("t.conll"));
    let examples = documents
        .iter()
        .enumerate()
        .map(|(row, (document, tag))| TaggedExample {
            words: vec!["word".into()],
            tags: Some(vec![(*tag).to_owned()]),
            text: None,
            offsets: None,
            source: source.line(row + 1).document(*document),
        });
    TaggedDataset::new(&source.file, examples.collect()).unwrap()
}

#[test]
fn documents_stay_whole_and_tags_are_known() {
    let ten: Vec<_> = (0..100).map(|row| (Some(row / 5), "O")).collect();
    let (train, dev) = sentences(&ten).hold_out(0.1).unwrap();
    let documents = |data: &TaggedDataset| -> BTreeSet<Option<u32>> {
        data.examples()
            .iter()
            .map(|example| example.source.document)
            .collect()
    };
    assert_eq!(dev.len(), 10);
    assert!(documents(&train).is_disjoint(&documents(&dev)));
    assert!(dev.notes()[0].to_string().contains("in whole documents"));
    // A document whose tag no other has is not held out.
    for odd in 0..20 {
        let rows: Vec<_> = (0..100)
            .map(|row| (Some(row / 5), if row / 5 == odd { "B-X" } else { "O" }))
            .collect();
        let (train, _) = sentences(&rows).hold_out(0.1).unwrap();
        assert!(documents(&train).contains(&Some(odd)), "{odd}");
    }
    // Two documents are too large to be held out whole.
    let two: Vec<_> = (0..100).map(|row| (Some(row / 50), "O")).collect();
    let (train, dev) = sentences(&two).hold_out(0.1).unwrap();
    assert_eq!((train.len(), dev.len()), (90, 10));
    assert!(!dev.notes()[0].to_string().contains("documents"));
}

#[test]
fn questions_stay_with_their_article_or_passage() {
    let questions = |article: fn(usize) -> Option<u32>, passages: usize| {
        let source = Source::file(Path::new("q.json"));
        let examples = (0..200).map(|row| QuestionExample {
            id: row.to_string(),
            question: "Who?".into(),
            passage: format!("Passage {}.", row / (200 / passages)).into(),
            answers: Some(vec![]),
            source: source.line(1).document(article(row)),
        });
        let data = QuestionDataset::new(&source.file, examples.collect()).unwrap();
        let (train, dev) = data.hold_out(0.1).unwrap();
        let passages = |data: &QuestionDataset| -> BTreeSet<String> {
            data.examples()
                .iter()
                .map(|example| example.passage.to_string())
                .collect()
        };
        assert_eq!(dev.len(), 20);
        assert!(passages(&train).is_disjoint(&passages(&dev)));
        let articles: BTreeSet<_> = dev
            .examples()
            .iter()
            .map(|example| example.source.document)
            .collect();
        (articles.len(), dev.notes()[0].to_string())
    };
    let (articles, note) = questions(|row| Some(row as u32 / 20), 50);
    assert!(articles == 1 && note.contains("in whole documents"), "{note}");
    // One article holds all, or none is named: passages are kept whole.
    for article in [(|_| Some(0)) as fn(usize) -> Option<u32>, |_| None] {
        let (_, note) = questions(article, 50);
        assert!(note.contains("in whole passages"), "{note}");
    }
}

#[test]
fn every_tenth_row_is_held_out_as_in_earlier_versions() {
    let all = texts(&repeated(&["a", "b"], 25));
    let (kept, held) = all.hold_out_every(10).unwrap();
    assert_eq!((kept.len(), held.len()), (23, 2));
    assert_eq!(held.examples()[0].text, "text 9");
    assert!(
        held.hold_out_every(10)
            .unwrap_err()
            .to_string()
            .contains("too few")
    );
}
