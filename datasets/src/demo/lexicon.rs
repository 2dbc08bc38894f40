//! The words of the demo. All nouns take -s, all verbs -s, -ed and -ing: a word's form is a stem and an ending, as the
//! vocabulary has them.

/// Whom a reflexive pronoun of a noun refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// `himself`.
    He,
    /// `herself`.
    She,
    /// Either.
    Any,
}

/// People, with the gender their name says.
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

/// People whom only the sentences to judge by know.
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

/// Verbs that take none.
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

/// Verbs that are done to people.
pub const TO_PEOPLE: [&str; 8] = [
    "avoid", "greet", "mention", "reject", "select", "pick", "protect", "guard",
];

/// Verbs that are done to things.
pub const TO_THINGS: [&str; 13] = [
    "avoid", "enjoy", "inspect", "check", "repair", "mend", "mention", "obtain", "reject", "select", "pick",
    "protect", "guard",
];

/// Verbs of one meaning.
pub const SYNONYMS: [(&str, &str); 4] = [
    ("inspect", "check"),
    ("repair", "mend"),
    ("select", "pick"),
    ("protect", "guard"),
];

/// Adjectives by which people are compared: whoever is more of one is less of the other.
pub const COMPARED: [(&str, &str); 6] = [
    ("old", "young"),
    ("tall", "short"),
    ("quick", "slow"),
    ("rich", "poor"),
    ("strong", "weak"),
    ("loud", "quiet"),
];

/// Verbs that take no object, and nouns.
pub const INTRANSITIVE_OR_NOUN: [&str; 7] = ["work", "wait", "laugh", "yawn", "jump", "limp", "cough"];

/// Verbs that need an object, and nouns.
pub const TRANSITIVE_OR_NOUN: [&str; 8] = [
    "book", "hammer", "chair", "cart", "check", "guard", "mention", "repair",
];

/// Adjectives, and verbs that take no object.
pub const ADJECTIVE_OR_VERB: [&str; 4] = ["faint", "limp", "quiet", "slow"];

/// Adjectives that praise.
pub const PRAISE: [&str; 6] = ["lovely", "superb", "pleasant", "charming", "splendid", "graceful"];

/// Adjectives that blame.
pub const BLAME: [&str; 6] = ["ugly", "dull", "awful", "dreadful", "gloomy", "shabby"];

/// Words that turn what follows into its opposite.
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

/// The word pieces of the demo's model: special tokens, stems, endings, and single characters, so that any English text
/// can be read.
///
/// Plurals and verb forms are not in it: they are a stem and an ending, so that what is learned of one word's ending
/// holds for all.
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
    // `teacher` is `teach` and `##er`, but there is no `broth` in `brother`.
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
