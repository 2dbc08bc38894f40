use super::*;

fn table(name: &str, content: &[u8]) -> Result<Table, DataError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    std::fs::write(&file, content).unwrap();
    Table::read(&file)
}

fn error(name: &str, content: &[u8]) -> String {
    let error = table(name, content).unwrap_err().to_string();
    error[error.find(name).expect("the file is named")..].to_owned()
}

#[test]
fn csv_knows_quotes_marks_and_line_ends() {
    let content =
        b"\xef\xbb\xbftext,label\r\n\"one, \"\"two\"\"\",a\r\n\"three\r\nfour\",b\r\n\r\nfive,a\r\n";
    let table = table("t.csv", content).unwrap();
    assert_eq!(table.columns(), ["text", "label"]);
    let texts = table.column("text").unwrap();
    assert_eq!(texts, [(2, "one, \"two\""), (3, "three\r\nfour"), (6, "five")]);
}

#[test]
fn tsv_quotes_are_plain_characters_unless_fields_are_quoted() {
    let texts = |content: &str| -> Vec<(usize, String)> {
        let table = table("t.tsv", content.as_bytes()).unwrap();
        let texts = table.column("text").unwrap();
        texts
            .into_iter()
            .map(|(line, text)| (line, text.to_owned()))
            .collect()
    };
    let cases: [(&str, &[(usize, &str)]); 9] = [
        ("\"one\t1\n\ntwo \"\t0\n", &[(2, "\"one"), (4, "two \"")]),
        (
            "\"Go,\" she said.\t1\n\"Stop.\"\t0\n",
            &[(2, "\"Go,\" she said."), (3, "\"Stop.\"")],
        ),
        // pandas.DataFrame({"text": ['she said "hi" twice', 'a\nb', 'plain', 'a\tb', ''], "label": 1})
        //     .to_csv("t.tsv", sep="\t", index=False)
        (
            "\"she said \"\"hi\"\" twice\"\t1\n\"a\nb\"\t1\nplain\t1\n\"a\tb\"\t1\n\"\"\t1\n",
            &[
                (2, "she said \"hi\" twice"),
                (3, "a\nb"),
                (5, "plain"),
                (6, "a\tb"),
                (7, ""),
            ],
        ),
        ("\"a\r\nb\"\t1\r\nc\t1\r\n", &[(2, "a\r\nb"), (4, "c")]),
        // All fields in quotes, as R and Excel can write them.
        ("\"one\"\t\"1\"\n\"two\"\t\"0\"\n", &[(2, "one"), (3, "two")]),
        // One bare quote: only what cannot be read otherwise loses its quotes.
        (
            "\"a \"\"b\"\" c\"\t1\n5\" wide\t1\n\"d\"\t1\n",
            &[(2, "a \"b\" c"), (3, "5\" wide"), (4, "\"d\"")],
        ),
        ("\"a\"\"\t1\n", &[(2, "\"a\"\"")]),
        ("one\t\"\"\"\"\n", &[(2, "one")]),
        ("\"one\"\t1", &[(2, "one")]),
    ];
    for (content, expected) in cases {
        let found = texts(&format!("text\tlabel\n{content}"));
        let found: Vec<(usize, &str)> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(found, expected, "{content:?}");
    }
    assert_eq!(
        texts("text\n\"a\n\nb\"\n\"c\"\n"),
        [(2, "a\n\nb".to_owned()), (5, "c".to_owned())]
    );
    let quoted = table("t.tsv", b"text\tlabel\n\"one\"\t1\n").unwrap();
    assert!(quoted.notes()[0].ends_with("t.tsv: the quotes around fields are not part of them"));
    let plain = table("t.tsv", b"text\tlabel\n\"one\t1\n").unwrap();
    assert_eq!(plain.notes(), [""; 0]);
}

#[test]
fn csv_columns_may_be_separated_otherwise() {
    let texts = |content: &str| {
        let table = table("t.csv", content.as_bytes()).unwrap();
        let texts = table.column("text").unwrap();
        let texts: Vec<String> = texts
            .into_iter()
            .map(|(line, text)| format!("{line} {text}"))
            .collect();
        let note = table
            .notes()
            .first()
            .map(|note| note.rsplit(' ').next().unwrap().to_owned());
        (texts.join(" | "), note)
    };
    let noted = |texts: &str, note: &str| (texts.to_owned(), Some(note.to_owned()));
    assert_eq!(
        texts("text;label\none, two;a\n\"x;\ny\";b\n"),
        noted("2 one, two | 3 x;\ny", "semicolons")
    );
    assert_eq!(texts("text\tlabel\none, two\ta\n"), noted("2 one, two", "tabs"));
    assert_eq!(texts("text|label\none|a\n"), noted("2 one", "bars"));
    assert_eq!(texts("sep=;\ntext;label\none;a\n"), noted("3 one", "semicolons"));
    assert_eq!(texts("text,a;b\none,c;d\n"), ("2 one".to_owned(), None));
    // Commas in the header alone do not separate columns.
    assert_eq!(
        texts("id;text;yes,no\n1;one;a\n2;two;b\n"),
        noted("2 one | 3 two", "semicolons")
    );
    assert_eq!(texts("text\none; two\n"), ("2 one; two".to_owned(), None));
}

#[test]
fn json_arrays_are_read() {
    for name in ["t.json", "t.jsonl"] {
        let table = table(
            name,
            b"[{\"t\": \"one\", \"l\": 1},\n {\"l\": null, \"t\": \"two\"}]",
        )
        .unwrap();
        assert_eq!(table.column("t").unwrap(), [(1, "one"), (2, "two")]);
        let error = table.column("l").unwrap_err().to_string();
        assert!(
            error.contains("line 2, column `l`: the field is missing"),
            "{error}"
        );
    }
}

#[test]
fn many_different_keys_take_little_memory_and_are_not_all_listed() {
    let lines: String = (0..40_000)
        .map(|key| format!("{{\"key {key}\": \"text\"}}\n"))
        .collect();
    let table = table("t.jsonl", lines.as_bytes()).unwrap();
    assert_eq!(table.columns().len(), 40_000);
    let error = table.column("text").unwrap_err().to_string();
    assert!(error.ends_with("key 19 and 39980 more"), "{error}");
    let error = table.column("key 7").unwrap_err().to_string();
    assert!(
        error.contains("line 1, column `key 7`: the field is missing"),
        "{error}"
    );
}

#[test]
fn json_lines_take_numbers_and_truths() {
    let table = table(
        "t.jsonl",
        b"{\"t\": \"one\", \"l\": 1}\n\n{\"l\": true, \"t\": \"two\", \"more\": []}\n",
    )
    .unwrap();
    assert_eq!(table.column("l").unwrap(), [(1, "1"), (3, "true")]);
}

#[test]
fn errors_name_file_line_and_field() {
    let cases: [(&str, &[u8], &str); 13] = [
        ("t.csv", b"", "t.csv: no rows"),
        ("t.csv", b"text,label\n", "t.csv: no rows"),
        (
            "t.csv",
            b"text,label\none,a\ntwo",
            "t.csv, line 3: 1 field where the header has 2 (text, label)",
        ),
        ("t.csv", b"text,label\none,a,b\n", "t.csv, line 2: 3 fields"),
        (
            "t.csv",
            b"text,label\none,a\n\"two,b\nthree,a\n",
            "t.csv, line 3: a quote is opened here",
        ),
        (
            "t.csv",
            b"text,label\nok,a\n\xff,b\n",
            "t.csv, line 3: byte 1 of the line is not UTF-8",
        ),
        ("t.tsv", b"text\tlabel\none\n", "t.tsv, line 2: 1 field"),
        ("t.jsonl", b"{\"t\": 1}\n{\"t\": \n", "t.jsonl, line 2: not JSON"),
        ("t.jsonl", b"[1]\n", "t.jsonl, line 1: not a JSON object"),
        ("t.csv", b"\xff\xfet\0", "t.csv, line 1: the text is UTF-16"),
        ("t.jsonl", b"\n", "t.jsonl: no rows"),
        ("t.xlsx", b"text", "t.xlsx: the name must end in"),
        ("unnamed", b"text", "unnamed: the name must end in"),
    ];
    for (name, content, expected) in cases {
        let found = error(name, content);
        assert!(found.starts_with(expected), "{found}\n{expected}");
    }
}

#[test]
fn a_missing_column_or_field_is_reported() {
    let csv = table("t.csv", b"text,label\none,a\n").unwrap();
    let error = csv.column("body").unwrap_err().to_string();
    assert!(
        error.ends_with("there is no column `body`; its columns are: text, label"),
        "{error}"
    );
    let twice = table("t.csv", b"text,label,label\none,a,b\n").unwrap();
    let error = twice.column("label").unwrap_err().to_string();
    assert!(error.contains("several columns `label`"), "{error}");
    let json = table("t.jsonl", b"{\"t\": \"one\"}\n{\"u\": 1}\n{\"t\": null}\n").unwrap();
    let error = json.column("t").unwrap_err().to_string();
    assert!(
        error.contains("line 2, column `t`: the field is missing"),
        "{error}"
    );
}

#[test]
fn a_folder_or_nothing_is_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("x.csv");
    std::fs::create_dir(&folder).unwrap();
    assert!(matches!(Table::read(&folder), Err(DataError::Io { .. })));
    assert!(matches!(
        Table::read(&dir.path().join("no.csv")),
        Err(DataError::Io { .. })
    ));
}
