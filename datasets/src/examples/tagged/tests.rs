use super::*;

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

#[test]
fn entities_become_bio_and_other_tags_stay() {
    let data = |tags: &[&str]| {
        let source = Source::file("t.txt".as_ref());
        let example = TaggedExample {
            words: tags.iter().map(|_| "w".into()).collect(),
            tags: Some(tags.iter().map(|tag| (*tag).into()).collect()),
            text: None,
            offsets: None,
            source: source.clone(),
        };
        TaggedDataset::new(&source.file, vec![example]).unwrap()
    };
    let tags = |data: &TaggedDataset| data.examples()[0].tags.clone().unwrap();
    let kept = data(&["N-SG", "V-SG", "S-X"]).into_bio(None).unwrap();
    assert_eq!(
        (tags(&kept), kept.notes().len()),
        (vec!["N-SG".into(), "V-SG".into(), "S-X".into()], 0)
    );
    let changed = data(&["O", "I-PER"]).into_bio(None).unwrap();
    assert_eq!(tags(&changed), ["O", "B-PER"]);
    assert!(
        changed.notes()[0].to_string().contains("t.txt is read as IOB1"),
        "{:?}",
        changed.notes()
    );
    // Names from the file are of its own tags.
    let names = ["O", "B-PER", "I-PER", "E-PER", "S-PER"]
        .map(String::from)
        .to_vec();
    let iobes = data(&["S-PER", "O", "B-PER", "E-PER"]).with_label_names(names);
    let changed = iobes.into_bio(None).unwrap();
    assert_eq!(tags(&changed), ["B-PER", "O", "B-PER", "I-PER"]);
    let labels = changed.labels().unwrap();
    assert_eq!(Vec::from(labels), ["O", "B-PER", "I-PER"]);
    let asked = data(&["O", "I-PER"]).into_bio(Some(Scheme::Bio)).unwrap();
    assert_eq!(
        (tags(&asked), asked.notes().len()),
        (vec!["O".into(), "I-PER".into()], 0)
    );
}

#[test]
fn a_sentence_has_a_longest_length() {
    let source = Source::file(Path::new("in.txt")).line(3);
    let of = |length: usize| TaggedExample::of_text("ab ".repeat(length / 3 + 1), source.clone());
    let words = of(MAX_BYTES / 8).unwrap().words.len();
    assert_eq!(words, MAX_BYTES / 24 + 1);
    let error = of(MAX_BYTES).unwrap_err().to_string();
    assert!(
        error.starts_with("in.txt, line 3: a sentence of") && error.contains("8 MiB"),
        "{error}"
    );
}
