//! Downloading a model into the cache.

use std::fs;
use std::path::{Path, PathBuf};

use bert_core::store::{WEIGHTS, shards};
use bert_core::tokenizer::{SETTINGS, VOCABULARIES};
use hf_hub::Cache;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError};

use super::checksum::mismatch;
use super::timeout::{Monitor, with_timeout};
use super::{CONFIG, Fetched, Hub, HubError, HubId, is_index};

/// How often a broken connection is opened again.
const RETRIES: usize = 5;

impl Hub {
    /// Downloads the model as the hub has it now; files that are in the cache already are not downloaded again. The
    /// checksum of each file is verified.
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
        // hf-hub computes relative paths, which needs absolute ones.
        let cache = fs::canonicalize(&self.cache).map_err(|e| io(&self.cache, e))?;
        let api = ApiBuilder::from_cache(Cache::new(cache.clone()))
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .with_retries(RETRIES)
            .with_progress(false)
            .build()
            .map_err(|e| self.error(id, e))?;
        let repo = api.repo(id.repo());
        let info = self.ask(id, move |_| repo.info())?;
        let pinned = id.at(&info.sha);
        let files: Vec<&str> = info.siblings.iter().map(|file| file.rfilename.as_str()).collect();
        let first = |names: &[&'static str]| names.iter().copied().find(|name| files.contains(name));
        let needed = |names: &[&'static str]| {
            first(names).ok_or_else(|| HubError::Incomplete {
                id: id.to_string(),
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
        for file in wanted {
            self.file(&pinned, &cache, &api, file)?;
        }
        if is_index(Path::new(weights)) {
            let index = snapshot(&pinned, &cache).join(weights);
            let bytes = fs::read(&index).map_err(|e| io(&index, e))?;
            let shards = shards(&bytes, &index).map_err(|e| HubError::Incomplete {
                id: id.to_string(),
                what: e.to_string(),
            })?;
            for shard in shards {
                if !files.contains(&shard.as_str()) {
                    return Err(HubError::Incomplete {
                        id: id.to_string(),
                        what: shard,
                    });
                }
                self.file(&pinned, &cache, &api, &shard)?;
            }
        }
        let refs = Cache::new(cache).repo(id.repo());
        refs.create_ref(&info.sha).map_err(|e| io(&self.cache, e))?;
        self.cached(id).ok_or_else(|| HubError::Incomplete {
            id: id.to_string(),
            what: CONFIG.into(),
        })
    }

    fn file(&self, id: &HubId, cache: &Path, api: &Api, file: &str) -> Result<(), HubError> {
        let path = snapshot(id, cache).join(file);
        if path.is_file() {
            return Ok(());
        }
        let repo = api.repo(id.repo());
        let name = file.to_owned();
        self.ask(id, move |monitor| repo.download_with_progress(&name, monitor))?;
        let io = |source| HubError::Io {
            path: path.clone(),
            source,
        };
        let blob = fs::canonicalize(&path).map_err(io)?;
        let Some(sums) = mismatch(&blob).map_err(io)? else {
            return Ok(());
        };
        fs::remove_file(&path).map_err(io)?;
        fs::remove_file(&blob).map_err(io)?;
        Err(HubError::Checksum {
            id: id.to_string(),
            endpoint: self.endpoint.clone(),
            file: file.into(),
            sums: Box::new(sums),
        })
    }

    /// The hub's answer to `question`, unless it stays silent for too long.
    fn ask<T: Send + 'static>(
        &self,
        id: &HubId,
        question: impl FnOnce(Monitor) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, HubError> {
        match with_timeout(self.timeout, question) {
            Some(answer) => answer.map_err(|e| self.error(id, e)),
            None => Err(HubError::Stalled {
                id: id.to_string(),
                endpoint: self.endpoint.clone(),
                seconds: self.timeout.as_secs_f64(),
            }),
        }
    }

    fn error(&self, id: &HubId, error: ApiError) -> HubError {
        let reason = error.to_string();
        let (id, endpoint) = (id.to_string(), self.endpoint.clone());
        // The hub's answers for models that do not exist or are not public.
        let unknown = ["401", "403", "404"]
            .iter()
            .any(|code| reason.ends_with(&format!("http status: {code}")));
        match unknown {
            true => HubError::Unknown { id, endpoint },
            false => HubError::Network { id, endpoint, reason },
        }
    }
}

/// The folder of the files of one revision in the cache.
fn snapshot(id: &HubId, cache: &Path) -> PathBuf {
    cache
        .join(id.repo().folder_name())
        .join("snapshots")
        .join(&id.revision)
}
