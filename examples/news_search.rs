//! Search in news: a bi-encoder that learns with negative samples, an index of its vectors, and BM25 beside it.
//!
//! ```text
//! cargo run --release -p bert-examples --example news_search -- "hounds come back to France"
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_search::{Analyzer, Bm25, Document, HybridOptions, IndexReader, IndexSettings, IndexWriter};
use bert_tasks::registry::RETRIEVAL;
use bert_tasks::{Metrics, Retrieval, RetrievalOptions, Splits, Task};
use bert_train::{FineTuned, Recipe, Run, Session, Start, Stop, View, train};
use burn::tensor::Device;
use datasets::demo::{DemoConfig, news};
use datasets::{Article, RetrievalDataset, RetrievalExample, TextDataset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-news-search"), 24_000).map(drop)
}

/// Trains a retriever with `size` queries, searches its articles for a query, and returns the metrics of its last evaluation.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<Metrics, Box<dyn Error>> {
    let query = match arguments {
        [] => "fine for Swedish lender".to_owned(),
        [query] => query.display().to_string(),
        _ => return Err("expected no arguments, or one query in quotes".into()),
    };
    let device = Device::default();
    let news = news::generate(&DemoConfig::of_size(size, size.div_ceil(24)));
    // Each query brings a near miss of its article, which is the default, and a random article into its batch.
    let options = RetrievalOptions {
        negatives: 1,
        ..RetrievalOptions::default()
    };
    let corpus = RETRIEVAL.corpus("demo-search").expect("it is registered");
    let task = Retrieval::from_data(&corpus.facts(), &news.train, &options)?;
    let recipe = Recipe::of_demo(corpus.demo.as_ref().expect("it is a demo"));
    let (start, splits) = (Start::compact(news::vocabulary())?, Splits::from(news.clone()));
    let session = Session::new(task, "demo-search", start, splits, recipe, &device)?;
    let run = Run::create(output, &session.run_config(&options), true)?;
    let metrics = train(session, &run, View::Lines, &Stop::default())?;

    let tuned = FineTuned::<Retrieval>::load(output, &device)?;
    let is_article = |example: &RetrievalExample| matches!(example, RetrievalExample::Article(_));
    let articles = news.dev.filter(is_article)?.into_vec();
    let answers = tuned.answer(&articles)?;
    let width = answers[0].vector.len();
    let vectors: Vec<f32> = answers.into_iter().flat_map(|answer| answer.vector).collect();
    let documents = articles.into_iter().filter_map(|example| match example {
        RetrievalExample::Article(Article { id, title, text, .. }) => Some(Document::new(id, title?, text)),
        RetrievalExample::Query(_) => None,
    });
    let folder = output.join("index");
    let settings = IndexSettings::new(width).with_analyzer(Analyzer::English);
    let mut writer = IndexWriter::create(&folder, settings)?;
    writer.add(&documents.collect::<Vec<_>>(), &vectors)?;
    writer.commit()?;

    let reader = IndexReader::open(&folder)?;
    let text = TextDataset::from_texts("query".as_ref(), std::slice::from_ref(&query))?;
    let text = RetrievalDataset::of_texts(text);
    let vector = &tuned.answer(text.examples())?[0].vector;
    let words = reader.search_words(&[&query], 5, &Bm25::default())?;
    let both = reader.search_hybrid(vector, &[&query], 5, &HybridOptions::default())?;
    for (name, found) in [
        ("vectors", reader.search(vector, 5)?),
        ("BM25", words),
        ("both", both),
    ] {
        println!("\n{query}: {name}");
        for hit in &found[0] {
            let document = reader.document(&hit.id)?.ok_or("an indexed article is missing")?;
            println!("{:8.3}  {}", hit.score, document.title);
        }
    }
    Ok(metrics.last.expect("a finished run was evaluated"))
}
