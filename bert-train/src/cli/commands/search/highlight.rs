//! The part of a passage that is shown, with the words of the query.

use std::ops::Range;

use bert_search::Analyzer;

/// The most characters of a snippet.
const WIDTH: usize = 240;

/// A part of a passage.
pub struct Snippet {
    /// The text, in one line.
    pub text: String,
    /// The words that the query has too, as ranges of bytes.
    pub words: Vec<Range<usize>>,
}

impl Snippet {
    /// The part of `passage` with most of the query's words; its beginning, if it has none.
    pub fn of(passage: &str, query: &str, analyzer: Option<Analyzer>) -> Self {
        let mut text = String::new();
        for word in passage.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
            if !word.is_empty() {
                text += if text.is_empty() { "" } else { " " };
                text += word;
            }
        }
        let words = match analyzer {
            Some(analyzer) => analyzer.find(&text, query),
            None => vec![],
        };
        let window = window(&text, &words);
        let (start, end) = (window.start, window.end);
        let before = if start > 0 { "… " } else { "" };
        let after = if end < text.len() { " …" } else { "" };
        let inside = words
            .into_iter()
            .filter(|word| word.start >= start && word.end <= end);
        let shifted = inside.map(|word| word.start - start + before.len()..word.end - start + before.len());
        Self {
            words: shifted.collect(),
            text: format!("{before}{}{after}", &text[start..end]),
        }
    }

    /// The text with each word changed by `strong`.
    pub fn render(&self, strong: impl Fn(&str) -> String) -> String {
        let (mut rendered, mut at) = (String::new(), 0);
        for word in &self.words {
            rendered += &self.text[at..word.start];
            rendered += &strong(&self.text[word.clone()]);
            at = word.end;
        }
        rendered + &self.text[at..]
    }
}

/// The range of about [`WIDTH`] characters that has most of the words, the first of several, cut between words where there are spaces.
fn window(text: &str, words: &[Range<usize>]) -> Range<usize> {
    let ends_at = |start: usize| {
        text[start..]
            .char_indices()
            .nth(WIDTH)
            .map_or(text.len(), |(at, _)| start + at)
    };
    if ends_at(0) == text.len() {
        return 0..text.len();
    }
    let count = |start: usize| {
        let end = ends_at(start);
        words
            .iter()
            .filter(|word| word.start >= start && word.end <= end)
            .count()
    };
    let mut best = (0, count(0));
    for word in words {
        // Some words before the first match, to be understood.
        let start = text.floor_char_boundary(word.start.saturating_sub(40));
        let start = text[start..word.start]
            .find(' ')
            .map_or(word.start, |space| start + space + 1);
        let found = count(start);
        if found > best.1 {
            best = (start, found);
        }
    }
    let start = best.0;
    let end = ends_at(start);
    let last = match end == text.len() {
        true => end,
        false => text[start..end].rfind(' ').map_or(end, |space| start + space),
    };
    start..last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_passage_is_shown_whole() {
        let snippet = Snippet::of(
            " Oil\nprices  fell.\u{1b}[31m ",
            "the price of oil",
            Some(Analyzer::English),
        );
        assert_eq!(snippet.text, "Oil prices fell. [31m");
        assert_eq!(
            snippet.render(|word| format!("<{word}>")),
            "<Oil> <prices> fell. [31m"
        );
        let plain = Snippet::of("Oil prices", "oil", None);
        assert_eq!(plain.render(|word| format!("<{word}>")), "Oil prices");
        assert_eq!(Snippet::of("", "oil", Some(Analyzer::English)).text, "");
    }

    #[test]
    fn of_a_long_one_the_part_with_the_words() {
        let long = format!(
            "{}Then the price of oil fell. {}",
            "Nothing here. ".repeat(50),
            "Nor here. ".repeat(50)
        );
        let snippet = Snippet::of(&long, "oil price", Some(Analyzer::English));
        let shown = snippet.render(|word| format!("<{word}>"));
        assert!(shown.starts_with("… ") && shown.ends_with(" …"), "{shown}");
        assert!(shown.contains("Then the <price> of <oil> fell."), "{shown}");
        assert!(snippet.text.chars().count() <= WIDTH + 4);
        let none = Snippet::of(&"é".repeat(1000), "oil", Some(Analyzer::English));
        assert_eq!(none.text, format!("{} …", "é".repeat(WIDTH)));
    }
}
