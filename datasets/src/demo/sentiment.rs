//! Positive and negative sentences.
//!
//! ```
//! use datasets::demo::{DemoConfig, sentiment};
//! let reviews = sentiment::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! assert_eq!(reviews.train.labels()?, sentiment::labels());
//! # Ok::<(), datasets::DataError>(())
//! ```
//!
//! The label depends on the last adjective and on whether it is negated: `The garden near the ugly table was lovely.` is
//! positive, `The lovely garden was not splendid.` is negative.

use super::grammar::{Grammar, sentence};
use super::lexicon::events::{BLAME, DENIALS, PEOPLE, PRAISE};
use super::lexicon::function_words::PREPOSITIONS;
use super::{DemoConfig, DemoCorpus, dataset, splits};
use crate::examples::{Labels, TextExample};

const LABELS: [&str; 2] = ["negative", "positive"];

/// `negative` (0) and `positive` (1).
pub fn labels() -> Labels {
    Labels::from_names(LABELS.map(String::from).into()).expect("two labels")
}

/// Generates train and dev sentences, half of them positive. No sentence is in both splits.
pub fn generate(config: &DemoConfig) -> DemoCorpus<TextExample> {
    let (train, dev) = splits(
        config,
        |grammar, number| (review(grammar, number % 2 == 1), number % 2),
        |(text, _)| vec![text.clone()],
    );
    dataset(config, "sentiment", train, dev, |(text, label), source| {
        TextExample {
            text,
            second: None,
            label: Some(LABELS[label].into()),
            source,
        }
    })
}

fn opinion(grammar: &mut Grammar) -> &'static str {
    match grammar.random.once_in(2) {
        true => grammar.random.pick(&PRAISE),
        false => grammar.random.pick(&BLAME),
    }
}

/// The old garden near the ugly table was not lovely.
fn review(grammar: &mut Grammar, praises: bool) -> String {
    let mut words = "the".to_owned();
    if grammar.random.once_in(3) {
        words = format!("{words} {}", opinion(grammar));
    }
    let about = match grammar.random.once_in(3) {
        true => grammar.random.pick(&PEOPLE),
        false => grammar.item(),
    };
    words = format!("{words} {about}");
    if grammar.random.once_in(3) {
        let preposition = grammar.random.pick(&PREPOSITIONS);
        words = format!(
            "{words} {preposition} the {} {}",
            opinion(grammar),
            grammar.agent()
        );
    }
    let denied = grammar.random.once_in(2);
    let denial = match denied {
        true => grammar.random.pick(&DENIALS),
        false => "",
    };
    let verdict = match praises != denied {
        true => grammar.random.pick(&PRAISE),
        false => grammar.random.pick(&BLAME),
    };
    let words = format!("{words} was {denial} {verdict}");
    sentence(&super::grammar::words(&words))
}
