//! Events: who did what to whom, and where; in the active or the passive voice, affirmed or denied.

use super::grammar::{Form, Grammar, inflect};
use super::lexicon::{ADJECTIVES, PREPOSITIONS, SYNONYMS, TO_PEOPLE, TO_THINGS};

/// One event. Two of its agents or objects with one name are the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// What the agent is like.
    pub adjective: Option<&'static str>,
    /// A noun for the person who acts.
    pub agent: &'static str,
    /// What is done: the stem of a verb.
    pub verb: &'static str,
    /// A noun for the thing or the person to whom it is done.
    pub object: &'static str,
    /// Whether the object is a person.
    pub to_person: bool,
    /// A preposition and a noun for a thing.
    pub place: Option<(&'static str, &'static str)>,
}

/// Who comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Voice {
    /// `The painter repaired the lamp.`
    Active,
    /// `The lamp was repaired by the painter.`
    Passive,
}

/// What a part of a sentence tells of an event.
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

/// The meaning of a verb: that of its synonyms is the same.
pub fn meaning(verb: &'static str) -> &'static str {
    SYNONYMS
        .iter()
        .find(|(_, other)| *other == verb)
        .map_or(verb, |(first, _)| *first)
}

/// Another verb of the same meaning, if there is one.
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
    /// The event in words, part by part, without a capital or a full stop.
    pub fn parts(&self, voice: Voice, denied: bool) -> Vec<(Role, String)> {
        let adjective = self
            .adjective
            .map_or(String::new(), |adjective| format!("{adjective} "));
        let agent = (Role::Agent, format!("the {adjective}{}", self.agent));
        let object = (Role::Object, format!("the {}", self.object));
        let past = inflect(self.verb, Form::Past);
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
    /// Either voice, evenly.
    pub fn voice(&mut self) -> Voice {
        self.random.pick(&[Voice::Active, Voice::Passive])
    }

    /// A place.
    pub fn somewhere(&mut self) -> (&'static str, &'static str) {
        (self.random.pick(&PREPOSITIONS), self.thing())
    }

    /// An adjective.
    pub fn adjective(&mut self) -> &'static str {
        self.random.pick(&ADJECTIVES)
    }

    /// A person who is not `other`.
    pub fn another_person(&mut self, other: &str) -> &'static str {
        loop {
            let person = self.person();
            if person != other {
                return person;
            }
        }
    }

    /// An event with an adjective once in `rare` times, and with a place as often; every third is done to a person.
    pub fn event(&mut self, rare: usize) -> Event {
        let agent = self.person();
        let to_person = self.random.once_in(3);
        let (verb, object) = if to_person {
            (self.random.pick(&TO_PEOPLE), self.another_person(agent))
        } else {
            (self.random.pick(&TO_THINGS), self.thing())
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
