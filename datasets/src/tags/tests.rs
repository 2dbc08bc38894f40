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
    let data = TaggedDataset::from_conllu(&path, TagColumn::Upos).unwrap();
    assert_eq!(shown(&data), ["do/AUX n't/PART", "Stop/VERB"]);
    assert_eq!(data.examples()[1].source.line, 7);
    let data = TaggedDataset::from_conllu(&path, TagColumn::Xpos).unwrap();
    assert_eq!(shown(&data), ["do/VB n't/RB", "Stop/VB"]);
}

#[test]
fn files_of_other_kinds_are_refused() {
    let (_dir, path) = file("a.json", "{\"data\": 1}\n");
    let fault = TaggedDataset::from_file(&path, TagColumn::Upos, 0, None)
        .unwrap_err()
        .to_string();
    assert!(fault.contains("a.json") && fault.contains("not .json"), "{fault}");
    let (_dir, path) = file("a.txt", "the D\nfilm N\n");
    assert_eq!(
        shown(&TaggedDataset::from_file(&path, TagColumn::Upos, 0, None).unwrap()),
        ["the/D film/N"]
    );
}

#[test]
fn conllu_faults_name_line_and_field() {
    let fault = |content: &str| {
        let (_dir, path) = file("a.conllu", content);
        TaggedDataset::from_conllu(&path, TagColumn::Upos)
            .unwrap_err()
            .to_string()
    };
    assert!(fault("1\tgo\tgo\tVERB\n").contains("a.conllu, line 1: 4 fields where CoNLL-U has 10"));
    let no_tag = fault("# x\n1\tgo\tgo\t_\tVB\t_\t0\troot\t_\t_\n");
    assert!(no_tag.contains("line 2, column `UPOS`: no tag"), "{no_tag}");
    assert!(fault("x\tgo\tgo\tVERB\tVB\t_\t0\troot\t_\t_\n").contains("column `ID`: `x`"));
    assert!(fault("# nothing\n\n").contains("no rows"));
}

#[test]
fn columns_take_tabs_spaces_and_lines_of_white_space() {
    let (_dir, path) = file(
        "a.txt",
        "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n \t\nPeter NNP I-NP B-PER",
    );
    let data = TaggedDataset::from_columns(&path, 0, None).unwrap();
    assert_eq!(shown(&data), ["EU/B-ORG rejects/O", "Peter/B-PER"]);
    let data = TaggedDataset::from_columns(&path, 0, Some(1)).unwrap();
    assert_eq!(shown(&data), ["EU/NNP rejects/VBZ", "Peter/NNP"]);
    assert_eq!(data.labels().unwrap().iter().collect::<Vec<_>>(), ["NNP", "VBZ"]);
    let (_dir, path) = file("b.conll", "in\tO\nNew York\tB-location\n\t\n.\tO\n");
    let data = TaggedDataset::from_columns(&path, 0, None).unwrap();
    assert_eq!(shown(&data), ["in/O New York/B-location", "./O"]);
    let (_dir, path) = file("c.conll", "in\tO\nEmpire\n");
    let fault = TaggedDataset::from_columns(&path, 0, None)
        .unwrap_err()
        .to_string();
    assert!(
        fault.contains("c.conll, line 2: 1 columns where at least 2"),
        "{fault}"
    );
}

#[test]
fn texts_are_split_where_words_end() {
    let words = |text: &str| -> Vec<String> {
        let data = TaggedDataset::from_texts(Path::new("in"), &[text.to_owned()]).unwrap();
        let example = &data.examples()[0];
        let text: Vec<char> = text.chars().collect();
        for (word, (start, end)) in example.words.iter().zip(example.offsets.clone().unwrap()) {
            assert_eq!(*word, text[start..end].iter().collect::<String>());
        }
        example.words.clone()
    };
    assert_eq!(
        words("Don't pay $3.50, she said."),
        ["Don't", "pay", "$", "3.50", ",", "she", "said", "."]
    );
    assert_eq!(
        words("Zoë (née Müller)…"),
        ["Zoë", "(", "née", "Müller", ")", "…"]
    );
    assert_eq!(words("e-mail and/or"), ["e-mail", "and", "/", "or"]);
    assert!(TaggedDataset::from_texts(Path::new("in"), &[" ".into()]).is_err());
}
