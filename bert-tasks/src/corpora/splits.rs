//! Training and evaluation data.

use datasets::Examples;
use datasets::demo::DemoCorpus;

/// Examples for training and for evaluation.
#[derive(Clone, Debug)]
pub struct Splits<E> {
    /// The training data.
    pub train: Examples<E>,
    /// The evaluation data.
    pub dev: Examples<E>,
}

impl<E> Splits<E> {
    /// Both.
    pub fn new(train: Examples<E>, dev: Examples<E>) -> Self {
        Self { train, dev }
    }
}

impl<E> From<DemoCorpus<E>> for Splits<E> {
    fn from(demo: DemoCorpus<E>) -> Self {
        Self::new(demo.train, demo.dev)
    }
}
