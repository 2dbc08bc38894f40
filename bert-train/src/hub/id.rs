//! The names that models have on the hub.

use std::fmt;

use hf_hub::{Repo, RepoType};

use super::HubError;

/// A model's name on the hub: `bert-base-uncased`, `org/name`, either with `@revision`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubId {
    pub(super) name: String,
    pub(super) revision: String,
}

impl HubId {
    /// Parses a name.
    ///
    /// # Errors
    /// If it cannot be the name of a model.
    pub fn parse(text: &str) -> Result<Self, HubError> {
        let (name, revision) = text.split_once('@').unwrap_or((text, "main"));
        let part = |part: &str| {
            let known = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
            !part.is_empty()
                && part.chars().all(known)
                && !part.starts_with(['.', '-'])
                && !part.contains("..")
        };
        let parts: Vec<&str> = name.split('/').collect();
        let valid = parts.len() <= 2 && parts.iter().all(|name| part(name)) && revision.split('/').all(part);
        match valid {
            true => Ok(Self {
                name: name.into(),
                revision: revision.into(),
            }),
            false => Err(HubError::Name(text.into())),
        }
    }

    /// The repository in hf-hub.
    pub(super) fn repo(&self) -> Repo {
        Repo::with_revision(self.name.clone(), RepoType::Model, self.revision.clone())
    }

    /// The same model at `commit`.
    pub(super) fn at(&self, commit: &str) -> Self {
        Self {
            revision: commit.into(),
            ..self.clone()
        }
    }
}

impl fmt::Display for HubId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.revision.as_str() {
            "main" => f.write_str(&self.name),
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
}
