//! Models and data sets by name: from the Hugging Face hub into its usual cache, which other programs share.
//!
//! The environment variables are the hub's own (its documentation, "Environment variables"): `HF_ENDPOINT`, `HF_HOME`,
//! `HF_HUB_CACHE`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`.

mod bar;
mod checksum;
mod client;
mod dataset;
mod error;
mod fetch;
mod file;
mod id;
mod redirect;
mod resolve;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use dataset::Dataset;
pub use error::HubError;
pub use id::{HubId, InvalidName, Kind};
pub use resolve::{is_dataset, resolve, resolve_dataset};

/// Seconds that the hub may stay silent, unless HF_HUB_DOWNLOAD_TIMEOUT is set.
const TIMEOUT: f64 = 30.0;
const CONFIG: &str = "config.json";
/// The first of these files that exists has the weights, or lists the files that have them.
const WEIGHTS: [&str; 4] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];
/// One of these files is needed; both are downloaded.
const VOCABULARIES: [&str; 2] = ["tokenizer.json", "vocab.txt"];

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

/// The files that have the weights, where `file` only lists them: the values of its `weight_map`.
fn shards(dir: &Path, file: &str) -> io::Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    if !file.ends_with(".index.json") {
        return Ok(vec![]);
    }
    let index: Index = serde_json::from_slice(&fs::read(dir.join(file))?)?;
    let mut shards: Vec<String> = index.weight_map.into_values().collect();
    shards.sort();
    shards.dedup();
    Ok(shards)
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
        let first = |names: &[&'static str]| names.iter().copied().find(|name| dir.join(name).is_file());
        let (_, weights, _) = (first(&[CONFIG])?, first(&WEIGHTS)?, first(&VOCABULARIES)?);
        let shards = shards(&dir, weights).ok()?;
        let complete = shards.iter().all(|shard| dir.join(shard).is_file());
        complete.then(|| Fetched {
            dir,
            id: id.at(&commit),
        })
    }
}
