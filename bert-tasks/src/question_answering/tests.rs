use super::*;
use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer};
use burn::tensor::{Tensor, TensorData};
use datasets::{Answer, Source};

use crate::task::{Decode, Encode, TaskModel};

fn tokenizer() -> BertTokenizer {
    let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "?", "a", "b", "c", "d", "e", "f", "cafe",
        "##s", ".",
    ];
    BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Normalization::default()).unwrap()
}

fn example(passage: &str, answer: &str) -> QuestionExample {
    let before = passage.find(answer).unwrap();
    QuestionExample {
        id: "q".into(),
        question: " who? ".into(),
        passage: passage.into(),
        answers: Some(vec![Answer {
            text: answer.into(),
            start: passage[..before].chars().count(),
        }]),
        source: Source::file("questions".as_ref()),
    }
}

fn task(change: impl FnOnce(&mut QuestionOptions)) -> QuestionAnswering {
    let mut options = QuestionOptions::default();
    change(&mut options);
    QuestionAnswering::new(options)
}

fn rows(task: &QuestionAnswering, example: &QuestionExample, max_length: usize) -> Vec<QuestionRow> {
    task.encode(std::slice::from_ref(example), &tokenizer(), max_length)
        .unwrap()
}

#[test]
fn question_first_passage_second() {
    let rows = rows(&task(|_| ()), &example("a b c.", "b c"), 32);
    // [CLS] who ? [SEP] a b c . [SEP]
    assert_eq!(rows[0].encoding.ids, [2, 5, 6, 3, 7, 8, 9, 15, 3]);
    assert_eq!(rows[0].encoding.type_ids, [0, 0, 0, 0, 1, 1, 1, 1, 1]);
    let expected = AnswerTokens {
        start: 5,
        end: 6,
        first: 4,
        count: 4,
    };
    assert_eq!(rows[0].target, Some(expected));
}

#[test]
fn spans_are_found_by_code_points() {
    // `é` is two bytes, and the tokenizer takes its accent off; `ß` is [UNK].
    let example = example("Cafés ß a b", "b");
    let rows = rows(&task(|_| ()), &example, 32);
    assert_eq!(rows[0].encoding.ids[4..], [13, 14, 1, 7, 8, 3]);
    assert_eq!(rows[0].target.map(|t| (t.start, t.end)), Some((8, 8)));
}

#[test]
fn windows_move_by_the_stride_and_point_to_cls_without_the_answer() {
    let task = task(|options| options.stride = 2);
    let rows = rows(&task, &example("a b c d e f", "c d"), 9);
    // Of nine positions, five are taken: [CLS] who ? [SEP] … [SEP].
    let windows: Vec<_> = rows.iter().map(|row| row.encoding.ids[4..8].to_vec()).collect();
    assert_eq!(windows, [[7, 8, 9, 10], [9, 10, 11, 12]]);
    let spans: Vec<_> = rows
        .iter()
        .map(|row| row.target.map(|t| (t.start, t.end)).unwrap())
        .collect();
    assert_eq!(spans, [(6, 7), (4, 5)]);
    let rows = self::rows(&task, &example("a b c d e f", "b c"), 9);
    let spans: Vec<_> = rows
        .iter()
        .map(|row| row.target.map(|t| (t.start, t.end)).unwrap())
        .collect();
    assert_eq!(spans, [(5, 6), (0, 0)]);
}

#[test]
fn small_windows_move_on_by_half_of_themselves() {
    // The stride of 128 is more than the four tokens that a window holds.
    let rows = rows(&task(|_| ()), &example("a b c d e f", "c d"), 9);
    let windows: Vec<_> = rows.iter().map(|row| row.encoding.ids[4..8].to_vec()).collect();
    assert_eq!(windows, [[7, 8, 9, 10], [9, 10, 11, 12]]);
    let error = task(|_| ()).encode(&[example("a b", "a")], &tokenizer(), 5);
    assert_eq!(
        error.unwrap_err().to_string(),
        "a maximum length of 5 leaves no room for text: it must be at least 6"
    );
}

#[test]
fn questionable_answers_are_reported() {
    let with = |id: &str, answers: &[(&str, usize)]| QuestionExample {
        id: id.into(),
        answers: Some(
            answers
                .iter()
                .map(|&(text, start)| Answer {
                    text: text.into(),
                    start,
                })
                .collect(),
        ),
        ..example("a b c", "a")
    };
    let examples = vec![
        with("right", &[("a", 0)]),
        with("moved", &[("a", 2)]),
        with("lost", &[("d", 0)]),
        with("open", &[]),
        with("blank", &[("", 0)]),
    ];
    let data = QuestionDataset::new("q.json".as_ref(), examples).unwrap();
    let notes = |no_answer| -> Vec<String> {
        let notes = task(|options| options.no_answer = no_answer).notes(&data);
        notes.iter().map(ToString::to_string).collect()
    };
    let found = notes(false);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("offset") && found[0].ends_with(": 1 (moved)"));
    assert!(found[1].contains("do not occur") && found[1].ends_with(": 1 (lost)"));
    assert!(found[2].contains("`no_answer`") && found[2].ends_with(": 2 (open, blank)"));
    assert_eq!(notes(true), found[..2]);
    let learned = data.filter(|example| task(|_| ()).learns_from(example)).unwrap();
    let ids: Vec<_> = learned
        .examples()
        .iter()
        .map(|example| example.id.as_str())
        .collect();
    assert_eq!(ids, ["right", "moved", "open", "blank"]);
}

/// Outputs of `rows`: `start` and `end` for some of a row's tokens of the passage, else nothing.
fn outputs(
    task: &QuestionAnswering,
    rows: &[QuestionRow],
    scores: &[(usize, usize, f32, f32)],
    null: f32,
) -> Vec<WindowSpans> {
    let length = rows.iter().map(|row| row.encoding.ids.len()).max().unwrap();
    let row = |(number, row): (usize, &QuestionRow)| {
        let mut logits = vec![0.0; 2 * length];
        logits[0] = null;
        for &(window, token, start, end) in scores.iter().filter(|score| score.0 == number) {
            let position = row.position.first as usize + token;
            assert_eq!(window, number);
            (logits[2 * position], logits[2 * position + 1]) = (start, end);
        }
        logits
    };
    let logits: Vec<f32> = rows.iter().enumerate().flat_map(row).collect();
    let logits = TensorData::new(logits, [rows.len(), length, 2]);
    task.row_outputs(Tensor::from_data(logits, &Device::default()), rows)
}

#[test]
fn the_best_span_of_all_windows_wins() {
    let task = task(|options| options.stride = 2);
    let example = example("à b c d e f", "c d");
    let rows = rows(&task, &example, 9);
    // `c d` is in both windows, with a higher score in the second.
    let scores = [
        (0, 2, 3.0, 0.0),
        (0, 3, 0.0, 3.0),
        (1, 0, 4.0, 0.0),
        (1, 1, 0.0, 4.0),
        (1, 3, 0.0, 9.0),
    ];
    let answer = task.decode(&example, &rows, outputs(&task, &rows, &scores, -5.0));
    let found: Vec<_> = answer
        .candidates
        .iter()
        .map(|c| (c.text.as_str(), c.start, c.end, c.score))
        .collect();
    assert_eq!(found[..2], [("c d e f", 4, 11, 13.0), ("d e f", 6, 11, 9.0)]);
    assert_eq!(found.iter().filter(|(text, ..)| *text == "c d").count(), 1);
    let total: f64 = answer.candidates.iter().map(|c| c.probability).sum();
    assert!((total - 1.0).abs() < 1e-12);
    let short = QuestionAnswering::new(QuestionOptions {
        max_answer_length: std::num::NonZeroUsize::new(2).unwrap(),
        ..task.options.clone()
    });
    assert_eq!(
        short
            .decode(&example, &rows, outputs(&short, &rows, &scores, -5.0))
            .candidates[0]
            .score,
        9.0
    );
}

#[test]
fn no_answer_wins_by_the_threshold() {
    let example = example("a b", "b");
    let answer = |no_answer, null_threshold| {
        let task = task(|options| (options.no_answer, options.null_threshold) = (no_answer, null_threshold));
        let rows = rows(&task, &example, 32);
        let outputs = outputs(&task, &rows, &[(0, 1, 1.0, 1.0)], 3.0);
        task.decode(&example, &rows, outputs)
    };
    assert_eq!(answer(true, 0.5).text(), "");
    assert_eq!(answer(true, 0.5).null_difference, Some(1.0));
    assert_eq!(answer(true, 1.5).text(), "b");
    assert_eq!(answer(false, 0.5).text(), "b");
}

#[test]
fn the_softmax_runs_over_the_passage_or_over_all() {
    let device = Device::default();
    let config = BertConfig::compact(10, 8, 1, 2);
    let logits = || {
        let values = [[[1.0, 0.0], [5.0, 5.0], [2.0, 1.0], [0.0, 3.0]]];
        Tensor::<3>::from_data(values, &device)
    };
    let target = [AnswerTokens {
        start: 2,
        end: 3,
        first: 2,
        count: 2,
    }];
    let loss = |all| {
        SpanFinder::new(&config, all, 1, &device)
            .loss(logits(), &target, 1.into())
            .into_scalar::<f32>()
    };
    let likelihood = |scores: &[f32], at: f32| scores.iter().map(|s| s.exp()).sum::<f32>().ln() - at;
    let passage = (likelihood(&[1.0, 2.0, 0.0], 2.0) + likelihood(&[0.0, 1.0, 3.0], 3.0)) / 2.0;
    let all = (likelihood(&[1.0, 5.0, 2.0, 0.0], 2.0) + likelihood(&[0.0, 5.0, 1.0, 3.0], 3.0)) / 2.0;
    assert!(
        (loss(false) - passage).abs() < 1e-6,
        "{} for {passage}",
        loss(false)
    );
    assert!((loss(true) - all).abs() < 1e-6, "{} for {all}", loss(true));
}
