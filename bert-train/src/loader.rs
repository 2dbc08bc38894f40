//! Which examples form which batch, and in which order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bert_core::Mode;
use bert_core::mode::mix;
use bert_tasks::{Batch, Row, Task, TaskModel};
use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Shuffled texts are sorted by length within stretches of this many batches, so that a batch's texts are of near
/// length and little is padding, and no two epochs have the same batches.
const STRETCH: usize = 50;

/// In which order a loader goes through its examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By length, longest first, without dropout: for evaluation. Rows carry their place in the dataset.
    ByLength,
    /// Shuffled anew each epoch, for training: a function of seed and epoch alone.
    Shuffled {
        /// The run's seed.
        seed: u64,
        /// Whether texts of near length are put together.
        by_length: bool,
    },
}

/// Batches of encoded examples.
#[derive(Clone, Debug)]
pub struct BatchLoader<K: Task> {
    rows: Arc<Vec<Row<K>>>,
    order: Order,
    batch_size: usize,
    /// Most places of a batch, in the place of a number of rows.
    budget: Option<usize>,
    /// Batches of an optimiser step.
    accumulation: usize,
    /// What a batch's length is a multiple of, unless it is the greatest.
    multiple: usize,
    greatest: usize,
    pad_id: u32,
    device: Device,
    /// The epoch that the next plain `iter` goes through.
    epoch: Arc<AtomicUsize>,
}

impl<K: Task> BatchLoader<K> {
    /// Batches of `batch_size` examples on `device`.
    ///
    /// # Panics
    /// If `batch_size` is 0.
    pub fn new(
        rows: Arc<Vec<Row<K>>>,
        order: Order,
        batch_size: usize,
        pad_id: u32,
        device: &Device,
    ) -> Self {
        assert!(batch_size > 0, "a batch holds at least one example");
        Self {
            rows,
            order,
            batch_size,
            budget: None,
            accumulation: 1,
            multiple: 1,
            greatest: usize::MAX,
            pad_id,
            device: device.clone(),
            epoch: Arc::default(),
        }
    }

    /// The same loader, with `accumulation` batches to an optimiser step. The steps are made of the same examples as
    /// those of one batch that is as many times larger.
    ///
    /// # Panics
    /// If `accumulation` is 0.
    pub fn accumulating(mut self, accumulation: usize) -> Self {
        assert!(accumulation > 0, "a step has at least one batch");
        self.accumulation = accumulation;
        self
    }

    /// The same loader, with as many texts in a batch as fill `budget` places with padding; one that is longer has a
    /// batch of its own.
    pub fn within(mut self, budget: Option<usize>) -> Self {
        self.budget = budget;
        self
    }

    /// The same loader, with the lengths of batches rounded up to multiples of `multiple`, but not above `greatest`: few
    /// shapes are what GPUs like, where each new one has to be prepared for.
    ///
    /// # Panics
    /// If `multiple` is 0.
    pub fn rounding(mut self, multiple: usize, greatest: usize) -> Self {
        assert!(multiple > 0, "a multiple of 0 is no length");
        self.multiple = multiple;
        self.greatest = greatest;
        self
    }

    /// Examples.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in the dataset's order.
    pub fn rows(&self) -> &[Row<K>] {
        &self.rows
    }

    /// Optimiser steps in `epoch`, counted from 0. They are as many in each, but for a budget of places.
    pub fn steps(&self, epoch: usize) -> usize {
        match self.budget {
            None => self.rows.len().div_ceil(self.batch_size * self.accumulation),
            Some(_) => self.plan(epoch).len(),
        }
    }

    /// The epochs and the optimiser steps of a run over `epochs`, or of `steps`, where they are given.
    pub fn length(&self, epochs: usize, steps: Option<usize>) -> (usize, usize) {
        let mut taken = 0;
        for epoch in 0.. {
            match steps {
                None if epoch == epochs => return (epochs, taken),
                Some(steps) if taken >= steps => return (epoch, steps),
                _ => taken += self.steps(epoch).max(1),
            }
        }
        unreachable!("each epoch has a step")
    }

    /// The examples of each optimiser step of `epoch` (counted from 0), batch by batch, by their places in the dataset.
    pub fn plan(&self, epoch: usize) -> Vec<Vec<Vec<usize>>> {
        let length = |row: &usize| std::cmp::Reverse(self.rows[*row].encoding.ids.len());
        let mut rows: Vec<usize> = (0..self.rows.len()).collect();
        let Order::Shuffled { seed, by_length } = self.order else {
            rows.sort_by_key(length);
            return self.cut(&rows);
        };
        let mut rng = ChaCha8Rng::seed_from_u64(mix(seed ^ mix(epoch as u64)));
        rows.shuffle(&mut rng);
        if by_length {
            for stretch in rows.chunks_mut(self.usual_step() * STRETCH) {
                stretch.sort_by_key(length);
            }
        }
        let mut steps = self.cut(&rows);
        if by_length {
            steps.shuffle(&mut rng);
        }
        steps
    }

    /// How many rows an optimiser step has, more or less.
    fn usual_step(&self) -> usize {
        let batch = match self.budget {
            None => self.batch_size,
            Some(budget) => {
                let tokens: usize = self.rows.iter().map(|row| row.encoding.ids.len()).sum();
                (budget * self.rows.len() / tokens.max(1)).max(1)
            }
        };
        batch * self.accumulation
    }

    /// Cuts rows into steps of batches. By number of rows, a step's rows are those of one large batch.
    fn cut(&self, rows: &[usize]) -> Vec<Vec<Vec<usize>>> {
        let Some(budget) = self.budget else {
            let batches = |step: &[usize]| step.chunks(self.batch_size).map(<[usize]>::to_vec).collect();
            return rows
                .chunks(self.batch_size * self.accumulation)
                .map(batches)
                .collect();
        };
        let mut batches: Vec<Vec<usize>> = vec![];
        let mut longest = 0;
        for &row in rows {
            let length = self.rounded(self.rows[row].encoding.ids.len());
            match batches.last_mut() {
                Some(batch) if longest.max(length) * (batch.len() + 1) <= budget => {
                    longest = longest.max(length);
                    batch.push(row);
                }
                _ => {
                    longest = length;
                    batches.push(vec![row]);
                }
            }
        }
        batches.chunks(self.accumulation).map(<[_]>::to_vec).collect()
    }

    fn rounded(&self, length: usize) -> usize {
        length
            .next_multiple_of(self.multiple)
            .min(self.greatest.max(length))
    }

    /// The optimiser steps of `epoch`, counted from 0, without the first `done` of them.
    pub fn windows(&self, epoch: usize, done: usize) -> Windows<'_, K> {
        let plan = self.plan(epoch);
        let before = &plan[..done.min(plan.len())];
        Windows {
            loader: self,
            epoch,
            batch: before.iter().map(Vec::len).sum(),
            rows: before.iter().flatten().map(Vec::len).sum(),
            plan: plan.into_iter().skip(done).peekable(),
        }
    }

    /// The batches of `epoch`, counted from 0.
    pub fn epoch(&self, epoch: usize) -> EpochBatches<'_, K> {
        EpochBatches {
            loader: self,
            epoch,
            batch: 0,
            plan: self
                .plan(epoch)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .into_iter(),
            done: 0,
        }
    }

    /// The batch of the places `rows`, the `batch`th of `epoch`.
    fn batch(&self, epoch: usize, batch: usize, rows: &[usize]) -> Batch<K::Target> {
        // An epoch has at most so many batches: each has a number of its own in the whole run.
        let most = match self.budget {
            None => self.rows.len().div_ceil(self.batch_size),
            Some(_) => self.rows.len(),
        };
        let mode = match self.order {
            Order::ByLength => Mode::Inference,
            Order::Shuffled { seed, .. } => Mode::Training {
                seed: mix(seed).wrapping_add((epoch * most + batch) as u64),
            },
        };
        let lengths = rows.iter().map(|&row| self.rows[row].encoding.ids.len());
        let length = self.rounded(lengths.max().unwrap_or(0));
        Batch::padded(&self.rows, rows, length, self.pad_id, mode, &self.device)
    }
}

/// The batches of one optimiser step.
#[derive(Clone, Debug)]
pub struct Window<T> {
    /// At least one.
    pub batches: Vec<Batch<T>>,
    /// How many single losses they have together: what the step's loss is the mean of.
    pub count: usize,
}

impl<T: Clone> Window<T> {
    /// Each row's place in the dataset.
    pub fn rows(&self) -> Vec<usize> {
        self.batches.iter().flat_map(|batch| batch.rows.clone()).collect()
    }
}

/// One epoch's optimiser steps, or the rest of them.
#[derive(Debug)]
pub struct Windows<'a, K: Task> {
    loader: &'a BatchLoader<K>,
    epoch: usize,
    batch: usize,
    rows: usize,
    plan: std::iter::Peekable<std::iter::Skip<std::vec::IntoIter<Vec<Vec<usize>>>>>,
}

impl<K: Task> Windows<'_, K> {
    /// How many of the epoch's rows have been given out.
    pub fn progress(&self) -> Progress {
        Progress::new(self.rows, self.loader.rows.len(), Some("texts".into()))
    }

    /// The same as a share.
    pub fn share(&self) -> f64 {
        self.rows as f64 / self.loader.rows.len().max(1) as f64
    }

    /// Whether there is no further step.
    pub fn is_done(&mut self) -> bool {
        self.plan.peek().is_none()
    }
}

impl<K: Task> Iterator for Windows<'_, K> {
    type Item = Window<K::Target>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.plan.next()?;
        let mut batches = Vec::with_capacity(step.len());
        for rows in &step {
            batches.push(self.loader.batch(self.epoch, self.batch, rows));
            self.batch += 1;
            self.rows += rows.len();
        }
        let count = batches.iter().map(|batch| K::Model::count(&batch.targets)).sum();
        Some(Window { batches, count })
    }
}

/// One epoch's batches.
#[derive(Debug)]
pub struct EpochBatches<'a, K: Task> {
    loader: &'a BatchLoader<K>,
    epoch: usize,
    batch: usize,
    plan: std::vec::IntoIter<Vec<usize>>,
    done: usize,
}

impl<K: Task> Iterator for EpochBatches<'_, K> {
    type Item = Result<Batch<K::Target>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.plan.next()?;
        let batch = self.loader.batch(self.epoch, self.batch, &rows);
        self.batch += 1;
        self.done += rows.len();
        Some(Ok(batch))
    }
}

impl<K: Task> DataLoaderIterator<Batch<K::Target>> for EpochBatches<'_, K> {
    fn progress(&self) -> Progress {
        let total = self.loader.rows.len();
        Progress::new(self.done, total, Some("texts".into()))
    }
}

impl<K: Task> DataLoader<Batch<K::Target>> for BatchLoader<K> {
    /// The next epoch: each call goes one further.
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch<K::Target>> + 'a> {
        Box::new(self.epoch(self.epoch.fetch_add(1, Ordering::Relaxed)))
    }

    fn num_items(&self) -> usize {
        self.rows.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch<K::Target>>> {
        let device = device.clone();
        Arc::new(Self {
            device,
            ..self.clone()
        })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch<K::Target>>> {
        let rows = Arc::new(self.rows[start..end].to_vec());
        Arc::new(Self { rows, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::Encoding;
    use bert_tasks::SequenceClassification;

    fn loader(order: Order, lengths: &[usize], batch_size: usize) -> BatchLoader<SequenceClassification> {
        let rows = lengths
            .iter()
            .enumerate()
            .map(|(example, &length)| Row {
                encoding: Encoding {
                    ids: vec![5; length],
                    type_ids: vec![0; length],
                    truncated: false,
                },
                example,
                place: (),
                target: Some(length as u32),
            })
            .collect();
        BatchLoader::new(Arc::new(rows), order, batch_size, 0, &Device::default())
    }

    fn lengths() -> Vec<usize> {
        (0..107).map(|i| 3 + (i * 7) % 20).collect()
    }

    #[test]
    fn every_example_comes_once_an_epoch() {
        for by_length in [false, true] {
            let loader = loader(Order::Shuffled { seed: 3, by_length }, &lengths(), 8);
            for epoch in 0..3 {
                let mut rows: Vec<usize> = loader.plan(epoch).concat().concat();
                rows.sort_unstable();
                assert_eq!(rows, (0..107).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn the_order_is_a_function_of_seed_and_epoch() {
        let order = |seed| Order::Shuffled {
            seed,
            by_length: true,
        };
        let one = loader(order(1), &lengths(), 8);
        let again = loader(order(1), &lengths(), 8);
        again.windows(0, 0).for_each(drop);
        assert_eq!(one.plan(1), again.plan(1));
        assert_ne!(one.plan(0), one.plan(1));
        assert_ne!(one.plan(0), loader(order(2), &lengths(), 8).plan(0));
    }

    #[test]
    fn dropout_differs_from_step_to_step_and_not_from_run_to_run() {
        let order = Order::Shuffled {
            seed: 1,
            by_length: false,
        };
        let modes = |epoch| -> Vec<Mode> {
            let loader = loader(order, &lengths(), 8);
            loader.epoch(epoch).map(|batch| batch.unwrap().mode).collect()
        };
        let mut all = [modes(0), modes(1)].concat();
        assert_eq!(all[14..], modes(1));
        all.dedup();
        assert_eq!(all.len(), 28);
    }

    #[test]
    fn an_epoch_goes_on_where_it_was_left() {
        let order = Order::Shuffled {
            seed: 5,
            by_length: true,
        };
        let loader = loader(order, &lengths(), 8).accumulating(3);
        let look = |windows: Windows<'_, _>| -> Vec<(Vec<usize>, Vec<Mode>)> {
            windows
                .map(|window: Window<u32>| {
                    let modes = window.batches.iter().map(|batch| batch.mode).collect();
                    (window.rows(), modes)
                })
                .collect()
        };
        let all = look(loader.windows(1, 0));
        assert_eq!(all.len(), loader.steps(1));
        for done in 0..=all.len() {
            let mut rest = loader.windows(1, done);
            let before: usize = all[..done].iter().map(|(rows, _)| rows.len()).sum();
            assert_eq!(rest.progress().items_processed, before);
            assert_eq!(rest.is_done(), done == all.len());
            assert_eq!(look(rest), all[done..]);
        }
    }

    #[test]
    fn accumulated_batches_hold_the_rows_of_the_large_batch() {
        for by_length in [false, true] {
            let order = Order::Shuffled { seed: 4, by_length };
            let small = loader(order, &lengths(), 4).accumulating(4).plan(2);
            let large = loader(order, &lengths(), 16).plan(2);
            assert_eq!(small.len(), large.len());
            for (small, large) in small.iter().zip(&large) {
                assert!(small.iter().all(|batch| batch.len() <= 4));
                assert_eq!(small.concat(), large.concat());
            }
        }
    }

    #[test]
    fn a_budget_bounds_the_places_of_every_batch() {
        for by_length in [false, true] {
            let order = Order::Shuffled { seed: 4, by_length };
            let loader = loader(order, &lengths(), 8)
                .accumulating(2)
                .within(Some(64))
                .rounding(4, 24);
            let mut total = 0;
            for epoch in 0..2 {
                let windows: Vec<Window<u32>> = loader.windows(epoch, 0).collect();
                assert_eq!(windows.len(), loader.steps(epoch));
                total += windows.len();
                let mut rows = vec![];
                for batch in windows.iter().flat_map(|window| &window.batches) {
                    let [_, length] = batch.input.dims();
                    assert!(length % 4 == 0, "{length}");
                    assert!(batch.places() <= 64, "{}", batch.places());
                    rows.extend(batch.rows.clone());
                }
                rows.sort_unstable();
                assert_eq!(rows, (0..107).collect::<Vec<_>>());
            }
            assert_eq!(loader.length(2, None), (2, total));
            assert_eq!(loader.length(9, Some(total)), (2, total));
            assert_eq!(loader.length(9, Some(1)), (1, 1));
        }
    }

    #[test]
    fn lengths_are_rounded_but_not_above_the_greatest() {
        let order = Order::Shuffled {
            seed: 4,
            by_length: true,
        };
        let loader = loader(order, &lengths(), 8).rounding(16, 20);
        let mut lengths: Vec<usize> = loader
            .epoch(0)
            .map(|batch| batch.unwrap().input.dims()[1])
            .collect();
        lengths.sort_unstable();
        lengths.dedup();
        // The longest of these texts has 22 tokens, and is never cut.
        assert_eq!(lengths.first(), Some(&16));
        assert!(
            lengths.iter().all(|length| [16, 20, 21, 22].contains(length)),
            "{lengths:?}"
        );
    }

    #[test]
    fn texts_of_near_length_share_a_batch() {
        let padding = |by_length| {
            let loader = loader(Order::Shuffled { seed: 1, by_length }, &lengths(), 8);
            let (mut tokens, mut places) = (0, 0);
            for batch in loader.epoch(0) {
                let batch = batch.unwrap();
                tokens += batch.tokens;
                places += batch.places();
            }
            1.0 - tokens as f64 / places as f64
        };
        assert!(padding(true) < 0.05, "{}", padding(true));
        assert!(padding(false) > 0.2, "{}", padding(false));
    }
}
