//! Folders that are written atomically.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::error::{StoreError, io};

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
    let parent = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(|e| io(parent, e))?;
    let fresh = tempfile::Builder::new()
        .prefix(".writing-")
        .tempdir_in(parent)
        .map_err(|e| io(parent, e))?;
    // A temporary folder is private to its owner; a model folder is readable like any other.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(fresh.path(), open).map_err(|e| io(fresh.path(), e))?;
    }
    fill(fresh.path())?;
    sync_files(fresh.path())?;
    if exchange(fresh.path(), target) {
        // The old folder is now at the temporary path, and is removed with it.
        return sync_folder(parent);
    }
    let old = tempfile::Builder::new()
        .prefix(".replaced-")
        .tempdir_in(parent)
        .map_err(|e| io(parent, e))?;
    if target.exists() {
        fs::rename(target, old.path().join("folder")).map_err(|e| io(target, e))?;
    }
    fs::rename(fresh.keep(), target).map_err(|e| io(target, e))?;
    sync_folder(parent)
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
        .map_err(|e| io(dir, e))?;
    Ok(())
}

fn sync_files(dir: &Path) -> Result<(), StoreError> {
    let entries = fs::read_dir(dir).map_err(|e| io(dir, e))?;
    for entry in entries {
        let path: PathBuf = entry.map_err(|e| io(dir, e))?.path();
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(|e| io(&path, e))?;
    }
    Ok(())
}
