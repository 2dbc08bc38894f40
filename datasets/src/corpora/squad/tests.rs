use super::*;
use crate::examples::{Answer, QuestionExample};
use crate::source::Source;

fn read(name: &str, content: &str) -> Result<QuestionDataset, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    Squad::file(&path).map_err(|e| e.to_string())
}

fn squad(qas: &str) -> Result<QuestionDataset, String> {
    let head =
        r#"{"version": "1.1", "data": [{"title": "T", "paragraphs": [{"context": "Café au lait.", "qas": ["#;
    read("dev.json", &format!("{head}{qas}]}}]}}]}}"))
}

#[test]
fn offsets_count_code_points() {
    let data = squad(r#"{"id": "a", "question": "What?", "answers": [{"text": "lait", "answer_start": 8}]}"#);
    let data = data.unwrap();
    assert!(data.examples()[0].mismatches().is_empty());
    let data = squad(r#"{"id": "a", "question": "What?", "answers": [{"text": "lait", "answer_start": 7}]}"#);
    assert_eq!(data.unwrap().examples()[0].mismatches()[0].text, "lait");
}

#[test]
fn answers_that_do_not_occur_are_lost() {
    let lost = |answers: &str| {
        let question = format!(r#"{{"id": "a", "question": "What?", "answers": [{answers}]}}"#);
        squad(&question).unwrap().examples()[0].is_lost()
    };
    let tea = r#"{"text": "tea", "answer_start": 0}"#;
    let milk = r#"{"text": " lait ", "answer_start": 0}"#;
    assert!(!lost("") && lost(tea) && !lost(milk));
    // An empty answer also means that there is none; a part of a word is no answer.
    assert!(!lost(r#"{"text": "", "answer_start": 0}"#) && lost(r#"{"text": "a", "answer_start": 3}"#));
    assert!(!lost(&format!("{tea}, {milk}")));
}

#[test]
fn spans_leave_out_the_space_around_answers() {
    let span = |passage: &str, answers: &[(&str, usize)]| {
        let answers = answers.iter().map(|&(text, start)| Answer {
            text: text.into(),
            start,
        });
        let example = QuestionExample {
            id: "q".into(),
            question: "?".into(),
            passage: passage.into(),
            answers: Some(answers.collect()),
            source: Source::file("q".as_ref()),
        };
        example.span().map(|span| (span.start, passage[span].to_owned()))
    };
    let found = |start: usize, text: &str| Some((start, text.to_owned()));
    assert_eq!(span("a b c", &[("a ", 0)]), found(0, "a"));
    assert_eq!(span("a b c", &[(" b ", 1)]), found(2, "b"));
    // The occurrence nearest to the offset; an answer at its offset comes first.
    assert_eq!(span("é a é b c a é", &[("a", 9)]), found(12, "a"));
    assert_eq!(span("é a é b c a é", &[("a", 3)]), found(3, "a"));
    assert_eq!(span("a b c", &[("d", 0), ("a", 1), ("b", 2)]), found(2, "b"));
    assert_eq!(span("a b c", &[("d", 0), ("  ", 0), ("", 0)]), None);
    // At its offset, an answer may be a part of a word; elsewhere it must be whole words.
    assert_eq!(span("I know nothing.", &[("no", 3)]), found(3, "no"));
    assert_eq!(span("I know nothing.", &[("no", 0)]), None);
    assert_eq!(span("他在北京。", &[("北京", 0)]), found(6, "北京"));
}

#[test]
fn each_version_has_its_own_files() {
    let dir = tempfile::tempdir().unwrap();
    let name = |dataset: QuestionDataset| dataset.examples()[0].id.clone();
    for version in ["v1.1", "v2.0"] {
        let text = format!(
            r#"{{"data": [{{"paragraphs": [{{"context": "Au lait.", "qas": [{{"id": "{version}", "question": "What?",
            "answers": []}}]}}]}}]}}"#
        );
        if version == "v2.0" {
            let error = Squad::V2.dev(dir.path()).unwrap_err().to_string();
            assert!(error.contains("dev-v2.0.json"), "{error}");
        }
        std::fs::write(dir.path().join(format!("dev-{version}.json")), text).unwrap();
    }
    assert_eq!(name(Squad::V1.dev(dir.path()).unwrap()), "v1.1");
    assert_eq!(name(Squad::V2.dev(dir.path()).unwrap()), "v2.0");
}

#[test]
fn missing_answers_are_unknown() {
    let data = squad(r#"{"id": "a", "question": "Why?"}"#).unwrap();
    assert_eq!(data.examples()[0].answers, None);
}

#[test]
fn impossible_questions_have_no_answer() {
    let data = squad(
        r#"{"id": "a", "question": "Why?", "is_impossible": true, "answers": [], "plausible_answers": []}"#,
    );
    assert_eq!(data.unwrap().examples()[0].answers, Some(vec![]));
}

#[test]
fn errors_name_line_and_question() {
    let one = r#"{"id": "a", "question": "What?", "answers": [{"text": "lait", "answer_start": 8}]}"#;
    let error = squad(&format!("{one},{one}")).unwrap_err();
    assert!(
        error.contains("dev.json") && error.contains("two questions have the id `a`"),
        "{error}"
    );
    let error =
        squad(r#"{"id": "b", "question": "What?", "answers": [{"text": "lait", "answer_start": 80}]}"#);
    let error = error.unwrap_err();
    assert!(
        error.contains("question b: the answer `lait` begins at character 80"),
        "{error}"
    );
    let far = r#"{"id": "b", "question": "?", "answers": [{"text": "lait", "answer_start": 18446744073709551615}]}"#;
    assert!(
        squad(far)
            .unwrap_err()
            .contains("begins at character 18446744073709551615")
    );
    let error = read("dev.json", "{\n\"data\": [{\"title\"").unwrap_err();
    assert!(
        error.contains("dev.json, line 2: element 1 is not JSON (EOF"),
        "{error}"
    );
    assert!(squad("").unwrap_err().contains("no rows"));
}

#[test]
fn json_lines_take_both_forms_of_answers() {
    let text = concat!(
        r#"{"id": "x", "question": "What?", "context": "Au lait.", "answers": {"text": ["lait"], "answer_start": [3]}}"#,
        "\n",
        r#"{"question": "What?", "passage": "Au lait.", "answers": [{"text": "Au", "answer_start": 0}]}"#,
    );
    let data = read("dev.jsonl", text).unwrap();
    let answers: Vec<_> = data
        .examples()
        .iter()
        .map(|e| e.answers.clone().unwrap()[0].clone())
        .collect();
    assert_eq!(
        answers[0],
        Answer {
            text: "lait".into(),
            start: 3
        }
    );
    assert_eq!((answers[1].start, data.examples()[1].id.as_str()), (0, "2"));
    let numbered = r#"{"id": 7041, "question": "What?", "context": "Au lait.", "answers": []}"#;
    assert_eq!(read("dev.JSONL", numbered).unwrap().examples()[0].id, "7041");
    let error = read("dev.jsonl", &numbered.replace("7041", "[7]")).unwrap_err();
    assert!(
        error.contains("line 1, column `id`: it must be a text or a number"),
        "{error}"
    );
    let error = read("dev.jsonl", r#"{"question": "What?"}"#).unwrap_err();
    assert!(error.contains("line 1, column `answers`: missing"), "{error}");
    let error = read("dev.jsonl", r#"{"question": "What?", "answers": []}"#).unwrap_err();
    assert!(error.contains("line 1, column `context`"), "{error}");
}

fn ids(data: &QuestionDataset) -> Vec<&str> {
    data.examples()
        .iter()
        .map(|example| example.id.as_str())
        .collect()
}

const QUESTION: &str = r#""question": "What?", "answers": [{"text": "lait", "answer_start": 8}]"#;

#[test]
fn ids_may_be_numbers_or_missing() {
    let data = squad(&format!(
        r#"{{"id": 56, {QUESTION}}}, {{{QUESTION}}}, {{"id": null, {QUESTION}}}"#
    ))
    .unwrap();
    assert_eq!(ids(&data), ["56", "2", "3"]);
    let error = squad(&format!(r#"{{{QUESTION}}}, {{"id": [1], {QUESTION}}}"#)).unwrap_err();
    assert!(
        error.ends_with("dev.json, line 1, column `id`: article 1 (T), paragraph 1, question 2: it must be a text or a number"),
        "{error}"
    );
}

#[test]
fn no_two_questions_get_one_id() {
    let single = |id: &str| format!(r#"{{{id}"question": "?", "context": "Au lait.", "answers": []}}"#);
    let read = |with: &[&str], name: &str| {
        let questions: Vec<String> = with.iter().map(|id| single(id)).collect();
        let data = read(name, &questions.join("\n"));
        data.map(|data| ids(&data).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let (one, two, five) = (r#""id": "1", "#, r#""id": 2, "#, r#""id": "5", "#);
    for (with, expected) in [
        (&["", ""][..], &["1", "2"][..]),
        (&[two, ""], &["2", "3"]),
        (&[two, "", ""], &["2", "3", "4"]),
        // The id of a later question.
        (&["", one], &["2", "1"]),
        (&["", "", "", two, five, ""], &["1", "3", "4", "2", "5", "6"]),
    ] {
        assert_eq!(read(with, "dev.jsonl").unwrap(), expected, "{with:?}");
    }
    let error = read(&[one, two, one], "dev.jsonl").unwrap_err();
    assert!(
        error.ends_with("line 3: two questions have the id `1`"),
        "{error}"
    );
    let error = read(&["", one, one], "dev.jsonl").unwrap_err();
    assert!(
        error.ends_with("line 3: two questions have the id `1`"),
        "{error}"
    );
    let data = squad(&format!(r#"{{{QUESTION}}}, {{"id": "1", {QUESTION}}}"#)).unwrap();
    assert_eq!(ids(&data), ["2", "1"]);
    // A stream is read once.
    let stream = |with: &[&str]| -> Result<usize, String> {
        let questions: Vec<String> = with.iter().map(|id| single(id)).collect();
        let text = std::io::Cursor::new(questions.join("\n"));
        let objects = crate::json_objects(Path::new("in"), Box::new(text));
        let blocks = QuestionDataset::read_objects(Path::new("in"), objects);
        blocks
            .map(|block| block.map(|block| block.len()).map_err(|e| e.to_string()))
            .sum()
    };
    assert_eq!(stream(&[two, ""]), Ok(2));
    assert_eq!(
        stream(&["", one]).unwrap_err(),
        "in, line 2: the id `1` was given to question 1, which has none; give every question an id"
    );
}

#[test]
fn data_sets_after_each_other_are_all_read() {
    let set = |id: &str| {
        format!(
            r#"{{"version": "1", "data": [{{"paragraphs": [{{"context": "Caf\u00e9 au lait.", "qas": [{{"id": "{id}", {QUESTION}}}]}}]}}]}}"#
        )
    };
    for between in ["", "\n"] {
        let data = read("dev.json", &[set("a"), set("b")].join(between)).unwrap();
        assert_eq!(ids(&data), ["a", "b"]);
    }
    let error = read("dev.json", &(set("a") + "\nrubbish")).unwrap_err();
    assert!(
        error.contains("dev.json, line 2: text after the end of the object"),
        "{error}"
    );
}

#[test]
fn what_is_no_question_is_named_with_its_fields() {
    for (text, expected) in [
        (
            "{}",
            "line 1: neither an article (`paragraphs`) nor a question (`question`); it has no field",
        ),
        (
            r#"{"data": [{"title": "T"}]}"#,
            "nor a question (`question`); its fields are: title",
        ),
        (r#"{"train": [{"question": "?"}]}"#, "its fields are: train"),
        (r#"{"data": {"question": "?"}}"#, "its fields are: data"),
        (r#"{"label": "b", "text": "a"}"#, "its fields are: label, text"),
    ] {
        let error = read("dev.json", text).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let many: Vec<String> = (0..25).map(|at| format!("\"f{at}\": 1")).collect();
    let error = read("dev.json", &format!("{{{}}}", many.join(","))).unwrap_err();
    assert!(error.ends_with(" and 5 more"), "{error}");
}

#[test]
fn offsets_may_be_unknown() {
    let read = |answers: &str| squad(&format!(r#"{{"id": "a", "question": "?", {answers}}}"#));
    let impossible =
        read(r#""is_impossible": true, "answers": [{"text": "tea", "answer_start": -1}]"#).unwrap();
    assert_eq!(impossible.examples()[0].answers, Some(vec![]));
    for start in ["-1", "8", "8.0"] {
        let data = read(&format!(
            r#""answers": [{{"text": "lait", "answer_start": {start}}}]"#
        ))
        .unwrap();
        assert_eq!(
            data.examples()[0].answers.as_ref().unwrap()[0].start,
            8,
            "{start}"
        );
    }
    for start in ["-2", "1.5", "\"8\"", "null"] {
        let error = read(&format!(
            r#""answers": [{{"text": "lait", "answer_start": {start}}}]"#
        ))
        .unwrap_err();
        assert!(
            error.contains("column `answers`: article 1 (T), paragraph 1, question a: `answer_start` is"),
            "{error}"
        );
    }
    let none = read(r#""answers": [{"text": "", "answer_start": 0}]"#).unwrap();
    assert_eq!(none.examples()[0].answers, Some(vec![]));
}

#[test]
fn articles_come_in_several_forms() {
    let article = |title: &str, id: &str| {
        format!(
            r#"{{"title": "{title}", "paragraphs": [{{"context": "Caf\u00e9 au lait.", "qas": [{{"id": "{id}", {QUESTION}}}]}}]}}"#
        )
    };
    let (one, two) = (article("One", "a"), article("Two", "b"));
    for text in [
        format!("{{\"data\": [{one}, {two}]}}"),
        format!("[{one}, {two}]"),
        format!("{one}\n{two}\n"),
    ] {
        let data = read("dev.json", &text).unwrap();
        assert_eq!(ids(&data), ["a", "b"], "{text}");
        let documents: Vec<_> = data
            .examples()
            .iter()
            .map(|example| example.source.document)
            .collect();
        assert_ne!(documents[0], documents[1]);
    }
    let paragraphs =
        format!(r#"[{{"context": "Au lait.", "qas": [{{"id": "a", {QUESTION}}}]}}]"#).replace("8}", "3}");
    assert_eq!(ids(&read("dev.json", &paragraphs).unwrap()), ["a"]);
    let single = format!(r#"{{"id": "a", "title": "One", "context": "Caf\u00e9 au lait.", {QUESTION}}}"#);
    for text in [single.clone(), format!("[{single}]")] {
        let data = read("dev.json", &text).unwrap();
        assert_eq!(
            (ids(&data), data.examples()[0].source.document),
            (vec!["a"], Some(0))
        );
    }
}

#[test]
fn parquet_holds_single_questions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/parquet/questions.parquet");
    let data = Squad::file(&path).unwrap();
    assert_eq!(ids(&data), ["a", "b"]);
    let answer = Answer {
        text: "Ann".into(),
        start: 0,
    };
    assert_eq!(data.examples()[0].answers, Some(vec![answer]));
    assert_eq!(data.examples()[1].answers, Some(vec![]));
}

#[test]
fn missing_fields_name_their_question() {
    for (qas, expected) in [
        (
            r#"{"id": "a"}"#,
            "column `question`: article 1 (T), paragraph 1, question a: a text is needed here",
        ),
        (
            r#"{"id": "a", "question": "?", "answers": [{"text": "x"}]}"#,
            "question a: it must be a list of",
        ),
        (
            r#"{"id": "a", "question": "?", "is_impossible": "no"}"#,
            "column `is_impossible`: article 1 (T)",
        ),
        ("7", "column `qas`: article 1 (T), paragraph 1: a list of objects"),
    ] {
        let error = squad(qas).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let error = read("dev.json", r#"{"data": [{"paragraphs": 7}]}"#).unwrap_err();
    assert!(
        error.contains("column `paragraphs`: article 1: a list of objects"),
        "{error}"
    );
    assert!(read("dev.json", "[7]").unwrap_err().contains("not a JSON object"));
    let unlabelled = tempfile::tempdir().unwrap();
    let path = unlabelled.path().join("in.json");
    std::fs::write(&path, r#"[{"question": "?", "context": "Au lait."}]"#).unwrap();
    assert_eq!(Squad::unlabelled_file(&path).unwrap().examples()[0].answers, None);
    assert!(
        Squad::file(&path)
            .unwrap_err()
            .to_string()
            .contains("column `answers`: missing")
    );
}

#[test]
fn a_passage_has_a_longest_length() {
    let asked = |length: usize| {
        let source = crate::Source::file(Path::new("in")).line(7);
        crate::QuestionExample::unlabelled(1, "Who?", &"a".repeat(length), source)
    };
    assert!(asked(crate::examples::MAX_BYTES).is_ok());
    let error = asked(crate::examples::MAX_BYTES + 1).unwrap_err().to_string();
    assert!(
        error.starts_with("in, line 7: a passage of 8388609 bytes") && error.contains("8 MiB"),
        "{error}"
    );
}
