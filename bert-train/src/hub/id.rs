//! The names that models and data sets have on the hub.

use std::fmt;

/// The branch on which the hub keeps a data set as Parquet files.
const PARQUET: &str = "refs/convert/parquet";

/// A text that is not a name on the hub.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not the name of a {}: names are {}, optionally with `@revision`", .kind.noun(), .kind.forms())]
pub struct InvalidName {
    text: String,
    kind: Kind,
}

/// A name on the hub: `bert-base-uncased`, `owner/name`, either with `@revision`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubId {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) revision: String,
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A model.
    Model,
    /// A data set.
    Dataset,
}

impl Kind {
    /// What messages call it.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Model => "model",
            Kind::Dataset => "data set",
        }
    }

    fn forms(self) -> &'static str {
        match self {
            Kind::Model => "`name` or `owner/name`",
            Kind::Dataset => "`name`, `owner/name`, `name/part` or `owner/name/part`",
        }
    }

    /// What the hub's addresses and the folders of its cache begin with.
    fn plural(self) -> &'static str {
        match self {
            Kind::Model => "models",
            Kind::Dataset => "datasets",
        }
    }
}

impl HubId {
    /// Parses the name of a model.
    ///
    /// # Errors
    /// If it cannot be one.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let (name, revision) = text.split_once('@').unwrap_or((text, "main"));
        let parts: Vec<&str> = name.split('/').collect();
        match parts.len() <= 2 && parts.iter().all(|part| is_part(part)) && is_revision(revision) {
            true => Ok(Self {
                kind: Kind::Model,
                name: name.into(),
                revision: revision.into(),
            }),
            false => Err(InvalidName {
                text: text.into(),
                kind: Kind::Model,
            }),
        }
    }

    /// The data sets and their parts that a name can mean: of two words, the first may be the owner, or the second a part.
    ///
    /// # Errors
    /// If it cannot be the name of one.
    pub(super) fn parse_dataset(text: &str) -> Result<Vec<(Self, Option<String>)>, InvalidName> {
        let (name, revision) = text.split_once('@').unwrap_or((text, PARQUET));
        let parts: Vec<&str> = name.split('/').collect();
        let id = |name: String| Self {
            kind: Kind::Dataset,
            name,
            revision: revision.into(),
        };
        let valid = parts.iter().all(|part| is_part(part)) && is_revision(revision);
        match parts.as_slice() {
            [name] if valid => Ok(vec![(id(name.to_string()), None)]),
            [a, b] if valid => Ok(vec![
                (id(format!("{a}/{b}")), None),
                (id(a.to_string()), Some(b.to_string())),
            ]),
            [owner, name, part] if valid => Ok(vec![(id(format!("{owner}/{name}")), Some(part.to_string()))]),
            _ => Err(InvalidName {
                text: text.into(),
                kind: Kind::Dataset,
            }),
        }
    }

    /// The same at `commit`.
    pub(super) fn at(&self, commit: &str) -> Self {
        Self {
            revision: commit.into(),
            ..self.clone()
        }
    }

    /// Its folder in the hub's cache.
    pub(super) fn folder_name(&self) -> String {
        format!("{}--{}", self.kind.plural(), self.name).replace('/', "--")
    }

    /// Its address on the hub, below the endpoint.
    pub(super) fn url(&self) -> String {
        match self.kind {
            Kind::Model => self.name.clone(),
            Kind::Dataset => format!("datasets/{}", self.name),
        }
    }

    /// The revision in an address.
    pub(super) fn url_revision(&self) -> String {
        self.revision.replace('/', "%2F")
    }

    /// The address of its description, below the endpoint.
    pub(super) fn api_url(&self) -> String {
        let (kind, revision) = (self.kind.plural(), self.url_revision());
        format!("api/{kind}/{}/revision/{revision}", self.name)
    }
}

/// Whether a text can be a part of a name: it never leads out of a folder.
pub(super) fn is_part(part: &str) -> bool {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    !part.is_empty() && part.chars().all(known) && !part.starts_with(['.', '-']) && !part.contains("..")
}

/// Whether a text can be a revision: a branch, a tag or a commit.
pub(super) fn is_revision(text: &str) -> bool {
    text.split('/').all(is_part)
}

impl fmt::Display for HubId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.revision.as_str() {
            "main" | PARQUET => f.write_str(&self.name),
            revision => write!(f, "{}@{revision}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_and_other_texts_refused() {
        let shown = |text: &str| HubId::parse(text).map(|id| (id.name, id.revision)).ok();
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(shown("bert-base-uncased"), pair("bert-base-uncased", "main"));
        assert_eq!(
            shown("org/some.name_2@refs/pr/3"),
            pair("org/some.name_2", "refs/pr/3")
        );
        for none in [
            "",
            "/abs",
            "a/b/c",
            "./a",
            "../a",
            "a b",
            "a@",
            "a//b",
            "ä",
            "a@../x",
            "~/model",
            "c:\\model",
        ] {
            assert_eq!(shown(none), None, "{none}");
        }
        assert_eq!(HubId::parse("a/b@v1").unwrap().to_string(), "a/b@v1");
        assert_eq!(HubId::parse("a/b").unwrap().to_string(), "a/b");
    }

    #[test]
    fn two_words_are_owner_and_name_or_name_and_part() {
        let shown = |text: &str| -> Option<Vec<(String, Option<String>)>> {
            let meanings = HubId::parse_dataset(text).ok()?;
            Some(
                meanings
                    .into_iter()
                    .map(|(id, part)| (id.to_string(), part))
                    .collect(),
            )
        };
        let part = |part: &str| Some(part.to_owned());
        assert_eq!(shown("imdb"), Some(vec![("imdb".into(), None)]));
        assert_eq!(
            shown("glue/cola"),
            Some(vec![("glue/cola".into(), None), ("glue".into(), part("cola"))])
        );
        assert_eq!(
            shown("nyu-mll/glue/cola@1a2b"),
            Some(vec![("nyu-mll/glue@1a2b".into(), part("cola"))])
        );
        for none in ["", "a/b/c/d", "../a", "a//b", "a/b@../x"] {
            assert_eq!(shown(none), None, "{none}");
        }
    }
}
