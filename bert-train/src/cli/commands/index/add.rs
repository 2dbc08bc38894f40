//! `bert index add`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bert_search::{Analyzer, IndexReader, IndexSettings, IndexWriter, Similarity};
use bert_train::progress::ProgressLine;
use bert_train::progress::format::duration;
use bert_train::search::engine::encoder_of;
use bert_train::search::indexing::merge_if_useful;
use bert_train::search::{Indexed, Indexing, SearchError, TextEncoder, index_collection};
use bert_train::system::interrupt::{STOPPED, Stop};
use clap::Args;
use datasets::counted;
use serde::Deserialize;
use serde_json::json;

use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::{InferenceFlags, Named, Number, parser};
use crate::cli::input::collection::CollectionFlags;
use crate::cli::output::print;

/// `bert index add`.
#[derive(Args, Debug)]
pub struct Add {
    /// Folder of the index.
    index: PathBuf,
    #[command(flatten)]
    collection: CollectionFlags,
    /// The retriever that makes the vectors: a run folder, or a folder in the layout of sentence-transformers. An index keeps its
    /// first one; a new index without one is searched by words alone.
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,
    /// What makes two words the same, in a new index [default: english].
    #[arg(long, value_name = "HOW", value_parser = parser::<WordsChoice>())]
    words: Option<WordsChoice>,
    /// Tokens that neighbouring passages of a long article have in common.
    #[arg(long, value_name = "TOKENS", default_value = "32")]
    overlap: Number,
    /// Seconds after which what is done is saved: a crash or a power cut loses no more.
    #[arg(long, value_name = "SECONDS", default_value = "20")]
    commit_every: Number,
    #[command(flatten)]
    inference: InferenceFlags,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// How texts become words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WordsChoice {
    English,
    Lowercase,
    None,
}

impl Named for WordsChoice {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("english", "The same stem by the English Snowball stemmer"),
        ("lowercase", "The same letters, upper or lower case"),
        ("none", "No search by words"),
    ];
}

impl WordsChoice {
    fn analyzer(self) -> Option<Analyzer> {
        match self {
            Self::English => Some(Analyzer::English),
            Self::Lowercase => Some(Analyzer::Lowercase),
            Self::None => None,
        }
    }
}

/// Adds articles.
pub fn run(args: &Add) -> Result<ExitCode, CommandError> {
    let start = Instant::now();
    args.collection.check()?;
    if args.index.is_file() {
        let file = args.index.display();
        return Err(CommandError::option(format!(
            "{file}: this is a file; an index is a folder"
        )));
    }
    let existing = match args.index.join("index.json").exists() {
        true => Some(IndexReader::open(&args.index)?),
        false => None,
    };
    if let Some(reader) = &existing {
        check_words(args, reader)?;
    }
    let encoder = encoder(args, existing.as_ref())?;
    drop(existing);
    let collection = args.collection.read()?;
    for note in collection.notes() {
        eprintln!("{}", note.render(flag));
    }
    let mut writer = open(args, encoder.as_ref())?;
    let stop = Stop::on_signals().map_err(|e| CommandError::io("signals", e))?;
    let mut progress = ProgressLine::of_articles(Some(collection.len()));
    let options = Indexing {
        overlap: args.overlap.into(),
        commit_every: Duration::from_secs(usize::from(args.commit_every) as u64),
    };
    let mut shown = 0;
    let indexed = index_collection(
        &args.index,
        &mut writer,
        encoder.as_ref(),
        &collection,
        &options,
        |done| {
            progress.add(done.saturating_sub(shown) as u64);
            shown = shown.max(done);
            progress.show(0);
            !stop.is_requested()
        },
    )?;
    if indexed.stopped {
        drop(progress);
        let done = indexed.added + indexed.replaced + indexed.unchanged;
        eprintln!(
            "bert: stopped: {done} of {} are indexed; repeat the command to continue",
            counted(collection.len(), "article")
        );
        return Ok(ExitCode::from(STOPPED as u8));
    }
    progress.end();
    merge_if_useful(&mut writer, &indexed)?;
    report(args, &indexed, writer.len(), start)?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses another choice of words than that of the index.
fn check_words(args: &Add, reader: &IndexReader) -> Result<(), CommandError> {
    let known = reader.settings().analyzer;
    if args.words.is_none_or(|words| words.analyzer() == known) {
        return Ok(());
    }
    let known = match known {
        Some(Analyzer::English) => "english",
        Some(Analyzer::Lowercase) => "lowercase",
        None => "none",
    };
    let reason = format!(
        "{}: this index was made with {known}; use another folder for another choice",
        args.index.display()
    );
    Err(CommandError::option(reason).about("words"))
}

/// The model: of the index if there is one, else the one that was given.
fn encoder(args: &Add, existing: Option<&IndexReader>) -> Result<Option<TextEncoder>, CommandError> {
    let device = args.inference.device.open()?;
    let model = args.model.as_deref();
    match existing {
        Some(reader) if reader.settings().dimension == 0 => match model {
            None => Ok(None),
            Some(_) => Err(CommandError::option(
                "this index has words alone; use another folder for one with vectors",
            )
            .about("model")),
        },
        Some(reader) => {
            let encoder = encoder_of(reader, &args.index, model, &device)?;
            Ok(Some(args.inference.apply(encoder)?))
        }
        None => {
            let Some(model) = model else { return Ok(None) };
            let encoder = TextEncoder::load(model, &device);
            let encoder = encoder.map_err(|error| CommandError::from(error).about("model"))?;
            Ok(Some(args.inference.apply(encoder)?))
        }
    }
}

/// The index, open for writing; a new one if there is none.
fn open(args: &Add, encoder: Option<&TextEncoder>) -> Result<IndexWriter, CommandError> {
    let dir: &Path = &args.index;
    if dir.join("index.json").exists() {
        return Ok(IndexWriter::open(dir)?);
    }
    let mut settings = IndexSettings::new(encoder.map_or(0, TextEncoder::dimension));
    if let Some(analyzer) = args.words.unwrap_or(WordsChoice::English).analyzer() {
        settings = settings.with_analyzer(analyzer);
    }
    if let Some(encoder) = encoder {
        let similarity = match encoder.normalizes() {
            true => Similarity::Cosine,
            false => Similarity::Dot,
        };
        settings = settings
            .with_similarity(similarity)
            .with_model(encoder.id().to_string());
    } else if settings.analyzer.is_none() {
        return Err(CommandError::option(
            "an index needs vectors or words; give a model with --model",
        ));
    }
    Ok(IndexWriter::create(dir, settings).map_err(SearchError::from)?)
}

fn report(args: &Add, indexed: &Indexed, all: usize, start: Instant) -> Result<(), CommandError> {
    let Indexed {
        added,
        replaced,
        unchanged,
        passages,
        ..
    } = *indexed;
    if args.json {
        let facts = json!({
            "articles": all, "added": added, "replaced": replaced, "unchanged": unchanged, "passages": passages,
            "seconds": start.elapsed().as_secs_f64(),
        });
        return print(&format!("{facts}\n"));
    }
    let mut parts = vec![format!("{added} added")];
    for (count, what) in [(replaced, "replaced"), (unchanged, "unchanged")] {
        parts.extend((count > 0).then(|| format!("{count} {what}")));
    }
    eprintln!(
        "{}: {} ({}) in {}",
        args.index.display(),
        counted(all, "article"),
        parts.join(", "),
        duration(start.elapsed())
    );
    Ok(())
}
