//! A task's model as Burn's Learner wants it: one training step, one inference step, one clipped update.

use std::sync::{Arc, Mutex, PoisonError};

use bert_core::{Mode, ops};
use bert_tasks::{Batch, TaskModel};
use burn::backend::ExecutionError;
use burn::lr_scheduler::module_lr_scheduler::ModuleLearningRate;
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::Tensor;
use burn_train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};

use crate::optim::clipping::clip_global_norm;
use crate::optim::non_finite::{Guard, is_finite, zero_unless};
use crate::run::log::StepRecord;

/// A model being fine-tuned: all of its parameters take part.
#[derive(Module, Debug)]
pub struct Finetune<M: Module> {
    /// The task's model.
    pub model: M,
    #[module(skip)]
    max_grad_norm: f64,
    #[module(skip)]
    guard: Guard,
    #[module(skip)]
    norm: GradNorm,
}

/// The global gradient norm of the newest update, still on its device.
#[derive(Clone, Debug, Default)]
pub struct GradNorm(Arc<Mutex<Option<Tensor<1>>>>);

impl GradNorm {
    fn set(&self, norm: Option<Tensor<1>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = norm;
    }

    /// Takes the norm, `[1]`, of the newest update.
    pub fn take(&self) -> Option<Tensor<1>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<M: Module> Finetune<M> {
    /// `model`, to be updated with gradients of a global norm of at most `max_grad_norm`.
    pub fn new(model: M, max_grad_norm: f64) -> Self {
        Self {
            model,
            max_grad_norm,
            guard: Guard::Off,
            norm: GradNorm::default(),
        }
    }

    /// The same model, with `guard` against updates that are not finite.
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// Where the gradient norms of the updates are found.
    pub fn grad_norm(&self) -> GradNorm {
        self.norm.clone()
    }
}

impl<M: TaskModel> Finetune<M> {
    /// The sum of the batch's single losses divided by `count`, `[1]`, without its graph, and its gradients.
    pub fn gradients(&self, batch: &Batch<M::Target>, count: usize) -> (Tensor<1>, GradientsParams) {
        ops::in_thread_pool(&batch.input.device(), || {
            let logits = self.model.forward(&batch.input, batch.mode);
            let loss = self.model.loss(logits, &batch.targets, count);
            let value = loss.clone().inner();
            let mut grads = GradientsParams::from_grads(loss.backward(), self);
            self.model.filter_gradients(&mut grads);
            (value, grads)
        })
    }

    /// One clipped update with `grads`, unless the guard finds that they or the `loss` they belong to, `[1]`, are not
    /// finite.
    pub fn update(
        self,
        optim: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        grads: GradientsParams,
        loss: Option<&Tensor<1>>,
    ) -> Self {
        let device = self.model.devices().into_iter().next();
        let device = device.unwrap_or_default();
        ops::in_thread_pool(&device, || self.update_here(optim, rate, grads, loss))
    }

    fn update_here(
        self,
        optim: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        mut grads: GradientsParams,
        loss: Option<&Tensor<1>>,
    ) -> Self {
        let norm = clip_global_norm(&self, &mut grads, self.max_grad_norm);
        self.norm.set(norm.clone());
        let witness = match (norm, loss) {
            // What is finite times zero is zero: the sum is finite where both are.
            (Some(norm), Some(loss)) => Some(norm + loss.clone() * 0.0),
            (norm, _) => norm,
        };
        match (self.guard, witness) {
            (Guard::Skip, Some(witness)) if !is_finite(&witness) => return self,
            (Guard::Zero, Some(witness)) => zero_unless(&witness, &self, &mut grads),
            _ => {}
        }
        optim.step(rate, self, grads)
    }
}

/// What a training step yields.
#[derive(Clone, Debug)]
pub struct StepOutput {
    /// The mean loss, `[1]`, without its graph.
    pub loss: Tensor<1>,
    /// What there is to show of the step, once it is known.
    pub record: Option<StepRecord>,
}

/// What an inference step yields.
#[derive(Clone, Debug)]
pub struct EvalOutput {
    /// `[batch, places, outputs]`.
    pub logits: Tensor<3>,
    /// The batch's mean loss, `[1]`.
    pub loss: Tensor<1>,
    /// How many losses it is the mean of.
    pub count: usize,
}

impl ItemLazy for StepOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl ItemLazy for EvalOutput {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl<M> TrainStep for Finetune<M>
where
    M: TaskModel + 'static,
    M::Target: Clone + Send + 'static,
{
    type Input = Batch<M::Target>;
    type Output = StepOutput;

    fn step(&self, batch: Self::Input) -> TrainOutput<StepOutput> {
        let (loss, grads) = self.gradients(&batch, M::count(&batch.targets));
        let item = StepOutput { loss, record: None };
        TrainOutput { grads, item }
    }

    fn optimize(self, optim: &mut ModuleOptimizer, rate: ModuleLearningRate, grads: GradientsParams) -> Self {
        self.update(optim, rate, grads, None)
    }
}

impl<M> InferenceStep for Finetune<M>
where
    M: TaskModel + 'static,
    M::Target: Clone + Send + 'static,
{
    type Input = Batch<M::Target>;
    type Output = EvalOutput;

    fn step(&self, batch: Self::Input) -> EvalOutput {
        let logits = self.model.forward(&batch.input, Mode::Inference);
        let count = M::count(&batch.targets);
        let loss = self.model.loss(logits.clone(), &batch.targets, count);
        EvalOutput { logits, loss, count }
    }
}
