use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, Mode};
use burn::module::Module;
use datasets::Source;

use super::super::{LanguageModelInput, PredictedToken};
use super::*;
use crate::task::{Batch, Collation, Decode, Draw, Encode, LossCount, TaskModel};

const WORDS: [&str; 22] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "the", "a", "cat", "dog", "sees", "hears", "old",
    "new", "man", "##s", "##ish", "and", "very", "tree", "sun", "moon",
];

fn tokenizer() -> BertTokenizer {
    BertTokenizer::from_vocabulary(WORDS.map(String::from).to_vec(), Normalization::default()).unwrap()
}

fn task(change: impl FnOnce(&mut MaskedOptions)) -> MaskedLanguageModelling {
    let mut options = MaskedOptions::default();
    change(&mut options);
    options.check().unwrap();
    let mut task = MaskedLanguageModelling::new(&options);
    task.adopt_tokenizer(&tokenizer()).unwrap();
    task
}

fn passages(texts: &[&str]) -> Vec<Passage> {
    let file = Source::file("a.txt".as_ref());
    let passage = |(at, text): (usize, &&str)| Passage {
        text: (*text).into(),
        document: at as u32,
        ends_document: true,
        is_input: false,
        source: file.line(at + 1),
    };
    texts.iter().enumerate().map(passage).collect()
}

fn gaps(text: &str) -> Vec<Passage> {
    let mut all = passages(&[text]);
    all[0].is_input = true;
    all
}

/// Passages of several lines.
fn documents() -> Vec<Passage> {
    let nouns = ["cat", "dog", "man", "tree", "sun", "moon"];
    let text = |of: usize| -> String {
        let line = |at: usize| {
            format!(
                "the old {} sees a very new {} .\n",
                nouns[(of + at) % 6],
                nouns[(of * at + 1) % 6]
            )
        };
        (0..12).map(line).collect()
    };
    let texts: Vec<String> = (0..8).map(text).collect();
    passages(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_text_is_cut_into_even_rows_and_a_line_is_one_row() {
    let text = "the cat sees the dog and the dog hears the old man .";
    let lengths = |task: &MaskedLanguageModelling| -> Vec<(usize, usize, bool)> {
        let rows = task.encode(&passages(&["a cat", text]), &tokenizer(), 8).unwrap();
        let all = rows.iter();
        all.map(|row| (row.example, row.ids.len(), row.truncated))
            .collect()
    };
    // 13 tokens in blocks of at most 6.
    let blocks = [(0, 4, false), (1, 6, false), (1, 6, false), (1, 7, false)];
    assert_eq!(lengths(&task(|_| ())), blocks);
    assert_eq!(
        lengths(&task(|options| options.line_by_line = true)),
        [(0, 4, false), (1, 8, true)]
    );
}

#[test]
fn each_passage_has_rows_of_two_parts() {
    let task = task(|options| options.nsp = true);
    let (documents, tokenizer) = (documents(), tokenizer());
    let rows = task.encode(&documents, &tokenizer, 32).unwrap();
    for example in 0..documents.len() {
        assert!(rows.iter().any(|row| row.example == example));
    }
    assert!(rows.is_sorted_by_key(|row| row.example));
    for row in &rows {
        let separators: Vec<usize> = (0..row.ids.len()).filter(|&at| row.ids[at] == 3).collect();
        assert_eq!(separators, [row.first as usize - 1, row.ids.len() - 1]);
        assert!(row.ids.len() <= 32 && row.is_next.is_some() && !row.truncated);
        let encoding = row.encoding(row.ids.clone());
        assert_eq!(
            encoding.type_ids.iter().filter(|&&kind| kind == 0).count(),
            row.first as usize
        );
    }
    assert!(rows.iter().any(|row| row.is_next == Some(true)));
    assert!(rows.iter().any(|row| row.is_next == Some(false)));
    // A function of the text alone, whatever it is called.
    let elsewhere: Vec<Passage> = documents
        .iter()
        .map(|passage| Passage {
            source: Source::file("b.txt".as_ref()),
            ..passage.clone()
        })
        .collect();
    assert_eq!(task.encode(&elsewhere, &tokenizer, 32).unwrap(), rows);
    // A text without a single token.
    let odd = passages(&["\u{200b}", "the cat ."]);
    let rows = task.encode(&odd, &tokenizer, 32).unwrap();
    assert_eq!(rows.iter().map(|row| row.example).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn one_document_has_no_other_to_take_a_text_from() {
    let nsp = task(|options| options.nsp = true);
    let mut one = documents();
    one.iter_mut().for_each(|passage| passage.document = 3);
    let data = |passages: Vec<Passage>| PassageDataset::new("a.txt".as_ref(), passages).unwrap();
    let error = nsp.check(&data(one.clone())).unwrap_err().to_string();
    assert!(
        error.starts_with("a.txt, line 1: there is only one document here; `nsp`"),
        "{error}"
    );
    nsp.check(&data(documents())).unwrap();
    task(|_| ()).check(&data(one)).unwrap();
}

fn masked(
    task: &MaskedLanguageModelling,
    numbers: &[usize],
    draw: Draw,
) -> Vec<(Vec<u32>, Vec<PredictedToken>)> {
    let (tokenizer, device) = (tokenizer(), Device::default());
    let rows = task.encode(&documents(), &tokenizer, 32).unwrap();
    let chosen: Vec<MaskedRow> = numbers.iter().map(|&number| rows[number].clone()).collect();
    let context = Collation {
        draw,
        ..Collation::inference(&tokenizer, numbers, &device)
    };
    let input = Batch::new(task, &chosen, &context).input;
    let [batch, length] = input.encoder.dims();
    assert_eq!(batch, numbers.len());
    let ids: Vec<u32> = input
        .encoder
        .tokens()
        .ids
        .clone()
        .into_data()
        .iter::<u32>()
        .collect();
    let flat: Vec<usize> = input
        .positions
        .into_data()
        .iter::<i64>()
        .map(|position| position as usize)
        .collect();
    let mut flat = flat.into_iter();
    let masked = input.predicted.iter().enumerate().map(|(row, masked)| {
        for token in masked {
            assert_eq!(flat.next(), Some(row * length + token.position));
            assert_eq!(token.id, Some(chosen[row].ids[token.position]));
        }
        let ids = ids
            .get(row * length..(row + 1) * length)
            .unwrap_or_default()
            .to_vec();
        (ids, masked.clone())
    });
    masked.collect()
}

#[test]
fn masks_depend_only_on_seed_epoch_and_row() {
    let task = task(|options| options.whole_words = true);
    let positions = |numbers: &[usize], seed, epoch| -> Vec<Vec<PredictedToken>> {
        let found = masked(&task, numbers, Draw { seed, epoch }).into_iter();
        found.map(|(_, masked)| masked).collect()
    };
    let all: Vec<usize> = (0..16).collect();
    let first = positions(&all, 1, 0);
    assert!(first.iter().all(|masked| !masked.is_empty()));
    // In another batch, the same positions of a row are masked.
    assert_eq!(positions(&[7, 2], 1, 0), [first[7].clone(), first[2].clone()]);
    assert_eq!(positions(&all, 1, 0), first);
    assert_ne!(positions(&all, 1, 1), first);
    assert_ne!(positions(&all, 2, 0), first);
}

fn model(task: &MaskedLanguageModelling) -> MaskedLanguageModel {
    let config = BertConfig {
        initializer_range: 0.5,
        ..BertConfig::compact(WORDS.len(), 16, 2, 2)
    };
    task.model(&config, 3, &Device::default())
}

fn batch(
    task: &MaskedLanguageModelling,
    examples: &[Passage],
    from: usize,
    to: usize,
) -> Batch<LanguageModelInput, MaskedTarget> {
    let (tokenizer, device) = (tokenizer(), Device::default());
    let rows = task.encode(examples, &tokenizer, 32).unwrap();
    let numbers: Vec<usize> = (from..to.min(rows.len())).collect();
    Batch::new(
        task,
        &rows[from..to.min(rows.len())],
        &Collation::inference(&tokenizer, &numbers, &device),
    )
}

#[test]
fn each_term_of_the_loss_is_a_mean_over_all_batches_of_a_step() {
    let task = task(|options| options.nsp = true);
    let (model, documents) = (model(&task), documents());
    assert!(model.bert.pooler.is_some() && model.cls.seq_relationship.is_some());
    let whole = batch(&task, &documents, 0, 10);
    let parts = [batch(&task, &documents, 0, 3), batch(&task, &documents, 3, 10)];
    let count = LossCount::of::<MaskedLanguageModel>(&whole.targets);
    assert_eq!(count.rows, 10);
    assert!(count.losses > 10);
    let loss = |batch: &Batch<LanguageModelInput, MaskedTarget>| {
        let output = model.forward(&batch.input, Mode::Inference);
        model.loss(output, &batch.targets, count).into_scalar::<f64>()
    };
    let (all, sum) = (loss(&whole), loss(&parts[0]) + loss(&parts[1]));
    assert!((all - sum).abs() < 1e-5, "{all} {sum}");
    // What an evaluation adds up.
    let sums: Vec<Vec<(f64, usize)>> = parts
        .iter()
        .map(|batch| model.loss_sums(model.forward(&batch.input, Mode::Inference), &batch.targets))
        .collect();
    let mean = |term: usize| {
        let sum: f64 = sums.iter().map(|terms| terms[term].0).sum();
        let count: usize = sums.iter().map(|terms| terms[term].1).sum();
        sum / count as f64
    };
    assert!((mean(0) + mean(1) - all).abs() < 1e-5);
}

#[test]
fn the_loss_is_the_mean_of_the_log_likelihoods() {
    let task = task(|_| ());
    let model = model(&task);
    assert!(model.bert.pooler.is_none() && model.cls.seq_relationship.is_none());
    let batch = batch(&task, &documents(), 0, 12);
    let output = model.forward(&batch.input, Mode::Inference);
    let count = LossCount::of::<MaskedLanguageModel>(&batch.targets);
    let loss = model
        .loss(output.clone(), &batch.targets, count)
        .into_scalar::<f64>();
    let sums = |output| {
        let sums = model.loss_sums(output, &batch.targets);
        assert!(sums.len() == 1 && sums[0].1 == count.losses);
        sums[0].0 / count.losses as f64
    };
    assert!((sums(output.clone()) - loss).abs() < 1e-5);
    let output = model.generate(&batch.input, output);
    assert!((sums(output.clone()) - loss).abs() < 1e-5);
    let predictions = output.predictions.unwrap();
    assert_eq!(predictions.len(), count.losses);
    assert!(predictions.iter().all(|prediction| prediction.best.len() == 5));
    let likelihoods = predictions
        .iter()
        .map(|prediction| prediction.log_likelihood.unwrap());
    let mean = -likelihoods.sum::<f64>() / count.losses as f64;
    assert!((loss - mean).abs() < 1e-5, "{loss} {mean}");
}

#[test]
fn rows_without_anything_to_hide_have_no_loss() {
    let task = task(|_| ());
    let model = model(&task);
    let unknown = passages(&["xyzzy xyzzy", "\u{200b}"]);
    let batch = batch(&task, &unknown, 0, 2);
    assert!(batch.targets.iter().all(|target| target.ids.is_empty()));
    let output = model.forward(&batch.input, Mode::Inference);
    let count = LossCount::of::<MaskedLanguageModel>(&batch.targets);
    assert_eq!(count.losses, 0);
    assert_eq!(
        model
            .loss(output.clone(), &batch.targets, count)
            .into_scalar::<f32>(),
        0.0
    );
    assert_eq!(model.generate(&batch.input, output).predictions.unwrap(), []);
}

#[test]
fn only_the_gaps_of_a_text_are_filled() {
    let task = task(|options| options.top_k = 3);
    let model = model(&task);
    let text = gaps("The [MASK] sees a [MASK].");
    let batch = batch(&task, &text, 0, 1);
    assert!(batch.targets.is_empty());
    let positions: Vec<usize> = batch.input.predicted[0]
        .iter()
        .map(|token| token.position)
        .collect();
    assert_eq!(positions, [2, 5]);
    assert!(batch.input.predicted[0].iter().all(|token| token.id.is_none()));
    let output = model.generate(&batch.input, model.forward(&batch.input, Mode::Inference));
    let rows = task.encode(&text, &tokenizer(), 32).unwrap();
    let answer = task.decode(&text[0], &rows, task.row_outputs(output, &rows));
    assert_eq!(answer.gaps.len(), 2);
    assert!(
        answer
            .gaps
            .iter()
            .all(|gap| gap.words.len() == 3 && gap.gold.is_none())
    );
    assert!(!answer.filled.as_ref().unwrap().contains("[MASK]"));
    assert_eq!(task.score(&text[0], &answer), None);
    let line = task.prediction(&text[0], &answer);
    assert_eq!(line["text"], "The [MASK] sees a [MASK].");
    assert!(!line.contains_key("masked") && line["gaps"][1]["words"][0]["probability"].is_f64());
}

#[test]
fn a_text_without_a_gap_is_refused() {
    let task = task(|_| ());
    let error = |text: &str, length| {
        task.encode(&gaps(text), &tokenizer(), length)
            .unwrap_err()
            .to_string()
    };
    let none = error("the cat sees a dog", 32);
    assert!(
        none.starts_with("a.txt, line 1: the text has no [MASK]; write [MASK]"),
        "{none}"
    );
    let cut = error("the cat sees a [MASK]", 5);
    assert!(cut.contains("no [MASK] in its first 5 tokens"), "{cut}");
}

#[test]
fn an_evaluation_shows_the_beginning_of_a_text_and_counts_all_of_it() {
    let task = task(|options| options.nsp = true);
    let model = model(&task);
    let documents = documents();
    let rows = task.encode(&documents, &tokenizer(), 32).unwrap();
    let of_first = rows.iter().take_while(|row| row.example == 0).count();
    let batch = batch(&task, &documents, 0, of_first);
    let output = model.generate(&batch.input, model.forward(&batch.input, Mode::Inference));
    let outputs = task.row_outputs(output, &rows[..of_first]);
    let answer = task.decode(&documents[0], &rows[..of_first], outputs);
    let counts = task.score(&documents[0], &answer).unwrap();
    assert_eq!(
        counts.masked,
        batch.targets.iter().map(|target| target.ids.len()).sum::<usize>()
    );
    assert_eq!(counts.pairs, of_first);
    assert!(
        counts.log_likelihood < 0.0 && counts.right <= counts.masked && counts.pairs_right <= counts.pairs
    );
    assert_eq!(answer.text.matches("[MASK]").count(), answer.gaps.len());
    assert!(
        answer.text.contains("[SEP]") && !answer.text.contains("[CLS]"),
        "{}",
        answer.text
    );
    assert!(answer.filled.is_none());
    let metrics = task.metrics(&[counts]);
    assert!(task.metric_names().iter().all(|name| metrics.get(name).is_some()));
    let line = task.prediction(&documents[0], &answer);
    assert_eq!(line["pairs"], of_first);
    assert!(line["gaps"][0]["gold"].is_string());
}

#[test]
fn classes_and_heads_fit() {
    use bert_core::Checkpoint;
    use bert_core::store::to_safetensors;
    let options = |nsp| MaskedOptions {
        nsp,
        ..MaskedOptions::default()
    };
    for nsp in [false, true] {
        let task = task(|options| options.nsp = nsp);
        let mut config = BertConfig {
            id2label: Some(Default::default()),
            ..BertConfig::compact(WORDS.len(), 16, 2, 2)
        };
        task.configure(&mut config);
        let class = if nsp {
            "BertForPreTraining"
        } else {
            "BertForMaskedLM"
        };
        assert_eq!(config.architectures.as_deref(), Some(&[class.to_owned()][..]));
        assert_eq!(config.id2label, None);
        let model = task.model(&config, 1, &Device::default());
        let bytes = to_safetensors(&model, config.weight_names()).unwrap();
        let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
        MaskedLanguageModelling::from_model(&config, &checkpoint, None, &options(false)).unwrap();
        let with_nsp = MaskedLanguageModelling::from_model(&config, &checkpoint, None, &options(true));
        match with_nsp {
            Ok(_) => assert!(nsp),
            Err(reason) => {
                assert!(
                    !nsp && reason.to_string().contains("cls.seq_relationship.weight"),
                    "{reason}"
                );
            }
        }
        let loaded = checkpoint.load_into(task.model(&config, 2, &Device::default()), config.weight_names());
        let (loaded, report) = loaded.unwrap();
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report}"
        );
        assert_eq!(loaded.num_params(), model.num_params());
        let decoder = BertConfig {
            is_decoder: true,
            ..config
        };
        let refused = MaskedLanguageModelling::from_model(&decoder, &checkpoint, None, &options(false));
        assert!(refused.unwrap_err().to_string().contains("from left to right"));
    }
}

#[test]
fn rows_in_a_cache_serve_all_masks() {
    let key = |change: fn(&mut MaskedOptions)| task(change).cache_key();
    assert_eq!(
        key(|options| options.mask_probability = 0.4),
        key(|options| options.whole_words = true)
    );
    assert_ne!(key(|options| options.nsp = true), key(|_| ()));
    assert_ne!(key(|options| options.line_by_line = true), key(|_| ()));
}
