use std::collections::HashSet;

use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Mode, Pooling};
use burn::tensor::{Device, Tensor, TensorData};
use datasets::{Article, Query, RetrievalDataset, Source};

use super::*;
use crate::metrics::Metrics;
use crate::task::{Batch, Collation, Decode, Draw, Encode, EncodedRow, LossCount, Padding, TaskModel};

const WORDS: [&str; 10] = [
    "oil", "rain", "gold", "wheat", "snow", "wind", "king", "bank", "ship", "film",
];

fn tokenizer() -> BertTokenizer {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let words = special.iter().chain(&WORDS).map(|word| word.to_string());
    BertTokenizer::from_vocabulary(words.collect(), Normalization::default()).unwrap()
}

/// An article for each word; the query of a word has the article of the same word, and that of the next.
fn data() -> RetrievalDataset {
    let source = Source::file("made".as_ref());
    let article = |(number, word): (usize, &&str)| Article {
        id: format!("d{number}"),
        title: (number % 2 == 0).then(|| (*word).to_owned()),
        text: format!("{word} {word}"),
        source: source.line(number + 1),
    };
    let query = |(number, word): (usize, &&str)| {
        let query = Query {
            id: format!("q{number}"),
            text: (*word).to_owned(),
            source: source.line(number + 100),
        };
        (
            query,
            vec![
                (number as u32, 2),
                (((number + 1) % WORDS.len()) as u32, 1),
                (((number + 2) % WORDS.len()) as u32, 0),
            ],
        )
    };
    let articles = WORDS.iter().enumerate().map(article).collect();
    let mut data = RetrievalDataset::of_queries(articles, WORDS.iter().enumerate().map(query).collect())
        .unwrap()
        .into_vec();
    for example in &mut data {
        if let RetrievalExample::Query(judged) = example {
            let first = judged.grades[0].0;
            judged.negatives = (3..6).map(|step| (first + step) % WORDS.len() as u32).collect();
        }
    }
    RetrievalDataset::new("made".as_ref(), data).unwrap()
}

fn task(options: &RetrievalOptions) -> Retrieval {
    let facts = CorpusFacts {
        main_metric: "ndcg@10",
        labels: None,
    };
    Retrieval::from_data(&facts, &data(), options).unwrap()
}

fn rows(task: &Retrieval) -> Vec<RetrievalRow> {
    task.encode(data().examples(), &tokenizer(), 16).unwrap()
}

fn context<'a>(
    tokenizer: &'a BertTokenizer,
    numbers: &'a [usize],
    device: &'a Device,
    epoch: usize,
) -> Collation<'a> {
    Collation {
        device,
        tokenizer,
        padding: Padding::default(),
        draw: Draw { seed: 7, epoch },
        rows: numbers,
        mode: Mode::Training { seed: 3 },
    }
}

#[test]
fn rows_are_articles_and_queries() {
    let rows = rows(&task(&RetrievalOptions::default()));
    assert_eq!(rows.len(), 20);
    assert!((0..20).all(|row| rows[row].example == row && rows[row].is_companion() == (row < 10)));
    // Title and text; every other article has no title.
    assert_eq!((rows[0].tokens(), rows[1].tokens(), rows[10].tokens()), (5, 4, 3));
    assert_eq!(rows[10].judged.as_ref().unwrap().relevant, [0, 1]);
    // Queries of a batch have no relevant article in common: 0 and 1 have, 0 and 2 have not.
    let keys: Vec<HashSet<u64>> = rows[10..]
        .iter()
        .map(|row| row.keys().into_iter().collect())
        .collect();
    assert!(!keys[0].is_disjoint(&keys[1]) && keys[0].is_disjoint(&keys[2]));
}

#[test]
fn negatives_are_never_relevant_and_never_twice_and_depend_on_the_epoch() {
    let (tokenizer, device) = (tokenizer(), Device::default());
    for draws in [Draws::Uniform, Draws::Frequency] {
        let options = RetrievalOptions {
            hard_negatives: 2,
            negatives: 3,
            negatives_by: draws,
            ..RetrievalOptions::default()
        };
        let task = task(&options);
        let rows = rows(&task);
        let numbers = [10, 13];
        let batch: Vec<RetrievalRow> = numbers.iter().map(|&row| rows[row].clone()).collect();
        let mut drawn = HashSet::new();
        for epoch in 0..30 {
            let context = context(&tokenizer, &numbers, &device, epoch);
            let articles = task.companions(&batch, &context);
            assert_eq!(articles, task.companions(&batch, &context));
            for (article, row) in articles.iter().zip(&batch) {
                assert!(row.judged.as_ref().unwrap().relevant.contains(&(*article as u32)));
            }
            let different: HashSet<usize> = articles.iter().copied().collect();
            assert_eq!(different.len(), articles.len());
            // Of the six articles that are relevant for neither query, and not more.
            assert!(
                articles[2..]
                    .iter()
                    .all(|article| ![0, 1, 3, 4].contains(article)),
                "{articles:?}"
            );
            assert!((6..=8).contains(&articles.len()), "{articles:?}");
            drawn.insert(articles);
        }
        assert!(drawn.len() > 10);
        // A collection has no more articles than it has.
        let all = RetrievalOptions {
            negatives: crate::task::MAX_COUNT,
            ..options
        };
        let context_of_all = context(&tokenizer, &numbers, &device, 0);
        let most = self::task(&all).companions(&batch, &context_of_all).len();
        assert!((6..=8).contains(&most), "{most}");
        let context = Collation {
            mode: Mode::Inference,
            ..context(&tokenizer, &numbers, &device, 0)
        };
        assert!(task.companions(&batch, &context).is_empty());
    }
}

#[test]
fn articles_are_drawn_by_the_power_of_their_frequency() {
    let relevant = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    let pool = negatives::ArticlePool::new(4, Draws::Frequency, relevant.into_iter());
    let draws: Vec<u32> = (0..900)
        .map(|at| pool.pick(f64::from(at) / 900.0).unwrap())
        .collect();
    // 16 to the power 3/4 is 8.
    assert_eq!(draws.iter().filter(|&&article| article == 0).count(), 100);
    assert_eq!(draws.iter().filter(|&&article| article == 1).count(), 800);
}

/// The loss of a batch of three queries, and the norm of the difference of its gradients from those of `other`.
fn gradients(options: &RetrievalOptions, dropout: f64) -> (f64, Vec<f32>) {
    let task = task(options);
    let (tokenizer, device) = (tokenizer(), Device::default().autodiff());
    let config = BertConfig {
        hidden_dropout_prob: dropout,
        attention_probs_dropout_prob: dropout,
        ..BertConfig::compact(15, 16, 2, 2)
    };
    let model = task.model(&config, 1, &device);
    let rows = rows(&task);
    let numbers = [10, 12, 14];
    let context = context(&tokenizer, &numbers, &device, 0);
    let batch: Vec<RetrievalRow> = numbers.iter().map(|&row| rows[row].clone()).collect();
    let companions: Vec<RetrievalRow> = task
        .companions(&batch, &context)
        .into_iter()
        .map(|row| rows[row].clone())
        .collect();
    assert!(companions.len() > 5);
    let batch = Batch::with_companions(&task, &batch, &companions, &context);
    let (loss, gradients) = model.gradients(&batch, LossCount::from(3));
    let query = &model.bert.encoder.layer[0].attention.self_attention.query;
    let gradient = gradients.get::<2>(query.weight.id).unwrap();
    let words = gradients
        .get::<2>(model.bert.embeddings.word_embeddings.weight.id)
        .unwrap();
    let mut values: Vec<f32> = gradient.into_data().iter::<f32>().collect();
    values.extend(words.into_data().iter::<f32>());
    (loss.into_scalar::<f64>(), values)
}

#[test]
fn cached_gradients_are_the_plain_ones() {
    let plain = RetrievalOptions {
        hard_negatives: 3,
        ..RetrievalOptions::default()
    };
    let (loss, expected) = gradients(&plain, 0.0);
    let largest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!(loss > 0.1 && largest > 1e-3, "{loss} {largest}");
    for chunk in [1, 2, 5] {
        let cached = RetrievalOptions {
            gradient_cache: Some(chunk),
            ..plain.clone()
        };
        let (found_loss, found) = gradients(&cached, 0.0);
        assert!((found_loss - loss).abs() < 1e-6 * loss, "{found_loss} {loss}");
        let worst = found
            .iter()
            .zip(&expected)
            .fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-6 * largest.max(1.0), "{chunk}: {worst} of {largest}");
        // With dropout, both passes over a chunk drop the same.
        let (a, b) = (gradients(&cached, 0.5), gradients(&cached, 0.5));
        assert_eq!(a, b);
        assert_ne!(a.0, loss);
    }
}

#[test]
fn padding_does_not_change_vectors() {
    let (tokenizer, device) = (tokenizer(), Device::default());
    for pooling in [Pooling::Mean, Pooling::Cls] {
        let options = RetrievalOptions {
            pooling: Some(pooling),
            ..RetrievalOptions::default()
        };
        let task = task(&options);
        let model = task.model(&BertConfig::compact(15, 16, 2, 2), 1, &device);
        let rows = rows(&task);
        let vectors = |numbers: &[usize], packing: bool| -> Vec<Vec<f32>> {
            let chosen: Vec<RetrievalRow> = numbers.iter().map(|&row| rows[row].clone()).collect();
            let context = Collation {
                padding: Padding {
                    multiple: 8,
                    packing,
                    ..Padding::default()
                },
                ..Collation::inference(&tokenizer, numbers, &device)
            };
            let (input, _) = task.collate(&chosen, &context);
            task.row_outputs(model.forward(&input, Mode::Inference), &chosen)
        };
        let together = vectors(&[0, 1, 10, 2], true);
        let padded = vectors(&[0, 1, 10, 2], false);
        for (place, number) in [0, 1, 10, 2].into_iter().enumerate() {
            let alone = &vectors(&[number], true)[0];
            let length: f32 = alone.iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-5);
            for found in [&together[place], &padded[place]] {
                let worst = found
                    .iter()
                    .zip(alone)
                    .fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs()));
                assert!(worst < 1e-5, "{pooling:?}, {number}: {worst}");
            }
        }
    }
}

#[test]
fn the_loss_is_that_of_the_own_article_among_all() {
    let device = Device::default();
    let model = task(&RetrievalOptions::default()).model(&BertConfig::compact(15, 2, 1, 1), 1, &device);
    let tensor =
        |values: Vec<f32>, rows: usize| Tensor::<2>::from_data(TensorData::new(values, [rows, 2]), &device);
    let embeddings = Embeddings {
        queries: Some(tensor(vec![1.0, 0.0, 0.0, 1.0], 2)),
        articles: Some(tensor(vec![0.6, 0.8, 0.0, 1.0, 1.0, 0.0], 3)),
    };
    let loss = model.loss(embeddings, &[(), ()], 2.into()).into_scalar::<f64>();
    let cross_entropy = |scores: [f64; 3], own: usize| {
        let sum: f64 = scores.iter().map(|score| (20.0 * score).exp()).sum();
        sum.ln() - 20.0 * scores[own]
    };
    let expected = (cross_entropy([0.6, 0.0, 1.0], 0) + cross_entropy([0.8, 1.0, 0.0], 1)) / 2.0;
    assert!((loss - expected).abs() < 1e-5 * expected, "{loss} {expected}");
}

#[test]
fn all_articles_are_ranked_for_each_query() {
    let task = task(&RetrievalOptions::default());
    let data = data();
    let angle = |degrees: f32| vec![degrees.to_radians().cos(), degrees.to_radians().sin()];
    let decode = |(number, example): (usize, &RetrievalExample)| {
        // Article n at 10 n degrees, and the query q between the articles q and q + 1, nearer to q.
        let degrees = if number < 10 {
            10.0 * number as f32
        } else {
            10.0 * (number - 10) as f32 + 4.0
        };
        task.decode(example, &[], vec![angle(degrees)])
    };
    let mut answers: Vec<Embedding> = data.examples().iter().enumerate().map(decode).collect();
    assert!(answers.iter().all(|answer| answer.ranking.is_none()));
    let input = task.prediction(&data.examples()[12], &answers[12]);
    assert_eq!(input["embedding"].as_array().unwrap().len(), 2);
    let loss = task.relate(&mut answers).unwrap();
    // The cross-entropy by its definition.
    let dot = |a: &Embedding, b: &Embedding| f64::from(a.vector[0] * b.vector[0] + a.vector[1] * b.vector[1]);
    let of_query = |query: usize| -> f64 {
        let exp = |article: usize| (20.0 * dot(&answers[10 + query], &answers[article])).exp();
        let all: f64 = (0..10).map(exp).sum();
        -((exp(query) / all).ln() + (exp((query + 1) % 10) / all).ln()) / 2.0
    };
    let expected = (0..10).map(of_query).sum::<f64>() / 10.0;
    assert!((loss - expected).abs() < 1e-4 * expected, "{loss} {expected}");
    let ranking = answers[12].ranking.as_ref().unwrap();
    let order: Vec<&str> = ranking
        .articles
        .iter()
        .map(|ranked| ranked.article.as_str())
        .collect();
    assert_eq!(
        order,
        ["d2", "d3", "d1", "d4", "d0", "d5", "d6", "d7", "d8", "d9"]
    );
    assert_eq!(ranking.grades["d3"], 1);
    let scores = data.examples().iter().zip(&answers);
    let scores: Vec<_> = scores
        .filter_map(|(example, answer)| task.score(example, answer))
        .collect();
    assert_eq!(scores.len(), 10);
    // All but the last query have both relevant articles in front; the last has its second one, article 0, at the end.
    let metrics: Metrics = task.metrics(&scores);
    assert_eq!(metrics.get("mrr@10"), Some(1.0));
    assert_eq!(metrics.get("recall@100"), Some(1.0));
    let last = (2.0 + 1.0 / 11_f64.log2()) / (2.0 + 1.0 / 3_f64.log2());
    assert!((metrics.get("ndcg@10").unwrap() - (9.0 + last) / 10.0).abs() < 1e-12);
    let line = task.prediction(&data.examples()[12], &answers[12]);
    assert_eq!(line["gold"], serde_json::json!(["d2", "d3"]));
    assert_eq!(line["ranking"][0]["id"], "d2");
    assert!(task.prediction(&data.examples()[0], &answers[0]).is_empty());
}
