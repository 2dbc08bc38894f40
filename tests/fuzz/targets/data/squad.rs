//! Questions with passages and answers.
#![no_main]

use bert_fuzz::{file, tables::divided, target};
use datasets::{DataError, QuestionDataset, Squad};

/// Looks for the answers as training does.
fn look(data: Result<QuestionDataset, DataError>) {
    let Ok(data) = data else { return };
    for question in data.examples() {
        let _ = (question.mismatches(), question.is_lost());
        let answer = question.span().map(|span| &question.passage[span]);
        assert_ne!(answer, Some(""));
    }
    divided(Ok(data));
}

target!(
    |input| {
        let path = file("t.json", input);
        look(Squad::file(&path));
        look(Squad::unlabelled_file(&path));
    },
    || vec![
        r#"{"version": "2.0", "data": [{"title": "Tea", "paragraphs": [{"context": "Ann drinks té.", "qas": [
{"id": "1", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}, {"text": "té", "answer_start": 11}], "is_impossible": false},
{"id": "2", "question": "Why?", "answers": [], "is_impossible": true}]}]}]}"#,
        "{\"question\": \"Who?\", \"context\": \"Ann drinks tea.\", \"answers\": {\"text\": [\"tea\"], \"answer_start\": [11]}, \"title\": \"T\"}\n\
         {\"id\": 7, \"question\": \"Why?\", \"passage\": \"Ann\", \"answers\": [{\"text\": \"Ann\", \"answer_start\": -1}]}\n",
        r#"[{"paragraphs": [{"context": "A b.", "qas": [{"question": "Q?", "answers": [{"text": "b", "answer_start": 2.0}]}]}]}]"#,
    ]
);
