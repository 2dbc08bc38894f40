//! Why a model cannot be had by its name.

use std::io;
use std::path::PathBuf;

const ADVICE: &str = "give --model a folder with config.json, model.safetensors and tokenizer.json (from a machine that has them) instead";

/// A model that cannot be had by its name.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The name is none.
    #[error(
        "\"{0}\" is no name of a model: a name is `name` or `owner/name`, each with `@revision` if need be"
    )]
    Name(String),
    /// The network is not to be used.
    #[error("{id}: not in the cache {cache}, and HF_HUB_OFFLINE forbids to fetch it; {ADVICE}", cache = .cache.display())]
    Offline {
        /// The model.
        id: String,
        /// The folder of the cache.
        cache: PathBuf,
    },
    /// The hub does not have it, or does not give it to everyone.
    #[error(
        "{id}: {endpoint} has no such model or revision, or gives it only to those who say who they are (HF_TOKEN); {ADVICE}"
    )]
    Unknown {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
    },
    /// The hub was not reached, or the connection did not last.
    #[error(
        "{id}: it could not be fetched from {endpoint}: {reason}; {ADVICE}, or name a mirror in HF_ENDPOINT"
    )]
    Network {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
        /// What went wrong.
        reason: String,
    },
    /// The connection is there, and nothing comes.
    #[error(
        "{id}: nothing has come from {endpoint} for {seconds} s, which is as long as HF_HUB_DOWNLOAD_TIMEOUT waits. What \
         had come is kept: the same command goes on from there; or {ADVICE}, or name a mirror in HF_ENDPOINT"
    )]
    Stalled {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
        /// How long it was waited for.
        seconds: f64,
    },
    /// The model is not what this program reads.
    #[error("{id}: there is no {what} in it; {ADVICE}")]
    Incomplete {
        /// The model.
        id: String,
        /// The files one of which is needed.
        what: String,
    },
    /// What came is not what was promised.
    #[error(
        "{id}: {file} is not what {endpoint} says it is (its checksum is {}, expected {}); it was removed, fetch it again", sums[0], sums[1]
    )]
    Checksum {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
        /// The file.
        file: String,
        /// The checksum of what came, and the one it should have.
        sums: Box<[String; 2]>,
    },
    /// The cache cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
