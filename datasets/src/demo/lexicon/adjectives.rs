//! Adjectives and adverbs.

/// Adjectives for people and animals.
pub const OF_THE_LIVING: &[&str] = &[
    "old",
    "young",
    "tall",
    "kind",
    "proud",
    "quiet",
    "clever",
    "small",
    "happy",
    "sad",
    "angry",
    "tired",
    "hungry",
    "nice",
    "good",
    "bad",
    "big",
    "strong",
    "weak",
    "rich",
    "poor",
    "short",
    "quick",
    "slow",
    "loud",
    "brave",
    "busy",
    "famous",
    "sick",
    "friendly",
    "beautiful",
    "lazy",
    "funny",
    "smart",
    "great",
];

/// Adjectives for things.
pub const OF_THINGS: &[&str] = &[
    "old",
    "new",
    "big",
    "small",
    "red",
    "blue",
    "green",
    "black",
    "white",
    "heavy",
    "beautiful",
    "expensive",
    "cheap",
    "dirty",
    "cold",
    "warm",
    "interesting",
    "important",
    "great",
    "nice",
    "good",
    "bad",
    "empty",
    "long",
    "strange",
];

/// Adjectives that take `-er`.
pub const GRADED: &[&str] = &[
    "old", "young", "tall", "kind", "small", "strong", "weak", "rich", "poor", "short", "quick", "slow",
    "loud", "quiet", "happy", "angry", "busy", "lazy", "funny",
];

/// Adverbs of manner.
pub const MANNER: &[&str] = &[
    "quickly", "slowly", "quietly", "loudly", "happily", "well", "fast",
];

/// Adverbs at the end of a sentence.
pub const FINAL: &[&str] = &[
    "here",
    "there",
    "outside",
    "today",
    "again",
    "now",
    "every day",
    "together",
    "alone",
];

/// Places without a preposition.
pub const WHERE: &[&str] = &["here", "there", "outside", "home", "upstairs", "away"];

/// Adverbs before the verb.
pub const FREQUENCY: &[&str] = &["often", "always", "never", "sometimes", "usually", "really"];

/// `taller`, `happier`.
pub fn comparative(adjective: &str) -> String {
    match adjective.strip_suffix('y') {
        Some(stem) => format!("{stem}ier"),
        None if adjective.ends_with("big") => format!("{adjective}ger"),
        None if adjective.ends_with('e') => format!("{adjective}r"),
        None => format!("{adjective}er"),
    }
}
