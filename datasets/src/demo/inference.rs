//! Pairs of sentences for natural language inference: the second follows from the first, contradicts it, or neither.
//!
//! ```
//! use datasets::demo::{DemoConfig, inference};
//! let pairs = inference::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! let first = &pairs.train.examples()[0];
//! assert!(first.second.is_some() && first.label.is_some());
//! ```
//!
//! The label is computed from the meaning of the two sentences ([`label`]). Equal nouns mean the same person or thing. A
//! sentence with an adjective or a place says more than one without. For the premise `The old painter repaired the lamp.`:
//!
//! - `The lamp was mended by the painter.` follows,
//! - `The painter did not repair the lamp.` contradicts it,
//! - `The painter repaired the lamp near the table.` is neutral: it may or may not be true.
//!
//! Negation reverses this: `The painter did not repair the lamp near the table.` follows from `The painter did not repair
//! the lamp.`, but not the other way round. A comparison keeps its meaning if both its sides and its adjective are swapped:
//! `The nun is younger than the king.` follows from `The king is older than the nun.`

use super::events::{Event, Voice, meaning, synonym};
use super::grammar::{Grammar, sentence};
use super::lexicon::events::{COMPARED, TO_PEOPLE, TO_THINGS};
use super::{DemoConfig, DemoCorpus, grouped_dataset, splits};
use crate::examples::{Labels, TextExample};

/// The label names in the order of their ids; see [`labels`].
pub const LABELS: [&str; 3] = ["entailment", "neutral", "contradiction"];

/// `entailment` (0), `neutral` (1) and `contradiction` (2).
pub fn labels() -> Labels {
    Labels::from_names(LABELS.map(String::from).into()).expect("three labels")
}

/// The meaning of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// An event happened, or did not happen.
    Event {
        /// The event.
        event: Event,
        /// Whether the sentence says that it did not happen.
        denied: bool,
        /// Active or passive; both have the same meaning.
        voice: Voice,
    },
    /// A comparison of two people.
    Comparison {
        /// The subject.
        first: &'static str,
        /// The person after "than".
        second: &'static str,
        /// An index into [`COMPARED`].
        dimension: usize,
        /// Whether the sentence uses the second adjective of the pair (`younger` instead of `older`).
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

/// The label id of a pair; an index into [`LABELS`].
pub fn label(premise: &Claim, hypothesis: &Claim) -> usize {
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
            // "near the table" makes an affirmed event more specific, and a negated one less specific.
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

/// Generates train and dev pairs: three follow each other, with the same first sentence and one label each, so that there are as many
/// as `config` asks for, rounded up to a multiple of three. No sentence is in both splits.
pub fn generate(config: &DemoConfig) -> DemoCorpus<TextExample> {
    let groups = DemoConfig {
        train: config.train.div_ceil(LABELS.len()),
        dev: config.dev.div_ceil(LABELS.len()),
        ..*config
    };
    let (train, dev) = splits(
        &groups,
        |grammar, _| group(grammar),
        |(premise, hypotheses)| hypotheses.iter().chain([premise]).cloned().collect(),
    );
    let pairs = |groups: Vec<(String, [String; 3])>| {
        let pairs = |(premise, hypotheses): (String, [String; 3])| {
            let mut label = 0..LABELS.len();
            hypotheses.map(|hypothesis| (premise.clone(), hypothesis, label.next().unwrap_or(0)))
        };
        groups.into_iter().map(pairs).collect()
    };
    grouped_dataset(
        config,
        "inference",
        pairs(train),
        pairs(dev),
        |(premise, hypothesis, label), source| TextExample {
            text: premise,
            second: Some(hypothesis),
            label: Some(LABELS[label].into()),
            source,
        },
    )
}

/// A sentence, and one with each label. About one in six is a comparison.
fn group(grammar: &mut Grammar) -> (String, [String; 3]) {
    let comparison = grammar.random.once_in(6);
    let premise = match comparison {
        true => compared(grammar),
        false => happened(grammar),
    };
    let mut hypothesis = |wanted: usize| loop {
        let found = match &premise {
            Claim::Event { event, .. } => another_event(grammar, event),
            Claim::Comparison { .. } => another_comparison(grammar, &premise),
        };
        if found != premise && label(&premise, &found) == wanted {
            break found.sentence();
        }
    };
    let hypotheses = [0, 1, 2].map(&mut hypothesis);
    (premise.sentence(), hypotheses)
}

fn claim(grammar: &mut Grammar, event: Event) -> Claim {
    Claim::Event {
        event,
        denied: grammar.random.once_in(2),
        voice: grammar.voice(),
    }
}

fn happened(grammar: &mut Grammar) -> Claim {
    let event = grammar.event(3);
    claim(grammar, event)
}

/// The same event in more or in less detail, one that differs in one thing, or any other.
fn another_event(grammar: &mut Grammar, event: &Event) -> Claim {
    let mut other = event.clone();
    if let (Some(verb), true) = (synonym(event.verb), grammar.random.once_in(3)) {
        other.verb = verb;
    }
    match grammar.random.below(10) {
        0 | 1 if event.to_person => (other.agent, other.object) = (event.object, event.agent),
        0 => other.place = Some(grammar.somewhere()),
        1 | 2 => other.agent = grammar.another_person(event.agent),
        3 if event.to_person => other.verb = grammar.random.pick(&TO_PEOPLE),
        3 => other.verb = grammar.random.pick(&TO_THINGS),
        4 if event.to_person => other.object = grammar.another_person(event.agent),
        4 => other.object = grammar.item(),
        5 => other = grammar.event(3),
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
    claim(grammar, other)
}

fn compared(grammar: &mut Grammar) -> Claim {
    let first = grammar.agent();
    Claim::Comparison {
        first,
        second: grammar.another_person(first),
        dimension: grammar.random.below(COMPARED.len()),
        reversed: grammar.random.once_in(2),
    }
}

/// A comparison of the same people, or one that differs in one thing.
fn another_comparison(grammar: &mut Grammar, claim: &Claim) -> Claim {
    let mut other = claim.clone();
    if let Claim::Comparison {
        first,
        second,
        dimension,
        reversed,
    } = &mut other
    {
        match grammar.random.below(6) {
            0 => *dimension = (*dimension + 1) % COMPARED.len(),
            1 => *first = grammar.another_person(second),
            2 => *second = grammar.another_person(first),
            _ => {}
        }
        if grammar.random.once_in(2) {
            std::mem::swap(first, second);
        }
        *reversed = grammar.random.once_in(2);
    }
    other
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

    fn label_name(premise: &Claim, hypothesis: &Claim) -> &'static str {
        LABELS[label(premise, hypothesis)]
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
    fn labels_of_events_depend_on_their_meaning() {
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
            assert_eq!(label_name(premise, &same), of(follows, "entailment"), "{same:?}");
            assert_eq!(
                label_name(premise, &opposite),
                of(contradicts, "contradiction"),
                "{opposite:?}"
            );
        }
    }

    #[test]
    fn swapped_comparisons_keep_their_meaning() {
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
        assert_eq!(label_name(&premise, &turned), "entailment");
        assert_eq!(
            label_name(&premise, &compare("nun", "king", 0, false)),
            "contradiction"
        );
        assert_eq!(
            label_name(&premise, &compare("king", "nun", 0, true)),
            "contradiction"
        );
        assert_eq!(label_name(&premise, &compare("nun", "king", 1, true)), "neutral");
        assert_eq!(label_name(&premise, &compare("nun", "monk", 0, true)), "neutral");
        assert_eq!(label_name(&premise, &event(false)), "neutral");
    }
}
