//! How results are written.

use std::io::{self, IsTerminal};

use bert_search::Hit;
use bert_train::progress::redraws;
use bert_train::search::{SearchEngine, SearchError};
use datasets::{Query, Ranked, Rankings};
use serde_json::{Value, json};

use super::Format;
use super::highlight::Snippet;
use crate::cli::error::CommandError;
use crate::cli::output::print;

/// The name of a run for trec_eval.
const SYSTEM: &str = "bert";

/// Writes results to standard output.
pub struct Results<'a> {
    engine: &'a SearchEngine,
    format: Format,
    /// Whether matching words can be emphasised.
    emphasis: bool,
}

impl<'a> Results<'a> {
    /// Results of `engine`; without a format, for people on a terminal, else for programs.
    pub fn new(engine: &'a SearchEngine, format: Option<Format>) -> Self {
        let default = match io::stdout().is_terminal() {
            true => Format::Text,
            false => Format::Json,
        };
        Self {
            engine,
            format: format.unwrap_or(default),
            emphasis: redraws(&io::stdout())
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }

    /// Writes the results of a query.
    ///
    /// # Errors
    /// If nobody reads them, the index is damaged, or the format cannot hold an id.
    pub fn write(&mut self, query: &Query, hits: &[Hit]) -> Result<(), CommandError> {
        let mut rankings = Rankings::default();
        let mut out = vec![];
        match self.format {
            Format::Text => return print(&self.text(query, hits)?),
            Format::Json => return print(&format!("{}\n", self.json(query, hits)?)),
            Format::Trec => {
                rankings.insert(&query.id, ranking(hits));
                rankings.write_trec(&mut out, SYSTEM)
            }
            Format::Msmarco => {
                rankings.insert(&query.id, ranking(hits));
                rankings.write_msmarco(&mut out)
            }
        }
        .map_err(|e| CommandError::io("standard output", e))?;
        print(&String::from_utf8(out).expect("ids are text"))
    }

    fn json(&self, query: &Query, hits: &[Hit]) -> Result<Value, SearchError> {
        let result = |hit: &Hit| {
            let document = self.engine.document(hit)?;
            let mut result = json!({"id": hit.id, "score": hit.score, "title": document.title});
            let range = hit.passage.and_then(|number| document.passages.get(number));
            let (start, end) = range.map_or((0, document.text.len()), |range| (range.start, range.end));
            match range {
                Some(_) => {
                    result["passage"] = json!({"start": start, "end": end, "text": document.text[start..end]})
                }
                None => result["text"] = document.text.as_str().into(),
            }
            Ok(result)
        };
        let results = hits
            .iter()
            .map(result)
            .collect::<Result<Vec<Value>, SearchError>>()?;
        Ok(json!({"id": query.id, "query": query.text, "results": results}))
    }

    fn text(&self, query: &Query, hits: &[Hit]) -> Result<String, SearchError> {
        let analyzer = self.engine.reader().settings().analyzer;
        let mut text = format!("{}\n", self.strong(&query.text));
        if hits.is_empty() {
            text += "   nothing was found\n";
        }
        for (hit, rank) in hits.iter().zip(1..) {
            let document = self.engine.document(hit)?;
            let range = hit
                .passage
                .and_then(|number| document.passages.get(number))
                .cloned();
            let passage = &document.text[range.unwrap_or(0..document.text.len())];
            let snippet = Snippet::of(passage, &query.text, analyzer);
            let title = match document.title.trim() {
                "" => String::new(),
                title => format!("{}  ", self.strong(&one_line(title))),
            };
            text += &format!("{rank:2}  {:.4}  {title}[{}]\n", hit.score, one_line(&hit.id));
            if !snippet.text.is_empty() {
                text += &format!("            {}\n", snippet.render(|word| self.strong(word)));
            }
        }
        Ok(text + "\n")
    }

    fn strong(&self, text: &str) -> String {
        match self.emphasis {
            true => format!("\x1b[1m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// A text without line breaks and codes of terminals.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// The results as a ranking.
pub fn ranking(hits: &[Hit]) -> Vec<Ranked> {
    hits.iter()
        .map(|hit| Ranked::new(hit.id.as_str(), hit.score))
        .collect()
}
