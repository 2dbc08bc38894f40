//! How entities are written as tags of words: BIO (IOB2), IOB1 and IOBES.

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

impl Scheme {
    /// The scheme that `sentences` are written in: IOBES where a tag is `E-`, `S-`, `L-` or `U-`; IOB1 where an entity
    /// begins with `I-`; else BIO.
    pub fn detect<'a>(sentences: impl Iterator<Item = &'a [String]>) -> Self {
        let mut scheme = Scheme::Bio;
        for tags in sentences {
            let mut before = "O";
            for tag in tags {
                if ["E-", "S-", "L-", "U-"]
                    .iter()
                    .any(|prefix| tag.starts_with(prefix))
                {
                    return Scheme::Iobes;
                }
                if tag.starts_with("I-") && (before == "O" || before[2..] != tag[2..]) {
                    scheme = Scheme::Iob1;
                }
                before = if tag.as_bytes().get(1) == Some(&b'-') {
                    tag
                } else {
                    "O"
                };
            }
        }
        scheme
    }
}

/// The tags of one sentence in BIO. Tags that are no entity's stay as they are.
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
        let Some((prefix, kind)) = tag.split_once('-') else {
            before = None;
            out.push(tag.clone());
            continue;
        };
        let continues = before == Some(kind);
        let begins = match (scheme, prefix) {
            (_, "B" | "S" | "U") => true,
            (Scheme::Iob1, "I") => !continues,
            _ => false,
        };
        // After its last word, an entity does not go on.
        before = (!matches!(prefix, "E" | "S" | "L" | "U")).then_some(kind);
        out.push(format!("{}-{kind}", if begins { "B" } else { "I" }));
    }
    out
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
    fn schemes_are_told_apart() {
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
    }
}
