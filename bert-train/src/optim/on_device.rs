//! An optimiser that loads its state onto a chosen device.

use burn::optim::{DynOptimizer, DynState, LearningRate, Optimizer, StateSink, StateSource};
use burn::tensor::Device;
use burn::tensor::kind::BridgeTensor;

/// Wraps an optimiser and loads its state onto a chosen device.
///
/// [`load_record`](burn::optim::ModuleOptimizer::load_record) puts the tensors on the default device and moves them at
/// the next step. The default device is the first GPU backend that was compiled in, whether or not the machine has such
/// a GPU: without one, a run on the CPU could not resume.
#[derive(Clone, Debug)]
pub struct OnDevice<O> {
    optimizer: O,
    device: Device,
}

impl<O: Optimizer> OnDevice<O> {
    /// Wraps `optimizer`, so that it loads its state onto `device`.
    pub fn new(optimizer: O, device: &Device) -> Self {
        let device = device.clone();
        Self { optimizer, device }
    }
}

impl<O: Optimizer> DynOptimizer for OnDevice<O> {
    fn step_dyn(
        &self,
        rank: usize,
        lr: LearningRate,
        tensor: BridgeTensor,
        grad: BridgeTensor,
        state: Option<DynState>,
    ) -> (BridgeTensor, Option<DynState>) {
        self.optimizer.step_dyn(rank, lr, tensor, grad, state)
    }

    fn to_device_dyn(&self, state: DynState, device: &Device) -> DynState {
        self.optimizer.to_device_dyn(state, device)
    }

    fn state_flatten(&self, prefix: &str, state: &DynState, out: &mut StateSink) {
        self.optimizer.state_flatten(prefix, state, out);
    }

    fn state_unflatten(
        &self,
        rank: usize,
        prefix: &str,
        src: &mut StateSource,
        _: &Device,
    ) -> Option<DynState> {
        self.optimizer.state_unflatten(rank, prefix, src, &self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::optim::AdaptiveMomentumState;
    use burn::tensor::Tensor;

    use super::super::adamw::BertAdamW;

    #[test]
    fn moments_are_loaded_onto_the_chosen_device() {
        // Two devices that every build has: the default one with autodiff and without.
        let plain = Device::default();
        let other = plain.clone().autodiff();
        for (wanted, default) in [(&plain, &other), (&other, &plain)] {
            let optimizer = OnDevice::new(BertAdamW::new(0.01), wanted);
            let moment = Tensor::<1>::from_floats([1.0, -2.0], default);
            let state = AdaptiveMomentumState::new(3, moment.clone(), moment * 2.0);
            let mut sink = StateSink::default();
            optimizer.state_flatten("p", &DynState::create(state, 1), &mut sink);
            let mut source = StateSource::new(sink.scalars.into_iter().collect());
            for (name, data) in sink.tensors {
                source.insert_tensor(name, data);
            }
            let state = optimizer.state_unflatten(1, "p", &mut source, default).unwrap();
            let state: AdaptiveMomentumState<1> = state.downcast();
            assert_eq!(state.time, 3);
            for moment in [&state.moment_1, &state.moment_2] {
                assert_eq!(moment.device().is_autodiff(), wanted.is_autodiff());
            }
            assert_eq!(
                state.moment_2.into_data().iter::<f32>().collect::<Vec<_>>(),
                [2.0, -4.0]
            );
        }
    }
}
