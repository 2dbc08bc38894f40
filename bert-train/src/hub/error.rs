//! Why a model or a data set cannot be found by its name.

use std::io;
use std::path::PathBuf;

use super::id::{HubId, InvalidName, Kind};

/// A model or a data set that cannot be found by its name.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The name is not one of the hub.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A path that does not exist, and that is not the name of a model on the hub either.
    #[error("{}: there is no such folder{near}; and as a name on the hub: {hub}", .path.display())]
    NoFolder {
        /// The path.
        path: PathBuf,
        /// The nearest folder that exists, as a question; empty if there is none.
        near: String,
        /// What the hub says.
        hub: Box<HubError>,
    },
    /// A path that can only be that of a folder.
    #[error("{}: {reason}", .path.display())]
    Folder {
        /// The path.
        path: PathBuf,
        /// Why it is not a model.
        reason: String,
    },
    /// The data set has several parts.
    #[error("{id}: {reason}; its parts are {parts}: name one of them, as in {}/{}", .id.name, parts.split(',').next().unwrap_or_default())]
    Parts {
        /// The data set.
        id: HubId,
        /// What is wrong.
        reason: String,
        /// The names of its parts.
        parts: String,
    },
    /// The network must not be used.
    #[error("{id}: not in the cache {cache}, and HF_HUB_OFFLINE forbids the download; {}", advice(id), cache = .cache.display())]
    Offline {
        /// What was asked for.
        id: HubId,
        /// The folder of the cache.
        cache: PathBuf,
    },
    /// The hub does not have it, or it is not public.
    #[error(
        "{id}: {endpoint} has no such {} or revision, or it is not public and needs a token (HF_TOKEN); {}",
        .id.kind.noun(),
        advice(id)
    )]
    Unknown {
        /// What was asked for.
        id: HubId,
        /// The hub.
        endpoint: String,
    },
    /// The hub could not be reached, or the connection broke.
    #[error(
        "{id}: could not be downloaded from {endpoint}: {reason}; {}, or set HF_ENDPOINT to a mirror",
        advice(id)
    )]
    Network {
        /// What was asked for.
        id: HubId,
        /// The hub.
        endpoint: String,
        /// What went wrong.
        reason: String,
    },
    /// The connection is open, and nothing arrives.
    #[error(
        "{id}: {endpoint} has sent no data for {seconds} s (HF_HUB_DOWNLOAD_TIMEOUT sets this limit). Partial \
         downloads are kept; repeat the command to continue; or {}, or set HF_ENDPOINT to a mirror",
        advice(id)
    )]
    Stalled {
        /// What was asked for.
        id: HubId,
        /// The hub.
        endpoint: String,
        /// The time limit.
        seconds: f64,
    },
    /// It lacks files that this program needs.
    #[error("{id} has no {what}; {}", advice(id))]
    Incomplete {
        /// What was asked for.
        id: HubId,
        /// The files; one of them is required.
        what: String,
    },
    /// A file does not match the hub's description.
    #[error(
        "{id}: {file}: checksum mismatch ({}, but {endpoint} says {}); the file was removed; repeat the command to download it again", sums[0], sums[1]
    )]
    Checksum {
        /// What was asked for.
        id: HubId,
        /// The hub.
        endpoint: String,
        /// The file.
        file: String,
        /// The checksum found and the one expected.
        sums: Box<[String; 2]>,
    },
    /// The cache cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// What to do without the hub.
fn advice(id: &HubId) -> &'static str {
    match id.kind {
        Kind::Model => {
            "use a folder with config.json, model.safetensors and tokenizer.json (from a machine that has them) instead"
        }
        Kind::Dataset => "use a file, or a folder with a train and a dev file, instead",
    }
}
