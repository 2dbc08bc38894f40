//! Random noun phrases.

use super::clause::{Head, Modifier, NounPhrase};
use super::{Clause, Complement, Grammar};
use crate::demo::lexicon::adjectives::{OF_THE_LIVING, OF_THINGS};
use crate::demo::lexicon::features::{Gender, Kind, Number};
use crate::demo::lexicon::function_words::{
    AMOUNTS, INDEFINITE, ONE, POSSESSIVES, PREPOSITIONS, PRONOUNS, SEVERAL, WITH_PLACES, WITH_THINGS,
};
use crate::demo::lexicon::nouns::{
    ANIMALS, FOODS, MASS, NAMES, NEW_PEOPLE, Name, Noun, PEOPLE, PLACES, TEXTS, THINGS,
};
use crate::demo::lexicon::{invented, verbs};

/// One noun, verb or name in this many is invented.
const INVENTED: usize = 18;

impl Grammar {
    /// Whether the next word is an invented one.
    pub(super) fn invents(&mut self) -> bool {
        !self.held_out && self.random.once_in(INVENTED)
    }

    /// A noun for a person, an animal or a thing.
    pub fn noun(&mut self, kind: Kind) -> Noun {
        if matches!(kind, Kind::Animal | Kind::Thing) && self.invents() {
            return Noun {
                kind,
                ..self.random.pick(&invented::NOUNS)
            };
        }
        self.random.pick_front(match kind {
            Kind::Person if self.held_out => NEW_PEOPLE,
            Kind::Person => PEOPLE,
            Kind::Animal => ANIMALS,
            Kind::Thing => THINGS,
            Kind::Text => TEXTS,
            Kind::Food => FOODS,
            Kind::Place => PLACES,
        })
    }

    /// A noun for a person or, less often, an animal.
    pub fn living(&mut self) -> Noun {
        let kind = self.random.pick(&[Kind::Person, Kind::Person, Kind::Animal]);
        self.noun(kind)
    }

    /// A name.
    pub fn name(&mut self) -> Name {
        if self.invents() {
            Name {
                name: self.random.pick(&invented::NAMES),
                gender: Gender::Any,
            }
        } else {
            self.random.pick_front(NAMES)
        }
    }

    /// A determiner that fits a noun with a plural; none before some plurals.
    pub fn determiner(&mut self, number: Number) -> Option<&'static str> {
        let mut draw = self.random.below(100);
        if self.plain && draw > 85 {
            draw = 0;
        }
        match (number, draw) {
            (_, 0..58) => Some("the"),
            (_, 58..68) => Some(self.random.pick_front(POSSESSIVES)),
            (Number::Singular, 68..86) => Some("a"),
            (Number::Singular, _) => Some(self.random.pick_front(ONE)),
            (Number::Plural, 68..86) => None,
            (Number::Plural, _) => Some(self.random.pick_front(SEVERAL)),
        }
    }

    /// A noun with a determiner and sometimes an adjective.
    pub fn phrase(&mut self, noun: Noun, number: Number) -> NounPhrase {
        let determiner = self.determiner(number);
        let mut phrase = NounPhrase::of(determiner, noun, number);
        if !self.plain && self.random.once_in(8) {
            phrase.adjective = Some(self.adjective_for(noun.kind));
        }
        phrase
    }

    /// An adjective.
    pub fn adjective_for(&mut self, kind: Kind) -> &'static str {
        self.random.pick_front(match kind {
            Kind::Person | Kind::Animal => OF_THE_LIVING,
            _ => OF_THINGS,
        })
    }

    /// A person or an animal, or several.
    pub fn actor(&mut self, number: Number) -> NounPhrase {
        let noun = self.living();
        self.phrase(noun, number)
    }

    /// One or several things.
    pub fn thing(&mut self, number: Number) -> NounPhrase {
        let kind = self
            .random
            .pick(&[Kind::Thing, Kind::Thing, Kind::Text, Kind::Food]);
        let noun = self.noun(kind);
        self.phrase(noun, number)
    }

    /// `some water`: a noun without a plural.
    pub fn mass(&mut self) -> NounPhrase {
        let determiner = match self.random.below(10) {
            0..3 => Some("the"),
            3..8 => None,
            8 => Some(self.random.pick(AMOUNTS)),
            _ => Some(self.random.pick(POSSESSIVES)),
        };
        NounPhrase::of(determiner, self.random.pick(MASS), Number::Singular)
    }

    /// A personal pronoun.
    pub fn pronoun(&mut self) -> NounPhrase {
        NounPhrase::bare(Head::Pronoun(self.random.pick(&PRONOUNS)))
    }

    /// The subject of a clause.
    pub fn subject(&mut self) -> NounPhrase {
        let number = self.usual_number();
        match self.random.below(100) {
            0..44 => self.actor(number),
            44..68 => self.pronoun(),
            68..76 => NounPhrase::bare(Head::Name(self.name())),
            76..86 => self.thing(number),
            86..88 => self.mass(),
            88..91 => NounPhrase::bare(Head::Pronoun(self.random.pick(&INDEFINITE))),
            _ if self.plain => self.pronoun(),
            _ => self.pair(),
        }
    }

    /// `the king and Mary`, `the king and I`.
    pub fn pair(&mut self) -> NounPhrase {
        let one = |grammar: &mut Self| match grammar.random.below(3) {
            0 => NounPhrase::bare(Head::Name(grammar.name())),
            _ => {
                let number = grammar
                    .random
                    .pick(&[Number::Singular, Number::Singular, Number::Plural]);
                grammar.actor(number)
            }
        };
        let first = one(self);
        let second = loop {
            let second = match self.random.once_in(5) {
                true => NounPhrase::bare(Head::Pronoun(PRONOUNS[0])),
                false => one(self),
            };
            if second.head != first.head {
                break second;
            }
        };
        NounPhrase::bare(Head::And(Box::new(first), Box::new(second)))
    }

    /// An object of one of the kinds.
    pub fn object(&mut self, kinds: &[Kind]) -> NounPhrase {
        let kind = self.random.pick(kinds);
        let number = self.usual_number();
        match (kind, self.random.below(12)) {
            (Kind::Person, 0..3) => self.pronoun(),
            (Kind::Person, 3) => NounPhrase::bare(Head::Name(self.name())),
            (Kind::Food | Kind::Thing, 0 | 1) => self.mass(),
            (Kind::Thing, 2) => self.pronoun_for_things(),
            _ => {
                let noun = self.noun(kind);
                self.phrase(noun, number)
            }
        }
    }

    fn pronoun_for_things(&mut self) -> NounPhrase {
        NounPhrase::bare(Head::Pronoun(PRONOUNS[self.random.pick(&[4, 6])]))
    }

    /// `near the tables`, `in my garden`.
    pub fn place(&mut self) -> (&'static str, NounPhrase) {
        let number = self
            .random
            .pick(&[Number::Singular, Number::Singular, Number::Plural]);
        match self.random.below(4) {
            0 => {
                let phrase = self.thing(number);
                (self.random.pick(WITH_THINGS), phrase)
            }
            1 => {
                let phrase = self.actor(number);
                (self.random.pick(&PREPOSITIONS), phrase)
            }
            _ => {
                let noun = self.noun(Kind::Place);
                let phrase = self.phrase(noun, number);
                (self.random.pick(WITH_PLACES), phrase)
            }
        }
    }

    /// What can stand between a noun of this number and its verb. In three of four cases its last noun has the other number.
    pub fn modifier(&mut self, head: &NounPhrase) -> Modifier {
        let number = match self.random.once_in(4) {
            true => head.number,
            false => head.number.other(),
        };
        match self.random.below(6) {
            0..3 => self.modifying_phrase(head, number),
            3 | 4 => self.clause_without_subject(head, number),
            _ => self.clause_without_object(head, number),
        }
    }

    /// `near the tables`.
    pub fn modifying_phrase(&mut self, head: &NounPhrase, number: Number) -> Modifier {
        let living = matches!(head.kind(), Kind::Person | Kind::Animal);
        let (preposition, phrase) = match self.random.below(6) {
            0 | 1 => (self.random.pick(&PREPOSITIONS), self.actor(number)),
            2 => ("with", self.actor(number)),
            3 => {
                let noun = self.noun(Kind::Place);
                (self.random.pick(WITH_PLACES), self.phrase(noun, number))
            }
            4 if !living => (self.random.pick(&["of", "to", "for"]), self.actor(number)),
            4 => ("of", self.actor(number)),
            _ => (self.random.pick(WITH_THINGS), self.thing(number)),
        };
        Modifier::Phrase(preposition, phrase)
    }

    /// `who sees the girls`.
    pub fn clause_without_subject(&mut self, head: &NounPhrase, number: Number) -> Modifier {
        let bare = NounPhrase {
            modifier: None,
            ..head.clone()
        };
        let living = matches!(head.kind(), Kind::Person | Kind::Animal);
        let mut clause = match self.random.below(4) {
            0 => self.copular_clause(bare),
            1 => self.clause_about(bare),
            _ if living => {
                let verb = self.random.pick_front(verbs::TRANSITIVE);
                let object = self.actor(number);
                Clause::new(bare, verb, Complement::Object(object))
            }
            _ => {
                let place = self.actor(number);
                let near = self.random.pick(&PREPOSITIONS);
                Clause::new(bare, verbs::BE, Complement::Place(near, place))
            }
        };
        clause.group = self.short_group(&clause.verb);
        (clause.place, clause.adverb) = (None, None);
        let pronoun = self.relative_pronoun(head.kind());
        Modifier::WithoutSubject(pronoun, clause)
    }

    /// `that the girls see`.
    pub fn clause_without_object(&mut self, head: &NounPhrase, number: Number) -> Modifier {
        let subject = match self.random.below(3) {
            0 => self.pronoun(),
            _ => self.actor(number),
        };
        let verb = loop {
            let verb = self.random.pick_front(verbs::TRANSITIVE);
            if verb.objects.contains(&head.kind()) || head.kind() == Kind::Place {
                break verb;
            }
        };
        let mut clause = Clause::new(subject, verb, Complement::None);
        clause.group = self.short_group(&verb);
        let pronoun = match self.random.once_in(4) {
            true => None,
            false => Some(self.relative_pronoun(head.kind())),
        };
        Modifier::WithoutObject(pronoun, clause)
    }

    fn relative_pronoun(&mut self, kind: Kind) -> &'static str {
        match kind {
            Kind::Person => self.random.pick(&["who", "who", "that"]),
            _ => self.random.pick(&["that", "that", "which"]),
        }
    }
}
