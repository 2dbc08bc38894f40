//! The model that Burn's Learner holds.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bert_core::Mode;
use bert_tasks::{Batch, LossCount, TaskModel};
use burn::backend::ExecutionError;
use burn::lr_scheduler::module_lr_scheduler::ModuleLearningRate;
use burn::module::{Devices, Module, ModuleMapper, ModuleVisitor};
use burn::optim::{GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::tensor::{Device, Tensor};
use burn_train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};

/// A task's model whose clones share one set of weights: a change to one clone is visible in all.
///
/// [`Learner::optimizer_step`](burn_train::Learner::optimizer_step) clones its model and updates the clone while it
/// still holds the original. With a plain module each weight would then have two owners, and neither the fused AdamW nor
/// the sparse update of the word embeddings could write in place: each step would copy all weights. Here the clone takes
/// the weights out, updates them as their only owner, and puts them back. A `Module` must be `Send`, so clones cannot
/// share the weights without a lock; nothing ever waits for it.
#[derive(Clone, Debug)]
pub struct SharedModel<M: Module> {
    /// `None` during an update, and for good if an update panicked.
    model: Arc<RwLock<Option<Root<M>>>>,
    /// The state of the optimiser, if this model comes from an optimiser step that asked for it: see
    /// [`optimize`](TrainStep::optimize).
    pub(super) optimizer: Option<Arc<OptimizerRecord>>,
}

/// The message of every use of a model after an update of it panicked.
const LOST: &str = "the model is lost, because an update of it panicked before; create it again, or resume from the newest checkpoint";

/// The paths of parameters in an optimiser's record begin with this field's name.
#[derive(Module, Debug)]
struct Root<M: Module> {
    model: M,
}

/// A batch of a step.
#[derive(Clone, Debug)]
pub struct StepInput<I, T> {
    /// The batch.
    pub batch: Batch<I, T>,
    /// The numbers of single losses in the whole step. They divide the sums of the batch's losses.
    pub count: LossCount,
}

/// What a batch gives besides gradients.
#[derive(Clone, Debug)]
pub struct StepOutput {
    /// The sum of the batch's single losses divided by the step's count, `[1]`, without its graph.
    pub loss: Tensor<1>,
}

impl ItemLazy for StepOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl<M: TaskModel> SharedModel<M> {
    /// Shares `model`.
    pub fn new(model: M) -> Self {
        Self::from(Root { model })
    }

    /// The current model. Its tensors share their memory with this model, and nothing is copied now. An update while it is alive
    /// copies each weight before it changes it, so drop it before the next step.
    ///
    /// # Panics
    /// If an update of the model panicked before.
    pub fn get(&self) -> M {
        self.root(|root| root.model.clone())
    }

    fn from(root: Root<M>) -> Self {
        Self {
            model: Arc::new(RwLock::new(Some(root))),
            optimizer: None,
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Root<M>>> {
        self.model.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Root<M>>> {
        self.model.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn root<T>(&self, look: impl FnOnce(&Root<M>) -> T) -> T {
        look(self.read().as_ref().expect(LOST))
    }

    fn update(self, change: impl FnOnce(Root<M>) -> Root<M>) -> Self {
        let root = self.write().take().expect(LOST);
        let root = change(root);
        *self.write() = Some(root);
        self
    }
}

impl<M: TaskModel> fmt::Display for SharedModel<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a model of {} parameters", self.num_params())
    }
}

impl<M: TaskModel> Module for SharedModel<M> {
    fn collect_devices(&self, devices: Devices) -> Devices {
        self.root(|root| root.collect_devices(devices))
    }

    fn fork(self, device: &Device) -> Self {
        self.update(|root| root.fork(device))
    }

    fn to_device(self, device: &Device) -> Self {
        self.update(|root| root.to_device(device))
    }

    fn train(self) -> Self {
        self.update(Root::train)
    }

    /// Another model, whose changes this one does not see.
    fn valid(&self) -> Self {
        Self::from(self.root(Root::valid))
    }

    fn materialize(self) -> Self {
        self.update(Root::materialize)
    }

    fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
        self.root(|root| root.visit(visitor));
    }

    fn map<V: ModuleMapper>(self, mapper: &mut V) -> Self {
        self.update(|root| root.map(mapper))
    }
}

impl<M: TaskModel> TrainStep for SharedModel<M> {
    type Input = StepInput<M::Input, M::Target>;
    type Output = StepOutput;

    fn step(&self, input: Self::Input) -> TrainOutput<StepOutput> {
        let StepInput { batch, count } = input;
        let (loss, grads) = self.root(|root| root.model.gradients(&batch, count));
        let item = StepOutput { loss };
        TrainOutput { grads, item }
    }

    /// Updates the weights. Without gradients no weight changes: the model then returns with the state of the optimiser, or
    /// without it if it already had it.
    fn optimize(self, optim: &mut ModuleOptimizer, rate: ModuleLearningRate, grads: GradientsParams) -> Self {
        if grads.is_empty() {
            let optimizer = match self.optimizer {
                None => Some(Arc::new(optim.to_record())),
                Some(_) => None,
            };
            return Self { optimizer, ..self };
        }
        self.update(|root| optim.step(rate, root, grads))
    }
}

impl<M: TaskModel> InferenceStep for SharedModel<M> {
    type Input = StepInput<M::Input, M::Target>;
    type Output = StepOutput;

    fn step(&self, input: Self::Input) -> StepOutput {
        let StepInput { batch, count } = input;
        self.root(|root| {
            let output = root.model.forward(&batch.input, Mode::Inference);
            let loss = root.model.loss(output, &batch.targets, count);
            StepOutput { loss }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::BertConfig;
    use bert_tasks::SequenceClassifier;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_panicked_update_is_named_as_the_cause() {
        let device = Device::default();
        let model = SequenceClassifier::new(&BertConfig::compact(10, 8, 1, 2), 2, 1, &device);
        let shared = SharedModel::new(model);
        let clone = shared.clone();
        let update = catch_unwind(AssertUnwindSafe(|| clone.update(|_| panic!("no memory"))));
        assert!(update.is_err());
        let later = catch_unwind(AssertUnwindSafe(|| shared.get())).unwrap_err();
        let message = later.downcast_ref::<String>().cloned();
        let message = message.or_else(|| later.downcast_ref::<&str>().map(|text| text.to_string()));
        assert!(message.unwrap().contains("an update of it panicked before"));
    }
}
