use super::*;

fn read(corpus: &str, name: &str, content: &[u8]) -> Result<Vec<(String, String, String)>, String> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(name), content).unwrap();
    let corpus = PairCorpus::by_name(corpus).unwrap();
    let data = if name.contains("dev") || name.contains("test") || name.contains("trial") {
        corpus.dev(dir.path())
    } else {
        corpus.train(dir.path())
    };
    let row = |e: &TextExample| {
        (
            e.text.clone(),
            e.second.clone().unwrap(),
            e.label.clone().unwrap(),
        )
    };
    data.map(|data| data.examples().iter().map(row).collect())
        .map_err(|e| e.to_string())
}

fn row(first: &str, second: &str, label: &str) -> Vec<(String, String, String)> {
    vec![(first.into(), second.into(), label.into())]
}

#[test]
fn inference_in_json_lines_and_in_tabs() {
    let json = br#"{"gold_label": "-", "sentence1": "A.", "sentence2": "B."}
{"annotator_labels": ["neutral"], "gold_label": "neutral", "sentence1": "A man.", "sentence2": "A tall man."}
"#;
    let expected = row("A man.", "A tall man.", "neutral");
    assert_eq!(read("snli", "snli_1.0_train.jsonl", json).unwrap(), expected);
    assert_eq!(
        read("mnli", "multinli_1.0_dev_matched.jsonl", json).unwrap(),
        expected
    );
    let tabs =
        b"index\tsentence1\tsentence2\tlabel1\tgold_label\n0\tA \"man.\tA tall man.\tentailment\tneutral\n";
    assert_eq!(
        read("mnli", "train.tsv", tabs).unwrap(),
        row("A \"man.", "A tall man.", "neutral")
    );
}

#[test]
fn matched_and_mismatched_come_together() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let content = format!("sentence1\tsentence2\tgold_label\n{text}\tB.\tneutral\n");
        std::fs::write(dir.path().join(name), content).unwrap();
    };
    file("dev_matched.tsv", "one");
    let mnli = PairCorpus::by_name("mnli").unwrap();
    assert_eq!(mnli.dev(dir.path()).unwrap().len(), 1);
    file("dev_mismatched.tsv", "two");
    let both = mnli.dev(dir.path()).unwrap();
    assert_eq!((both.len(), both.examples()[1].text.as_str()), (2, "two"));
}

#[test]
fn glue_tables() {
    let rte = b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tnot_entailment\n";
    assert_eq!(
        read("rte", "train.tsv", rte).unwrap(),
        row("A.", "B.", "not_entailment")
    );
    let qnli = b"index\tquestion\tsentence\tlabel\n0\tWho?\tHe.\tentailment\n";
    assert_eq!(
        read("qnli", "dev.tsv", qnli).unwrap(),
        row("Who?", "He.", "entailment")
    );
    let qqp = b"id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWho?\tWho is?\t1\n";
    assert_eq!(
        read("qqp", "train.tsv", qqp).unwrap(),
        row("Who?", "Who is?", "duplicate")
    );
    let wnli = b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t0\n";
    assert_eq!(
        read("wnli", "train.tsv", wnli).unwrap(),
        row("A.", "B.", "not_entailment")
    );
    let short = b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\n";
    let error = read("wnli", "train.tsv", short).unwrap_err();
    assert!(
        error.contains("train.tsv, line 2: 3 fields where the header has 4"),
        "{error}"
    );
}

#[test]
fn broken_rows_of_quora_are_skipped_and_reported() {
    let qqp = b"id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWho?\n\
        2\t4\t5\tWho?\t\t0\n3\t6\t7\tWho?\tWhich?\t0\n";
    assert_eq!(
        read("qqp", "train.tsv", qqp).unwrap(),
        row("Who?", "Which?", "not_duplicate")
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dev.tsv");
    std::fs::write(&file, qqp).unwrap();
    let data = PairCorpus::by_name("qqp").unwrap().file(&file).unwrap();
    let note = &data.notes()[0];
    assert!(
        note.to_string().starts_with("2 rows of ") && note.to_string().ends_with("the first is line 2"),
        "{note}"
    );
}

#[test]
fn glue_s_snli_has_labels_that_its_header_does_not_name() {
    let snli = b"index\tsentence1\tsentence2\tlabel1\tgold_label\n0\tA.\tB.\tneutral\tentailment\n\
        1\tC.\tD.\tneutral\tneutral\tneutral\tentailment\tneutral\tneutral\n";
    let mut expected = row("A.", "B.", "entailment");
    expected.extend(row("C.", "D.", "neutral"));
    assert_eq!(read("snli", "train.tsv", snli).unwrap(), expected);
    let torn = b"sentence1\tsentence2\tgold_label\nA\tb.\tC.\tneutral\n";
    let error = read("snli", "train.tsv", torn).unwrap_err();
    assert!(error.contains("train.tsv, line 2"), "{error}");
}

#[test]
fn microsofts_file_has_a_mark_and_carriage_returns() {
    let mrpc = "\u{feff}Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tHe \"said.\tShe said.\r\n";
    let expected = row("He \"said.", "She said.", "equivalent");
    assert_eq!(
        read("mrpc", "msr_paraphrase_train.txt", mrpc.as_bytes()).unwrap(),
        expected
    );
    assert_eq!(
        read("mrpc", "msr_paraphrase_test.txt", mrpc.as_bytes()).unwrap(),
        expected
    );
}

#[test]
fn scitail_has_no_header_or_is_json() {
    let tabs = b"A plant.\tA living thing.\tentails\n";
    let expected = row("A plant.", "A living thing.", "entailment");
    assert_eq!(read("scitail", "scitail_1.0_train.tsv", tabs).unwrap(), expected);
    let json = br#"{"gold_label": "entailment", "sentence1": "A plant.", "sentence2": "A living thing."}"#;
    assert_eq!(read("scitail", "scitail_1.0_train.txt", json).unwrap(), expected);
}

#[test]
fn sick_in_one_file_or_in_three() {
    let all = b"pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score\tSemEval_set\n\
        1\tA.\tB.\tNEUTRAL\t4.5\tTRAIN\n2\tC.\tD.\tENTAILMENT\t3.0\tTRIAL\n";
    assert_eq!(read("sick", "SICK.txt", all).unwrap(), row("A.", "B.", "neutral"));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("SICK.txt");
    std::fs::write(&file, all).unwrap();
    let dev = PairCorpus::by_name("sick").unwrap().file(&file).unwrap();
    assert_eq!((dev.len(), dev.examples()[0].text.as_str()), (1, "C."));
    let part = dir.path().join("hard.txt");
    let rows = b"sentence_A\tsentence_B\tentailment_label\tSemEval_set\nA.\tB.\tNEUTRAL\tTEST\n";
    std::fs::write(&part, rows).unwrap();
    assert_eq!(PairCorpus::by_name("sick").unwrap().file(&part).unwrap().len(), 1);
    let undivided = b"pair_ID\tsentence_A\tsentence_B\tentailment_label\n1\tA.\tB.\tNEUTRAL\n";
    let error = read("sick", "SICK.txt", undivided).unwrap_err();
    assert!(error.contains("no column `SemEval_set`"), "{error}");
    let trial = b"pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n1\tA.\tB.\t4.5\tCONTRADICTION\n";
    assert_eq!(
        read("sick", "SICK_trial.txt", trial).unwrap(),
        row("A.", "B.", "contradiction")
    );
}

#[test]
fn errors_name_line_and_field() {
    let error = read(
        "rte",
        "train.tsv",
        b"index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tmaybe\n",
    )
    .unwrap_err();
    assert!(
        error.contains("train.tsv, line 2, column `label`: `maybe`; it must be one of"),
        "{error}"
    );
    let error = read(
        "rte",
        "train.tsv",
        b"index\tsentence1\tsentence2\tlabel\n0\tA.\t \tentailment\n",
    )
    .unwrap_err();
    assert!(
        error.contains("line 2, column `sentence2`: the text is empty"),
        "{error}"
    );
    let error = read("rte", "train.tsv", b"index\ttext\tlabel\n0\tA.\tentailment\n").unwrap_err();
    assert!(
        error.contains("none of the columns") && error.contains("index, text, label"),
        "{error}"
    );
}
