//! Updates that are not finite (NaN or infinite): they are skipped and counted, and end the run if too many follow each
//! other.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// This many steps in a row may be skipped; one more, and the run has diverged.
pub const MAX_IN_A_ROW: usize = 2;

/// Handles non-finite gradients and losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The optimiser takes them.
    Off,
    /// The step is skipped. The norm is read from the device in each step, which costs nothing on a CPU.
    Skip,
    /// They are set to zero, which is decided on the device, so that the host need not wait for a GPU. The weights stay
    /// finite; the moments of earlier steps still move them.
    Zero,
}

impl Guard {
    /// Whether the optimiser may take `grads`, given their global norm and their loss, both `[1]`. [`Guard::Zero`] always
    /// returns true, and sets them to zero if it may not.
    pub fn accepts<M: Module>(
        self,
        norm: &Tensor<1>,
        loss: &Tensor<1>,
        module: &M,
        grads: &mut GradientsParams,
    ) -> bool {
        // A finite number times zero is zero: the sum is finite if both are.
        let both = || norm.clone() + loss.clone() * 0.0;
        match self {
            Guard::Off => true,
            Guard::Skip => is_finite(&both()),
            Guard::Zero => {
                zero_unless(&both(), module, grads);
                true
            }
        }
    }
}

/// Whether a `[1]` tensor's value is finite; waits for the device.
pub fn is_finite(value: &Tensor<1>) -> bool {
    value.clone().into_scalar::<f64>().is_finite()
}

/// Sets all gradients to zero where `norm`, `[1]`, is not finite. Nothing is read back from the device.
pub fn zero_unless<M: Module>(norm: &Tensor<1>, module: &M, grads: &mut GradientsParams) {
    // Only for NaN and infinity is the product with zero not zero.
    let broken = norm.clone().mul_scalar(0.0).equal_elem(0.0).bool_not();
    struct Mask<'a>(&'a mut GradientsParams, Tensor<1, burn::tensor::Bool>);
    impl ModuleVisitor for Mask<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(grad) = self.0.remove::<D>(param.id) {
                let mask = self.1.clone().reshape([1; D]).expand(grad.dims());
                self.0.register(param.id, grad.mask_fill(mask, 0.0));
            }
        }
    }
    module.visit(&mut Mask(grads, broken));
}

/// Counts skipped steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Skipped {
    /// In the whole run.
    pub total: usize,
    /// Since the last step that was not skipped.
    pub in_a_row: usize,
}

impl Skipped {
    /// Counts a step, skipped unless it is `finite`; whether too many in a row were skipped.
    pub fn count(&mut self, finite: bool) -> bool {
        if finite {
            self.in_a_row = 0;
        } else {
            self.total += 1;
            self.in_a_row += 1;
        }
        self.in_a_row > MAX_IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    fn grads(layer: &Linear, value: f32) -> GradientsParams {
        let mut grads = GradientsParams::new();
        let device = layer.weight.val().device();
        grads.register(layer.weight.id, Tensor::<2>::full([2, 3], value, &device));
        grads
    }

    #[test]
    fn gradients_are_zero_unless_their_norm_is_finite() {
        let device = Device::default();
        let layer = LinearConfig::new(2, 3).init(&device);
        let masked = |norm: f32, value: f32| -> Vec<f32> {
            let mut grads = grads(&layer, value);
            zero_unless(&Tensor::from_floats([norm], &device), &layer, &mut grads);
            let grad = grads.get::<2>(layer.weight.id).unwrap();
            grad.into_data().iter::<f32>().collect()
        };
        assert_eq!(masked(2.0, 0.5), [0.5; 6]);
        assert_eq!(masked(f32::NAN, f32::NAN), [0.0; 6]);
        assert_eq!(masked(f32::INFINITY, f32::NAN), [0.0; 6]);
    }

    #[test]
    fn three_in_a_row_are_too_many() {
        let mut skipped = Skipped::default();
        let seen: Vec<bool> = [false, false, true, false, false, false]
            .into_iter()
            .map(|finite| skipped.count(finite))
            .collect();
        assert_eq!(seen, [false, false, false, false, false, true]);
        assert_eq!(skipped.total, 5);
    }
}
