//! Words in a wrong order, fragments, and doubled words.

use super::MinimalPair;
use crate::demo::grammar::{Complement, Grammar, Parts, Word};
use crate::demo::lexicon::features::{Agreement, Form};

/// The painter repaired the lamp. / The painter the lamp repaired.
pub(super) fn word_order(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let clause = grammar.clause();
        let parts = clause.parts();
        let good = parts.statement();
        let Parts {
            subject,
            verbs,
            middle,
            rest,
        } = parts;
        let ends = (clause.place.is_some(), clause.adverb.is_some());
        let base = clause.verb.form(Form::Base);
        let bad = match grammar.random.below(8) {
            // the painter the lamp repaired; but `the painter near the lamp` is a subject
            0 if matches!(clause.complement, Complement::Object(_)) && ends == (false, false) => {
                [subject, rest, middle, verbs].concat()
            }
            // repaired the painter the lamp; but `repair the lamps` is an imperative
            1 if middle.is_empty() && verbs[0].tag == "VERB" && verbs[0].text != base => {
                [verbs, subject, rest].concat()
            }
            // cat the sleeps
            2 | 3 if subject.len() > 1 && needs_noun(&subject[0]) => {
                let mut turned = subject;
                turned.swap(0, 1);
                [turned, verbs, middle, rest].concat()
            }
            // the cat sleep can; but `the cat sleeping is here` is English
            4 if verbs.len() > 1 && !clause.group.progressive && !clause.group.passive => {
                let mut turned = verbs;
                turned.reverse();
                [subject, turned, middle, rest].concat()
            }
            // the painter repaired lamp the
            5 if rest.len() > 1
                && needs_noun(&rest[rest.len() - 2])
                && rest[rest.len() - 1].tag == "NOUN" =>
            {
                let mut turned = rest;
                let last = turned.len() - 1;
                turned.swap(last - 1, last);
                [subject, verbs, middle, turned].concat()
            }
            // the cat old sleeps
            6 if subject.len() > 2 && needs_noun(&subject[0]) && subject[1].tag == "ADJ" => {
                let mut turned = subject;
                turned.swap(1, 2);
                [turned, verbs, middle, rest].concat()
            }
            7 if good.len() > 3 => shuffled(grammar, &good),
            _ => continue,
        };
        if bad != good {
            return MinimalPair::statements(good, bad);
        }
    }
}

/// Whether the word is a determiner or a preposition that cannot be without a noun after it.
fn needs_noun(word: &Word) -> bool {
    const ALL: [&str; 14] = [
        "the", "a", "an", "my", "our", "your", "their", "every", "two", "three", "with", "from", "at", "of",
    ];
    ALL.contains(&word.text.as_str())
}

/// The words in a random order in which a determiner has no noun: not English whatever they are.
fn shuffled(grammar: &mut Grammar, words: &[Word]) -> Vec<Word> {
    let mut shuffled = words.to_vec();
    for _ in 0..20 {
        grammar.random.shuffle(&mut shuffled);
        let stray = |two: &[Word]| {
            let determiner = two[1].tag == "DET" && two[0].tag != "ADP";
            needs_noun(&two[0]) && (determiner || matches!(two[1].tag, "AUX" | "VERB" | "ADP"))
        };
        if shuffled.windows(2).any(stray) || shuffled.last().is_some_and(needs_noun) {
            return shuffled;
        }
    }
    words.to_vec()
}

/// The cat sleeps. / The cat. And: The cat sleeps. / The the cat sleeps.
pub(super) fn fragments(grammar: &mut Grammar) -> MinimalPair {
    loop {
        let mut clause = grammar.clause();
        if grammar.random.once_in(2) {
            (clause.place, clause.adverb) = (None, None);
        }
        let parts = clause.parts();
        let good = parts.statement();
        let bare = |agreement| clause.verb.form(Form::Present(agreement));
        let bad = match grammar.random.below(8) {
            0 if parts.subject[0].tag != "PRON" || parts.subject.len() > 1 => parts.subject,
            // Without a subject a verb with -s is no imperative.
            1 if bare(Agreement::Third) == parts.verbs[0].text
                || parts.verbs[0].tag == "AUX" && parts.verbs[0].lemma != "do" =>
            {
                parts.predicate()
            }
            2 | 3 => doubled(grammar, &good),
            // The sleeps. / The is happy.
            4 if parts.subject.len() == 2
                && needs_noun(&parts.subject[0])
                && parts.subject[0].tag != "NUM" =>
            {
                let mut without = good.clone();
                without.remove(1);
                without
            }
            // The cat sleeps in the. / The cat sleeps near.
            5 if good.last().is_some_and(|word| word.tag == "NOUN")
                && good.len() > 2
                && needs_noun(&good[good.len() - 2])
                && good[good.len() - 2].tag != "NUM" =>
            {
                good[..good.len() - 1].to_vec()
            }
            // The cat the dog.
            6 if clause.verb.lemma != "be"
                && parts
                    .rest
                    .first()
                    .is_some_and(|word| matches!(word.tag, "DET" | "NOUN")) =>
            {
                [parts.subject, parts.rest].concat()
            }
            _ => continue,
        };
        if bad != good && !bad.is_empty() {
            return MinimalPair::statements(good, bad);
        }
    }
}

/// The words with one of them twice.
fn doubled(grammar: &mut Grammar, words: &[Word]) -> Vec<Word> {
    let place = grammar.random.below(words.len());
    // `very very`, `that that` and `had had` are English.
    if matches!(words[place].tag, "ADV" | "ADJ" | "SCONJ")
        || matches!(words[place].text.as_str(), "that" | "had" | "her")
    {
        return words.to_vec();
    }
    let mut doubled = words.to_vec();
    doubled.insert(place, words[place].clone());
    doubled
}
