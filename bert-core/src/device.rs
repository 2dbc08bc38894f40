//! Devices by name, such as `flex`, `wgpu` or `cuda:0`.

use burn::tensor::{Device, Tensor};

use crate::ops::Capabilities;

/// Every backend: its name, which is also its Cargo feature, and whether this build has it; in the order in which `auto`
/// prefers them.
pub const BACKENDS: [(&str, bool); 7] = [
    ("cuda", cfg!(feature = "cuda")),
    ("rocm", cfg!(feature = "rocm")),
    ("metal", cfg!(feature = "metal")),
    ("vulkan", cfg!(feature = "vulkan")),
    ("wgpu", cfg!(feature = "wgpu")),
    ("flex", cfg!(feature = "flex")),
    ("ndarray", cfg!(feature = "ndarray")),
];

/// A device name that gives no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The name is unknown.
    #[error(
        "device `{0}`: no such backend; the names are auto, flex, ndarray, wgpu, vulkan, metal, cuda and rocm, \
         the last five with an optional number, as in cuda:0"
    )]
    Unknown(String),
    /// The program was built without the backend.
    #[error(
        "device `{name}`: this program was built without the {backend} backend; build it with \
         `--features {backend}` (it has: {built})"
    )]
    NotBuilt {
        /// The requested device.
        name: String,
        /// Its backend: the feature to add.
        backend: String,
        /// The backends that this build has.
        built: String,
    },
    /// The build has the backend, but the machine has no such device.
    #[error("device `{name}`: {reason}")]
    Unavailable {
        /// The requested device.
        name: String,
        /// The backend's reason.
        reason: String,
    },
}

/// The device with this name: `auto`, or a backend's name, for GPUs with an optional `:` and number. `wgpu:cpu` and
/// `vulkan:cpu` are a software adapter, `wgpu:integrated` is the first integrated GPU.
///
/// A GPU is tested before it is returned, so that a missing driver is an error here and not in the middle of a run.
///
/// ```
/// use bert_core::parse_device;
/// assert!(parse_device("flex").is_ok());
/// assert!(parse_device("abacus").unwrap_err().to_string().contains("no such backend"));
/// ```
///
/// # Errors
/// See [`DeviceError`].
pub fn parse_device(name: &str) -> Result<Device, DeviceError> {
    let built = || BACKENDS.iter().filter(|(_, built)| *built).map(|(name, _)| *name);
    if name == "auto" {
        let first = built().next().ok_or_else(|| DeviceError::NotBuilt {
            name: "auto".into(),
            backend: "flex".into(),
            built: "none".into(),
        })?;
        return parse_device(first);
    }
    let (backend, index) = match name.split_once(':') {
        Some((backend, index)) => (backend, Some(index)),
        None => (name, None),
    };
    match BACKENDS.iter().find(|(known, _)| *known == backend) {
        None => return Err(DeviceError::Unknown(name.into())),
        Some((_, false)) => {
            return Err(DeviceError::NotBuilt {
                name: name.into(),
                backend: backend.into(),
                built: built().collect::<Vec<_>>().join(", "),
            });
        }
        Some((_, true)) => {}
    }
    let device = make(backend, index).ok_or_else(|| DeviceError::Unknown(name.into()))?;
    // A GPU may lack a driver.
    if !Capabilities::of(&device).synchronous {
        try_out(&device).map_err(|reason| DeviceError::Unavailable {
            name: name.into(),
            reason,
        })?;
    }
    Ok(device)
}

#[allow(unused_variables)] // `index` is for GPUs only.
fn make(backend: &str, index: Option<&str>) -> Option<Device> {
    match (backend, index) {
        #[cfg(feature = "flex")]
        ("flex", None) => Some(Device::flex()),
        #[cfg(feature = "ndarray")]
        #[allow(deprecated)] // Burn keeps NdArray but recommends Flex instead.
        ("ndarray", None) => Some(Device::ndarray()),
        #[cfg(feature = "cuda")]
        ("cuda", index) => Some(Device::cuda(index.unwrap_or("0").parse::<usize>().ok()?)),
        #[cfg(feature = "rocm")]
        ("rocm", index) => Some(Device::rocm(index.unwrap_or("0").parse::<usize>().ok()?)),
        #[cfg(feature = "metal")]
        ("metal", index) => Some(Device::metal(graphics_kind(index)?)),
        #[cfg(feature = "vulkan")]
        ("vulkan", index) => Some(Device::vulkan(graphics_kind(index)?)),
        #[cfg(feature = "wgpu")]
        ("wgpu", index) => Some(Device::wgpu(graphics_kind(index)?)),
        _ => None,
    }
}

#[cfg(feature = "wgpu")]
fn graphics_kind(index: Option<&str>) -> Option<burn::tensor::DeviceKind> {
    use burn::tensor::DeviceKind;
    Some(match index {
        None => DeviceKind::DefaultDevice,
        Some("cpu") => DeviceKind::Cpu,
        Some("integrated") => DeviceKind::IntegratedGpu(0),
        Some(number) => DeviceKind::DiscreteGpu(number.parse().ok()?),
    })
}

/// Runs one addition on the device. The GPU runtimes panic where a driver or adapter is missing: the panic's message
/// becomes the reason, and is not printed.
fn try_out(device: &Device) -> Result<(), String> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(|| {
        let one = Tensor::<1>::ones([1], device);
        (one.clone() + one).into_data().try_to_vec::<f32>().ok()
    });
    std::panic::set_hook(hook);
    match outcome {
        Ok(Some(sum)) if sum == [2.0] => Ok(()),
        Ok(_) => Err("the device exists, but computes wrong results: 1 + 1 is not 2 on it".into()),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| text.to_string()))
                .unwrap_or_default();
            let first = text.lines().next().unwrap_or("").trim();
            Err(format!("no usable device or driver was found ({first})"))
        }
    }
}

/// Burn's name of the backend of `device`, for logs and run folders.
pub fn backend_name(device: &Device) -> String {
    use burn::backend::{Backend, Dispatch};
    let name = Dispatch::name(device.clone().inner().as_dispatch());
    name.strip_prefix("dispatch<")
        .and_then(|name| name.strip_suffix('>'))
        .map_or(name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_one_by_one() {
        assert!(parse_device("auto").is_ok());
        for bad in ["", "cpu", "flex:0", "flex:", ":", "cuda0"] {
            assert!(
                matches!(parse_device(bad), Err(DeviceError::Unknown(_))),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_backend_that_was_not_built_names_its_feature() {
        for (backend, built) in BACKENDS {
            if !built {
                let error = parse_device(backend).unwrap_err().to_string();
                assert!(error.contains(&format!("--features {backend}")), "{error}");
            }
        }
    }
}
