//! One optimiser step, from batches to updated weights.

use std::sync::Arc;

use bert_core::ops;
use bert_tasks::TaskModel;
use burn::lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler};
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::store::ModuleRecord;
use burn::tensor::Tensor;
use burn_train::Learner;

use super::shared_model::{SharedModel, StepInput};
use crate::data::StepBatches;
use crate::optim::clipping::clip_global_norm;
use crate::optim::non_finite::Guard;
use crate::run::checkpoint::Snapshot;

/// Burn's [`Learner`] with gradients that are accumulated, clipped by their global norm and guarded against values that
/// are not finite.
///
/// ```
/// use bert_core::{BertConfig, EncoderInput, Mode};
/// use bert_tasks::{Batch, SequenceClassifier};
/// use bert_train::Trainer;
/// use bert_train::data::StepBatches;
/// use bert_train::optim::adamw::BertAdamW;
/// use burn::tensor::Device;
///
/// let device = Device::default().autodiff();
/// let model = SequenceClassifier::new(&BertConfig::compact(20, 8, 1, 2), 2, 1, &device);
/// let mut trainer = Trainer::new(model, BertAdamW::for_model(0.01), 1e-3);
/// // Two texts of three tokens.
/// let input = EncoderInput::new(vec![2, 7, 3, 2, 9, 3], vec![0; 6], &[1; 6], 2, &device);
/// let batch = Batch { input, targets: vec![0, 1], rows: vec![0, 1], tokens: 6, mode: Mode::Inference };
/// let step = StepBatches { batches: vec![batch], count: 2.into() };
/// let mut loss = |trainer: &mut Trainer<_>| {
///     let metrics = trainer.step(step.clone(), || false).unwrap();
///     metrics.loss.into_scalar::<f32>()
/// };
/// let first = loss(&mut trainer);
/// assert!(loss(&mut trainer) < first);
/// ```
pub struct Trainer<M: TaskModel> {
    learner: Learner<SharedModel<M>>,
    max_grad_norm: f64,
    guard: Guard,
}

/// The metrics of an optimiser step, still on their device.
#[derive(Clone, Debug)]
pub struct StepMetrics {
    /// The mean loss over the step's batches, `[1]`.
    pub loss: Tensor<1>,
    /// The global gradient norm before clipping, `[1]`; none if no parameter has a gradient.
    pub norm: Option<Tensor<1>>,
}

impl<M: TaskModel> Trainer<M> {
    /// A trainer of `model`, which is on a device with autodiff. Gradients are clipped to a global norm of 1.
    pub fn new(model: M, optimizer: ModuleOptimizer, schedule: impl Into<ModuleLrScheduler>) -> Self {
        Self {
            learner: Learner::new(SharedModel::new(model), optimizer, schedule),
            max_grad_norm: 1.0,
            guard: Guard::Off,
        }
    }

    /// Clips gradients to a global norm of `max_grad_norm`.
    pub fn clipping(mut self, max_grad_norm: f64) -> Self {
        self.max_grad_norm = max_grad_norm;
        self
    }

    /// Guards against updates that are not finite.
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// One optimiser step over all batches of `step`: it equals the step over one large batch. `None` if `stop` says so
    /// between two batches; nothing has changed then.
    pub fn step(
        &mut self,
        step: StepBatches<M::Input, M::Target>,
        stop: impl Fn() -> bool,
    ) -> Option<StepMetrics> {
        let (loss, grads) = self.gradients(step, stop)?;
        let norm = self.update(grads, &loss);
        Some(StepMetrics { loss, norm })
    }

    /// The mean loss of a step, `[1]`, and its gradients: the losses of all batches are divided by the numbers of single
    /// losses in the whole step. `None` if `stop` says so between two batches.
    ///
    /// # Panics
    /// If the step has no batch.
    pub fn gradients(
        &self,
        step: StepBatches<M::Input, M::Target>,
        stop: impl Fn() -> bool,
    ) -> Option<(Tensor<1>, GradientsParams)> {
        let model = self.learner.model();
        let mut sum = GradientsAccumulator::new();
        let mut loss: Option<Tensor<1>> = None;
        let count = step.count;
        for batch in step.batches {
            if loss.is_some() && stop() {
                return None;
            }
            let output = self.learner.train_step(StepInput { batch, count });
            sum.accumulate(&model, output.grads);
            loss = Some(match loss {
                Some(before) => before + output.item.loss,
                None => output.item.loss,
            });
        }
        Some((loss.expect("a step has a batch"), sum.grads()))
    }

    /// Takes a step of the schedule, and one of the optimiser unless the guard holds it back. Returns the gradients'
    /// global norm before clipping, `[1]`; none if there is no gradient.
    pub fn update(&mut self, mut grads: GradientsParams, loss: &Tensor<1>) -> Option<Tensor<1>> {
        self.learner.lr_step();
        let model = self.learner.model();
        let device = model.devices().into_iter().next().unwrap_or_default();
        ops::in_thread_pool(&device, || {
            let norm = clip_global_norm(&model, &mut grads, self.max_grad_norm)?;
            if self.guard.accepts(&norm, loss, &model, &mut grads) {
                self.learner.optimizer_step(grads);
            }
            Some(norm)
        })
    }

    /// The current model. It shares its weights with the trainer until the next step, which first copies all of them if this
    /// model is still alive.
    ///
    /// # Panics
    /// If a step panicked before.
    pub fn model(&self) -> M {
        self.learner.model().get()
    }

    /// The current model without autodiff, for evaluation. Like [`model`](Self::model) it shares its weights with the trainer
    /// until the next step.
    ///
    /// # Panics
    /// If a step panicked before.
    pub fn valid(&self) -> M {
        self.learner.model().valid().get()
    }

    /// The learning rates of the newest step.
    pub fn rate(&self) -> ModuleLearningRate {
        self.learner.lr_current()
    }

    /// The same trainer with an optimiser's state from an earlier run.
    pub fn with_optimizer(mut self, record: OptimizerRecord) -> Self {
        self.learner.load_optim(record);
        self
    }
}

impl<M: TaskModel> Snapshot for Trainer<M> {
    fn weights(&self) -> ModuleRecord {
        self.model().into_record()
    }

    /// The Learner shows its optimiser only to its model's `optimize`, and to Burn's `LearningCheckpointer`, which needs
    /// an event store that only `SupervisedTraining` can make. So a step without gradients returns the
    /// state with the model; after a second one the Learner no longer holds it.
    fn optimizer(&mut self) -> OptimizerRecord {
        self.learner.optimizer_step(GradientsParams::new());
        let record = self.learner.model().optimizer;
        self.learner.optimizer_step(GradientsParams::new());
        record
            .and_then(Arc::into_inner)
            .expect("a step without gradients returns the state")
    }
}
