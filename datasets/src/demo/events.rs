//! Events: who did what to whom, and where. A sentence states one in the active or the passive voice, affirmed or negated.

use super::grammar::{Grammar, inflect};
use super::lexicon::events::{ADJECTIVES, OBJECTS, PEOPLE, SYNONYMS, TO_PEOPLE, TO_THINGS};
use super::lexicon::features::Form;
use super::lexicon::function_words::PREPOSITIONS;
use super::lexicon::nouns::NEW_PEOPLE;

/// One event. Within a pair of sentences, equal nouns mean the same person or thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// An adjective for the agent.
    pub adjective: Option<&'static str>,
    /// A noun for the person who acts.
    pub agent: &'static str,
    /// The stem of the verb.
    pub verb: &'static str,
    /// A noun for the thing or the person that the action affects.
    pub object: &'static str,
    /// Whether the object is a person.
    pub to_person: bool,
    /// A preposition and a noun for a thing.
    pub place: Option<(&'static str, &'static str)>,
}

/// The voice of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voice {
    /// `The painter repaired the lamp.`
    Active,
    /// `The lamp was repaired by the painter.`
    Passive,
}

/// What a part of a sentence says about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Who did it.
    Agent,
    /// What was done.
    Action,
    /// To whom or what.
    Object,
    /// Where.
    Place,
}

/// The meaning of a verb. Synonyms have the same meaning.
pub fn meaning(verb: &'static str) -> &'static str {
    SYNONYMS
        .iter()
        .find(|(_, other)| *other == verb)
        .map_or(verb, |(first, _)| *first)
}

/// Another verb with the same meaning, if there is one.
pub fn synonym(verb: &str) -> Option<&'static str> {
    SYNONYMS.iter().find_map(|&(a, b)| {
        if a == verb {
            Some(b)
        } else {
            (b == verb).then_some(a)
        }
    })
}

impl Event {
    /// The words for each part of the event, without a capital or a full stop.
    pub fn parts(&self, voice: Voice, denied: bool) -> Vec<(Role, String)> {
        let adjective = self
            .adjective
            .map_or(String::new(), |adjective| format!("{adjective} "));
        let agent = (Role::Agent, format!("the {adjective}{}", self.agent));
        let object = (Role::Object, format!("the {}", self.object));
        let past = inflect(self.verb, Form::PastParticiple);
        let action = match (voice, denied) {
            (Voice::Active, false) => past,
            (Voice::Active, true) => format!("did not {}", self.verb),
            (Voice::Passive, false) => format!("was {past} by"),
            (Voice::Passive, true) => format!("was not {past} by"),
        };
        let action = (Role::Action, action);
        let mut parts = match voice {
            Voice::Active => vec![agent, action, object],
            Voice::Passive => vec![object, action, agent],
        };
        if let Some((preposition, thing)) = self.place {
            parts.push((Role::Place, format!("{preposition} the {thing}")));
        }
        parts
    }

    /// The event as a sentence.
    pub fn sentence(&self, voice: Voice, denied: bool) -> String {
        let parts = self.parts(voice, denied);
        let words: Vec<String> = parts.into_iter().map(|(_, words)| words).collect();
        super::grammar::sentence(&words)
    }
}

impl Grammar {
    /// A noun for a person.
    pub fn agent(&mut self) -> &'static str {
        match self.held_out {
            true => self.random.pick(NEW_PEOPLE).singular,
            false => self.random.pick(&PEOPLE),
        }
    }

    /// A noun for a thing.
    pub fn item(&mut self) -> &'static str {
        self.random.pick(&OBJECTS)
    }

    /// A voice; both are equally likely.
    pub fn voice(&mut self) -> Voice {
        self.random.pick(&[Voice::Active, Voice::Passive])
    }

    /// A place.
    pub fn somewhere(&mut self) -> (&'static str, &'static str) {
        (self.random.pick(&PREPOSITIONS), self.item())
    }

    /// An adjective.
    pub fn adjective(&mut self) -> &'static str {
        self.random.pick(&ADJECTIVES)
    }

    /// A person who is not `other`.
    pub fn another_person(&mut self, other: &str) -> &'static str {
        loop {
            let person = self.agent();
            if person != other {
                return person;
            }
        }
    }

    /// A random event. It has an adjective with probability 1 / `rare`, a place with the same probability, and a person as
    /// its object with probability 1/3.
    pub fn event(&mut self, rare: usize) -> Event {
        let agent = self.agent();
        let to_person = self.random.once_in(3);
        let (verb, object) = if to_person {
            (self.random.pick(&TO_PEOPLE), self.another_person(agent))
        } else {
            (self.random.pick(&TO_THINGS), self.item())
        };
        let adjective = self.random.once_in(rare).then(|| self.adjective());
        let place = self.random.once_in(rare).then(|| self.somewhere());
        Event {
            adjective,
            agent,
            verb,
            object,
            to_person,
            place,
        }
    }
}
