//! `bert tokenizer train`.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use bert_core::TokenizerError;
use bert_core::tokenizer::{NewVocabulary, Normalization, VocabularyOptions, WordCounts};
use bert_train::progress::format::duration;
use bert_train::progress::{ProgressLine, redraws};
use clap::Args;
use datasets::{Message, counted};

use super::folder;
use super::sources::Sources;
use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::flags::{Count, Switch};

/// `bert tokenizer train`.
#[derive(Args, Debug)]
pub struct Train {
    /// Files of plain text, folders of .txt files (and folders in them), or tables: .csv, .tsv, .jsonl, .ndjson, .json and
    /// .parquet.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Folder to write the tokenizer into.
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Replace the tokenizer that is in --output.
    #[arg(long)]
    overwrite: bool,
    /// Column with the texts, in tables.
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,
    /// Number of tokens. The vocabulary is larger if special tokens and characters alone are more, and smaller if too few
    /// pairs occur --min-frequency times.
    #[arg(long, value_name = "TOKENS", default_value = "30522")]
    size: Count,
    /// How often a pair of tokens must occur to become one.
    #[arg(long, value_name = "N", default_value = "2")]
    min_frequency: Count,
    /// Keep at most N characters, the most frequent first; words with others become unknown.
    #[arg(long, value_name = "N", default_value = "1000")]
    limit_alphabet: Count,
    /// Keep capital letters and accents, as BERT's cased models do.
    #[arg(long)]
    cased: bool,
    /// Whether to remove accents [default: true; false with --cased].
    #[arg(long, value_name = "BOOL")]
    strip_accents: Option<Switch>,
    /// Whether each Chinese character is a word of its own.
    #[arg(long, value_name = "BOOL", default_value = "true")]
    tokenize_chinese_chars: Switch,
    /// A special token besides the five of BERT; can be repeated.
    #[arg(long, value_name = "TOKEN")]
    special_token: Vec<String>,
}

impl Train {
    fn normalization(&self) -> Normalization {
        let base = match self.cased {
            true => Normalization::cased(),
            false => Normalization::uncased(),
        };
        Normalization {
            strip_accents: self.strip_accents.map(bool::from),
            chinese_chars: self.tokenize_chinese_chars.into(),
            ..base
        }
    }

    fn options(&self) -> VocabularyOptions {
        VocabularyOptions {
            size: self.size.into(),
            min_frequency: usize::from(self.min_frequency) as u64,
            limit_alphabet: self.limit_alphabet.into(),
            special_tokens: self.special_token.clone(),
        }
    }
}

/// Learns a vocabulary and writes it.
pub fn run(args: &Train) -> Result<ExitCode, CommandError> {
    let start = Instant::now();
    let options = args.options();
    options.check().map_err(named)?;
    folder::check(&args.output, args.overwrite)?;
    let sources = Sources::find(&args.files, args.text_column.as_deref())?;
    let mut progress = ProgressLine::of_bytes(Some(sources.bytes()));
    let mut words = WordCounts::new(args.normalization());
    sources.for_each(|texts, bytes| {
        words.add(texts).map_err(named)?;
        progress.show(bytes);
        Ok(())
    })?;
    progress.add(sources.bytes());
    progress.end();
    if words.is_empty() {
        let names: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
        return Err(CommandError::option(format!(
            "{}: {}",
            names.join(", "),
            TokenizerError::NoWords
        )));
    }
    let different = counted(words.len(), "different word");
    if redraws(&io::stderr()) {
        // The trainer does not tell how far it is.
        eprintln!("learning from {different}…");
    }
    let new = words.train(&options).map_err(named)?;
    folder::write(&args.output, &new.tokenizer)?;
    for note in notes(&new, &options) {
        eprintln!("{}", note.render(flag));
    }
    eprintln!(
        "{}: {} tokens from {different} in {}",
        args.output.display(),
        new.tokenizer.vocab_size(),
        duration(start.elapsed()),
    );
    Ok(ExitCode::SUCCESS)
}

/// The error, with the flag that it is about.
fn named(error: TokenizerError) -> CommandError {
    let error_is_about = match &error {
        TokenizerError::SpecialToken { .. } => Some("special_token"),
        _ => None,
    };
    let error = CommandError::from(error);
    match error_is_about {
        Some(option) => error.about(option),
        None => error,
    }
}

/// Notes on results that differ from the request, or that users may not expect.
fn notes(new: &NewVocabulary, options: &VocabularyOptions) -> Vec<Message> {
    let mut notes = vec![];
    let size = new.tokenizer.vocab_size();
    if size > options.size {
        let note = format!(
            "the vocabulary has {size} tokens: special tokens and characters alone are {}, more than ",
            new.least
        );
        let note = Message::new(note).option("size").text("; a smaller ");
        notes.push(note.option("limit_alphabet").text(" makes it smaller"));
    }
    if size < options.size {
        let note = format!("the vocabulary has only {size} tokens, as no other pair occurs often enough (");
        let note = Message::new(note).option("min_frequency");
        notes.push(note.text(format!(" is {})", options.min_frequency)));
    }
    if !new.left_out.is_empty() {
        const SHOWN: usize = 20;
        let some: String = new.left_out.iter().take(SHOWN).collect();
        let more = if new.left_out.len() > SHOWN { "…" } else { "" };
        let note = format!("{} left out (", counted(new.left_out.len(), "rare character"));
        let note = Message::new(note).option("limit_alphabet");
        notes.push(note.text(format!(
            "); words with such a character become [UNK]: {some}{more}"
        )));
    }
    if new.long_words > 0 {
        let note = format!(
            "{} of more than 100 characters; BERT reads [UNK] instead",
            counted(new.long_words as usize, "word")
        );
        notes.push(note.into());
    }
    notes
}
