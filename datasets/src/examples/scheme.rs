//! How entities are written as tags of words: BIO (IOB2), IOB1 and IOBES.

use std::fmt;

/// A way to write entities as tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `B-` begins every entity, `I-` continues it (IOB2).
    Bio,
    /// `I-` is every word of an entity; `B-` only begins one that follows another of its type (Ramshaw and Marcus 1995).
    Iob1,
    /// As BIO, with `E-` for the last word and `S-` for an entity of one word (also BIOES, BILOU with `L-` and `U-`).
    Iobes,
}

/// The prefixes of entity tags: at the beginning of an entity, inside, at its end, alone.
const PREFIXES: [&str; 7] = ["B", "I", "M", "E", "L", "S", "U"];
/// The prefixes that only IOBES has.
const ONLY_IOBES: [&str; 5] = ["M", "E", "L", "S", "U"];

/// The prefix and the kind of an entity tag. If a corpus has only one kind, its tags have no kind, and the kind is `_`.
/// `None` for other tags.
pub fn entity_tag(tag: &str) -> Option<(&str, &str)> {
    let (prefix, kind) = tag.split_once('-').unwrap_or((tag, "_"));
    PREFIXES.contains(&prefix).then_some((prefix, kind))
}

/// Whether `tags` are entity tags: one has the prefix `B-` or `I-`; or one has the prefix `S-` or `U-` or is `B` or `I`, and
/// all others are `O` or entity tags.
pub fn are_entities<'a>(tags: impl Iterator<Item = &'a str>) -> bool {
    let mut entities = Entities::default();
    tags.for_each(|tag| entities.observe(tag));
    entities.are_tagged()
}

/// See [`are_entities`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entities {
    certain: bool,
    begun: bool,
    outside: bool,
    other: bool,
}

impl Entities {
    pub(crate) fn observe(&mut self, tag: &str) {
        match entity_tag(tag) {
            Some(("B" | "I", _)) if tag.contains('-') => self.certain = true,
            Some((prefix, _)) => {
                self.begun |= matches!(prefix, "B" | "I") || (tag.contains('-') && prefix != "E");
            }
            None if tag == "O" => self.outside = true,
            None => self.other = true,
        }
    }

    pub(crate) fn are_tagged(self) -> bool {
        self.certain || (self.begun && self.outside && !self.other)
    }
}

impl Scheme {
    /// The scheme that `sentences` are written in: IOBES where a tag is `E-`, `S-`, `L-`, `U-` or `M-`; IOB1 where an
    /// entity begins with `I-`; else BIO.
    pub fn detect<'a>(sentences: impl Iterator<Item = &'a [String]>) -> Self {
        let mut scheme = Scheme::Bio;
        sentences.for_each(|tags| scheme.observe(tags));
        scheme
    }

    /// The scheme of all sentences so far, after one more.
    pub(crate) fn observe(&mut self, tags: &[String]) {
        let mut before = None;
        for tag in tags {
            let entity = entity_tag(tag);
            match entity {
                Some((prefix, _)) if ONLY_IOBES.contains(&prefix) => *self = Scheme::Iobes,
                Some(("I", kind)) if before != Some(kind) && *self == Scheme::Bio => *self = Scheme::Iob1,
                _ => {}
            }
            before = entity.map(|(_, kind)| kind);
        }
    }

    /// The scheme of a model that has these labels: IOB1 where a kind has `I-` and no `B-`.
    pub fn of_labels<'a>(labels: impl Iterator<Item = &'a str> + Clone) -> Self {
        let tags = labels.filter_map(entity_tag);
        if tags.clone().any(|(prefix, _)| ONLY_IOBES.contains(&prefix)) {
            return Scheme::Iobes;
        }
        let begins = |kind: &str| tags.clone().any(|tag| tag == ("B", kind));
        match tags.clone().any(|(prefix, kind)| prefix == "I" && !begins(kind)) {
            true => Scheme::Iob1,
            false => Scheme::Bio,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scheme::Bio => "BIO",
            Scheme::Iob1 => "IOB1",
            Scheme::Iobes => "IOBES",
        })
    }
}

/// The tags of one sentence in BIO. Tags that are not entity tags stay unchanged.
///
/// ```
/// use datasets::scheme::{Scheme, to_bio};
/// let tags = ["I-PER", "I-PER", "B-PER", "O"].map(String::from);
/// assert_eq!(to_bio(&tags, Scheme::Iob1), ["B-PER", "I-PER", "B-PER", "O"]);
/// ```
pub fn to_bio(tags: &[String], scheme: Scheme) -> Vec<String> {
    let mut before: Option<&str> = None;
    let mut out = Vec::with_capacity(tags.len());
    for tag in tags {
        let Some((prefix, kind)) = entity_tag(tag) else {
            before = None;
            out.push(tag.clone());
            continue;
        };
        let begins = match (scheme, prefix) {
            (_, "B" | "S" | "U") => true,
            (Scheme::Bio, _) => false,
            (Scheme::Iob1 | Scheme::Iobes, _) => before != Some(kind),
        };
        // An entity does not continue after its last word.
        before = (!matches!(prefix, "E" | "S" | "L" | "U")).then_some(kind);
        out.push(with_prefix(tag, if begins { "B" } else { "I" }));
    }
    out
}

/// The BIO tags of one sentence in `scheme`, with the prefixes that `labels` use: `E-` and `S-`, or `L-` and `U-`.
pub fn from_bio<'a>(
    tags: &[String],
    scheme: Scheme,
    labels: impl Iterator<Item = &'a str> + Clone,
) -> Vec<String> {
    let has = |prefix| {
        labels
            .clone()
            .filter_map(entity_tag)
            .any(|(known, _)| known == prefix)
    };
    let inside = if has("M") { "M" } else { "I" };
    let (last, single) = if has("L") || has("U") {
        ("L", "U")
    } else {
        ("E", "S")
    };
    let entity = |at: usize| tags.get(at).and_then(|tag| entity_tag(tag));
    let changed = |(at, tag): (usize, &String)| {
        let Some((prefix, kind)) = entity_tag(tag) else {
            return tag.clone();
        };
        let begins = prefix == "B";
        let follows = at > 0 && entity(at - 1).is_some_and(|(_, before)| before == kind);
        let continues = entity(at + 1) == Some(("I", kind));
        let prefix = match (scheme, begins, continues) {
            (Scheme::Bio, ..) => prefix,
            (Scheme::Iob1, ..) => {
                if begins && follows {
                    "B"
                } else {
                    "I"
                }
            }
            (Scheme::Iobes, true, true) => "B",
            (Scheme::Iobes, false, true) => inside,
            (Scheme::Iobes, true, false) => single,
            (Scheme::Iobes, false, false) => last,
        };
        with_prefix(tag, prefix)
    };
    tags.iter().enumerate().map(changed).collect()
}

fn with_prefix(tag: &str, prefix: &str) -> String {
    match tag.split_once('-') {
        Some((_, kind)) => format!("{prefix}-{kind}"),
        None => prefix.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tags: &str) -> Vec<String> {
        tags.split(' ').map(str::to_owned).collect()
    }

    fn detected(tags: &str) -> Scheme {
        let tags = words(tags);
        Scheme::detect([tags.as_slice()].into_iter())
    }

    #[test]
    fn schemes_are_detected() {
        assert_eq!(detected("B-PER I-PER O B-LOC"), Scheme::Bio);
        assert_eq!(detected("I-PER I-PER O I-LOC B-LOC"), Scheme::Iob1);
        assert_eq!(detected("B-PER I-PER I-LOC"), Scheme::Iob1);
        assert_eq!(detected("B-PER E-PER O S-LOC"), Scheme::Iobes);
        assert_eq!(detected("O O"), Scheme::Bio);
    }

    #[test]
    fn all_become_bio() {
        let bio = |tags: &str, scheme| to_bio(&words(tags), scheme).join(" ");
        assert_eq!(
            bio("B-PER I-PER O B-LOC B-LOC", Scheme::Bio),
            "B-PER I-PER O B-LOC B-LOC"
        );
        assert_eq!(
            bio("I-PER I-PER I-LOC O I-LOC B-LOC", Scheme::Iob1),
            "B-PER I-PER B-LOC O B-LOC B-LOC"
        );
        assert_eq!(
            bio("B-PER I-PER E-PER S-LOC S-LOC O", Scheme::Iobes),
            "B-PER I-PER I-PER B-LOC B-LOC O"
        );
        assert_eq!(bio("B-PER L-PER U-LOC", Scheme::Iobes), "B-PER I-PER B-LOC");
        assert_eq!(bio("S-PER I-PER O E-PER", Scheme::Iobes), "B-PER B-PER O B-PER");
        assert_eq!(bio("B M E O S", Scheme::Iobes), "B I I O B");
    }

    #[test]
    fn from_bio_undoes_to_bio() {
        let cases = [
            ("I-PER I-PER B-PER I-LOC O I-LOC", Scheme::Iob1),
            ("B-PER I-PER E-PER S-LOC S-LOC O", Scheme::Iobes),
            ("B-PER I-PER L-PER U-LOC U-LOC O", Scheme::Iobes),
            ("B M E O S", Scheme::Iobes),
            ("B-PER I-PER B-PER O", Scheme::Bio),
        ];
        for (tags, scheme) in cases {
            let tags = words(tags);
            let labels = tags.iter().map(String::as_str);
            assert_eq!(from_bio(&to_bio(&tags, scheme), scheme, labels), tags, "{scheme}");
        }
    }

    #[test]
    fn entity_tags_are_detected() {
        let entities = |tags: &str| are_entities(tags.split(' '));
        assert!(entities("O B-PER I-PER") && entities("O I-PER") && entities("O B I") && entities("B-X I-X"));
        // One stray tag does not change that.
        assert!(entities("O B-PER _") && entities("S-PER O") && !entities("S-PER N"));
        // Parts of speech with a hyphen, or of a single letter.
        assert!(!entities("N-SG V-SG N-PL") && !entities("I V O N") && !entities("S I U") && !entities("O"));
    }

    #[test]
    fn labels_show_a_models_scheme() {
        let scheme = |labels: &str| Scheme::of_labels(labels.split(' '));
        assert_eq!(scheme("O B-PER I-PER B-LOC"), Scheme::Bio);
        assert_eq!(scheme("O B-LOC I-LOC I-PER"), Scheme::Iob1);
        assert_eq!(scheme("O B-PER I-PER E-PER S-PER"), Scheme::Iobes);
    }
}
