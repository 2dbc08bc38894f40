use std::path::Path;

use super::*;
use crate::examples::{
    Answer, QuestionDataset, QuestionExample, ScoredDataset, ScoredExample, TaggedExample, TextDataset,
    TextExample,
};

fn texts(count: usize) -> Vec<TextExample> {
    let file = Source::file(Path::new("a.csv"));
    let example = |number: usize| TextExample {
        text: format!("text {number} é"),
        second: number.is_multiple_of(3).then(|| format!("second\n{number}")),
        label: (!number.is_multiple_of(5)).then(|| ["a", "b", "c"][number % 3].to_owned()),
        source: file.line(number + 2),
    };
    (0..count).map(example).collect()
}

fn stored<E: Storable>(examples: &[E]) -> Examples<E> {
    let mut writer = ExampleWriter::new(Path::new("a.csv")).unwrap();
    examples.iter().for_each(|example| writer.push(example).unwrap());
    writer.finish().unwrap()
}

#[test]
fn examples_are_read_as_they_were_written() {
    let expected = texts(2 * CHUNK + 100);
    let stored = stored(&expected);
    assert!(stored.is_stored());
    let chunks: Vec<Vec<TextExample>> = stored.chunks().map(|chunk| chunk.unwrap().into_owned()).collect();
    assert_eq!(
        chunks.iter().map(Vec::len).collect::<Vec<_>>(),
        [CHUNK, CHUNK, 100]
    );
    assert_eq!(chunks.concat(), expected);
    assert_eq!(stored.examples(), expected);
    assert_eq!(*stored.first().unwrap(), expected[0]);
    for place in [0, 1, UNIT - 1, UNIT, CHUNK + 77, 2 * CHUNK + 99] {
        assert_eq!(*stored.get(place).unwrap(), expected[place]);
    }
}

#[test]
fn a_file_is_divided_and_filtered_as_memory_is() {
    let labelled: Vec<_> = texts(3 * CHUNK)
        .into_iter()
        .filter(|e| e.label.is_some())
        .collect();
    let memory = TextDataset::new(Path::new("a.csv"), labelled.clone()).unwrap();
    let file = stored(&labelled);
    assert_eq!(file.labels().unwrap().len(), 3);
    assert_eq!(file.label_counts().unwrap(), memory.label_counts().unwrap());
    let pairs = |data: &TextDataset| data.clone().filter(|e| e.second.is_some()).unwrap();
    assert_eq!(pairs(&file), pairs(&memory));
    let (train, dev) = pairs(&file).hold_out(0.1).unwrap();
    let (train_in_memory, dev_in_memory) = pairs(&memory).hold_out(0.1).unwrap();
    assert!(train.is_stored() && dev.is_stored());
    assert_eq!(train, train_in_memory);
    assert_eq!(dev, dev_in_memory);
    let (train, dev) = file.hold_out_every(10).unwrap();
    let (train_in_memory, dev_in_memory) = memory.hold_out_every(10).unwrap();
    assert_eq!((train, dev), (train_in_memory, dev_in_memory));
}

#[test]
fn sentences_and_questions_are_read_as_they_were_written() {
    let file = Source::file(Path::new("a.csv"));
    let sentence = |number: usize| TaggedExample {
        words: vec!["a \0\n".into(), format!("\"{number}\" é")],
        tags: (!number.is_multiple_of(4)).then(|| vec!["O".into(), "B-X".into()]),
        text: number.is_multiple_of(2).then(|| format!("a {number}")),
        offsets: number.is_multiple_of(2).then(|| vec![(0, 1), (2, 3)]),
        source: file
            .line(number + 1)
            .document(number.checked_sub(9).map(|document| document as u32)),
    };
    let expected: Vec<TaggedExample> = (0..100).map(sentence).collect();
    assert_eq!(stored(&expected).examples(), expected);
    let changed = stored(&expected).map(|example| TaggedExample {
        tags: None,
        ..example
    });
    assert!(
        changed
            .unwrap()
            .examples()
            .iter()
            .all(|example| example.tags.is_none())
    );
    let question = |number: usize| QuestionExample {
        id: format!("q{number}"),
        question: "Who?".into(),
        passage: format!("passage {}", number / 5).into(),
        answers: (!number.is_multiple_of(3)).then(|| {
            let text = "passage".to_owned();
            vec![Answer { text, start: 0 }]
        }),
        source: file.line(number + 1).document(Some(number as u32 / 10)),
    };
    let expected: Vec<QuestionExample> = (0..100).map(question).collect();
    let stored = stored(&expected);
    assert_eq!(stored.examples(), expected);
    // The questions of a passage share it.
    let passages = |place: usize| Arc::as_ptr(&stored.examples()[place].passage).cast::<u8>();
    assert!(passages(1) == passages(4) && passages(4) != passages(5));
    let (train, dev) = stored.clone().hold_out(0.2).unwrap();
    let memory = QuestionDataset::new(Path::new("a"), expected)
        .unwrap()
        .hold_out(0.2)
        .unwrap();
    assert_eq!((train, dev), memory);
}

#[test]
fn many_examples_move_from_memory_to_a_file() {
    let expected = texts(200);
    let collected = |most: usize| {
        let mut collector = Collector::of_size(Path::new("a.csv"), most);
        let mut examples = expected.iter().cloned();
        examples.try_for_each(|example| collector.push(example)).unwrap();
        collector.finish().unwrap()
    };
    let (memory, file) = (collected(1 << 20), collected(1 << 10));
    assert!(!memory.is_stored() && file.is_stored());
    assert_eq!(memory.examples(), expected);
    assert_eq!(file.examples(), expected);
}

#[test]
fn examples_stay_in_memory_without_a_temporary_file() {
    let expected = texts(200);
    let mut collector = Collector::of_size(Path::new("a.csv"), 0);
    collector.spill(Err(io::Error::other("no room"))).unwrap();
    let mut examples = expected.iter().cloned();
    examples.try_for_each(|example| collector.push(example)).unwrap();
    let memory = collector.finish().unwrap();
    assert!(!memory.is_stored());
    assert_eq!(memory.examples(), expected);
}

#[test]
fn scores_keep_every_bit() {
    let source = Source::file(Path::new("a.csv"));
    let scores = [0.1 + 0.2, -0.0, 1e-300, 5.0, f64::MAX];
    let scored = |score| ScoredExample {
        text: "a".into(),
        second: None,
        score: Some(score),
        source: source.clone(),
    };
    let expected: Vec<ScoredExample> = scores.into_iter().map(scored).collect();
    let bits =
        |data: &[ScoredExample]| -> Vec<u64> { data.iter().map(|e| e.score.unwrap().to_bits()).collect() };
    assert_eq!(bits(stored(&expected).examples()), bits(&expected));
    let unlabelled: Vec<_> = texts(10)
        .into_iter()
        .map(|e| TextExample { label: None, ..e })
        .collect();
    let unscored = ScoredDataset::unscored(stored(&unlabelled));
    assert_eq!(unscored.examples()[9].text, "text 9 é");
    assert!(unscored.is_stored() && unscored.examples().iter().all(|e| e.score.is_none()));
}

#[test]
fn nothing_is_no_dataset() {
    let writer = ExampleWriter::<TextExample>::new(Path::new("a.csv")).unwrap();
    assert!(matches!(writer.finish(), Err(DataError::Empty(_))));
}
