//! Pairs of sentences with a similarity score from 0 to 5: how many of agent, action, object, place and adjective the events
//! that they describe have in common.
//!
//! ```
//! use datasets::demo::{DemoConfig, similarity};
//! let pairs = similarity::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! assert!((0.0..=5.0).contains(&pairs.train.examples()[0].score.expect("a score")));
//! ```
//!
//! Word overlap alone does not give the score: either sentence may be passive, verbs may be synonyms, and agent and object
//! may be swapped.

use super::events::{Event, Voice, meaning, synonym};
use super::grammar::Grammar;
use super::lexicon::events::{TO_PEOPLE, TO_THINGS};
use super::{DemoConfig, DemoCorpus, dataset, splits};
use crate::examples::ScoredExample;

/// How many of the five properties two events have in common. Both have an adjective and a place.
pub fn agreement(one: &Event, other: &Event) -> usize {
    [
        one.agent == other.agent,
        meaning(one.verb) == meaning(other.verb),
        one.object == other.object,
        one.place == other.place,
        one.adjective == other.adjective,
    ]
    .into_iter()
    .map(usize::from)
    .sum()
}

/// Generates train and dev pairs, with the same number of each score. No sentence is in both splits.
pub fn generate(config: &DemoConfig) -> DemoCorpus<ScoredExample> {
    let (train, dev) = splits(
        config,
        |grammar, number| pair(grammar, number % 6),
        |(first, second, _)| vec![first.clone(), second.clone()],
    );
    dataset(
        config,
        "similarity",
        train,
        dev,
        |(first, second, score), source| ScoredExample {
            text: first,
            second: Some(second),
            score: Some(score as f64),
            source,
        },
    )
}

/// A pair with the score `wanted`.
fn pair(grammar: &mut Grammar, wanted: usize) -> (String, String, usize) {
    loop {
        let one = grammar.event(1);
        let mut other = one.clone();
        if one.to_person && grammar.random.once_in(2) {
            (other.agent, other.object) = (one.object, one.agent);
        }
        // The first `5 - wanted` properties are drawn again. They may still agree by chance: the check below finds that.
        let mut properties = [0, 1, 2, 3, 4];
        grammar.random.shuffle(&mut properties);
        for property in &properties[..5 - wanted] {
            match property {
                0 if other.agent == one.agent => other.agent = grammar.another_person(other.object),
                1 if one.to_person => other.verb = grammar.random.pick(&TO_PEOPLE),
                1 => other.verb = grammar.random.pick(&TO_THINGS),
                2 if other.object == one.object && one.to_person => {
                    other.object = grammar.another_person(other.agent);
                }
                2 if other.object == one.object => other.object = grammar.item(),
                3 => other.place = Some(grammar.somewhere()),
                4 => other.adjective = Some(grammar.adjective()),
                _ => {}
            }
        }
        if let (Some(verb), true) = (synonym(other.verb), grammar.random.once_in(2)) {
            other.verb = verb;
        }
        let (a, b): (Voice, Voice) = (grammar.voice(), grammar.voice());
        let (first, second) = (one.sentence(a, false), other.sentence(b, false));
        if agreement(&one, &other) == wanted && first != second {
            return (first, second, wanted);
        }
    }
}
