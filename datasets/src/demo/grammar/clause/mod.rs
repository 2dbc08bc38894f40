//! Clauses: a subject, a group of verbs, and what follows them.

mod noun_phrase;

pub use noun_phrase::{Head, Modifier, NounPhrase};

use super::word::Word;
use crate::demo::lexicon::features::{Agreement, Case, Form};
use crate::demo::lexicon::verbs::{BE, DO, HAVE, Verb};

/// A clause: its meaning, and what may be wrong with its words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Clause {
    /// Who does it.
    pub subject: NounPhrase,
    /// Tense, aspect, mood.
    pub group: VerbGroup,
    /// The main verb.
    pub verb: Verb,
    /// What follows the main verb.
    pub complement: Complement,
    /// A preposition and a noun phrase.
    pub place: Option<(&'static str, NounPhrase)>,
    /// An adverb at the end.
    pub adverb: Option<&'static str>,
    /// Another agreement than the subject's: an error.
    pub wrong_agreement: Option<Agreement>,
    /// Another form of the verb with this index in the group: an error.
    pub wrong_form: Option<(usize, Form)>,
}

/// What the auxiliaries of a clause say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VerbGroup {
    /// `should`.
    pub modal: Option<Verb>,
    /// Past instead of present.
    pub past: bool,
    /// `has slept`.
    pub perfect: bool,
    /// `is sleeping`.
    pub progressive: bool,
    /// `is praised`.
    pub passive: bool,
    /// `(to) sleep`: no tense.
    pub infinitive: bool,
    /// `does not sleep`.
    pub negation: Negation,
    /// Whether it needs an auxiliary before the subject: `does the cat sleep`.
    pub inverted: bool,
    /// `often`.
    pub frequency: Option<&'static str>,
}

/// How a clause is negated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Negation {
    /// It is not.
    #[default]
    None,
    /// `does not`.
    Not,
    /// `doesn't`.
    Contracted,
}

/// What follows the main verb.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Complement {
    /// Nothing.
    None,
    /// `the apple`.
    Object(NounPhrase),
    /// `the student a book`.
    Objects(NounPhrase, NounPhrase),
    /// `himself`.
    Reflexive(&'static str),
    /// `happy`, `very happy`.
    Adjective(Option<&'static str>, &'static str),
    /// `taller than the king`.
    Comparison(String, &'static str, NounPhrase),
    /// `a doctor`.
    Noun(NounPhrase),
    /// `on the table`.
    Place(&'static str, NounPhrase),
    /// `here`.
    Where(&'static str),
    /// `to read the book`.
    Infinitive(Box<Clause>),
    /// `that the cat sleeps`; the conjunction may be absent.
    Sentence(Option<&'static str>, Box<Clause>),
    /// `by the king`.
    Agent(NounPhrase),
}

impl VerbGroup {
    /// The verbs of the group in their forms. `verb` is the main verb.
    pub fn chain(&self, verb: Verb, agreement: Agreement) -> Vec<(Verb, Form)> {
        let mut verbs: Vec<(Verb, Form)> = vec![];
        let mut form = match (self.modal, self.past) {
            (Some(modal), _) => {
                verbs.push((modal, Form::Base));
                Form::Base
            }
            (None, _) if self.infinitive => Form::Base,
            (None, true) => Form::Past(agreement),
            (None, false) => Form::Present(agreement),
        };
        for (used, auxiliary, next) in [
            (self.perfect, HAVE, Form::PastParticiple),
            (self.progressive, BE, Form::PresentParticiple),
            (self.passive, BE, Form::PastParticiple),
        ] {
            if used {
                verbs.push((auxiliary, form));
                form = next;
            }
        }
        let bare = verbs.is_empty() && verb != BE;
        if bare && (self.inverted || self.negation != Negation::None) {
            verbs.push((DO, form));
            form = Form::Base;
        }
        verbs.push((verb, form));
        verbs
    }
}

/// The words of a clause by their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The subject.
    pub subject: Vec<Word>,
    /// The verbs.
    pub verbs: Vec<Word>,
    /// `not` and an adverb, which follow the first auxiliary.
    pub middle: Vec<Word>,
    /// What follows the verbs.
    pub rest: Vec<Word>,
}

impl Parts {
    fn middle_first(&self) -> bool {
        self.verbs.first().is_some_and(|verb| verb.tag != "AUX")
    }

    /// The clause without its subject.
    pub fn predicate(&self) -> Vec<Word> {
        let at = if self.middle_first() {
            0
        } else {
            1.min(self.verbs.len())
        };
        let (before, after) = self.verbs.split_at(at);
        [before, &self.middle, after, &self.rest].concat()
    }

    /// The clause as a statement.
    pub fn statement(&self) -> Vec<Word> {
        [self.subject.clone(), self.predicate()].concat()
    }

    /// The clause as a question: the first verb before the subject.
    pub fn question(&self) -> Vec<Word> {
        let at = 1.min(self.verbs.len());
        let (before, after) = self.verbs.split_at(at);
        [before, &self.subject, &self.middle, after, &self.rest].concat()
    }
}

impl Clause {
    /// A clause in the present tense.
    pub fn new(subject: NounPhrase, verb: Verb, complement: Complement) -> Self {
        Self {
            subject,
            group: VerbGroup::default(),
            verb,
            complement,
            place: None,
            adverb: None,
            wrong_agreement: None,
            wrong_form: None,
        }
    }

    /// What its verb agrees with, right or wrong.
    pub fn agreement(&self) -> Agreement {
        self.wrong_agreement.unwrap_or(self.subject.agreement())
    }

    /// Its verbs and their forms, right or wrong.
    pub fn chain(&self) -> Vec<(Verb, Form)> {
        let mut chain = self.group.chain(self.verb, self.agreement());
        if let Some((place, form)) = self.wrong_form {
            chain[place].1 = form;
        }
        chain
    }

    /// The words of the clause.
    pub fn parts(&self) -> Parts {
        let chain = self.chain();
        let last = chain.len() - 1;
        let copula = self.verb == BE;
        let word = |(at, (verb, form)): (usize, &(Verb, Form))| {
            let auxiliary = at < last || copula;
            Word::new(
                verb.form(*form),
                verb.lemma,
                if auxiliary { "AUX" } else { "VERB" },
            )
        };
        let mut verbs: Vec<Word> = chain.iter().enumerate().map(word).collect();
        let mut middle = vec![];
        let contracted = self.group.negation == Negation::Contracted;
        match contracted.then(|| contraction(&verbs[0].text)).flatten() {
            Some(text) => verbs[0].text = text,
            None if self.group.negation != Negation::None => middle.push(Word::fixed("not", "PART")),
            None => {}
        }
        middle.extend(self.group.frequency.map(|adverb| Word::fixed(adverb, "ADV")));
        let mut rest = self.complement.words();
        if let Some((preposition, phrase)) = &self.place {
            rest.push(Word::fixed(preposition, "ADP"));
            rest.extend(phrase.words(Case::Object));
        }
        rest.extend(self.adverb.map(|adverb| Word::fixed(adverb, "ADV")));
        Parts {
            subject: self.subject.words(Case::Subject),
            verbs,
            middle,
            rest,
        }
    }
}

/// `doesn't` for `does`; none where English has no contraction.
fn contraction(auxiliary: &str) -> Option<String> {
    match auxiliary {
        "can" => Some("can't".into()),
        "will" => Some("won't".into()),
        "am" | "may" | "be" | "been" | "being" => None,
        _ => Some(format!("{auxiliary}n't")),
    }
}

impl Complement {
    /// The words of the complement.
    pub fn words(&self) -> Vec<Word> {
        let after = |word: Word, phrase: &NounPhrase| [vec![word], phrase.words(Case::Object)].concat();
        match self {
            Complement::None => vec![],
            Complement::Object(object) | Complement::Noun(object) => object.words(Case::Object),
            Complement::Objects(first, second) => {
                [first.words(Case::Object), second.words(Case::Object)].concat()
            }
            Complement::Reflexive(pronoun) => vec![Word::fixed(pronoun, "PRON")],
            Complement::Adjective(degree, adjective) => {
                let degree = degree.map(|degree| Word::fixed(degree, "ADV"));
                degree
                    .into_iter()
                    .chain([Word::fixed(adjective, "ADJ")])
                    .collect()
            }
            Complement::Comparison(comparative, adjective, other) => {
                let comparative = Word::new(comparative, adjective, "ADJ");
                [vec![comparative], after(Word::fixed("than", "ADP"), other)].concat()
            }
            Complement::Place(preposition, phrase) => after(Word::fixed(preposition, "ADP"), phrase),
            Complement::Where(adverb) => vec![Word::fixed(adverb, "ADV")],
            Complement::Infinitive(clause) => {
                let parts = clause.parts();
                [vec![Word::fixed("to", "PART")], parts.verbs, parts.rest].concat()
            }
            Complement::Sentence(conjunction, clause) => {
                let conjunction = conjunction.map(|word| Word::fixed(word, "SCONJ"));
                conjunction
                    .into_iter()
                    .chain(clause.parts().statement())
                    .collect()
            }
            Complement::Agent(agent) => after(Word::fixed("by", "ADP"), agent),
        }
    }
}
