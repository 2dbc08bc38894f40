use super::*;
use crate::examples::CHUNK;
use crate::json::json_objects;

fn read(
    name: &str,
    content: &str,
    change: impl Fn(TextFile) -> TextFile,
) -> Result<Vec<(String, Option<String>)>, String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    std::fs::write(&file, content).unwrap();
    let read = change(TextFile::new(&file)).read();
    read.map(|data| {
        data.examples()
            .iter()
            .map(|e| (e.text.clone(), e.label.clone()))
            .collect()
    })
    .map_err(|e| e.to_string())
}

fn row(text: &str, label: &str) -> Vec<(String, Option<String>)> {
    vec![(text.into(), Some(label.into()))]
}

#[test]
fn columns_are_guessed_from_the_header() {
    let read = |content| read("t.csv", content, |file| file).unwrap();
    assert_eq!(
        read("id,Review,stars,Sentiment\n1,fine,5,good\n"),
        row("fine", "good")
    );
    assert_eq!(read("label,words\nx,fine\n"), row("fine", "x"));
    assert_eq!(read("sentence,verdict\nfine,x\n"), row("fine", "x"));
}

#[test]
fn columns_can_be_named() {
    let found = read("t.csv", "text,label,stars\nfine,x,5\n", |f| {
        f.target_column("stars")
    });
    assert_eq!(found.unwrap(), row("fine", "5"));
    let found = read("t.csv", "text,label,note\nfine,x,so\n", |f| f.text_column("note"));
    assert_eq!(found.unwrap(), row("so", "x"));
    let error = read("t.csv", "text,label\nfine,x\n", |f| f.text_column("body")).unwrap_err();
    assert!(error.contains("no column `body`"), "{error}");
}

#[test]
fn columns_that_cannot_be_guessed_are_asked_for() {
    let error = |content| read("t.csv", content, |file| file).unwrap_err();
    let no_header = error("a fine film,1,x\na poor film,0,y\n");
    assert!(
        no_header.contains("`text_column`") && no_header.contains("a fine film, 1, x"),
        "{no_header}"
    );
    assert!(error("text,a,b\nfine,1,2\n").contains("`label_column`"));
}

#[test]
fn empty_fields_are_reported() {
    let error = |content| read("t.csv", content, |file| file).unwrap_err();
    assert!(error("text,label\nfine,x\n ,x\n").contains("line 3, column `text`: empty text"));
    assert!(error("text,label\nfine,\n").contains("line 2, column `label`: empty label"));
}

#[test]
fn labels_are_not_needed_to_predict() {
    let found = read("t.csv", "text,more\nfine,1\n", |f| f.labelled(false)).unwrap();
    assert_eq!(found, [("fine".to_owned(), None)]);
}

#[test]
fn a_text_is_not_read_as_a_header() {
    let error = read("t.csv", "a fine film\na poor film\n", |f| f.labelled(false)).unwrap_err();
    assert!(
        error.contains("`text_column`") && error.contains("a fine film"),
        "{error}"
    );
    let named = read("t.csv", "Review\na fine film\n", |f| f.labelled(false)).unwrap();
    assert_eq!(named, [("a fine film".to_owned(), None)]);
    let json = read("t.jsonl", "{\"words\": \"a fine film\"}\n", |f| f.labelled(false)).unwrap();
    assert_eq!(json, [("a fine film".to_owned(), None)]);
}

#[test]
fn pairs_are_not_read_as_single_texts() {
    let content = "sentence1,sentence2,label\na,b,x\n";
    let error = read("t.csv", content, |file| file).unwrap_err();
    assert!(
        error.contains("`pairs`") && error.contains("`sentence1` and `sentence2`"),
        "{error}"
    );
    // An answer can be a label, and a file can have a text besides a pair.
    let faq = read("t.csv", "question,answer\na,b\n", |file| file);
    assert_eq!(faq.unwrap(), row("a", "b"));
    let faq = read("t.csv", "id,question,answer\n1,a,b\n", |f| {
        f.target_column("answer")
    });
    assert_eq!(faq.unwrap(), row("a", "b"));
    let beside = read("t.csv", "text,premise,hypothesis,label\na,b,c,x\n", |file| file);
    assert_eq!(beside.unwrap(), row("a", "x"));
    assert_eq!(
        read("t.csv", content, |f| f.text_column("sentence2")).unwrap(),
        row("b", "x")
    );
}

#[test]
fn guesses_are_reported() {
    let notes = |change: fn(TextFile) -> TextFile| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t.csv");
        std::fs::write(&file, "review,stars\nfine,5\n").unwrap();
        change(TextFile::new(&file))
            .read_scored()
            .unwrap()
            .notes()
            .to_vec()
    };
    let guessed = notes(|file| file);
    assert!(
        guessed[0]
            .to_string()
            .ends_with("t.csv: texts are in the column `review`, scores in `stars`"),
        "{guessed:?}"
    );
    assert_eq!(guessed[0].to_string().matches("t.csv").count(), 1, "{guessed:?}");
    assert!(notes(|file| file.text_column("review").target_column("stars")).is_empty());
}

fn pair(content: &str) -> Result<(String, Option<String>, Option<String>), String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.csv");
    std::fs::write(&file, content).unwrap();
    let read = TextFile::new(&file).pairs(true).read();
    let first = |data: TextDataset| data.into_vec().remove(0);
    read.map(first)
        .map(|e| (e.text, e.second, e.label))
        .map_err(|e| e.to_string())
}

#[test]
fn pairs_have_two_columns() {
    let expected = ("a".to_owned(), Some("b".to_owned()), Some("x".to_owned()));
    assert_eq!(pair("id,sentence1,sentence2,label\n1,a,b,x\n").unwrap(), expected);
    assert_eq!(pair("Hypothesis,premise,label\nb,a,x\n").unwrap(), expected);
    assert_eq!(pair("text,other,label\na,b,x\n").unwrap(), expected);
    let error = pair("text,other,more,label\na,b,c,x\n").unwrap_err();
    assert!(error.contains("`second_column`"), "{error}");
    let error = pair("sentence1,sentence2,label\na,,x\n").unwrap_err();
    assert!(
        error.contains("line 2, column `sentence2`: empty text"),
        "{error}"
    );
}

#[test]
fn scores_are_numbers() {
    let scores = |content: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s.csv");
        std::fs::write(&file, content).unwrap();
        TextFile::new(&file).read_scored().map_err(|e| e.to_string())
    };
    let data = scores("text,stars\nfine,4.5\npoor,-1\n").unwrap();
    let found: Vec<_> = data.examples().iter().map(|e| e.score).collect();
    assert_eq!(found, [Some(4.5), Some(-1.0)]);
    for bad in ["good", "NaN", "inf"] {
        let error = scores(&format!("text,stars\nfine,{bad}\n")).unwrap_err();
        assert!(
            error.contains("line 2, column `stars`") && error.contains("not a finite number"),
            "{error}"
        );
    }
    let large = scores("text,stars\nfine,1\nfine,-1e19\n").unwrap_err();
    assert!(
        large.contains("line 3, column `stars`: `-1e19` is too large"),
        "{large}"
    );
    let comma = scores("text;stars\nfine;4,5\n").unwrap_err();
    assert!(
        comma.contains("`4,5`; write the decimal separator as a point"),
        "{comma}"
    );
    assert!(
        scores("text,a,b\nfine,1,2\n")
            .unwrap_err()
            .contains("`score_column`")
    );
}

#[test]
fn lines_of_json_need_no_file() {
    let source = Path::new("standard input");
    let read = |text: String| {
        let file = TextFile::new(source).pairs(true).labelled(false);
        let objects = json_objects(source, Box::new(std::io::Cursor::new(text)));
        let blocks: Result<Vec<TextDataset>, DataError> = file.read_objects(objects).collect();
        blocks.map_err(|error| error.to_string())
    };
    let row = "{\"text\": \"a\", \"second\": \"b\"}\n";
    // The first objects show the columns: `sentence1` and `sentence2` would come first.
    let last = "{\"text\": \"c\", \"second\": \"d\", \"sentence1\": \"e\", \"sentence2\": \"f\"}";
    let blocks = read(row.repeat(CHUNK) + last).unwrap();
    assert_eq!(
        blocks.iter().map(|block| block.len()).collect::<Vec<_>>(),
        [CHUNK, 1]
    );
    let example = &blocks[1].examples()[0];
    assert_eq!(
        (example.text.as_str(), example.second.as_deref()),
        ("c", Some("d"))
    );
    assert_eq!(example.source.line, CHUNK + 1);
    assert!(read("\n".into()).unwrap_err().contains("no rows"));
    let error = read("{\"text\": \"a\"}".into()).unwrap_err();
    assert!(
        error.contains("standard input") && error.contains("`second_column`"),
        "{error}"
    );
}

#[test]
fn fields_that_are_no_columns_are_named() {
    let error = |content: &str| read("t.json", content, |file| file).unwrap_err();
    for (content, expected) in [
        (
            r#"{"text": "a", "label": ["positive"]}"#,
            "which column holds the labels? Name it with `label_column`; its columns are: text; `label` is a list, and a \
             column needs a text or a number in each row",
        ),
        (
            r#"{"label": [0, 1], "text": ["a", "b"]}"#,
            "its columns are: none; `label`, `text` are lists, and",
        ),
        (
            r#"{"label": {"0": 1}, "text": {"0": "a"}}"#,
            "none; `label`, `text` are objects, and",
        ),
        (
            r#"{"label": [1], "text": {"0": "a"}}"#,
            "none; `label`, `text` are lists or objects, and",
        ),
        (r#"{"text": {"0": "a"}}"#, "none; `text` is an object, and"),
        (
            r#"{"train": [{"text": "a"}], "test": [{"text": "b"}]}"#,
            "write one object per row",
        ),
        ("{}", "its columns are: none"),
        // Another column is no label, and no text.
        (
            r#"{"text": "a", "id": 1, "label": ["x"]}"#,
            "which column holds the labels?",
        ),
        (
            r#"{"Text": ["a"], "id": 1, "label": "x"}"#,
            "which column holds the texts?",
        ),
    ] {
        let error = error(content);
        assert!(error.contains(expected), "{error}");
    }
    let named = read("t.json", r#"{"text": "a", "label": ["x"]}"#, |f| {
        f.target_column("label")
    });
    let named = named.unwrap_err();
    assert!(
        named.contains("there is no column `label`") && named.contains("`label` is a list"),
        "{named}"
    );
    // A field that is a list in some rows only is a column.
    let some = error("{\"text\": \"a\", \"label\": [1]}\n{\"text\": \"b\", \"label\": 1}");
    assert!(
        some.contains("line 1, column `label`: the field is missing, null, a list"),
        "{some}"
    );
    let many: Vec<String> = (0..25).map(|at| format!("\"f{at}\": []")).collect();
    let many = error(&format!("{{{}}}", many.join(",")));
    assert!(many.contains(" and 5 more are lists"), "{many}");
}

#[test]
fn rows_may_be_in_a_list_of_an_object() {
    let rows = "[{\"text\": \"a\", \"label\": \"x\"},\n{\"text\": \"b\", \"label\": \"y\"}]";
    for (content, name) in [
        (format!("{{\"train\": {rows}}}"), "train"),
        (format!("{{\"version\": \"1.0\",\n\"data\": {rows}}}"), "data"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("t.json");
        std::fs::write(&file, &content).unwrap();
        let data = TextFile::new(&file).read().unwrap();
        assert_eq!((data.len(), data.examples()[1].text.as_str()), (2, "b"));
        let lines = content.lines().count();
        assert_eq!(data.examples()[1].source.line, lines);
        let note = data.notes()[0].to_string();
        assert!(
            note.ends_with(&format!("t.json: rows are read from the list `{name}`")),
            "{note}"
        );
    }
    // A row with a list is a row.
    let found = read(
        "t.json",
        r#"{"text": "a", "label": "x", "spans": [{"start": 0}]}"#,
        |file| file,
    );
    assert_eq!(found.unwrap(), row("a", "x"));
    let error = read("t.json", &format!("{{\"data\": {rows}}} x"), |file| file).unwrap_err();
    assert!(
        error.contains("t.json, line 1: not JSON") || error.contains("line 2"),
        "{error}"
    );
}
