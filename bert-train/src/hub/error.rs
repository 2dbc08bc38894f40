//! Why a model cannot be found by its name.

use std::io;
use std::path::PathBuf;

const ADVICE: &str = "give --model a folder with config.json, model.safetensors and tokenizer.json (from a machine that has them) instead";

/// A model that cannot be found by its name.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The name is not one of a model.
    #[error(
        "\"{0}\" is not the name of a model: names are `name` or `owner/name`, optionally with `@revision`"
    )]
    Name(String),
    /// The network must not be used.
    #[error("{id}: not in the cache {cache}, and HF_HUB_OFFLINE forbids the download; {ADVICE}", cache = .cache.display())]
    Offline {
        /// The model.
        id: String,
        /// The folder of the cache.
        cache: PathBuf,
    },
    /// The hub does not have it, or it is not public.
    #[error(
        "{id}: {endpoint} has no such model or revision, or it is not public and needs a token (HF_TOKEN); {ADVICE}"
    )]
    Unknown {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
    },
    /// The hub could not be reached, or the connection broke.
    #[error(
        "{id}: could not be downloaded from {endpoint}: {reason}; {ADVICE}, or set HF_ENDPOINT to a mirror"
    )]
    Network {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
        /// What went wrong.
        reason: String,
    },
    /// The connection is open, and nothing arrives.
    #[error(
        "{id}: nothing has arrived from {endpoint} for {seconds} s, the limit that HF_HUB_DOWNLOAD_TIMEOUT sets. What has \
         arrived is kept, and the same command continues from there; or {ADVICE}, or set HF_ENDPOINT to a mirror"
    )]
    Stalled {
        /// The model.
        id: String,
        /// The hub.
        endpoint: String,
        /// The time limit.
        seconds: f64,
    },
    /// The model lacks files that this program needs.
    #[error("{id}: it has no {what}; {ADVICE}")]
    Incomplete {
        /// The model.
        id: String,
        /// The files; one of them is required.
        what: String,
    },
    /// A file does not match the hub's description.
    #[error(
        "{id}: {file} is not what {endpoint} says it is (its checksum is {}, expected {}); it was removed; download it again", sums[0], sums[1]
    )]
    Checksum {
        /// The model.
        id: String,
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
