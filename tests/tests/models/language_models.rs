//! Language models: texts that are written with a cache are those written without it, and the scores of texts are those computed
//! one token at a time.

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, EncoderInput, Mode};
use bert_tasks::language_modelling::LanguageModel;
use bert_tasks::language_modelling::causal::continuations;
use bert_tasks::{
    CausalLanguageModel, End, Generation, MaskedLanguageModel, Sampling, TextScore, TextScoring,
};
use bert_tests::devices;
use bert_train::training::evaluator::Evaluator;
use bert_train::{BatchLoader, EncodedDataset, Order};
use burn::tensor::Device;
use datasets::{Source, TextExample};

/// Special tokens, `w5` to `w39`, and a piece.
fn tokenizer() -> BertTokenizer {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(String::from);
    let words = (5..39).map(|id| format!("w{id}")).chain(["##x".into()]);
    let words = special.into_iter().chain(words).collect();
    BertTokenizer::from_vocabulary(words, Normalization::default()).unwrap()
}

const CLS: u32 = 2;
const SEP: u32 = 3;
const MASK: u32 = 4;
const WORDS: usize = 40;

fn config(is_decoder: bool) -> BertConfig {
    BertConfig {
        is_decoder,
        initializer_range: 0.4,
        max_position_embeddings: 24,
        ..BertConfig::compact(WORDS, 32, 2, 4)
    }
}

/// The scores of all words at each token of texts of the same length, `[texts * length * words]`, which are read whole.
fn scores(model: &impl LanguageModel, texts: &[Vec<u32>], device: &Device) -> Vec<f32> {
    let ids: Vec<i32> = texts.iter().flatten().map(|&id| id as i32).collect();
    let count = ids.len();
    let input = EncoderInput::new(ids, vec![0; count], &vec![1; count], texts.len(), device);
    let hidden = model.encoder().forward(&input, Mode::Inference).last_hidden;
    let [batch, length, width] = hidden.dims();
    let words = &model.encoder().embeddings.word_embeddings;
    let logits = model
        .head()
        .logits(hidden.reshape([batch * length, width]), words);
    logits.into_data().iter::<f32>().collect()
}

/// The logarithm of the softmax.
fn log_probability(scores: &[f32], id: u32) -> f64 {
    let sum: f64 = scores.iter().map(|&score| f64::from(score).exp()).sum();
    f64::from(scores[id as usize]) - sum.ln()
}

#[test]
fn texts_written_with_the_cache_are_those_written_without_it() {
    let warm = Sampling {
        temperature: 1.3,
        seed: 11,
        ..Sampling::GREEDY
    };
    let ways = [
        (1, Sampling::GREEDY),
        (4, warm),
        // More than are written at once.
        (
            70,
            Sampling {
                top_k: Some(5),
                ..warm
            },
        ),
        (
            3,
            Sampling {
                top_p: Some(0.8),
                seed: 12,
                ..warm
            },
        ),
    ];
    for (name, device) in devices() {
        let model = CausalLanguageModel::new(&config(true), 3, &device);
        for prompt in [vec![CLS], vec![CLS, 9, 30, 17], vec![CLS; 23]] {
            for (sequences, sampling) in ways {
                let generation = Generation {
                    max_new_tokens: 16,
                    sequences,
                    end: Some(SEP),
                    sampling,
                };
                let with_cache = model.write_on(&prompt, &generation).unwrap();
                let whole = |texts: &[Vec<u32>]| -> Vec<f32> {
                    let all = scores(&model, texts, &device);
                    let of_text = all.chunks(all.len() / texts.len());
                    of_text
                        .flat_map(|all| all[all.len() - WORDS..].to_vec())
                        .collect()
                };
                let without = continuations(&prompt, 24, &generation, whole).unwrap();
                for (a, b) in with_cache.iter().zip(&without) {
                    assert_eq!(
                        (&a.ids, a.end),
                        (&b.ids, b.end),
                        "{name}, {prompt:?}, {sampling:?}"
                    );
                    assert!(
                        (a.log_probability - b.log_probability).abs() < 1e-3,
                        "{name}: {a:?} {b:?}"
                    );
                    assert!(a.end != End::Positions || prompt.len() + a.ids.len() == 24);
                }
                assert_eq!(with_cache.len(), sequences);
                // What is drawn depends on the seed.
                let other = Generation {
                    sampling: Sampling { seed: 99, ..sampling },
                    ..generation
                };
                let again = model.write_on(&prompt, &other).unwrap();
                let differs = again.iter().zip(&with_cache).any(|(a, b)| a.ids != b.ids);
                // A single token may be the same.
                if sampling.is_greedy() || prompt.len() < 20 {
                    assert_eq!(differs, !sampling.is_greedy(), "{name}: {sampling:?}");
                }
            }
        }
        let error = model.write_on(
            &[CLS; 24],
            &Generation {
                max_new_tokens: 1,
                sequences: 1,
                end: None,
                sampling: Sampling::GREEDY,
            },
        );
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("24 tokens") && error.contains("at most 24"),
            "{error}"
        );
    }
}

const TEXTS: [&str; 7] = [
    "w7 w9 w30",
    "w12",
    "w5 w5 w5 w5 w5 w5 w5 w5 w5 w5 w5",
    "w31 w8x w20 w6",
    "w9 w7 w30",
    "w38 w37 w36 w35 w34 w33",
    "w10 [MASK] w11",
];

/// Scores with batches of several sizes and in another order; all must be as `one_by_one` says.
fn check<M: LanguageModel>((name, device): (&str, &Device), model: &M, one_by_one: impl Fn(&[u32]) -> f64) {
    let tokenizer = tokenizer();
    let reversed: Vec<&str> = TEXTS.iter().rev().copied().collect();
    let task = TextScoring::<M>::new(&tokenizer).unwrap();
    let scores = |texts: &[&str], max_length, batch_size| -> Vec<TextScore> {
        let source = Source::file("texts".as_ref());
        let example = |(line, text): (usize, &&str)| TextExample {
            text: text.to_string(),
            second: None,
            label: None,
            source: source.line(line + 1),
        };
        let examples: Vec<TextExample> = texts.iter().enumerate().map(example).collect();
        let rows = EncodedDataset::encode(&task, &examples, &tokenizer, max_length).unwrap();
        let loader = BatchLoader::new(&task, rows, Order::ByLength, batch_size, &tokenizer, device);
        let answers = Evaluator::new(&task, model, &examples).answers(&loader, |_| ());
        answers.concat()
    };
    for batch_size in [1, 3, 64] {
        let found = scores(&TEXTS, 24, batch_size);
        let backwards = scores(&reversed, 24, batch_size);
        for ((text, score), other) in TEXTS.iter().zip(&found).zip(backwards.iter().rev()) {
            let ids = tokenizer.encode(text, None, 24).unwrap().ids;
            assert_eq!((score.tokens, score.truncated), (ids.len() - 2, false), "{text}");
            let expected = one_by_one(&ids);
            for found in [score, other] {
                let difference = (found.log_likelihood - expected).abs();
                assert!(
                    difference < 1e-3,
                    "{name}, {text}: {} for {expected}",
                    found.log_likelihood
                );
            }
            let perplexity = (-expected / score.tokens as f64).exp();
            assert!((score.perplexity() / perplexity - 1.0).abs() < 1e-3);
        }
        let all: TextScore = found.iter().copied().sum();
        assert_eq!(all.tokens, 3 + 1 + 11 + 5 + 3 + 6 + 3);
        // A text that is too long.
        let cut = scores(&TEXTS[5..6], 5, batch_size)[0];
        let whole = scores(&["w38 w37 w36"], 5, batch_size)[0];
        assert!(cut.truncated && cut.tokens == 3);
        assert!((cut.log_likelihood - whole.log_likelihood).abs() < 1e-4);
        // A text without tokens.
        let empty = scores(&["\u{200b}"], 5, batch_size)[0];
        assert_eq!((empty.log_likelihood, empty.tokens), (0.0, 0));
    }
}

#[test]
fn a_pseudo_log_likelihood_is_the_sum_over_tokens_that_are_hidden_one_by_one() {
    for (name, device) in devices() {
        let model = MaskedLanguageModel::new(&config(false), false, 1, 5, &device);
        check((&name, &device), &model, |ids| {
            let each = (1..ids.len() - 1).map(|position| {
                let mut hidden = ids.to_vec();
                hidden[position] = MASK;
                let scores = scores(&model, &[hidden], &device);
                log_probability(&scores[position * WORDS..][..WORDS], ids[position])
            });
            each.sum()
        });
    }
}

#[test]
fn a_log_likelihood_is_the_sum_over_tokens_after_those_before_them() {
    for (name, device) in devices() {
        let model = CausalLanguageModel::new(&config(true), 5, &device);
        check((&name, &device), &model, |ids| {
            let each = (1..ids.len() - 1).map(|position| {
                let scores = scores(&model, &[ids[..position].to_vec()], &device);
                log_probability(&scores[(position - 1) * WORDS..], ids[position])
            });
            each.sum()
        });
    }
}
