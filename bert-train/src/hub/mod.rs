//! Models and data sets by name: from the Hugging Face hub into its usual cache, which other programs share.
//!
//! The environment variables are the hub's own (its documentation, "Environment variables"): `HF_ENDPOINT`, `HF_HOME`,
//! `HF_HUB_CACHE`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`.

mod checksum;
mod client;
mod dataset;
mod error;
mod fetch;
mod file;
mod id;
mod redirect;
mod resolve;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bert_core::store::{WEIGHTS, shards};
use bert_core::tokenizer::VOCABULARIES;

pub use dataset::Dataset;
pub use error::HubError;
pub use id::{HubId, InvalidName, Kind};
pub use resolve::{is_dataset, resolve, resolve_dataset};

/// Seconds that the hub may stay silent, unless HF_HUB_DOWNLOAD_TIMEOUT is set.
const TIMEOUT: f64 = 30.0;
const CONFIG: &str = "config.json";

/// A model in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its folder.
    pub dir: PathBuf,
    /// Its name with the commit, which always means the same weights.
    pub id: HubId,
}

/// Where models come from, and where they are cached.
#[derive(Clone, Debug)]
pub struct Hub {
    endpoint: String,
    cache: PathBuf,
    token: Option<String>,
    offline: bool,
    timeout: Duration,
}

impl Hub {
    /// The hub of the environment variables.
    pub fn from_env() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).and_then(|value| value.into_string().ok());
        let path = |name: &str| set(name).map(PathBuf::from);
        let yes = |name: &str| {
            text(name)
                .is_some_and(|value| ["1", "ON", "YES", "TRUE"].contains(&value.to_uppercase().as_str()))
        };
        let home = path("HF_HOME").unwrap_or_else(|| {
            let caches = path("XDG_CACHE_HOME").or_else(|| env::home_dir().map(|home| home.join(".cache")));
            caches.unwrap_or_default().join("huggingface")
        });
        let token_file = path("HF_TOKEN_PATH").unwrap_or_else(|| home.join("token"));
        let token = text("HF_TOKEN").or_else(|| fs::read_to_string(token_file).ok());
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".into());
        Self {
            endpoint: endpoint.trim_end_matches('/').into(),
            cache: path("HF_HUB_CACHE").unwrap_or_else(|| home.join("hub")),
            token: token
                .map(|token| token.trim().to_owned())
                .filter(|token| !token.is_empty()),
            offline: yes("HF_HUB_OFFLINE") || yes("TRANSFORMERS_OFFLINE"),
            timeout: text("HF_HUB_DOWNLOAD_TIMEOUT")
                .and_then(|seconds| Duration::try_from_secs_f64(seconds.trim().parse().ok()?).ok())
                .filter(|timeout| !timeout.is_zero())
                .unwrap_or(Duration::from_secs_f64(TIMEOUT)),
        }
    }

    /// The model from the cache, or from the network if it is not in the cache.
    ///
    /// # Errors
    /// If neither has it.
    pub fn model(&self, id: &HubId) -> Result<Fetched, HubError> {
        match self.cached(id) {
            Some(found) => Ok(found),
            None => self.fetch(id),
        }
    }

    /// The model in the cache, if all of its files are there.
    pub fn cached(&self, id: &HubId) -> Option<Fetched> {
        let commit = self.commit(id);
        let dir = self.cache.join(id.folder_name()).join("snapshots").join(&commit);
        let has = |names: &[&str]| names.iter().any(|name| dir.join(name).is_file());
        (has(&[CONFIG]) && has_weights(&dir) && has(&VOCABULARIES)).then(|| Fetched {
            dir,
            id: id.at(&commit),
        })
    }
}

/// Whether a folder has a model's weights, all files of them.
fn has_weights(dir: &Path) -> bool {
    let mut files = WEIGHTS.iter().map(|name| dir.join(name));
    let Some(file) = files.find(|file| file.is_file()) else {
        return false;
    };
    if !is_index(&file) {
        return true;
    }
    let shards = fs::read(&file).ok().and_then(|index| shards(&index, &file).ok());
    shards.is_some_and(|shards| shards.iter().all(|shard| dir.join(shard).is_file()))
}

/// Whether a file of weights is an index of several.
fn is_index(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}
