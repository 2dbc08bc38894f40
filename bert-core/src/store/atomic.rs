//! Files and folders that are written atomically: under another name, synced to disk, and renamed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::{StoreError, io as io_error};

/// The prefix of the name of a file or folder until it is complete.
pub const WRITING: &str = ".writing-";

/// Writes the file `path` atomically: `fill` writes into a new file beside it, which then replaces it. If `path` exists and is
/// no file, such as `/dev/stdout`, it is written to directly.
///
/// # Errors
/// If `fill` or the system fails; an old file is then unchanged.
pub fn write_file<E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        fill(&mut out)?;
        return Ok(out.flush()?);
    }
    // A link stays, and the file that it leads to is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut builder = tempfile::Builder::new();
    builder.prefix(WRITING);
    // A temporary file is private to its owner; this one gets the permissions of any new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder_of(path)).map_err(system_error)?;
    let mut out = BufWriter::new(file.as_file());
    fill(&mut out)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// Writes the folder `target` atomically: `fill` writes into a new folder beside it, which then replaces it.
///
/// At any time `target` is the complete old folder or the complete new one: a full disk or a killed process leaves the old
/// one unchanged. All files are synced to disk before the exchange.
///
/// # Errors
/// If `fill` or the system fails.
pub fn write_folder<E: From<StoreError>>(
    target: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let parent = folder_of(target);
    fs::create_dir_all(parent).map_err(|e| io_error(parent, e))?;
    let fresh = tempfile::Builder::new()
        .prefix(WRITING)
        .tempdir_in(parent)
        .map_err(|e| io_error(parent, system_error(e)))?;
    fill(fresh.path())?;
    sync_files(fresh.path())?;
    if exchange(fresh.path(), target) {
        // The old folder is now at the temporary path, and is removed with it.
        return sync_folder(parent);
    }
    let old = tempfile::Builder::new()
        .prefix(".replaced-")
        .tempdir_in(parent)
        .map_err(|e| io_error(parent, e))?;
    if target.exists() {
        fs::rename(target, old.path().join("folder")).map_err(|e| io_error(target, e))?;
    }
    fs::rename(fresh.keep(), target).map_err(|e| io_error(target, e))?;
    sync_folder(parent)
}

/// Writes files into the folder `dir`, which may hold others: `fill` writes them into a new folder inside, they are synced to disk, the
/// files `old` are removed, and each gets its name, those that are among `last` at the end. No interruption leaves old and new
/// files together.
///
/// # Errors
/// If `fill` or the system fails.
pub fn replace_files<E: From<StoreError>>(
    dir: &Path,
    old: &[&str],
    last: &[&str],
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    fs::create_dir_all(dir).map_err(|e| io_error(dir, e))?;
    let fresh = tempfile::Builder::new()
        .prefix(WRITING)
        .tempdir_in(dir)
        .map_err(|e| io_error(dir, system_error(e)))?;
    fill(fresh.path())?;
    sync_files(fresh.path())?;
    let names = fs::read_dir(fresh.path()).and_then(|files| {
        let names = files.map(|file| Ok(file?.file_name()));
        names.collect::<io::Result<Vec<_>>>()
    });
    let mut names = names.map_err(|e| io_error(dir, e))?;
    for name in old {
        match fs::remove_file(dir.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io_error(&dir.join(name), e).into()),
            _ => {}
        }
    }
    names.sort_by_key(|name| last.iter().any(|last| name == last));
    for name in names {
        let target = dir.join(&name);
        fs::rename(fresh.path().join(&name), &target).map_err(|e| io_error(&target, e))?;
    }
    sync_folder(dir)
}

/// Whether files can be written into the folder, which may have to be made first; this is worth knowing before a long preparation.
///
/// # Errors
/// The system's reason if they cannot.
pub fn check_writable(dir: &Path) -> io::Result<()> {
    // The first folder on the way that exists takes the others.
    let known = dir.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("."));
    tempfile::tempfile_in(known).map(drop)
}

/// The system's error alone: `tempfile` adds the temporary path, which means nothing to users.
fn system_error(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|wrapped| wrapped.source());
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}

/// The folder that `path` is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Exchanges the names of two folders atomically; `false` where the system cannot, or `target` does not exist.
fn exchange(fresh: &Path, target: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        target.exists() && renameat_with(CWD, fresh, CWD, target, RenameFlags::EXCHANGE).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (fresh, target);
        false
    }
}

fn sync_folder<E: From<StoreError>>(dir: &Path) -> Result<(), E> {
    #[cfg(unix)]
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|e| io_error(dir, e))?;
    Ok(())
}

fn sync_files(dir: &Path) -> Result<(), StoreError> {
    let entries = fs::read_dir(dir).map_err(|e| io_error(dir, e))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(|e| io_error(dir, e))?.path();
        if path.is_dir() {
            sync_files(&path)?;
        }
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(|e| io_error(&path, e))?;
    }
    Ok(())
}
