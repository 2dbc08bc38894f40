//! Pairs of sentences: whether the second follows from the first, contradicts it, or neither.
//!
//! ```
//! use datasets::demo::{DemoConfig, inference};
//! let pairs = inference::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! let first = &pairs.train.examples()[0];
//! assert!(first.second.is_some() && first.label.is_some());
//! ```
//!
//! The label is not chosen but computed from what the two sentences say ([`judge`]). Names in both mean the same ones,
//! and a sentence with an adjective or a place says more than one without: of `The old painter repaired the lamp.`,
//! `The lamp was mended by the painter.` follows, `The painter did not repair the lamp.` contradicts it, and `The painter
//! repaired the lamp near the table.` may or may not be so. Denied, it is the other way round: what says less follows
//! from nothing that says more. Comparisons turn round with their sides and with their adjective: of `The king is older
//! than the nun.`, `The nun is younger than the king.` follows.

use super::events::{Event, Voice, meaning, synonym};
use super::grammar::{Grammar, sentence};
use super::lexicon::{COMPARED, TO_PEOPLE, TO_THINGS};
use super::{DemoConfig, DemoCorpus, dataset, splits};
use crate::examples::{Labels, TextExample};

/// The labels in the order of their numbers, as [`labels`] has them.
pub const LABELS: [&str; 3] = ["entailment", "neutral", "contradiction"];

/// `entailment` (0), `neutral` (1) and `contradiction` (2).
pub fn labels() -> Labels {
    Labels::from_names(LABELS.map(String::from).into()).expect("three labels")
}

/// What a sentence says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// That an event was, or was not.
    Event {
        /// Which.
        event: Event,
        /// Whether it was not.
        denied: bool,
        /// How it is phrased, which does not change its meaning.
        voice: Voice,
    },
    /// That one person is more than another.
    Comparison {
        /// One.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// A number of [`COMPARED`].
        dimension: usize,
        /// Whether the second is more: then the second adjective is used.
        reversed: bool,
    },
}

impl Claim {
    /// The sentence.
    pub fn sentence(&self) -> String {
        match self {
            Claim::Event { event, denied, voice } => event.sentence(*voice, *denied),
            Claim::Comparison {
                first,
                second,
                dimension,
                reversed,
            } => {
                let (more, less) = COMPARED[*dimension];
                let adjective = if *reversed { less } else { more };
                sentence(&[format!("the {first} is {adjective}er than the {second}")])
            }
        }
    }
}

/// The number of the label of a pair.
pub fn judge(premise: &Claim, hypothesis: &Claim) -> usize {
    const ENTAILMENT: usize = 0;
    const NEUTRAL: usize = 1;
    const CONTRADICTION: usize = 2;
    let same = match (premise, hypothesis) {
        (
            Claim::Event {
                event: one,
                denied: one_denied,
                ..
            },
            Claim::Event {
                event: other, denied, ..
            },
        ) => {
            let core = |event: &Event| (event.agent, meaning(event.verb), event.object);
            // An event near the table is an event; that there was none near the table says nothing of others.
            let (more, less) = if *one_denied { (other, one) } else { (one, other) };
            let within = core(more) == core(less)
                && (less.adjective.is_none() || less.adjective == more.adjective)
                && (less.place.is_none() || less.place == more.place);
            within.then_some(one_denied == denied)
        }
        (
            Claim::Comparison {
                first,
                second,
                dimension,
                reversed,
            },
            Claim::Comparison {
                first: a,
                second: b,
                dimension: other,
                reversed: turned,
            },
        ) => {
            let straight = (first, second) == (a, b);
            let crossed = (first, second) == (b, a);
            (dimension == other && (straight || crossed)).then_some((reversed == turned) == straight)
        }
        _ => None,
    };
    match same {
        Some(true) => ENTAILMENT,
        Some(false) => CONTRADICTION,
        None => NEUTRAL,
    }
}

/// Pairs for training and pairs for evaluation: as many of each label, no sentence in both.
pub fn generate(config: &DemoConfig) -> DemoCorpus<TextExample> {
    let (train, dev) = splits(
        config,
        |grammar, number| pair(grammar, number % LABELS.len()),
        |(premise, hypothesis, _)| vec![premise.clone(), hypothesis.clone()],
    );
    dataset(
        config,
        "inference",
        train,
        dev,
        |(premise, hypothesis, label), source| TextExample {
            text: premise,
            second: Some(hypothesis),
            label: Some(LABELS[label].into()),
            source,
        },
    )
}

/// A pair with the wanted label; every tenth or so compares.
fn pair(grammar: &mut Grammar, wanted: usize) -> (String, String, usize) {
    loop {
        let (premise, hypothesis) = if grammar.random.once_in(10) {
            comparisons(grammar)
        } else {
            events(grammar)
        };
        if premise != hypothesis && judge(&premise, &hypothesis) == wanted {
            return (premise.sentence(), hypothesis.sentence(), wanted);
        }
    }
}

fn events(grammar: &mut Grammar) -> (Claim, Claim) {
    let event = grammar.event(3);
    let mut other = event.clone();
    if let (Some(verb), true) = (synonym(event.verb), grammar.random.once_in(3)) {
        other.verb = verb;
    }
    // Half of the pairs are of one event, described with more or with less detail; three in ten are of two that have nothing to do
    // with each other, and in the rest one thing differs.
    match grammar.random.below(20) {
        0 if event.to_person => (other.agent, other.object) = (event.object, event.agent),
        0 => other.place = Some(grammar.somewhere()),
        1 => other.agent = grammar.another_person(event.agent),
        2 if event.to_person => other.verb = grammar.random.pick(&TO_PEOPLE),
        2 => other.verb = grammar.random.pick(&TO_THINGS),
        3 if event.to_person => other.object = grammar.another_person(event.agent),
        3 => other.object = grammar.thing(),
        4..10 => other = grammar.event(3),
        _ => {}
    }
    if grammar.random.once_in(5) {
        other.adjective = match event.adjective {
            Some(_) => None,
            None => Some(grammar.adjective()),
        };
    }
    if grammar.random.once_in(5) {
        other.place = match event.place {
            Some(_) => None,
            None => Some(grammar.somewhere()),
        };
    }
    let mut claim = |event| Claim::Event {
        event,
        denied: grammar.random.once_in(2),
        voice: grammar.voice(),
    };
    (claim(event), claim(other))
}

fn comparisons(grammar: &mut Grammar) -> (Claim, Claim) {
    let first = grammar.person();
    let second = grammar.another_person(first);
    let dimension = grammar.random.below(COMPARED.len());
    let premise = Claim::Comparison {
        first,
        second,
        dimension,
        reversed: grammar.random.once_in(2),
    };
    let (mut a, mut b) = (first, second);
    let mut other = dimension;
    match grammar.random.below(6) {
        0 => other = (dimension + 1) % COMPARED.len(),
        1 => a = grammar.another_person(b),
        2 => b = grammar.another_person(a),
        _ => {}
    }
    if grammar.random.once_in(2) {
        (a, b) = (b, a);
    }
    let hypothesis = Claim::Comparison {
        first: a,
        second: b,
        dimension: other,
        reversed: grammar.random.once_in(2),
    };
    (premise, hypothesis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(denied: bool) -> Claim {
        let event = Event {
            adjective: Some("old"),
            agent: "painter",
            verb: "repair",
            object: "lamp",
            to_person: false,
            place: None,
        };
        Claim::Event {
            event,
            denied,
            voice: Voice::Active,
        }
    }

    fn label(premise: &Claim, hypothesis: &Claim) -> &'static str {
        LABELS[judge(premise, hypothesis)]
    }

    fn changed(claim: &Claim, change: impl Fn(&mut Event)) -> Claim {
        match claim.clone() {
            Claim::Event {
                mut event, denied, ..
            } => {
                change(&mut event);
                Claim::Event {
                    event,
                    denied,
                    voice: Voice::Passive,
                }
            }
            other => other,
        }
    }

    #[test]
    fn events_are_judged_by_what_they_say() {
        let (affirmed, denied) = (event(false), event(true));
        assert_eq!(affirmed.sentence(), "The old painter repaired the lamp.");
        let same = |event: &mut Event| event.verb = "mend";
        let less = |event: &mut Event| event.adjective = None;
        let more = |event: &mut Event| event.place = Some(("near", "cart"));
        let other = |event: &mut Event| event.object = "cart";
        assert_eq!(
            changed(&denied, same).sentence(),
            "The lamp was not mended by the old painter."
        );
        for (premise, change, follows, contradicts) in [
            (&affirmed, &same as &dyn Fn(&mut Event), true, true),
            (&affirmed, &less, true, true),
            (&affirmed, &more, false, false),
            (&affirmed, &other, false, false),
            (&denied, &same, true, true),
            (&denied, &less, false, false),
            (&denied, &more, true, true),
            (&denied, &other, false, false),
        ] {
            let opposite = if std::ptr::eq(premise, &affirmed) {
                &denied
            } else {
                &affirmed
            };
            let (same, opposite) = (changed(premise, change), changed(opposite, change));
            let of = |yes: bool, label: &'static str| if yes { label } else { "neutral" };
            assert_eq!(label(premise, &same), of(follows, "entailment"), "{same:?}");
            assert_eq!(
                label(premise, &opposite),
                of(contradicts, "contradiction"),
                "{opposite:?}"
            );
        }
    }

    #[test]
    fn comparisons_turn_round() {
        let compare = |first, second, dimension, reversed| Claim::Comparison {
            first,
            second,
            dimension,
            reversed,
        };
        let premise = compare("king", "nun", 0, false);
        assert_eq!(premise.sentence(), "The king is older than the nun.");
        let turned = compare("nun", "king", 0, true);
        assert_eq!(turned.sentence(), "The nun is younger than the king.");
        assert_eq!(label(&premise, &turned), "entailment");
        assert_eq!(
            label(&premise, &compare("nun", "king", 0, false)),
            "contradiction"
        );
        assert_eq!(label(&premise, &compare("king", "nun", 0, true)), "contradiction");
        assert_eq!(label(&premise, &compare("nun", "king", 1, true)), "neutral");
        assert_eq!(label(&premise, &compare("nun", "monk", 0, true)), "neutral");
        assert_eq!(label(&premise, &event(false)), "neutral");
    }
}
