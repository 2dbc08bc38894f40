//! How the training loop stands in Burn's `SupervisedTraining`.
//!
//! It takes the place of Burn's own loop there, since that one shows nothing between batches, asks for every loss at
//! once, cannot stop in the middle of an epoch with the model saved, and cannot go on from there.

use std::sync::{Arc, Mutex, PoisonError};

use bert_tasks::Task;
use burn_train::{
    Learner, SupervisedLearningStrategy, SupervisedTrainingEventProcessor, TrainLoader, TrainingComponents,
    ValidLoader,
};
use datasets::Source;

use crate::data::loader::BatchLoader;
use crate::display::figures::Newest;
use crate::interrupt::Stop;
use crate::recipe::Recipe;
use crate::run::RunWriter;
use crate::run::state::Progress;
use crate::training::best_model::ModelSelection;
use crate::training::finetune::Finetune;
use crate::training::throughput::Counts;
use crate::training::train::TrainError;
use crate::training::trainee::Trainee;
use crate::training::training_loop::Loop;

/// The loop of one run. Everything that `fit` changes is taken out of it first.
pub struct FinetuneStrategy<K: Task> {
    pub(crate) task: K,
    pub(crate) recipe: Recipe,
    pub(crate) selection: ModelSelection,
    /// Optimiser steps of the whole run.
    pub(crate) steps: usize,
    pub(crate) train: BatchLoader<K>,
    pub(crate) dev: BatchLoader<K>,
    /// Where each row of `train` is from.
    pub(crate) sources: Vec<Source>,
    /// Whether reading a loss costs nothing, as where the device is the processor itself.
    pub(crate) eager: bool,
    pub(crate) stop: Stop,
    pub(crate) newest: Newest,
    pub(crate) begin: Mutex<Option<Begin<K>>>,
    pub(crate) outcome: Arc<Mutex<Option<Outcome<K>>>>,
}

/// What the loop begins with.
pub struct Begin<K: Task> {
    pub(crate) trainee: Trainee<K::Model>,
    pub(crate) progress: Progress,
    pub(crate) counts: Counts,
    pub(crate) keeper: RunWriter<K>,
}

/// What the loop leaves behind.
pub struct Outcome<K: Task> {
    pub(crate) trainee: Trainee<K::Model>,
    pub(crate) progress: Progress,
    pub(crate) keeper: RunWriter<K>,
    pub(crate) error: Option<TrainError>,
}

pub(crate) type Processor<M> = SupervisedTrainingEventProcessor<Finetune<M>>;

impl<K: Task> SupervisedLearningStrategy<Finetune<K::Model>> for FinetuneStrategy<K> {
    fn fit(
        &self,
        components: TrainingComponents<Finetune<K::Model>>,
        learner: Learner<Finetune<K::Model>>,
        _: TrainLoader<Finetune<K::Model>>,
        _: ValidLoader<Finetune<K::Model>>,
        _: usize,
    ) -> (Finetune<K::Model>, Processor<K::Model>) {
        // Its weights are the trainee's: a second owner would keep the first ones in memory to the end.
        drop(learner);
        let begin = self.begin.lock().unwrap_or_else(PoisonError::into_inner).take();
        let begin = begin.expect("a strategy is used once");
        let mut state = Loop::new(self, begin, components.event_processor, components.interrupter);
        let error = state.run().err();
        let model = state.trainee.model().clone();
        let outcome = Outcome {
            trainee: state.trainee,
            progress: state.progress,
            keeper: state.keeper,
            error,
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        (model, state.events)
    }
}
