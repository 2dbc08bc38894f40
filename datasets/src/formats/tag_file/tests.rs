use super::*;

fn file(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    (dir, path)
}

fn shown(data: &TaggedDataset) -> Vec<String> {
    let sentence = |example: &TaggedExample| {
        let tags = example.tags.clone().unwrap();
        example
            .words
            .iter()
            .zip(tags)
            .map(|(w, t)| format!("{w}/{t}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    data.examples().iter().map(sentence).collect()
}

const CONLLU: &str = "# sent_id = 1\n\
    1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n\
    1\tdo\tdo\tAUX\tVB\t_\t0\troot\t_\t_\n\
    2\tn't\tnot\tPART\tRB\t_\t1\tadvmod\t_\t_\n\
    2.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_\n\
    \n\
    1\tStop\tstop\tVERB\tVB\t_\t0\troot\t_\t_\n";

#[test]
fn conllu_skips_ranges_and_empty_nodes() {
    let (_dir, path) = file("a.conllu", CONLLU);
    let data = TagFile::new(&path).read().unwrap();
    assert_eq!(shown(&data), ["do/AUX n't/PART", "Stop/VERB"]);
    assert_eq!(data.examples()[1].source.line, 7);
    let data = TagFile::new(&path).conllu_column(TagColumn::Xpos).read().unwrap();
    assert_eq!(shown(&data), ["do/VB n't/RB", "Stop/VB"]);
}

#[test]
fn files_of_other_kinds_are_refused() {
    let (_dir, path) = file("a.csv", "word,tag\nthe,D\n");
    let error = TagFile::new(&path).read().unwrap_err().to_string();
    assert!(error.contains("a.csv") && error.contains("not .csv"), "{error}");
    let (_dir, path) = file("a.txt", "the D\nfilm N\n");
    assert_eq!(shown(&TagFile::new(&path).read().unwrap()), ["the/D film/N"]);
}

#[test]
fn conllu_errors_name_line_and_field() {
    let error = |content: &str| {
        let (_dir, path) = file("a.conllu", content);
        TagFile::new(&path).read().unwrap_err().to_string()
    };
    assert!(error("1\tgo\tgo\tVERB\n").contains("a.conllu, line 1: 4 fields where CoNLL-U has 10"));
    let no_tag = error("# x\n1\tgo\tgo\t_\tVB\t_\t0\troot\t_\t_\n");
    assert!(no_tag.contains("line 2, column `UPOS`: no tag"), "{no_tag}");
    assert!(error("x\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n").contains("column `ID`: `x`"));
    assert!(error("# nothing\n\n").contains("no rows"));
}

#[test]
fn columns_take_tabs_spaces_and_lines_of_white_space() {
    let (_dir, path) = file(
        "a.txt",
        "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n \t\nPeter NNP I-NP B-PER",
    );
    let data = TagFile::new(&path).read().unwrap();
    assert_eq!(shown(&data), ["EU/B-ORG rejects/O", "Peter/B-PER"]);
    let data = TagFile::new(&path).tag_column(1).read().unwrap();
    assert_eq!(shown(&data), ["EU/NNP rejects/VBZ", "Peter/NNP"]);
    assert_eq!(data.labels().unwrap().iter().collect::<Vec<_>>(), ["NNP", "VBZ"]);
    let (_dir, path) = file("b.conll", "in\tO\nNew York\tB-location\n\t\n.\tO\n");
    let data = TagFile::new(&path).read().unwrap();
    assert_eq!(shown(&data), ["in/O New York/B-location", "./O"]);
    let (_dir, path) = file("c.conll", "in\tO\nEmpire\n");
    let error = TagFile::new(&path).read().unwrap_err().to_string();
    assert!(
        error.contains("c.conll, line 2: 1 column where at least 2"),
        "{error}"
    );
}

#[test]
fn lines_without_a_word_are_skipped_or_reported() {
    let read = |name: &str, content: &str| {
        let (_dir, path) = file(name, content);
        TagFile::new(&path)
            .read()
            .map(|data| shown(&data))
            .map_err(|e| e.to_string())
    };
    // A header; the sentences' ids of MultiCoNER; a non-breaking space.
    assert_eq!(read("a.tsv", "Token\tNER\nEU\tB-ORG\n").unwrap(), ["EU/B-ORG"]);
    assert_eq!(
        read("a.txt", "word pos chunk ner\nEU NNP B-NP B-ORG\n").unwrap(),
        ["EU/B-ORG"]
    );
    assert_eq!(read("a.tsv", "word\tN\n").unwrap(), ["word/N"]);
    let ids = "# id 1 domain=en\nEU _ _ B-ORG\n# _ _ O\n\n# id 2 domain=en\nUN _ _ B-ORG\n";
    assert_eq!(read("a.conll", ids).unwrap(), ["EU/B-ORG #/O", "UN/B-ORG"]);
    assert_eq!(read("a.txt", "10\u{a0}000 CD O\n").unwrap(), ["10\u{a0}000/O"]);
    let cut = read("a.txt", "EU NNP B-NP B-ORG\nPeter NNP B-NP\n").unwrap_err();
    assert!(
        cut.contains("a.txt, line 2: 3 columns where the first line has 4"),
        "{cut}"
    );
    let (_dir, path) = file("a.txt", "EU NNP B-NP B-ORG\nPeter NNP B-NP\n");
    assert_eq!(
        shown(&TagFile::new(&path).tag_column(2).read().unwrap()),
        ["EU/B-NP Peter/B-NP"]
    );
    let empty = read("a.conllu", "1\t\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n").unwrap_err();
    assert!(empty.contains("line 1, column `FORM`: no word"), "{empty}");
}

#[test]
fn tags_are_not_needed_to_predict() {
    for (name, content) in [
        ("a.conll", "Barack\nObama\n\nGo\n"),
        ("a.tsv", "Barack\tB-PER\nObama\n\nGo\tO\n"),
        (
            "a.conllu",
            "1\tBarack\t_\t_\t_\t_\t_\t_\t_\t_\n2\tObama\t_\t_\t_\t_\t_\t_\t_\t_\n\n1\tGo\t_\t_\t_\t_\t_\t_\t_\t_\n",
        ),
    ] {
        let (_dir, path) = file(name, content);
        let data = TagFile::new(&path).labelled(false).read().unwrap();
        let words: Vec<_> = data.examples().iter().map(|e| e.words.join(" ")).collect();
        assert_eq!(words, ["Barack Obama", "Go"], "{name}");
        assert!(data.examples().iter().all(|example| example.tags.is_none()));
    }
}

#[test]
fn a_header_names_the_column_of_tags() {
    let content = "word pos chunk ner\nEU NNP B-NP B-ORG\n";
    let (_dir, path) = file("a.txt", content);
    let read = |name: &str| TagFile::new(&path).tag_name(name).read().map(|data| shown(&data));
    assert_eq!(read("Chunk").unwrap(), ["EU/B-NP"]);
    let error = read("lemma").unwrap_err().to_string();
    assert!(
        error.contains("a.txt, line 1: no header names a column `lemma`"),
        "{error}"
    );
    let (_dir, path) = file("b.txt", "EU NNP B-NP B-ORG\n");
    assert!(TagFile::new(&path).tag_name("NNP").read().is_err());
}

#[test]
fn documents_are_numbered() {
    let documents = |name: &str, content: &str| -> Vec<Option<u32>> {
        let (_dir, path) = file(name, content);
        let data = TagFile::new(&path).read().unwrap();
        data.examples()
            .iter()
            .map(|example| example.source.document)
            .collect()
    };
    let columns = "-DOCSTART- -X- O O\n\nEU B-ORG\n\nUN B-ORG\n\n-DOCSTART- -X- O O\n\nWHO B-ORG\n";
    assert_eq!(documents("a.txt", columns), [Some(0), Some(0), Some(1)]);
    let word = "1\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n\n";
    let conllu = format!("# newdoc id = a\n{word}{word}# newdoc\n{word}");
    assert_eq!(documents("a.conllu", &conllu), [Some(0), Some(0), Some(1)]);
    assert_eq!(documents("a.conllu", word), [None]);
}

#[test]
fn a_sentence_has_a_highest_number_of_words() {
    let words = |count: usize| {
        let (_dir, path) = file("a.txt", &"a X\n".repeat(count));
        TagFile::new(&path).read().map_err(|error| error.to_string())
    };
    assert_eq!(words(MAX_WORDS).unwrap().len(), 1);
    let error = words(MAX_WORDS + 1).unwrap_err();
    assert!(
        error.contains("a.txt, line 1000001: a sentence of more than 1000000 words"),
        "{error}"
    );
}
