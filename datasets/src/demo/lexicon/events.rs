//! The words of the corpora about events, opinions and parts of speech. All are regular: nouns take -s, verbs -s, -ed and
//! -ing.

/// Things of the events.
pub const OBJECTS: [&str; 14] = [
    "table", "letter", "window", "garden", "picture", "boat", "lamp", "ticket", "bottle", "book", "basket",
    "hammer", "cart", "chair",
];

/// People of the events.
pub const PEOPLE: [&str; 16] = [
    "king", "uncle", "brother", "monk", "father", "queen", "aunt", "sister", "nun", "mother", "doctor",
    "student", "teacher", "painter", "singer", "farmer",
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
pub const PRAISE: &[&str] = &[
    "lovely",
    "superb",
    "pleasant",
    "charming",
    "splendid",
    "graceful",
    "good",
    "great",
    "nice",
    "wonderful",
    "excellent",
    "beautiful",
    "amazing",
    "brilliant",
    "perfect",
    "fantastic",
    "delicious",
    "interesting",
];

/// Negative adjectives.
pub const BLAME: &[&str] = &[
    "ugly",
    "dull",
    "awful",
    "dreadful",
    "gloomy",
    "shabby",
    "bad",
    "terrible",
    "horrible",
    "boring",
    "poor",
    "nasty",
    "disappointing",
    "stupid",
    "disgusting",
    "useless",
    "tedious",
    "weak",
];
