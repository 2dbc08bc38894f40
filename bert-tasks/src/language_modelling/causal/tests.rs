use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, EncoderInput, Mode};
use datasets::{Passage, Source};

use super::super::LanguageModelInput;
use super::*;
use crate::task::{Batch, Collation, Decode, Encode, LossCount, TaskModel};

const WORDS: [&str; 12] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", ".", "the", "a", "cat", "dog", "sees", "old", "man",
];

fn tokenizer() -> BertTokenizer {
    BertTokenizer::from_vocabulary(WORDS.map(String::from).to_vec(), Normalization::default()).unwrap()
}

fn task() -> CausalLanguageModelling {
    let mut task = CausalLanguageModelling::new();
    task.adopt_tokenizer(&tokenizer()).unwrap();
    task
}

fn model() -> CausalLanguageModel {
    let config = BertConfig {
        is_decoder: true,
        initializer_range: 0.5,
        ..BertConfig::compact(WORDS.len(), 16, 2, 2)
    };
    task().model(&config, 3, &Device::default())
}

fn passages(texts: &[(&str, bool)]) -> Vec<Passage> {
    let file = Source::file("a.txt".as_ref());
    let passage = |(at, &(text, ends_document)): (usize, &(&str, bool))| Passage {
        text: text.into(),
        document: at as u32,
        ends_document,
        is_input: false,
        source: file.line(at + 1),
    };
    texts.iter().enumerate().map(passage).collect()
}

/// Texts of different lengths, one of which does not end and one of which has no token.
fn texts() -> Vec<Passage> {
    passages(&[
        ("the old cat sees the dog . the man sees a cat .", true),
        ("a dog sees", false),
        ("\0", false),
        ("the man", true),
    ])
}

fn batch(rows: &[CausalRow]) -> Batch<LanguageModelInput, Vec<u32>> {
    let numbers: Vec<usize> = (0..rows.len()).collect();
    let (tokenizer, device) = (tokenizer(), Device::default());
    Batch::new(
        &task(),
        rows,
        &Collation::inference(&tokenizer, &numbers, &device),
    )
}

#[test]
fn each_token_is_predicted_once_and_only_ends_have_a_separator() {
    let rows = task().encode(&texts(), &tokenizer(), 8).unwrap();
    let examples: Vec<usize> = rows.iter().map(|row| row.example).collect();
    assert_eq!(examples, [0, 0, 1, 2, 3]);
    assert!(rows.iter().all(|row| row.ids[0] == 2 && row.ids.len() <= 8));
    // 13 tokens and `[SEP]`, in two parts.
    assert_eq!([rows[0].next().len(), rows[1].next().len()], [7, 7]);
    let expected = tokenizer().encode(&texts()[0].text, None, 99).unwrap().ids;
    assert_eq!([rows[0].next(), rows[1].next()].concat(), expected[1..]);
    assert_eq!(rows[2].ids, [2, 6, 8, 9]);
    assert_eq!(
        (&rows[3].ids[..], rows[3].read(), rows[3].next()),
        (&[2][..], &[2][..], &[][..])
    );
    assert_eq!(
        (rows[4].read(), rows[4].next()),
        (&[2, 5, 11][..], &[5, 11, 3][..])
    );
    // A user's text may go on.
    let mut own = texts();
    own[3].is_input = true;
    assert_eq!(
        task().encode(&own[3..], &tokenizer(), 8).unwrap()[0].ids,
        [2, 5, 11]
    );
    assert!(task().encode(&own, &tokenizer(), 2).is_err());
}

#[test]
fn the_loss_is_that_of_the_logits_of_all_tokens() {
    let model = model();
    let rows = task().encode(&texts(), &tokenizer(), 8).unwrap();
    let whole = batch(&rows);
    let count = LossCount::of::<CausalLanguageModel>(&whole.targets);
    assert_eq!(count.losses, 7 + 7 + 3 + 3);
    // By hand, one row at a time.
    let mut expected = 0.0;
    for row in rows.iter().filter(|row| !row.next().is_empty()) {
        let ids: Vec<i32> = row.read().iter().map(|&id| id as i32).collect();
        let length = ids.len();
        let input = EncoderInput::new(ids, vec![0; length], &vec![1; length], 1, &Device::default());
        let hidden = model.bert.forward(&input, Mode::Inference).last_hidden;
        let logits: Vec<f64> = model
            .scores(hidden.squeeze_dim(0))
            .into_data()
            .iter::<f64>()
            .collect();
        for (scores, &next) in logits.chunks(WORDS.len()).zip(row.next()) {
            let sum: f64 = scores.iter().map(|score| score.exp()).sum();
            expected -= (scores[next as usize].exp() / sum).ln();
        }
    }
    let output = model.forward(&whole.input, Mode::Inference);
    let loss = model
        .loss(output.clone(), &whole.targets, count)
        .into_scalar::<f64>();
    assert!(
        (loss - expected / 20.0).abs() < 1e-5,
        "{loss} {}",
        expected / 20.0
    );
    // So does an evaluation, and the batches of a step add up.
    let [(sum, 20)] = model.loss_sums(output.clone(), &whole.targets)[..] else {
        panic!("the losses of 20 tokens");
    };
    assert!((sum - expected).abs() < 1e-4, "{sum} {expected}");
    let output = model.generate(&whole.input, output);
    let [(sum, 20)] = model.loss_sums(output, &whole.targets)[..] else {
        panic!("the losses of 20 tokens");
    };
    assert!((sum - expected).abs() < 1e-4, "{sum} {expected}");
    let parts = [batch(&rows[..2]), batch(&rows[2..])];
    let loss_of = |batch: &Batch<LanguageModelInput, Vec<u32>>| {
        let output = model.forward(&batch.input, Mode::Inference);
        model.loss(output, &batch.targets, count).into_scalar::<f64>()
    };
    assert!((loss_of(&parts[0]) + loss_of(&parts[1]) - loss).abs() < 1e-5);
    // Nothing to predict.
    let none = batch(&rows[3..4]);
    assert_eq!(loss_of(&none), 0.0);
}

#[test]
fn what_comes_later_changes_nothing() {
    let model = model();
    let rows = |text: &str| {
        task()
            .encode(&passages(&[(text, true)]), &tokenizer(), 16)
            .unwrap()
    };
    let states = |text: &str| -> Vec<f32> {
        let input = batch(&rows(text)).input;
        let states = model.forward(&input, Mode::Inference).states;
        states.slice([0..4, 0..16]).into_data().iter::<f32>().collect()
    };
    for (a, b) in states("the old cat sees a dog")
        .iter()
        .zip(states("the old cat . the man sees"))
    {
        assert!((a - b).abs() < 1e-5);
    }
}

#[test]
fn an_evaluation_shows_a_beginning_and_counts_all_of_the_text() {
    let (task, model, tokenizer) = (task(), model(), tokenizer());
    let texts = texts();
    let answer = |passage: &Passage| {
        let rows = task.encode(std::slice::from_ref(passage), &tokenizer, 8).unwrap();
        let batch = batch(&rows);
        let output = model.generate(&batch.input, model.forward(&batch.input, Mode::Inference));
        task.decode(passage, &rows, task.row_outputs(output, &rows))
    };
    let first = answer(&texts[0]);
    assert_eq!(first.text, "the old cat sees");
    assert_eq!(first.next.as_ref().unwrap().gold, "the");
    assert_eq!(first.counts.tokens, 14);
    let line = task.prediction(&texts[0], &first);
    assert!(line["next"]["probability"].is_f64() && !line.contains_key("perplexity"));
    // A text without a token.
    let none = answer(&texts[2]);
    assert_eq!((none.counts, none.next), (CausalCounts::default(), None));
    // A user's own.
    let mut own = texts[0].clone();
    own.is_input = true;
    let own_answer = answer(&own);
    assert_eq!(
        (own_answer.text.as_str(), own_answer.counts.tokens),
        (own.text.as_str(), 13)
    );
    assert_eq!(task.score(&own, &own_answer), None);
    assert!(task.prediction(&own, &own_answer)["perplexity"].as_f64() > Some(1.0));
    let metrics = task.metrics(&[first.counts, none.counts]);
    assert!(task.metric_names().iter().all(|name| metrics.get(name).is_some()));
}

#[test]
fn files_are_those_of_a_decoder() {
    use bert_core::store::to_safetensors;
    let task = task();
    let mut config = BertConfig {
        id2label: Some(Default::default()),
        pad_token_id: 1,
        ..BertConfig::compact(WORDS.len(), 16, 2, 2)
    };
    let encoder = config.clone();
    task.configure(&mut config);
    let json: serde_json::Value = serde_json::from_str(&config.to_json()).unwrap();
    assert_eq!(json["architectures"], serde_json::json!(["BertLMHeadModel"]));
    for (name, value) in [("bos_token_id", 2), ("eos_token_id", 3), ("pad_token_id", 0)] {
        assert_eq!(json[name], value, "{name}");
    }
    assert_eq!((&json["is_decoder"], json.get("id2label")), (&true.into(), None));
    let model = task.model(&config, 1, &Device::default());
    let bytes = to_safetensors(&model, config.weight_names()).unwrap();
    let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
    let options = CausalOptions::default();
    let of = |config: &BertConfig, checkpoint: &Checkpoint| {
        CausalLanguageModelling::from_model(config, checkpoint, None, &options).map_err(|e| e.to_string())
    };
    of(&config, &checkpoint).unwrap();
    assert!(of(&encoder, &checkpoint).unwrap_err().contains("`is_decoder`"));
    let bare = to_safetensors(&model.bert, config.architecture().names("Model")).unwrap();
    let error = of(&config, &Checkpoint::from_bytes(bare).unwrap()).unwrap_err();
    assert!(
        error.contains("cls.predictions.transform.dense.weight"),
        "{error}"
    );
    let both = CausalOptions {
        line_by_line: true,
        documents: true,
        ..CausalOptions::default()
    };
    let error = both.check().unwrap_err().message().to_string();
    assert!(
        error.contains("`documents`") && error.contains("`line_by_line`"),
        "{error}"
    );
}

#[test]
fn texts_end_at_the_end_token_or_where_the_model_ends() {
    let words = 4;
    let greedy = Generation {
        max_new_tokens: 5,
        sequences: 1,
        end: Some(3),
        sampling: Sampling::GREEDY,
    };
    // Writes 2 1 and the end.
    let scores = |texts: &[Vec<u32>]| -> Vec<f32> {
        let of = |text: &Vec<u32>| {
            let best = [2, 1, 3][(text.len() - 2).min(2)];
            (0..words).map(move |id| if id == best { 2.0 } else { 0.0 })
        };
        texts.iter().flat_map(of).collect()
    };
    let write = |positions, generation: &Generation| continuations(&[0, 1], positions, generation, scores);
    let one = write(9, &greedy).unwrap().remove(0);
    assert_eq!((one.ids.as_slice(), one.end), (&[2, 1][..], End::Token));
    let best = 2f64.exp() / (2f64.exp() + 3.0);
    assert!((one.log_probability - 3.0 * best.ln()).abs() < 1e-6);
    let short = write(
        9,
        &Generation {
            max_new_tokens: 2,
            ..greedy
        },
    )
    .unwrap()
    .remove(0);
    assert_eq!(
        (short.ids.as_slice(), short.end),
        (&[2, 1][..], End::MaxNewTokens)
    );
    let cut = write(3, &greedy).unwrap().remove(0);
    assert_eq!((cut.ids.as_slice(), cut.end), (&[2][..], End::Positions));
    let error = write(2, &greedy).unwrap_err().to_string();
    assert!(
        error.contains("has 2 tokens") && error.contains("at most 2"),
        "{error}"
    );
    for (wrong, option) in [
        (
            Generation {
                max_new_tokens: 0,
                ..greedy
            },
            "`max_new_tokens`",
        ),
        (
            Generation {
                sequences: 0,
                ..greedy
            },
            "`num_sequences`",
        ),
        (
            Generation {
                sequences: 2,
                ..greedy
            },
            "`num_sequences`",
        ),
    ] {
        let error = write(9, &wrong).unwrap_err().to_string();
        assert!(error.contains(option), "{error}");
    }
    // A sequence does not depend on how many there are, and each has its own draws.
    let warm = Generation {
        sampling: Sampling {
            temperature: 3.0,
            ..Sampling::GREEDY
        },
        ..greedy
    };
    let many = write(9, &Generation { sequences: 8, ..warm }).unwrap();
    assert_eq!(many[..1], write(9, &warm).unwrap());
    assert!(many.iter().any(|other| other.ids != many[0].ids));
}
