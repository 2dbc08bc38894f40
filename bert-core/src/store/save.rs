//! From a module into a file, whole or not at all.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use safetensors::{Dtype, tensor::TensorView};

use super::checkpoint::{StoreError, io};
use super::load::transpose;
use crate::models::{Architecture, WeightNames, is_transposed};

/// Writes `model.safetensors` into `dir`: every parameter under its Hugging Face name, in 32-bit floats.
///
/// # Errors
/// If a weight is not finite (nothing is written then), or the file cannot be written.
pub fn save_weights<M: Module>(
    module: &M,
    architecture: &Architecture,
    dir: &Path,
) -> Result<(), StoreError> {
    let path = dir.join("model.safetensors");
    let mut collector = Collector {
        names: &architecture.weights,
        path: vec![],
        tensors: vec![],
    };
    module.visit(&mut collector);
    for (name, _, bytes) in &collector.tensors {
        let finite = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .all(|b| f32::from_le_bytes(*b).is_finite());
        if !finite {
            let tensor = name.clone();
            return Err(StoreError::NotFinite { path, tensor });
        }
    }
    let views = collector.tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (name, view.expect("four bytes for each value"))
    });
    // transformers refuses a file that does not say which framework's layout it has.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes =
        safetensors::serialize(views, Some(metadata)).map_err(|e| io(&path, std::io::Error::other(e)))?;
    fs::write(&path, bytes).map_err(|source| io(&path, source))
}

/// Writes `model.bpk` into `dir`: the module's record in Burn's own format, for [`Module::load_record`].
///
/// # Errors
/// If the file cannot be written.
pub fn save_bpk<M: Module>(module: &M, dir: &Path) -> Result<(), StoreError> {
    let path = dir.join("model.bpk");
    let record = module.clone().into_record();
    record
        .save(&path)
        .map_err(|e| io(&path, std::io::Error::other(e)))
}

/// Makes the folder `target` by letting `fill` write into a new folder beside it, which then takes its place.
///
/// Whoever looks at `target` sees the old folder or the new one, whole: a full disk or a kill in between leaves the old
/// one as it was. Files are on the disk before the exchange.
///
/// # Errors
/// If `fill` fails, or the system does.
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
    // A temporary folder is private to its owner; a model folder is as readable as any other.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(fresh.path(), open).map_err(|e| io(fresh.path(), e))?;
    }
    fill(fresh.path())?;
    sync_files(fresh.path())?;
    if exchange(fresh.path(), target) {
        // The old folder is now where the new one was, and is removed with it.
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

/// Lets two folders change names at one stroke, where the system can; elsewhere, or where there is no folder to change
/// with, `false`.
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

struct Collector<'a> {
    names: &'a WeightNames,
    path: Vec<String>,
    tensors: Vec<(String, Vec<usize>, Vec<u8>)>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.names.name(&self.path.join("."));
        let data = param.transform_for_save().val().into_data();
        let mut shape = data.shape().to_vec();
        let mut values: Vec<f32> = data.iter::<f32>().collect();
        if is_transposed(&name, shape.len()) {
            values = transpose(&values, shape[0], shape[1]);
            shape.reverse();
        }
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.push((name, shape, bytes));
    }
}
