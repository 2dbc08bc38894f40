use super::*;
use bert_core::BertTokenizer;
use bert_core::tokenizer::Normalization;
use burn::tensor::{Tensor, TensorData};
use datasets::TaggedExample;

use crate::task::{Decode, Encode, TaskModel};

fn tokenizer() -> BertTokenizer {
    let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "paint", "##er", "##s", "work",
    ];
    BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Normalization::default()).unwrap()
}

fn task(overlap: usize) -> TokenTagging {
    let names = ["O", "B-WHO", "I-WHO"].map(String::from).to_vec();
    TokenTagging::new(Labels::from_names(names).unwrap(), overlap)
}

fn sentence(words: &[&str], tags: &[&str]) -> TaggedExample {
    let own = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
    TaggedExample {
        words: own(words),
        tags: Some(own(tags)),
        text: None,
        offsets: None,
        source: datasets::Source::file("tags".as_ref()),
    }
}

#[test]
fn the_label_sits_on_the_first_piece() {
    let example = sentence(
        &["the", "painters", "\u{1}", "work"],
        &["B-WHO", "I-WHO", "O", "X"],
    );
    let rows = task(0).encode(&[example], &tokenizer(), 16).unwrap();
    assert_eq!(rows.len(), 1);
    // [CLS] the paint ##er ##s [UNK] work [SEP]: the word of control characters becomes [UNK].
    assert_eq!(rows[0].encoding.ids, [2, 5, 6, 7, 8, 1, 9, 3]);
    assert_eq!(rows[0].position, [(0, 1), (1, 2), (2, 5), (3, 6)]);
    // `X` is not a label of the task, so training ignores it.
    assert_eq!(rows[0].target.as_deref(), Some(&[(1, 1), (2, 2), (5, 0)][..]));
}

#[test]
fn every_word_of_a_long_sentence_is_tagged_once() {
    let words: Vec<&str> = ["the", "painters", "work"].into_iter().cycle().take(40).collect();
    let tags = vec!["O"; 40];
    let task = task(6);
    let example = sentence(&words, &tags);
    let rows = task
        .encode(std::slice::from_ref(&example), &tokenizer(), 14)
        .unwrap();
    assert!(rows.len() > 3 && rows.iter().all(|row| row.encoding.ids.len() <= 14));
    let mut placed: Vec<u32> = rows
        .iter()
        .flat_map(|row| row.position.iter().map(|(word, _)| *word))
        .collect();
    placed.sort_unstable();
    assert_eq!(placed, (0..40).collect::<Vec<_>>());
    // Outputs that say of each token which word it begins are read back in the words' order.
    let mut logits = vec![0.0f32; rows.len() * 14 * 3];
    for (index, row) in rows.iter().enumerate() {
        for &(word, token) in &row.position {
            logits[3 * (14 * index + token as usize) + (word % 3) as usize] = 4.0;
        }
    }
    let logits = TensorData::new(logits, [rows.len(), 14, 3]);
    let outputs = task.row_outputs(Tensor::from_data(logits, &Device::default()), &rows);
    let answer = task.decode(&example, &rows, outputs);
    assert_eq!(answer.labels, (0..40).map(|word| word % 3).collect::<Vec<_>>());
    let metrics = task.metrics(&[task.score(&example, &answer).unwrap()]);
    assert_eq!(metrics.get("accuracy"), Some(14.0 / 40.0));
}

#[test]
fn a_word_longer_than_the_model_keeps_its_beginning() {
    let example = sentence(&["paintersssssssssssss", "work"], &["O", "O"]);
    let rows = task(2).encode(&[example], &tokenizer(), 8).unwrap();
    assert_eq!(
        (rows.len(), rows[0].encoding.ids.len(), rows[0].encoding.truncated),
        (2, 8, true)
    );
    assert_eq!(rows[1].position, [(1, 1)]);
}

#[test]
fn loss_is_the_mean_over_labels() {
    let device = Device::default();
    let model = TokenTagger::new(&BertConfig::compact(10, 8, 1, 2), 2, 1, &device);
    let logits = Tensor::<3>::from_data([[[0.0, 0.0], [0.0, 9.0]], [[1.0, 0.0], [7.0, 0.0]]], &device);
    let targets = [vec![(0, 1)], vec![(0, 1)]];
    assert_eq!(TokenTagger::count(&targets), 2);
    let loss = model
        .loss(logits.clone(), &targets, 2.into())
        .into_scalar::<f32>();
    // (log 2 + log(1 + e)) / 2
    assert!(
        (loss - (std::f32::consts::LN_2 + 1.313_261_7) / 2.0).abs() < 1e-6,
        "{loss}"
    );
    // The loss of a batch without any label is 0, not NaN.
    assert_eq!(
        model
            .loss(logits, &[vec![], vec![]], 0.into())
            .into_scalar::<f32>(),
        0.0
    );
}

#[test]
fn models_that_write_entities_otherwise_answer_in_bio() {
    // Of the first kind is dbmdz/bert-large-cased-finetuned-conll03-english: an `I-` begins what follows no entity.
    let tags = ["B-WHO", "I-WHO", "B-WHO", "O"];
    let cases = [
        (Scheme::Iob1, "O B-WHO I-WHO", [2, 2, 1, 0]),
        (Scheme::Iobes, "O B-WHO I-WHO E-WHO S-WHO", [1, 3, 4, 0]),
    ];
    for (scheme, labels, found) in cases {
        let labels = Labels::from_names(labels.split(' ').map(str::to_owned).collect()).unwrap();
        let task = TokenTagging {
            scheme,
            ..TokenTagging::new(labels, 0)
        };
        let answer = TagAnswer {
            labels: found.to_vec(),
            probabilities: vec![1.0; 4],
        };
        assert_eq!(task.names(&answer), tags, "{scheme}");
        let example = sentence(&["the", "paint", "work", "the"], &tags);
        let metrics = task.metrics(&[task.score(&example, &answer).unwrap()]);
        assert_eq!(
            (metrics.get("accuracy"), metrics.get("f1")),
            (Some(1.0), Some(1.0)),
            "{scheme}"
        );
        // Targets are in the model's own labels.
        let rows = task.encode(&[example], &tokenizer(), 16).unwrap();
        let wanted: Vec<_> = rows[0]
            .target
            .iter()
            .flatten()
            .map(|&(_, label)| label as usize)
            .collect();
        assert_eq!(wanted, found, "{scheme}");
    }
}

#[test]
fn entities_of_a_prediction_are_those_of_transformers_and_metrics_are_strict() {
    let names = ["O", "B-WHO", "I-WHO", "B-ORG", "I-ORG"]
        .map(String::from)
        .to_vec();
    let task = TokenTagging::new(Labels::from_names(names).unwrap(), 0);
    let tags = "I-WHO I-WHO O B-WHO I-ORG I-WHO B-WHO B-WHO I-WHO O I-ORG";
    let tags: Vec<&str> = tags.split(' ').collect();
    let answer = TagAnswer {
        labels: tags.iter().map(|tag| task.labels.index(tag).unwrap()).collect(),
        probabilities: vec![1.0; tags.len()],
    };
    let example = sentence(&vec!["work"; tags.len()], &tags);
    let line = task.prediction(&example, &answer);
    let entities: Vec<(&str, u64, u64)> = line["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entity| {
            let word = |name: &str| entity[name].as_u64().unwrap();
            (
                entity["type"].as_str().unwrap(),
                word("first_word"),
                word("last_word") + 1,
            )
        })
        .collect();
    // transformers.TokenClassificationPipeline.group_entities([{"entity": tag, "start": i, "end": i + 1, "index": i, ...}
    //     for i, tag in enumerate(tags)]), without O
    let expected = [
        ("WHO", 0, 2),
        ("WHO", 3, 4),
        ("ORG", 4, 5),
        ("WHO", 5, 6),
        ("WHO", 6, 7),
        ("WHO", 7, 9),
        ("ORG", 10, 11),
    ];
    assert_eq!(entities, expected);
    // seqeval's strict IOB2 counts the three that begin with B-.
    let counts = task.score(&example, &answer).unwrap().entities.unwrap();
    assert_eq!((counts.gold, counts.found, counts.right), (3, 3, 3));
}
