//! Downloading one file of a repository into the cache.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::checksum::mismatch;
use super::client::{Client, RequestError, header};
use super::{Hub, HubError, HubId};
use crate::progress::ProgressLine;

/// How often in a row a connection may break before anything has arrived.
const RETRIES: u32 = 5;
/// The pause before the first retry; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(300);

impl Hub {
    /// The path of `file` in the cache, after a download where it is not there yet; `id` names a commit. The checksum of
    /// a downloaded file is verified.
    ///
    /// # Errors
    /// If it cannot be downloaded or stored.
    pub(super) fn file(&self, client: &Client, id: &HubId, file: &str) -> Result<PathBuf, HubError> {
        let root = self.cache.join(id.folder_name());
        let Some(path) = within(&root.join("snapshots").join(&id.revision), file) else {
            return Err(self.error(id, RequestError::Failed(format!("a file named {file:?}"))));
        };
        if path.is_file() {
            return Ok(path);
        }
        let url = format!(
            "{}/{}/resolve/{}/{file}",
            self.endpoint,
            id.url(),
            id.url_revision()
        );
        let etag = etag(client, &url).map_err(|e| self.error(id, e))?;
        let blobs = root.join("blobs");
        fs::create_dir_all(&blobs).map_err(|e| io(&blobs, e))?;
        let blob = blobs.join(&etag);
        let part = blobs.join(format!("{etag}.part"));
        // Unlocked when it is closed.
        let _lock = self.lock(&blobs.join(format!("{etag}.lock")), &part)?;
        if !blob.is_file() {
            Download {
                client,
                url: &url,
                part: &part,
            }
            .run(file)
            .map_err(|e| match e {
                Broken::Request(error) => self.error(id, error),
                Broken::Disk(error) => io(&part, error),
            })?;
            if let Some(sums) = mismatch(&part, &etag).map_err(|e| io(&part, e))? {
                fs::remove_file(&part).map_err(|e| io(&part, e))?;
                return Err(HubError::Checksum {
                    id: id.clone(),
                    endpoint: self.endpoint.clone(),
                    file: file.into(),
                    sums: Box::new(sums),
                });
            }
            fs::rename(&part, &blob).map_err(|e| io(&blob, e))?;
        }
        link(&blob, &path, Path::new(file)).map_err(|e| io(&path, e))?;
        Ok(path)
    }

    /// Waits for another process that downloads the same file, for as long as its part of the file grows.
    fn lock(&self, path: &Path, part: &Path) -> Result<File, HubError> {
        let file = File::create(path).map_err(|e| io(path, e))?;
        let size = || fs::metadata(part).map_or(0, |part| part.len());
        let (mut grown, mut before) = (Instant::now(), size());
        loop {
            match file.try_lock() {
                // A file system without locks: two processes would write the same bytes.
                Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
                Err(TryLockError::WouldBlock) if grown.elapsed() > self.timeout => {
                    let reason = "another process is downloading this file, but receives nothing";
                    return Err(io(path, io::Error::other(reason)));
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(100)),
            }
            let now = size();
            if now != before {
                (grown, before) = (Instant::now(), now);
            }
        }
    }
}

pub(super) fn io(path: &Path, source: io::Error) -> HubError {
    HubError::Io {
        path: path.into(),
        source,
    }
}

/// The path of a repository's file below `folder`; none for a name that leads out of it.
fn within(folder: &Path, file: &str) -> Option<PathBuf> {
    let path = Path::new(file);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (inside && !file.is_empty() && !file.contains('\\')).then(|| folder.join(path))
}

/// The name that a file's content has on the hub: its SHA-256, or git's SHA-1.
fn etag(client: &Client, url: &str) -> Result<String, RequestError> {
    // A large file is a redirect to another server, and the redirect has the name of its content.
    const LINKED: &str = "x-linked-etag";
    let response = client.get(url, Some("bytes=0-0"), |response| {
        header(response, LINKED).is_some()
    });
    let response = match response {
        // An empty file has no first byte, but a name.
        Err(RequestError::Status(416)) => client.get(url, None, |_| false)?,
        response => response?,
    };
    let tag = header(&response, LINKED).or_else(|| header(&response, "etag"));
    let tag = tag.ok_or_else(|| RequestError::Failed("a response without an ETag".into()))?;
    let tag = tag.trim_start_matches("W/").trim_matches('"').to_owned();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match !tag.is_empty() && !tag.starts_with('.') && tag.bytes().all(letter) {
        true => Ok(tag),
        false => Err(RequestError::Failed(format!(
            "an ETag with other characters: {tag:?}"
        ))),
    }
}

/// Makes `path` a link to `blob`, or moves it there where the file system has no links.
fn link(blob: &Path, path: &Path, file: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // From snapshots/COMMIT, and from each folder of the file in it.
    let up = 1 + file.components().count();
    let mut to: PathBuf = std::iter::repeat_n("..", up).collect();
    to.push("blobs");
    to.push(blob.file_name().unwrap_or_default());
    #[cfg(unix)]
    let linked = std::os::unix::fs::symlink(&to, path);
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_file(&to, path);
    #[cfg(not(any(unix, windows)))]
    let linked: io::Result<()> = Err(io::ErrorKind::Unsupported.into());
    match linked {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(_) => fs::rename(blob, path),
        Ok(()) => Ok(()),
    }
}

/// A download into `part`, which may hold the beginning already.
struct Download<'a> {
    client: &'a Client,
    url: &'a str,
    part: &'a Path,
}

/// Why it broke off.
enum Broken {
    Request(RequestError),
    Disk(io::Error),
}

impl Download<'_> {
    /// Downloads what is missing. Broken connections are opened again.
    fn run(&self, name: &str) -> Result<(), Broken> {
        let mut out = File::options()
            .create(true)
            .append(true)
            .open(self.part)
            .map_err(Broken::Disk)?;
        let mut failures = 0;
        loop {
            let before = out.metadata().map_err(Broken::Disk)?.len();
            let error = match self.from(before, &mut out, name) {
                Ok(()) => return out.sync_all().map_err(Broken::Disk),
                Err(Broken::Request(error)) if is_passing(&error) => error,
                Err(error) => return Err(error),
            };
            if out.metadata().map_err(Broken::Disk)?.len() > before {
                failures = 0;
            }
            if failures == RETRIES {
                return Err(Broken::Request(error));
            }
            sleep(PAUSE * 2u32.pow(failures));
            failures += 1;
        }
    }

    /// Downloads from byte `start` on.
    fn from(&self, start: u64, out: &mut File, name: &str) -> Result<(), Broken> {
        let range = format!("bytes={start}-");
        let response = match self.client.get(self.url, Some(&range), |_| false) {
            // There is nothing behind the last byte; if there is more than the file, the checksum tells.
            Err(RequestError::Status(416)) => return Ok(()),
            response => response.map_err(Broken::Request)?,
        };
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let content_range = header(&response, "content-range");
        let total = content_range
            .as_deref()
            .and_then(|range| number(range.rsplit_once('/')?.1));
        let first = content_range.as_deref().and_then(|range| {
            let range = range.strip_prefix("bytes")?.trim_start();
            number(range.split_once('-')?.0)
        });
        let length = header(&response, "content-length").and_then(|length| number(&length));
        // A server may ignore the range and send the whole file.
        let mut done = match response.status().as_u16() {
            206 if first.is_none_or(|first| first == start) => start,
            206 => {
                let reason = format!("bytes from {first:?} on instead of {start}");
                return Err(Broken::Request(RequestError::Failed(reason)));
            }
            _ => {
                out.set_len(0).map_err(Broken::Disk)?;
                0
            }
        };
        let total = total.or_else(|| length.map(|length| done + length));
        let mut progress = ProgressLine::of_bytes(total)
            .named(format!("{name}: "))
            .after(done);
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(Broken::Request(e.into())),
            };
            out.write_all(&buffer[..count]).map_err(Broken::Disk)?;
            done += count as u64;
            progress.add(count as u64);
            progress.show(0);
        }
        match total {
            Some(total) if done < total => {
                let reason = format!("the connection ended after {done} of {total} bytes");
                Err(Broken::Request(RequestError::Failed(reason)))
            }
            _ => {
                progress.end();
                Ok(())
            }
        }
    }
}

/// Whether the same request may succeed later.
fn is_passing(error: &RequestError) -> bool {
    match error {
        RequestError::Status(status) => *status == 429 || *status >= 500,
        RequestError::Timeout => false,
        RequestError::Failed(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        let folder = Path::new("snapshots/1");
        let inside = within(folder, "cola/train/0000.parquet").unwrap();
        assert_eq!(inside, Path::new("snapshots/1/cola/train/0000.parquet"));
        for name in ["", "..", "../a", "a/../../b", "/etc/passwd", r"..\a", "./a/.."] {
            assert_eq!(within(folder, name), None, "{name}");
        }
    }
}
