//! The demo of retrieval is one that a search by words fails and a bi-encoder learns.

use bert_search::{Analyzer, Bm25, Document, IndexReader, IndexSettings, IndexWriter};
use bert_tasks::registry::RETRIEVAL;
use bert_tasks::{Files, Retrieval, RetrievalOptions, Splits, Task};
use bert_tests::first_inputs::SEARCH;
use bert_train::Stop;
use bert_train::{Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{DemoConfig, news};
use datasets::{RetrievalDataset, RetrievalExample};

/// The mean reciprocal rank of BM25 (k1 1.2, b 0.75) with English stems.
fn words(data: &RetrievalDataset) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let settings = IndexSettings::new(0).with_analyzer(Analyzer::English);
    let mut writer = IndexWriter::create(dir.path().join("index"), settings).unwrap();
    let (mut documents, mut queries) = (vec![], vec![]);
    for example in data.examples() {
        match example {
            RetrievalExample::Article(article) => {
                let title = article.title.clone().unwrap();
                documents.push(Document::new(&article.id, title, &article.text).with_passages(vec![]));
            }
            RetrievalExample::Query(judged) => queries.push(judged),
        }
    }
    writer.add(&documents, &[]).unwrap();
    writer.commit().unwrap();
    let reader = IndexReader::open(dir.path().join("index")).unwrap();
    let texts: Vec<&str> = queries.iter().map(|judged| judged.query.text.as_str()).collect();
    let found = reader.search_words(&texts, 10, &Bm25::default()).unwrap();
    let reciprocals = queries.iter().zip(&found).map(|(judged, hits)| {
        let relevant = &documents[judged.relevant().next().unwrap() as usize].id;
        let place = hits.iter().position(|hit| hit.id == *relevant);
        place.map_or(0.0, |place| 1.0 / (place + 1) as f64)
    });
    reciprocals.sum::<f64>() / queries.len() as f64
}

#[test]
fn a_search_by_words_does_not_find_most_of_the_news() {
    let corpus = RETRIEVAL.corpus("demo-search").unwrap();
    let dev = (corpus.dev)(&Files::default(), &RetrievalOptions::default()).unwrap();
    assert_eq!((dev.articles().unwrap(), dev.len()), (2004, 3004));
    let reciprocal_rank = words(&dev);
    println!("mrr@10 of BM25: {reciprocal_rank:.3}");
    assert!((0.1..0.5).contains(&reciprocal_rank), "{reciprocal_rank}");
}

#[test]
fn training_never_shows_the_queries_that_readers_try_first() {
    let corpus = RETRIEVAL.corpus("demo-search").unwrap();
    let news = (corpus.splits)(&Files::default(), &RetrievalOptions::default()).unwrap();
    let first = SEARCH.map(|(query, _)| query.to_lowercase());
    for example in news.train.examples() {
        if let RetrievalExample::Query(judged) = example {
            let query = judged.query.text.to_lowercase();
            assert!(!first.contains(&query), "{query}");
        }
    }
}

/// A part of the demo's training, on a part of its data.
#[test]
fn a_bi_encoder_learns_to_search_the_news() {
    let device = Device::default();
    let corpus = RETRIEVAL.corpus("demo-search").unwrap();
    let demo = corpus.demo.as_ref().unwrap();
    let news = news::generate(&DemoConfig::of_size(6000, 120));
    let bm25 = words(&news.dev);
    let options = RetrievalOptions::default();
    let task = Retrieval::from_data(&corpus.facts(), &news.train, &options).unwrap();
    let recipe = Recipe {
        max_steps: Some(150),
        ..Recipe::of_demo(demo)
    };
    let start = Start::of_demo(demo).unwrap();
    let session = Session::new(task, corpus.name, start, Splits::from(news), recipe, &device).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(&dir.path().join("run"), &session.run_config(&options), true).unwrap();
    let metrics = train(session, &run, View::Lines, &Stop::default())
        .unwrap()
        .last
        .unwrap();
    let reciprocal_rank = metrics.get("mrr@10").unwrap();
    assert!(reciprocal_rank > bm25 + 0.1, "{reciprocal_rank}, BM25 {bm25}");
}
