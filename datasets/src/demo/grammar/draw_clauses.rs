//! Random clauses.

use super::clause::{Head, NounPhrase};
use super::{Clause, Complement, Grammar, Negation, VerbGroup};
use crate::demo::lexicon::adjectives::{FINAL, FREQUENCY, GRADED, MANNER, WHERE, comparative};
use crate::demo::lexicon::features::{Kind, Number};
use crate::demo::lexicon::function_words::PRONOUNS;
use crate::demo::lexicon::invented;
use crate::demo::lexicon::verbs::{
    BE, DITRANSITIVE, EITHER, GOING_TO, HAVE, INTRANSITIVE, MODALS, MOVEMENT, OF_THINGS, STATES, TRANSITIVE,
    Verb, WEATHER, WITH_INFINITIVE, WITH_PREPOSITION, WITH_SENTENCE,
};

impl Grammar {
    /// A clause with any subject.
    pub fn clause(&mut self) -> Clause {
        if self.random.once_in(60) {
            let it = NounPhrase::bare(Head::Pronoun(PRONOUNS[4]));
            let mut clause = Clause::new(it, self.random.pick(WEATHER), Complement::None);
            clause.group = self.group(&clause.verb);
            return clause;
        }
        let subject = self.subject();
        self.clause_about(subject)
    }

    /// A clause with this subject.
    pub fn clause_about(&mut self, subject: NounPhrase) -> Clause {
        let living = match &subject.head {
            Head::Pronoun(pronoun) => pronoun.subject != "it",
            _ => matches!(subject.kind(), Kind::Person | Kind::Animal),
        };
        if self.random.below(10) < if living { 3 } else { 8 } {
            self.copular_clause(subject)
        } else if living {
            self.action(subject)
        } else if self.random.once_in(2) {
            self.passive(subject)
        } else {
            let verb = self.random.pick(OF_THINGS);
            let mut clause = Clause::new(subject, verb, Complement::None);
            clause.group = self.group(&verb);
            clause
        }
    }

    /// What somebody does.
    pub fn action(&mut self, subject: NounPhrase) -> Clause {
        if self.random.once_in(14) {
            return self.passive(subject);
        }
        let (verb, complement) = self.verb_and_complement();
        let mut clause = Clause::new(subject, verb, complement);
        clause.group = self.group(&verb);
        if verb == GOING_TO && matches!(clause.complement, Complement::Infinitive(_)) {
            (clause.group.modal, clause.group.perfect, clause.group.progressive) = (None, false, true);
        }
        if let Some((_, preposition)) = WITH_PREPOSITION.iter().find(|(lemma, _)| *lemma == verb.lemma)
            && clause.complement == Complement::None
            && self.random.once_in(2)
        {
            let object = self.object(&[Kind::Person, Kind::Animal]);
            clause.complement = Complement::Place(preposition, object);
        }
        if verb.lemma == "live" || self.random.once_in(if self.plain { 12 } else { 5 }) {
            clause.place = Some(self.place());
        } else if self.random.once_in(if self.plain { 12 } else { 5 }) {
            clause.adverb = Some(match self.random.once_in(2) {
                true => self.random.pick_front(MANNER),
                false => self.random.pick_front(FINAL),
            });
        }
        if MOVEMENT.contains(&verb.lemma) && clause.complement == Complement::None && self.random.once_in(2) {
            clause.complement = self.goal();
            clause.place = None;
        }
        clause
    }

    /// What happens to somebody or something.
    pub fn passive(&mut self, subject: NounPhrase) -> Clause {
        let verb = loop {
            let verb = self.transitive();
            if verb != HAVE {
                break verb;
            }
        };
        let complement = match self.random.once_in(2) {
            true => Complement::Agent(self.object(&[Kind::Person, Kind::Animal])),
            false => Complement::None,
        };
        let mut clause = Clause::new(subject, verb, complement);
        clause.group = self.group(&verb);
        (clause.group.passive, clause.group.progressive) = (true, false);
        clause
    }

    /// `to the city`, `home`.
    fn goal(&mut self) -> Complement {
        if self.random.once_in(3) {
            return Complement::Where(self.random.pick_front(WHERE));
        }
        let noun = self.noun(Kind::Place);
        Complement::Place("to", self.phrase(noun, Number::Singular))
    }

    /// A verb with what it takes.
    pub fn verb_and_complement(&mut self) -> (Verb, Complement) {
        match self.random.below(if self.plain { 92 } else { 100 }) {
            0..38 => (self.intransitive(), Complement::None),
            38..84 => {
                let verb = self.transitive();
                (verb, Complement::Object(self.object(verb.objects)))
            }
            84..92 => self.giving(),
            92..98 => {
                let verb = self.random.pick_front(WITH_INFINITIVE);
                (verb, Complement::Infinitive(Box::new(self.infinitive())))
            }
            _ => {
                let verb = self.random.pick_front(WITH_SENTENCE);
                let subject = self.subject();
                let inner = match self.random.once_in(2) {
                    true => self.copular_clause(subject),
                    false => self.simple_clause(subject),
                };
                let conjunction = self.random.once_in(2).then_some("that");
                (verb, Complement::Sentence(conjunction, Box::new(inner)))
            }
        }
    }

    /// `gave the student a book`, `gave me a book`.
    pub fn giving(&mut self) -> (Verb, Complement) {
        let verb = self.random.pick_front(DITRANSITIVE);
        let (number, things) = (self.usual_number(), self.usual_number());
        let recipient = match self.random.below(8) {
            0..3 => self.pronoun(),
            3 => NounPhrase::bare(Head::Name(self.name())),
            _ => self.actor(number),
        };
        (verb, Complement::Objects(recipient, self.thing(things)))
    }

    /// A clause of a subject, a verb and perhaps an object.
    pub fn simple_clause(&mut self, subject: NounPhrase) -> Clause {
        let (verb, complement) = match self.random.once_in(2) {
            true => (self.intransitive(), Complement::None),
            false => {
                let verb = self.transitive();
                (verb, Complement::Object(self.object(verb.objects)))
            }
        };
        let mut clause = Clause::new(subject, verb, complement);
        clause.group = self.group(&verb);
        clause
    }

    /// `read the book`, after `to`.
    pub fn infinitive(&mut self) -> Clause {
        let subject = NounPhrase::bare(Head::Pronoun(PRONOUNS[4]));
        let mut clause = match self.random.once_in(6) {
            true => self.copular_clause(subject),
            false => self.simple_clause(subject),
        };
        clause.group = VerbGroup {
            infinitive: true,
            ..VerbGroup::default()
        };
        clause
    }

    /// A verb without an object.
    pub fn intransitive(&mut self) -> Verb {
        if self.invents() {
            return self.random.pick(&invented::VERBS);
        }
        match self.random.once_in(2) {
            true => self.random.pick_front(EITHER),
            false => self.random.pick_front(INTRANSITIVE),
        }
    }

    /// A verb with an object.
    pub fn transitive(&mut self) -> Verb {
        loop {
            let verb = match self.random.once_in(3) {
                true => self.random.pick_front(EITHER),
                false => self.random.pick_front(TRANSITIVE),
            };
            if !verb.objects.is_empty() {
                return verb;
            }
        }
    }

    /// What somebody or something is, or where.
    pub fn copular_clause(&mut self, subject: NounPhrase) -> Clause {
        let kind = subject.kind();
        let number = match subject.agreement() {
            crate::demo::lexicon::features::Agreement::Plural => Number::Plural,
            _ => Number::Singular,
        };
        let person = kind == Kind::Person
            && !matches!(&subject.head, Head::Pronoun(pronoun) if pronoun.subject == "it");
        let complement = match self.random.below(20) {
            0..8 => {
                let degree = self
                    .random
                    .once_in(5)
                    .then(|| self.random.pick(&["very", "too", "so"]));
                Complement::Adjective(degree, self.adjective_for(kind))
            }
            8..13 => {
                let (preposition, phrase) = self.place();
                Complement::Place(preposition, phrase)
            }
            13..16 => Complement::Where(self.random.pick_front(WHERE)),
            16 | 17 if !self.plain => {
                let adjective = self.random.pick_front(GRADED);
                let other = self.usual_number();
                let other = self.actor(other);
                Complement::Comparison(comparative(adjective), adjective, other)
            }
            _ => Complement::Noun(self.what_it_is(person, number)),
        };
        let mut clause = Clause::new(subject, BE, complement);
        clause.group = self.group(&BE);
        clause.group.progressive = false;
        clause
    }

    /// `a doctor`, `my friends`.
    fn what_it_is(&mut self, person: bool, number: Number) -> NounPhrase {
        let noun = match person {
            true => self.noun(Kind::Person),
            false => self.noun(Kind::Thing),
        };
        let mut phrase = self.phrase(noun, number);
        let own = self.random.pick(&["my", "his", "her", "our", "their", "your"]);
        let one = if number == Number::Singular {
            Some("a")
        } else {
            None
        };
        phrase.determiner = self.random.pick(&[one, Some("the"), Some(own)]);
        phrase
    }

    /// Tense, aspect and mood for a verb.
    pub fn group(&mut self, verb: &Verb) -> VerbGroup {
        let mut group = VerbGroup::default();
        match self.random.below(100) {
            0..50 => {}
            50..64 => group.past = true,
            64..76 if !STATES.contains(&verb.lemma) => {
                group.progressive = true;
                group.past = self.random.once_in(3);
            }
            64..76 => {}
            76..85 => {
                group.perfect = true;
                group.past = self.random.once_in(4);
            }
            85 => (group.perfect, group.progressive) = (true, !STATES.contains(&verb.lemma)),
            _ => group.modal = Some(self.random.pick_front(&MODALS)),
        }
        if self.random.once_in(9) {
            group.negation = self.random.pick(&[Negation::Not, Negation::Contracted]);
        } else if !self.plain && self.random.once_in(16) {
            group.frequency = Some(self.random.pick_front(FREQUENCY));
        }
        group
    }

    /// Present or past, as in most relative clauses.
    pub fn short_group(&mut self, verb: &Verb) -> VerbGroup {
        let group = self.group(verb);
        match self.random.below(4) {
            0 => VerbGroup {
                frequency: None,
                ..group
            },
            1 => VerbGroup {
                past: true,
                ..VerbGroup::default()
            },
            _ => VerbGroup::default(),
        }
    }
}
