//! The tags of CoNLL-U files.

use serde::{Deserialize, Serialize};

/// Which column of a CoNLL-U file holds the tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagColumn {
    /// The universal part of speech, column 4.
    #[default]
    Upos,
    /// The language's own part of speech, column 5.
    Xpos,
}
