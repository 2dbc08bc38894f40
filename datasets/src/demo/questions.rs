//! Questions about passages in which several people act.
//!
//! ```
//! use datasets::demo::{DemoConfig, questions};
//! let questions = questions::generate(&DemoConfig { train: 30, dev: 6, ..DemoConfig::default() });
//! assert!(questions.train.examples()[0].mismatches().is_empty());
//! ```
//!
//! The sentences of a passage share agents, verbs and objects, so that no single word of a question finds its answer. In
//! `The painter repaired the lamp near the table. The lamp was inspected by the singer. The nun repaired the cart.`, only
//! one sentence answers `Who repaired the lamp?`, although `repaired` and `lamp` occur in two each.

use std::sync::Arc;

use super::events::{Event, Role};
use super::grammar::{Grammar, inflect, sentence};
use super::lexicon::events::{TO_PEOPLE, TO_THINGS};
use super::lexicon::features::Form;
use super::{DemoConfig, DemoCorpus, dataset, splits};
use crate::examples::{Answer, QuestionExample};

/// Sentences in a passage; each length is as frequent as it stands here. With short passages a model learns sooner what a
/// question asks for.
const SENTENCES: [usize; 6] = [1, 2, 2, 3, 3, 3];
/// Questions about one passage.
const QUESTIONS: usize = 2;

/// A generated passage with its questions.
#[derive(Clone, Debug)]
struct Passage {
    text: String,
    sentences: Vec<String>,
    /// Each question with the start and end of its answer in `text`, in bytes.
    questions: Vec<(String, usize, usize)>,
}

/// Generates train and dev questions, two for each passage. No passage sentence is in both splits.
pub fn generate(config: &DemoConfig) -> DemoCorpus<QuestionExample> {
    let passages = DemoConfig {
        seed: config.seed,
        train: config.train.div_ceil(QUESTIONS),
        dev: config.dev.div_ceil(QUESTIONS),
    };
    let (train, dev) = splits(
        &passages,
        |grammar, _| passage(grammar),
        |passage| passage.sentences.clone(),
    );
    let questions = |name: &str, passages: Vec<Passage>, count: usize| {
        let mut questions = vec![];
        for (number, passage) in passages.into_iter().enumerate() {
            let text: Arc<str> = passage.text.into();
            for (place, (question, start, end)) in passage.questions.into_iter().enumerate() {
                let id = format!("{name}-{}-{}", number + 1, place + 1);
                let answer = Answer {
                    text: text[start..end].to_owned(),
                    start,
                };
                questions.push((id, question, text.clone(), answer));
            }
        }
        questions.truncate(count);
        questions
    };
    let (train, dev) = (
        questions("train", train, config.train),
        questions("dev", dev, config.dev),
    );
    dataset(
        config,
        "questions",
        train,
        dev,
        |(id, question, passage, answer), source| QuestionExample {
            id,
            question,
            passage,
            answers: Some(vec![answer]),
            source,
        },
    )
}

/// An event that shares two of agent, verb and object with `event`.
fn variation(grammar: &mut Grammar, event: &Event) -> Event {
    let fresh = grammar.event(3);
    let mut other = Event {
        adjective: fresh.adjective,
        place: fresh.place,
        ..event.clone()
    };
    match grammar.random.below(3) {
        0 => other.agent = grammar.another_person(event.object),
        1 if event.to_person => other.verb = grammar.random.pick(&TO_PEOPLE),
        1 => other.verb = grammar.random.pick(&TO_THINGS),
        _ if event.to_person => other.object = grammar.another_person(event.agent),
        _ => other.object = grammar.item(),
    }
    other
}

/// A passage with questions that each have exactly one answer.
fn passage(grammar: &mut Grammar) -> Passage {
    loop {
        let length = grammar.random.pick(&SENTENCES);
        let mut events = vec![grammar.event(3)];
        while events.len() < length {
            let next = if grammar.random.once_in(2) {
                grammar.event(3)
            } else {
                let base = grammar.random.below(events.len());
                variation(grammar, &events[base].clone())
            };
            events.push(next);
        }
        grammar.random.shuffle(&mut events);
        let mut all: Vec<(usize, Role)> = (0..events.len())
            .flat_map(|event| [Role::Agent, Role::Object, Role::Place].map(|role| (event, role)))
            .filter(|&(event, role)| has_one_answer(&events, event, role))
            .collect();
        if all.len() < QUESTIONS {
            continue;
        }
        grammar.random.shuffle(&mut all);
        let (mut text, mut sentences, mut places) = (String::new(), vec![], vec![]);
        for event in &events {
            let parts = event.parts(grammar.voice(), false);
            if !text.is_empty() {
                text.push(' ');
            }
            let mut start = text.len();
            let mut of_event = vec![];
            for (role, words) in &parts {
                of_event.push((*role, start, start + words.len()));
                start += words.len() + 1;
            }
            places.push(of_event);
            let words: Vec<String> = parts.into_iter().map(|(_, words)| words).collect();
            let sentence = sentence(&words);
            text += &sentence;
            sentences.push(sentence);
        }
        let questions = all[..QUESTIONS].iter().filter_map(|&(event, role)| {
            let &(_, start, end) = places[event].iter().find(|(found, _, _)| *found == role)?;
            Some((question(&events[event], role), start, end))
        });
        let questions = questions.collect();
        return Passage {
            text,
            sentences,
            questions,
        };
    }
}

/// Whether the question about the `role` of `event` fits only this one of `events`.
fn has_one_answer(events: &[Event], event: usize, role: Role) -> bool {
    let known = |event: &Event| match role {
        Role::Agent => ("", event.verb, event.object),
        Role::Object => (event.agent, event.verb, ""),
        _ => (event.agent, event.verb, event.object),
    };
    let asked = &events[event];
    (role != Role::Place || asked.place.is_some())
        && events.iter().filter(|other| known(other) == known(asked)).count() == 1
}

/// The question about the `role` of `event`.
fn question(event: &Event, role: Role) -> String {
    let Event {
        agent, verb, object, ..
    } = event;
    let words = match role {
        Role::Agent => {
            format!("who {} the {object} ?", inflect(verb, Form::PastParticiple))
        }
        Role::Object if event.to_person => format!("whom did the {agent} {verb} ?"),
        Role::Object => format!("what did the {agent} {verb} ?"),
        _ => format!("where did the {agent} {verb} the {object} ?"),
    };
    sentence(&[words])
}
