//! What training changes: the model, the optimiser's moments, the place in the schedule.

use bert_tasks::TaskModel;
use burn::lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler};
use burn::optim::{GradientsAccumulator, ModuleOptimizer, OptimizerRecord};
use burn::store::ModuleRecord;
use burn::tensor::Tensor;

use crate::data::step_batches::StepBatches;
use crate::training::finetune::{Finetune, GradNorm};

/// A model with its optimiser. Burn's Learner holds the same, but gives the optimiser's state to none but its own
/// checkpointers, which save by epoch and without check sums.
#[derive(Clone)]
pub struct Trainee<M: TaskModel> {
    model: Option<Finetune<M>>,
    optimizer: ModuleOptimizer,
    schedule: ModuleLrScheduler,
    rate: ModuleLearningRate,
    norm: GradNorm,
}

/// The figures of an optimiser step, still on their device.
#[derive(Clone, Debug)]
pub struct StepFigures {
    /// The mean loss over the step's batches, `[1]`.
    pub loss: Tensor<1>,
    /// The global gradient norm before clipping, `[1]`; none where no parameter has a gradient.
    pub norm: Option<Tensor<1>>,
}

impl<M: TaskModel> Trainee<M> {
    /// A model that has not been trained, or that goes on where its optimiser and schedule are.
    pub fn new(model: Finetune<M>, optimizer: ModuleOptimizer, schedule: ModuleLrScheduler) -> Self {
        Self {
            norm: model.grad_norm(),
            model: Some(model),
            optimizer,
            schedule,
            rate: 0.0.into(),
        }
    }

    /// The model.
    pub fn model(&self) -> &Finetune<M> {
        self.model.as_ref().expect("it is always put back")
    }

    /// The rates of the newest step.
    pub fn rate(&self) -> &ModuleLearningRate {
        &self.rate
    }

    /// The model's weights.
    pub fn weights(&self) -> ModuleRecord {
        self.model().model.clone().into_record()
    }

    /// The optimiser's state.
    pub fn optimizer(&self) -> OptimizerRecord {
        self.optimizer.to_record()
    }
}

impl<M: TaskModel + 'static> Trainee<M> {
    /// One optimiser step over all batches of `window`: their losses are divided by the number of single losses in all
    /// of them, so that the step is that of one large batch. `None` if `stop` says so between two batches: nothing has
    /// changed then.
    pub fn step(
        &mut self,
        window: &StepBatches<M::Input, M::Target>,
        stop: impl Fn() -> bool,
    ) -> Option<StepFigures> {
        let mut sum = GradientsAccumulator::new();
        let mut loss: Option<Tensor<1>> = None;
        for batch in &window.batches {
            if loss.is_some() && stop() {
                return None;
            }
            let (part, grads) = self.model().model.gradients(batch, window.count);
            sum.accumulate(self.model(), grads);
            loss = Some(match loss {
                Some(before) => before + part,
                None => part,
            });
        }
        let loss = loss.expect("a window has a batch");
        self.rate = self.schedule.step();
        // Taken out, so that no second owner keeps the old weights from being written over.
        let model = self.model.take().expect("it is always put back");
        let rate = self.rate.clone();
        self.model = Some(model.update(&mut self.optimizer, rate, sum.grads(), Some(&loss)));
        let norm = self.norm.take();
        Some(StepFigures { loss, norm })
    }
}
