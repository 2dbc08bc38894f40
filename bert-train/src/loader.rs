//! Which examples form which batch, and in which order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bert_core::Mode;
use bert_core::mode::mix;
use bert_tasks::{Batch, Row, Task};
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
            pad_id,
            device: device.clone(),
            epoch: Arc::default(),
        }
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

    /// Batches in one epoch.
    pub fn batches(&self) -> usize {
        self.rows.len().div_ceil(self.batch_size)
    }

    /// The examples of each batch of `epoch` (counted from 0), by their places in the dataset.
    pub fn plan(&self, epoch: usize) -> Vec<Vec<usize>> {
        let length = |row: &usize| std::cmp::Reverse(self.rows[*row].encoding.ids.len());
        let mut rows: Vec<usize> = (0..self.rows.len()).collect();
        let Order::Shuffled { seed, by_length } = self.order else {
            rows.sort_by_key(length);
            return rows.chunks(self.batch_size).map(<[usize]>::to_vec).collect();
        };
        let mut rng = ChaCha8Rng::seed_from_u64(mix(seed ^ mix(epoch as u64)));
        rows.shuffle(&mut rng);
        if by_length {
            for stretch in rows.chunks_mut(self.batch_size * STRETCH) {
                stretch.sort_by_key(length);
            }
        }
        let mut batches: Vec<Vec<usize>> = rows.chunks(self.batch_size).map(<[usize]>::to_vec).collect();
        if by_length {
            batches.shuffle(&mut rng);
        }
        batches
    }

    /// The batches of `epoch`, counted from 0.
    pub fn epoch(&self, epoch: usize) -> EpochBatches<'_, K> {
        EpochBatches {
            loader: self,
            plan: self.plan(epoch).into_iter(),
            step: epoch * self.batches(),
            done: 0,
        }
    }
}

/// One epoch's batches.
#[derive(Debug)]
pub struct EpochBatches<'a, K: Task> {
    loader: &'a BatchLoader<K>,
    plan: std::vec::IntoIter<Vec<usize>>,
    step: usize,
    done: usize,
}

impl<K: Task> Iterator for EpochBatches<'_, K> {
    type Item = Result<Batch<K::Target>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.plan.next()?;
        let mode = match self.loader.order {
            Order::ByLength => Mode::Inference,
            Order::Shuffled { seed, .. } => Mode::Training {
                seed: mix(seed).wrapping_add(self.step as u64),
            },
        };
        self.step += 1;
        self.done += rows.len();
        let loader = self.loader;
        let batch = Batch::new(&loader.rows, &rows, loader.pad_id, mode, &loader.device);
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
                let mut rows: Vec<usize> = loader.plan(epoch).concat();
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
        again.epoch(0).for_each(drop);
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
