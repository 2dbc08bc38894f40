//! Models by name: from the Hugging Face hub into its usual cache, where other programs find them too.
//!
//! The environment is the hub's own (its documentation, "Environment variables"): `HF_ENDPOINT`, `HF_HOME`,
//! `HF_HUB_CACHE`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`.

mod error;
mod id;
mod patience;

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hf_hub::Cache;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use sha1::Sha1;
use sha2::{Digest, Sha256};

pub use error::HubError;
pub use id::HubId;
use patience::{Pulse, within};

use crate::run::fingerprint::hex;

/// How often a cut connection is taken up again.
const RETRIES: usize = 5;
/// How long the hub may say nothing, in seconds, where HF_HUB_DOWNLOAD_TIMEOUT says nothing.
const PATIENCE: f64 = 30.0;
const CONFIG: &str = "config.json";
/// The first of these that there is holds the weights.
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];
/// One of these is needed; both are taken.
const VOCABULARIES: [&str; 2] = ["tokenizer.json", "vocab.txt"];
const OPTIONAL: &str = "tokenizer_config.json";

/// A model in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its folder.
    pub dir: PathBuf,
    /// Its name with the commit, which will always mean the same weights.
    pub id: HubId,
}

/// Where models come from and where they are kept.
#[derive(Clone, Debug)]
pub struct Hub {
    endpoint: String,
    cache: PathBuf,
    token: Option<String>,
    offline: bool,
    patience: Duration,
}

impl Hub {
    /// The hub that the environment names.
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
            patience: text("HF_HUB_DOWNLOAD_TIMEOUT")
                .and_then(|seconds| Duration::try_from_secs_f64(seconds.trim().parse().ok()?).ok())
                .filter(|patience| !patience.is_zero())
                .unwrap_or(Duration::from_secs_f64(PATIENCE)),
        }
    }

    /// The model from the cache; from the network where it is not there.
    ///
    /// # Errors
    /// If it can be had from neither.
    pub fn model(&self, id: &HubId) -> Result<Fetched, HubError> {
        match self.cached(id) {
            Some(found) => Ok(found),
            None => self.fetch(id),
        }
    }

    /// The model in the cache, if all of its files are there.
    pub fn cached(&self, id: &HubId) -> Option<Fetched> {
        let root = self.cache.join(id.repo().folder_name());
        let commit = match fs::read_to_string(root.join("refs").join(&id.revision)) {
            Ok(commit) => commit.trim().to_owned(),
            Err(_) => id.revision.clone(),
        };
        let dir = root.join("snapshots").join(&commit);
        let has = |names: &[&str]| names.iter().any(|name| dir.join(name).is_file());
        (has(&[CONFIG]) && has(&WEIGHTS) && has(&VOCABULARIES)).then(|| Fetched {
            dir,
            id: id.at(&commit),
        })
    }

    /// Fetches what the hub has now of the model; files that are in the cache already are not fetched again. Each file is
    /// held to its checksum.
    ///
    /// # Errors
    /// If the hub cannot be reached, or has no such model.
    pub fn fetch(&self, id: &HubId) -> Result<Fetched, HubError> {
        if self.offline {
            return self.cached(id).ok_or_else(|| HubError::Offline {
                id: id.to_string(),
                cache: self.cache.clone(),
            });
        }
        let io = |path: &Path, source| HubError::Io {
            path: path.into(),
            source,
        };
        fs::create_dir_all(&self.cache).map_err(|e| io(&self.cache, e))?;
        // The crate under this one makes paths relative to each other, and wants them to be absolute.
        let cache = fs::canonicalize(&self.cache).map_err(|e| io(&self.cache, e))?;
        let api = ApiBuilder::from_cache(Cache::new(cache.clone()))
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .with_retries(RETRIES)
            .with_progress(false)
            .build()
            .map_err(|e| self.error(id, e))?;
        let repo = api.repo(id.repo());
        let info = self.patiently(id, move |_| repo.info())?;
        let pinned = id.at(&info.sha);
        let files: Vec<&str> = info.siblings.iter().map(|file| file.rfilename.as_str()).collect();
        let first = |names: &[&'static str]| names.iter().copied().find(|name| files.contains(name));
        let needed = |names: &[&'static str]| {
            first(names).ok_or_else(|| HubError::Incomplete {
                id: id.to_string(),
                what: names.join(" or "),
            })
        };
        let weights = needed(&WEIGHTS)?;
        needed(&VOCABULARIES)?;
        let small = [needed(&[CONFIG])?, VOCABULARIES[0], VOCABULARIES[1], OPTIONAL];
        // The weights come last: what is wrong with the rest is known before they have been waited for.
        let wanted = small
            .into_iter()
            .filter(|name| files.contains(name))
            .chain([weights]);
        for file in wanted {
            self.file(&pinned, &cache, &api, file)?;
        }
        let refs = Cache::new(cache).repo(id.repo());
        refs.create_ref(&info.sha).map_err(|e| io(&self.cache, e))?;
        self.cached(id).ok_or_else(|| HubError::Incomplete {
            id: id.to_string(),
            what: CONFIG.into(),
        })
    }

    fn file(&self, id: &HubId, cache: &Path, api: &Api, file: &'static str) -> Result<(), HubError> {
        let snapshot = cache
            .join(id.repo().folder_name())
            .join("snapshots")
            .join(&id.revision);
        let path = snapshot.join(file);
        if path.is_file() {
            return Ok(());
        }
        let repo = api.repo(id.repo());
        self.patiently(id, move |pulse| repo.download_with_progress(file, pulse))?;
        let io = |source| HubError::Io {
            path: path.clone(),
            source,
        };
        // The cache names what it has fetched by its checksum.
        let blob = fs::canonicalize(&path).map_err(io)?;
        let expected = blob
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let found = match expected.len() {
            _ if !expected.bytes().all(|byte| byte.is_ascii_hexdigit()) => return Ok(()),
            64 => sha256(&blob).map_err(io)?,
            40 => git_sha1(&blob).map_err(io)?,
            _ => return Ok(()),
        };
        if found == expected.to_lowercase() {
            return Ok(());
        }
        fs::remove_file(&path).map_err(io)?;
        fs::remove_file(&blob).map_err(io)?;
        Err(HubError::Checksum {
            id: id.to_string(),
            endpoint: self.endpoint.clone(),
            file: file.into(),
            sums: Box::new([found, expected]),
        })
    }

    /// What `ask` gets from the hub, if it does not wait for too long.
    fn patiently<T: Send + 'static>(
        &self,
        id: &HubId,
        ask: impl FnOnce(Pulse) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, HubError> {
        match within(self.patience, ask) {
            Some(answer) => answer.map_err(|e| self.error(id, e)),
            None => Err(HubError::Stalled {
                id: id.to_string(),
                endpoint: self.endpoint.clone(),
                seconds: self.patience.as_secs_f64(),
            }),
        }
    }

    fn error(&self, id: &HubId, error: ApiError) -> HubError {
        let reason = error.to_string();
        let (id, endpoint) = (id.to_string(), self.endpoint.clone());
        // What the hub answers for what it does not have, or does not show.
        let unknown = ["401", "403", "404"]
            .iter()
            .any(|code| reason.ends_with(&format!("http status: {code}")));
        match unknown {
            true => HubError::Unknown { id, endpoint },
            false => HubError::Network { id, endpoint, reason },
        }
    }
}

/// The folder that `--model` means, and what to write down for it: a folder's own path, or a hub's name with its commit.
///
/// # Errors
/// If there is no such folder, and the hub cannot help.
pub fn resolve(model: &Path) -> Result<(PathBuf, OsString), HubError> {
    let folder = || {
        let whole = std::path::absolute(model).unwrap_or_else(|_| model.into());
        (model.to_path_buf(), whole.into_os_string())
    };
    if model.exists() {
        return Ok(folder());
    }
    match model.to_str().map(HubId::parse) {
        Some(Ok(id)) => {
            let found = Hub::from_env().model(&id)?;
            Ok((found.dir, found.id.to_string().into()))
        }
        // It can only be meant as a folder; what is missing in it is told when it is read.
        _ => Ok(folder()),
    }
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

/// The name that git gives a file's content.
fn git_sha1(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", file.metadata()?.len()));
    io::copy(&mut file, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_git_s_and_sha256_s() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "hello\n").unwrap();
        // printf 'hello\n' | git hash-object --stdin; printf 'hello\n' | sha256sum
        assert_eq!(
            git_sha1(file.path()).unwrap(),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
        let expected = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        assert_eq!(sha256(file.path()).unwrap(), expected);
    }
}
