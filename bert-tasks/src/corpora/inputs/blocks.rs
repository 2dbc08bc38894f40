//! Examples that are read as they are needed.

use std::fmt;
use std::iter;

use datasets::{Example, Examples};

use crate::corpora::CorpusError;

/// The inputs of a prediction, some at a time: memory does not follow them.
pub struct InputBlocks<E> {
    blocks: Blocks<E>,
    len: Option<usize>,
}

type Blocks<E> = Box<dyn Iterator<Item = Result<Examples<E>, CorpusError>> + Send>;

impl<E: Example> InputBlocks<E> {
    /// Inputs that have been read.
    pub fn whole(examples: Examples<E>) -> Self {
        Self {
            len: Some(examples.len()),
            blocks: Box::new(iter::once(Ok(examples))),
        }
    }

    /// Inputs of which nobody knows the number. Nothing is read after an error.
    pub fn of<R: Into<CorpusError>>(
        blocks: impl Iterator<Item = Result<Examples<E>, R>> + Send + 'static,
    ) -> Self {
        Self {
            blocks: Box::new(blocks.map(|block| block.map_err(Into::into))),
            len: None,
        }
    }

    /// The same inputs as examples of another type.
    pub fn convert<F: Example>(
        self,
        change: impl Fn(Examples<E>) -> Examples<F> + Send + 'static,
    ) -> InputBlocks<F> {
        InputBlocks {
            blocks: Box::new(self.blocks.map(move |block| block.map(&change))),
            len: self.len,
        }
    }

    /// The number of inputs, if it is known before they are read.
    pub fn known_len(&self) -> Option<usize> {
        self.len
    }
}

impl<E> Iterator for InputBlocks<E> {
    type Item = Result<Examples<E>, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.blocks.next()
    }
}

impl<E> fmt::Debug for InputBlocks<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InputBlocks")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
