//! Flex's tensors as slices.

use burn::backend::flex::FlexTensor;
use burn::backend::{DType, TensorMetadata};

use super::memory::Floats;

/// Whether the fused bodies, which are for 32-bit floats, can take these tensors.
pub(super) fn single<'a>(tensors: impl IntoIterator<Item = &'a FlexTensor>) -> bool {
    tensors.into_iter().all(|tensor| tensor.dtype() == DType::F32)
}

/// The same tensor, its elements in order.
pub(super) fn in_order(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

/// The elements of a tensor that is [`in_order`].
pub(super) fn floats(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("32-bit floats in order")
}

/// The same tensor in memory that nobody else uses; in its own if that is so already.
pub(super) fn owned(tensor: FlexTensor) -> FlexTensor {
    let tensor = in_order(tensor);
    let whole = tensor.bytes().len() == tensor.shape().num_elements() * size_of::<f32>();
    if tensor.is_unique() && whole {
        return tensor;
    }
    let from = floats(&tensor);
    let mut to = Floats::stale(from.len());
    to.copy_from_slice(from);
    to.into_tensor(tensor.shape())
}

/// The elements of a tensor that is [`owned`].
pub(super) fn floats_mut(tensor: &mut FlexTensor) -> &mut [f32] {
    tensor.try_storage_mut().expect("memory of its own")
}
