//! The words of the demo. All are regular: nouns take -s, verbs -s, -ed and -ing. The vocabulary can therefore split each
//! form into a stem and an ending.

/// The gender of a noun, for reflexive pronouns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// `himself`.
    He,
    /// `herself`.
    She,
    /// Either.
    Any,
}

/// Nouns for people, with their gender.
pub const PEOPLE: [(&str, Gender); 16] = [
    ("king", Gender::He),
    ("uncle", Gender::He),
    ("brother", Gender::He),
    ("monk", Gender::He),
    ("father", Gender::He),
    ("queen", Gender::She),
    ("aunt", Gender::She),
    ("sister", Gender::She),
    ("nun", Gender::She),
    ("mother", Gender::She),
    ("doctor", Gender::Any),
    ("student", Gender::Any),
    ("teacher", Gender::Any),
    ("painter", Gender::Any),
    ("singer", Gender::Any),
    ("farmer", Gender::Any),
];

/// Nouns for people that only dev sentences use.
pub const NEW_PEOPLE: [(&str, Gender); 4] = [
    ("climber", Gender::Any),
    ("cleaner", Gender::Any),
    ("builder", Gender::Any),
    ("hunter", Gender::Any),
];

/// Things.
pub const THINGS: [&str; 14] = [
    "table", "letter", "window", "garden", "picture", "boat", "lamp", "ticket", "bottle", "book", "basket",
    "hammer", "cart", "chair",
];

/// Verbs that need an object.
pub const TRANSITIVE: [&str; 10] = [
    "avoid", "enjoy", "inspect", "repair", "mention", "obtain", "greet", "reject", "select", "protect",
];

/// Verbs that take no object.
pub const INTRANSITIVE: [&str; 10] = [
    "work", "wait", "laugh", "yawn", "jump", "limp", "cough", "faint", "wander", "vanish",
];

/// Adjectives.
pub const ADJECTIVES: [&str; 8] = [
    "old", "young", "tall", "kind", "proud", "quiet", "clever", "small",
];

/// Prepositions of place.
pub const PREPOSITIONS: [&str; 3] = ["near", "behind", "beside"];

/// Subject and object forms of the pronouns.
pub const PRONOUNS: [(&str, &str); 3] = [("he", "him"), ("she", "her"), ("they", "them")];

/// Verbs whose object is a person.
pub const TO_PEOPLE: [&str; 8] = [
    "avoid", "greet", "mention", "reject", "select", "pick", "protect", "guard",
];

/// Verbs whose object is a thing.
pub const TO_THINGS: [&str; 13] = [
    "avoid", "enjoy", "inspect", "check", "repair", "mend", "mention", "obtain", "reject", "select", "pick",
    "protect", "guard",
];

/// Pairs of verbs with the same meaning.
pub const SYNONYMS: [(&str, &str); 4] = [
    ("inspect", "check"),
    ("repair", "mend"),
    ("select", "pick"),
    ("protect", "guard"),
];

/// Pairs of opposite adjectives, for comparisons of people.
pub const COMPARED: [(&str, &str); 6] = [
    ("old", "young"),
    ("tall", "short"),
    ("quick", "slow"),
    ("rich", "poor"),
    ("strong", "weak"),
    ("loud", "quiet"),
];

/// Words that are a verb without an object or a noun.
pub const INTRANSITIVE_OR_NOUN: [&str; 7] = ["work", "wait", "laugh", "yawn", "jump", "limp", "cough"];

/// Words that are a verb with an object or a noun.
pub const TRANSITIVE_OR_NOUN: [&str; 8] = [
    "book", "hammer", "chair", "cart", "check", "guard", "mention", "repair",
];

/// Words that are an adjective or a verb without an object.
pub const ADJECTIVE_OR_VERB: [&str; 4] = ["faint", "limp", "quiet", "slow"];

/// Positive adjectives.
pub const PRAISE: [&str; 6] = ["lovely", "superb", "pleasant", "charming", "splendid", "graceful"];

/// Negative adjectives.
pub const BLAME: [&str; 6] = ["ugly", "dull", "awful", "dreadful", "gloomy", "shabby"];

/// Words that negate what follows.
pub const DENIALS: [&str; 3] = ["not", "hardly", "never"];

const FUNCTION_WORDS: [&str; 37] = [
    "the",
    "this",
    "that",
    "these",
    "those",
    "no",
    "will",
    "has",
    "have",
    "is",
    "are",
    "did",
    "what",
    "ever",
    "himself",
    "herself",
    "themselves",
    "he",
    "him",
    "she",
    "her",
    "they",
    "them",
    "near",
    "behind",
    "beside",
    "a",
    "not",
    "hardly",
    "never",
    "was",
    "were",
    "by",
    "than",
    "who",
    "whom",
    "where",
];

const ENDINGS: [&str; 5] = ["##s", "##ed", "##ing", "##er", "##es"];

/// The word pieces of the demo's model: special tokens, stems, endings, and single characters, so that it can tokenize any
/// English text.
///
/// Plurals and verb forms are not in it: they are a stem and an ending, so that all words share what the model learns about
/// an ending.
pub fn vocabulary() -> Vec<String> {
    let mut words: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .map(String::from)
        .into();
    let mut add = |word: String| {
        if !words.contains(&word) {
            words.push(word);
        }
    };
    FUNCTION_WORDS.iter().for_each(|word| add(word.to_string()));
    let people = PEOPLE.iter().chain(&NEW_PEOPLE).map(|(noun, _)| *noun);
    // `teacher` is `teach` + `##er`, but `brother` is not `broth` + `##er`.
    let stem = |noun: &'static str| match noun.strip_suffix("er") {
        Some(stem) if !["broth", "fath", "moth", "sist"].contains(&stem) => stem,
        _ => noun,
    };
    people.map(stem).for_each(|word| add(word.into()));
    for list in [
        &THINGS[..],
        &TRANSITIVE,
        &INTRANSITIVE,
        &ADJECTIVES,
        &PREPOSITIONS,
        &TO_PEOPLE,
        &TO_THINGS,
        &INTRANSITIVE_OR_NOUN,
        &TRANSITIVE_OR_NOUN,
        &ADJECTIVE_OR_VERB,
        &PRAISE,
        &BLAME,
        &COMPARED.map(|(more, _)| more),
        &COMPARED.map(|(_, less)| less),
        &ENDINGS,
    ] {
        list.iter().for_each(|word| add(word.to_string()));
    }
    let characters = ('a'..='z').chain('0'..='9');
    for character in characters {
        add(character.to_string());
        add(format!("##{character}"));
    }
    ".,;:!?'\"()-".chars().for_each(|mark| add(mark.to_string()));
    words
}
