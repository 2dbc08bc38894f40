//! Downloading a model into the cache.

use std::fs;
use std::path::{Path, PathBuf};

use bert_core::store::{WEIGHTS, shards};
use bert_core::tokenizer::{SETTINGS, VOCABULARIES};
use serde::Deserialize;

use super::client::{Client, RequestError};
use super::file::io;
use super::id::is_part;
use super::{CONFIG, Fetched, Hub, HubError, HubId, is_index};

/// The longest description of a repository that is read: one of 100 000 files has about 10 MB.
const MAX_BYTES: u64 = 100 << 20;

/// What the hub says about a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    /// The commit.
    pub(super) sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Debug, Deserialize)]
struct Sibling {
    rfilename: String,
}

impl Info {
    /// The names of its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.siblings.iter().map(|file| file.rfilename.as_str())
    }
}

impl Hub {
    /// Downloads the model as the hub has it now; files that are in the cache already are not downloaded again. The
    /// checksum of each file is verified.
    ///
    /// # Errors
    /// If the hub cannot be reached, or has no such model.
    pub fn fetch(&self, id: &HubId) -> Result<Fetched, HubError> {
        if self.offline {
            return self.cached(id).ok_or_else(|| self.not_cached(id));
        }
        let client = self.client();
        let info = self.info(&client, id)?;
        let pinned = id.at(&info.sha);
        let files: Vec<&str> = info.files().collect();
        let first = |names: &[&'static str]| names.iter().copied().find(|name| files.contains(name));
        let needed = |names: &[&'static str]| {
            first(names).ok_or_else(|| HubError::Incomplete {
                id: id.clone(),
                // An index stands for the file that it divides.
                what: names
                    .iter()
                    .filter(|name| !is_index(Path::new(name)))
                    .copied()
                    .collect::<Vec<_>>()
                    .join(" or "),
            })
        };
        let weights = needed(&WEIGHTS)?;
        needed(&VOCABULARIES)?;
        let small = [needed(&[CONFIG])?]
            .into_iter()
            .chain(VOCABULARIES)
            .chain(SETTINGS);
        // The weights come last: errors in the small files show before the long wait.
        let wanted = small.filter(|name| files.contains(name)).chain([weights]);
        let mut dir = PathBuf::new();
        for file in wanted {
            let path = self.file(&client, &pinned, file)?;
            dir = path.parent().unwrap_or(&self.cache).to_path_buf();
        }
        if is_index(Path::new(weights)) {
            let index = dir.join(weights);
            let bytes = fs::read(&index).map_err(|e| io(&index, e))?;
            let incomplete = |what: String| HubError::Incomplete { id: id.clone(), what };
            for shard in shards(&bytes, &index).map_err(|e| incomplete(e.to_string()))? {
                if !files.contains(&shard.as_str()) {
                    return Err(incomplete(shard));
                }
                self.file(&client, &pinned, &shard)?;
            }
        }
        self.remember(id, &info.sha)?;
        self.cached(id).ok_or_else(|| HubError::Incomplete {
            id: id.clone(),
            what: CONFIG.into(),
        })
    }

    pub(super) fn client(&self) -> Client {
        Client::new(&self.endpoint, self.token.as_deref(), self.timeout)
    }

    /// What the hub says about a repository.
    pub(super) fn info(&self, client: &Client, id: &HubId) -> Result<Info, HubError> {
        let read = || -> Result<Info, RequestError> {
            let response = client.get(&format!("{}/{}", self.endpoint, id.api_url()), None, |_| false)?;
            let body = response.into_body().into_with_config().limit(MAX_BYTES);
            let text = body.read_to_vec()?;
            let info: Info = serde_json::from_slice(&text)
                .map_err(|e| RequestError::Failed(format!("its description: {e}")))?;
            match is_part(&info.sha) {
                true => Ok(info),
                false => Err(RequestError::Failed(format!("a commit named {:?}", info.sha))),
            }
        };
        read().map_err(|e| self.error(id, e))
    }

    /// Notes in the cache that the revision of `id` is `commit`.
    pub(super) fn remember(&self, id: &HubId, commit: &str) -> Result<(), HubError> {
        let path = self.cache.join(id.folder_name()).join("refs").join(&id.revision);
        let folder = path.parent().unwrap_or(&self.cache);
        fs::create_dir_all(folder).map_err(|e| io(folder, e))?;
        fs::write(&path, commit).map_err(|e| io(&path, e))
    }

    /// The commit that the cache has for the revision of `id`.
    pub(super) fn commit(&self, id: &HubId) -> String {
        let root = self.cache.join(id.folder_name());
        match fs::read_to_string(root.join("refs").join(&id.revision)) {
            Ok(commit) if is_part(commit.trim()) => commit.trim().to_owned(),
            _ => id.revision.clone(),
        }
    }

    pub(super) fn not_cached(&self, id: &HubId) -> HubError {
        HubError::Offline {
            id: id.clone(),
            cache: self.cache.clone(),
        }
    }

    pub(super) fn error(&self, id: &HubId, error: RequestError) -> HubError {
        let (id, endpoint) = (id.clone(), self.endpoint.clone());
        match error {
            // The hub's answers for what does not exist or is not public.
            RequestError::Status(401 | 403 | 404) => HubError::Unknown { id, endpoint },
            RequestError::Timeout => HubError::Stalled {
                id,
                endpoint,
                seconds: self.timeout.as_secs_f64(),
            },
            error => HubError::Network {
                id,
                endpoint,
                reason: error.to_string(),
            },
        }
    }
}
