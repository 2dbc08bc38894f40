//! The form of a verb after an auxiliary, a modal verb or `to`.

use super::MinimalPair;
use crate::demo::grammar::{Clause, Complement, Grammar, Head, NounPhrase, VerbGroup, Word};
use crate::demo::lexicon::features::{Agreement, Form};
use crate::demo::lexicon::function_words::PRONOUNS;
use crate::demo::lexicon::verbs::{self, ALSO_NOUNS, BE, GOING_TO, MODALS, STATES, WITH_INFINITIVE};

const FORMS: [Form; 5] = [
    Form::Base,
    Form::Present(Agreement::Third),
    Form::Past(Agreement::Third),
    Form::PastParticiple,
    Form::PresentParticiple,
];

/// I should study. / I should studying.
pub(super) fn verb_forms(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let pair = match grammar.random.below(10) {
            0 => without_auxiliary(grammar),
            1 => extra_word(grammar),
            2 => after_to(grammar),
            _ => after_auxiliary(grammar),
        };
        if let Some(pair) = pair {
            return pair;
        }
    }
}

/// Close the door. / Closes the door.
pub(super) fn imperatives(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let you = NounPhrase::bare(Head::Pronoun(PRONOUNS[1]));
        let mut clause = grammar.action(you);
        // Nobody says `need the lamp`; and a single invented word is nothing at all.
        let known = verbs::all().any(|verb| *verb == clause.verb);
        if !known || STATES.contains(&clause.verb.lemma) {
            continue;
        }
        clause.group = VerbGroup {
            infinitive: true,
            ..VerbGroup::default()
        };
        let bad = Clause {
            wrong_form: Some((0, grammar.random.pick(&[FORMS[1], FORMS[1], FORMS[2], FORMS[4]]))),
            ..clause.clone()
        };
        let negated = grammar.random.once_in(4);
        let words = |clause: &Clause| {
            let predicate = clause.parts().predicate();
            let not = [Word::new("don't", "do", "AUX")];
            if negated {
                [&not[..], &predicate].concat()
            } else {
                predicate
            }
        };
        let (good, bad) = (words(&clause), words(&bad));
        if good != bad {
            return MinimalPair::statements(good, bad);
        }
    }
}

/// The clause with another form of one of its verbs after the first.
fn misformed(grammar: &mut Grammar, good: &Clause) -> Option<Clause> {
    let chain = good.chain();
    if chain.len() < 2 {
        return None;
    }
    let place = 1 + grammar.random.below(chain.len() - 1);
    let (verb, right) = chain[place];
    let wrong = grammar.random.pick(&FORMS);
    let after_be = chain[place - 1].0 == BE;
    let differs = verb.form(wrong) != verb.form(right);
    // `is praised` is a passive, `is praising` a progressive.
    let other_voice = |form| match (right, form) {
        (Form::PresentParticiple, Form::PastParticiple) => true,
        (Form::PresentParticiple, Form::Past(_)) => verb.form(form) == verb.form(Form::PastParticiple),
        (Form::PastParticiple, Form::PresentParticiple) => true,
        _ => false,
    };
    let allowed = differs && !(after_be && other_voice(wrong)) && !reads_as_noun(good, place, wrong);
    allowed.then(|| Clause {
        wrong_form: Some((place, wrong)),
        ..good.clone()
    })
}

/// Whether `has work` or `is open` could be a verb with its complement: `place` is where the verb after `has` or `is` stands.
pub(super) fn reads_as_noun(clause: &Clause, place: usize, wrong: Form) -> bool {
    let chain = clause.chain();
    let after = matches!(chain[place - 1].0.lemma, "have" | "be");
    let bare = !matches!(
        clause.complement,
        Complement::Object(_) | Complement::Objects(..) | Complement::Reflexive(_)
    );
    let form = matches!(wrong, Form::Base | Form::Present(_));
    after && bare && form && ALSO_NOUNS.contains(&chain[place].0.lemma)
}

fn after_auxiliary(grammar: &mut Grammar) -> Option<MinimalPair> {
    let mut good = grammar.clause();
    if grammar.random.once_in(3) {
        good.group.modal = Some(grammar.random.pick(&MODALS));
        (good.group.past, good.group.perfect) = (false, false);
    } else if grammar.random.once_in(4) {
        (good.group.modal, good.group.perfect, good.group.progressive) = (None, true, false);
    } else if grammar.random.once_in(6)
        && let Complement::Object(agent) = &good.complement
    {
        good.complement = Complement::Agent(agent.clone());
        (good.group.passive, good.group.progressive) = (true, false);
    }
    let bad = misformed(grammar, &good)?;
    Some(MinimalPair::clauses(&good, &bad))
}

/// The cat is sleeping. / The cat sleeping. And: She has seen the dog. / She seen the dog.
fn without_auxiliary(grammar: &mut Grammar) -> Option<MinimalPair> {
    let good = grammar.clause();
    let parts = good.parts();
    let chain = good.chain();
    let (verb, form) = *chain.get(1)?;
    if chain[0].0.lemma == "do" {
        return None;
    }
    let finite = [
        Form::Present(Agreement::Third),
        Form::Present(Agreement::Plural),
        Form::Past(Agreement::Third),
    ];
    let looks_finite = finite.iter().any(|&other| verb.form(other) == verb.form(form));
    if looks_finite || good.group.inverted {
        return None;
    }
    let mut bad = parts.clone();
    bad.verbs.remove(0);
    Some(MinimalPair::statements(parts.statement(), bad.statement()))
}

/// I can swim. / I can to swim. And: You must work. / You must can work.
fn extra_word(grammar: &mut Grammar) -> Option<MinimalPair> {
    let good = grammar.clause();
    let modal = good.group.modal?;
    let parts = good.parts();
    let mut bad = parts.clone();
    let extra = match grammar.random.once_in(2) {
        true => Word::fixed("to", "PART"),
        false => Word::fixed(
            MODALS.map(|other| other.lemma)[grammar.random.below(MODALS.len())],
            "AUX",
        ),
    };
    if extra.text == modal.lemma {
        return None;
    }
    bad.verbs.insert(1, extra);
    Some(MinimalPair::statements(parts.statement(), bad.statement()))
}

/// She wants to read. / She wants to reads.
fn after_to(grammar: &mut Grammar) -> Option<MinimalPair> {
    let subject = grammar.subject();
    let verb = grammar.random.pick_front(WITH_INFINITIVE);
    let right = grammar.infinitive();
    let wrong = grammar.random.pick(&FORMS[1..]);
    let misformed = Clause {
        wrong_form: Some((0, wrong)),
        ..right.clone()
    };
    let differs = misformed.parts().verbs != right.parts().verbs;
    let mut good = Clause::new(subject, verb, Complement::Infinitive(Box::new(right)));
    good.group = grammar.group(&verb);
    if verb == GOING_TO {
        // `going to works` and `going to swimming` are nearly English.
        if !matches!(misformed.complement, Complement::Object(_)) && wrong != Form::PastParticiple {
            return None;
        }
        (good.group.modal, good.group.perfect, good.group.progressive) = (None, false, true);
    }
    let bad = Clause {
        complement: Complement::Infinitive(Box::new(misformed)),
        ..good.clone()
    };
    differs.then(|| MinimalPair::clauses(&good, &bad))
}
