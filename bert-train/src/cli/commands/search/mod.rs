//! `bert search`.

mod highlight;
mod queries;
mod results;

use std::path::PathBuf;
use std::process::ExitCode;

use bert_search::Bm25;
use bert_tasks::metrics::{QueriesWithoutRanking, RankingMetric, retrieval_metrics};
use bert_train::search::{SearchBy, SearchEngine, SearchOptions};
use bert_train::system::interrupt::{STOPPED, Stop};
use clap::Args;
use datasets::{Judgements, Message, Query, Rankings, read_judgements};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::{Count, DeviceFlag, Finite, Named, parser};
use crate::cli::input::data_files;
use crate::cli::output::print;
use queries::QueryBlocks;
use results::Results;

/// Queries that are encoded and searched at once.
const AT_ONCE: usize = 64;
/// What an evaluation computes.
const METRICS: [RankingMetric; 5] = [
    RankingMetric::Ndcg(10),
    RankingMetric::ReciprocalRank(10),
    RankingMetric::AveragePrecision,
    RankingMetric::Recall(100),
    RankingMetric::Precision(10),
];

/// `bert search`.
#[derive(Args, Debug)]
pub struct Search {
    /// Folder of an index.
    index: PathBuf,
    /// The queries. Without queries and without --file, they are read from standard input, one per line.
    queries: Vec<String>,
    /// File of queries: .csv, .tsv, .json, .jsonl or .parquet with columns of ids and texts, .tsv with both and no header, or topics
    /// of TREC.
    #[arg(long, value_name = "FILE", conflicts_with = "queries")]
    file: Option<PathBuf>,
    /// What queries and articles are compared by [default: everything that the index has].
    #[arg(long, value_name = "WHAT", value_parser = parser::<SearchBy>())]
    by: Option<SearchBy>,
    /// The number of results of each query [default: 10; 1000 with --judgements].
    #[arg(long, short = 'k', value_name = "N")]
    top_k: Option<Count>,
    /// Compare bytes instead of floats, which reads a quarter of the memory, and the best N by their exact vectors.
    #[arg(long, value_name = "N")]
    candidates: Option<Count>,
    /// k1 of BM25: how much further occurrences of a word add.
    #[arg(long, value_name = "K1", default_value = "1.2")]
    k1: Finite,
    /// b of BM25: how much long articles are held back, from 0 to 1.
    #[arg(long, value_name = "B", default_value = "0.75")]
    b: Finite,
    /// How results are written [default: text on a terminal, else json].
    #[arg(long, value_name = "FORMAT", value_parser = parser::<Format>())]
    format: Option<Format>,
    /// File of judgements (of TREC, MS MARCO or BEIR): write metrics of the search as one JSON object, instead of results.
    #[arg(long, value_name = "FILE", requires = "file", conflicts_with = "format")]
    judgements: Option<PathBuf>,
    /// Where the model of the index is now, if it was moved.
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceFlag,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Text,
    Json,
    Trec,
    Msmarco,
}

impl Named for Format {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("text", "Titles and passages, for people"),
        ("json", "One object for each query"),
        (
            "trec",
            "A run for trec_eval: query, Q0, article, rank, score, name",
        ),
        (
            "msmarco",
            "A run of MS MARCO: query, article and rank, separated by tabs",
        ),
    ];
}

impl Named for SearchBy {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("hybrid", "Vectors and words, fused by reciprocal ranks"),
        ("vectors", ""),
        ("words", "BM25"),
    ];
}

/// Searches an index.
pub fn run(args: &Search) -> Result<ExitCode, CommandError> {
    let judgements = match &args.judgements {
        None => None,
        Some(file) => {
            let read = read_judgements(file);
            Some(read.map_err(|error| data_files::about_path(error.into(), &[("judgements", Some(file))]))?)
        }
    };
    let queries = QueryBlocks::open(&args.queries, args.file.as_deref())?;
    let device = args.device.open()?;
    let (engine, by) = SearchEngine::open(&args.index, args.model.as_deref(), args.by, &device)?;
    if args.candidates.is_some() && by != SearchBy::Vectors {
        let message = Message::default().option("candidates");
        return Err(CommandError::option(
            message.text(" needs ").option("by").text(" vectors"),
        ));
    }
    let default = if judgements.is_some() { 1000 } else { 10 };
    let options = SearchOptions {
        by,
        top_k: args.top_k.map_or(default, usize::from),
        bm25: Bm25 {
            k1: f64::from(args.k1) as f32,
            b: f64::from(args.b) as f32,
        },
        candidates: args.candidates.map(usize::from),
    };
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let mut results = Results::new(&engine, args.format);
    let mut rankings = Rankings::default();
    for block in queries.blocks(AT_ONCE) {
        let mut block: Vec<Query> = block?;
        if let Some(judgements) = &judgements {
            block.retain(|query| judgements.grades(&query.id).is_some());
        }
        let texts: Vec<&str> = block.iter().map(|query| query.text.as_str()).collect();
        let found = engine.search(&texts, &options)?;
        for (query, hits) in block.iter().zip(found) {
            match judgements {
                None => results.write(query, &hits)?,
                Some(_) => rankings.insert(&query.id, results::ranking(&hits)),
            }
        }
        if stop.is_requested() {
            eprintln!("bert: stopped");
            return Ok(ExitCode::from(STOPPED as u8));
        }
    }
    if let Some(judgements) = judgements {
        print(&metrics(&judgements, &rankings)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The metrics of an evaluation, as a line of JSON.
fn metrics(judgements: &Judgements, rankings: &Rankings) -> Result<String, CommandError> {
    let missing = judgements.len() - rankings.len();
    if rankings.is_empty() {
        let message = Message::new("none of the queries of ")
            .option("file")
            .text(" is judged in ");
        return Err(CommandError::option(message.option("judgements")));
    }
    if missing > 0 {
        let message = Message::new(format!(
            "{missing} of {} judged queries are not in ",
            judgements.len()
        ));
        eprintln!(
            "{}",
            message
                .option("file")
                .text("; the means are of the others")
                .render(flag)
        );
    }
    let means = retrieval_metrics(judgements, rankings, &METRICS, QueriesWithoutRanking::LeftOut);
    let mut line: Map<String, Value> = means
        .iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    line.insert("queries".into(), rankings.len().into());
    Ok(format!("{}\n", Value::from(line)))
}
