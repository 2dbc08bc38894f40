//! Flex's tensors as slices.

use burn::backend::flex::FlexTensor;
use burn::backend::{DType, TensorMetadata};

use super::pool::Floats;

/// Whether these tensors are of 32-bit floats, as the fused bodies need them.
pub(in crate::ops::flex) fn is_f32<'a>(tensors: impl IntoIterator<Item = &'a FlexTensor>) -> bool {
    tensors.into_iter().all(|tensor| tensor.dtype() == DType::F32)
}

/// The same tensor with its elements in order.
pub(in crate::ops::flex) fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.is_contiguous() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

/// The elements of a tensor that is [`contiguous`].
pub(in crate::ops::flex) fn floats(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("contiguous 32-bit floats")
}

/// The same tensor in memory that it alone uses; without a copy if it does so already.
pub(in crate::ops::flex) fn owned(tensor: FlexTensor) -> FlexTensor {
    let tensor = contiguous(tensor);
    let whole = tensor.bytes().len() == tensor.shape().num_elements() * size_of::<f32>();
    if tensor.is_unique() && whole {
        return tensor;
    }
    let from = floats(&tensor);
    let mut to = Floats::uninitialised(from.len());
    to.copy_from_slice(from);
    to.into_tensor(tensor.shape())
}

/// The elements of a tensor that is [`owned`].
pub(in crate::ops::flex) fn floats_mut(tensor: &mut FlexTensor) -> &mut [f32] {
    tensor.try_storage_mut().expect("memory of its own")
}
