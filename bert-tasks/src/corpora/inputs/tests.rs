use super::*;

fn lines(text: &str) -> Inputs {
    let text = io::Cursor::new(text.to_owned());
    Inputs::Lines(Lines::stream("standard input", Box::new(text)))
}

fn plain(inputs: Inputs) -> Vec<(Source, String)> {
    let Content::Lines(lines) = inputs.content().unwrap() else {
        panic!("these are texts");
    };
    lines.flat_map(Result::unwrap).collect()
}

#[test]
fn objects_are_told_from_texts() {
    for objects in ["\n{\"text\": \"a\"}", "\u{feff}{\"text\": \"a\"}", "[\n{}]"] {
        assert!(matches!(lines(objects).content().unwrap(), Content::Objects(..)));
    }
    for text in ["{so it goes}", "[1]", ""] {
        assert!(matches!(lines(text).content().unwrap(), Content::Lines(..)));
    }
}

#[test]
fn blank_lines_are_noted_and_left_out() {
    let note = |text: &str| {
        let inputs = lines(text);
        let blank = inputs.blank_lines();
        plain(inputs);
        blank.note()
    };
    assert_eq!(note("a\nb\n"), None);
    assert_eq!(
        note("a\n\nb\n").unwrap(),
        "standard input: line 2 is blank and gets no answer"
    );
    assert_eq!(
        note("\na\n \t\r\n\n\n\n\nb").unwrap(),
        "standard input: 6 blank lines get no answer: lines 1, 3, 4, 5, 6, …"
    );
    let texts: Vec<(usize, String)> = plain(lines("a\n\n  \nb\n"))
        .into_iter()
        .map(|(source, text)| (source.line, text))
        .collect();
    assert_eq!(texts, [(1, "a".to_owned()), (4, "b".to_owned())]);
}

#[test]
fn without_a_line_there_is_nothing_to_answer() {
    for text in ["", "\n \n"] {
        let Content::Lines(mut lines) = lines(text).content().unwrap() else {
            panic!("these are texts");
        };
        assert!(matches!(lines.next(), Some(Err(DataError::Empty(_)))));
        assert!(lines.next().is_none());
    }
}

#[test]
fn a_file_is_read_twice_from_where_it_stands() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("in.txt");
    std::fs::write(&path, "no\none\ntwo\n").unwrap();
    let mut file = File::open(&path).unwrap();
    file.seek(SeekFrom::Start(3)).unwrap();
    let inputs = Inputs::Lines(Lines::file(&path, file));
    let first = plain(inputs.first_reading().unwrap());
    assert_eq!(first.len(), 2);
    assert_eq!(plain(inputs), first);
    assert!(lines("a\n").first_reading().is_none());
}

#[test]
fn a_git_lfs_pointer_is_not_answered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.txt");
    std::fs::write(
        &path,
        "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n",
    )
    .unwrap();
    let refused = Inputs::from_file(&path);
    assert!(matches!(refused, Err(DataError::LfsPointer(file)) if file == path));
}

#[test]
fn two_texts_belong_together() {
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|word| word.to_string()).collect() };
    let expected = ("a".to_owned(), "b".to_owned());
    assert_eq!(
        two_by_two(&words(&["a", "b"]), "pairs").unwrap(),
        std::slice::from_ref(&expected)
    );
    let error = two_by_two(&words(&["a", "b", "c"]), "pairs of texts")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("odd number of texts was given (3)") && error.contains("pairs of texts"),
        "{error}"
    );
    let at = Source::file(Path::new("standard input")).line(3);
    let split = |text: &str| pair(&at, text, "pairs").map_err(|error| error.to_string());
    assert_eq!(split("a\tb").unwrap(), expected);
    let error = split("a").unwrap_err();
    assert!(
        error.starts_with("standard input, line 3: 1 text where"),
        "{error}"
    );
    let error = split("a\t ").unwrap_err();
    assert!(error.starts_with("standard input, line 3: empty text"), "{error}");
}
