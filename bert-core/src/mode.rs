//! Whether a forward pass trains, and which random numbers its dropout draws.

use crate::ops::Dropout;
use crate::random::mix;

/// Training or inference.
///
/// Dropout is a function of `(seed, site)` alone: there is no hidden generator whose state a checkpoint would have to
/// carry, and a step can be repeated exactly.
///
/// ```
/// use bert_core::Mode;
/// assert!(Mode::Inference.dropout(0.1, 3).is_none());
/// assert!(Mode::Training { seed: 7 }.dropout(0.0, 3).is_none());
/// assert_ne!(
///     Mode::Training { seed: 7 }.dropout(0.1, 3),
///     Mode::Training { seed: 7 }.dropout(0.1, 4),
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No dropout.
    Inference,
    /// Dropout on, with masks drawn from `seed`: give every optimiser step a seed of its own.
    Training {
        /// The seed of this forward pass.
        seed: u64,
    },
}

/// The site of the head's dropout, after every site inside the encoder.
pub const HEAD_SITE: u64 = u32::MAX as u64;

/// The site of the dropout before the pooler, in families that have one.
pub const POOLER_SITE: u64 = HEAD_SITE - 1;

impl Mode {
    /// The dropout of one site in the model, or none where nothing is dropped.
    ///
    /// `site` numbers the sites: 0 is the embeddings, `1 + 3 l`, `2 + 3 l` and `3 + 3 l` are layer `l`'s attention
    /// probabilities, attention output and feed-forward output, [`POOLER_SITE`] and [`HEAD_SITE`] are the pooler's input and the head's.
    pub fn dropout(self, rate: f64, site: u64) -> Option<Dropout> {
        match self {
            Mode::Training { seed } if rate > 0.0 => Some(Dropout {
                rate,
                key: mix(seed ^ mix(site.wrapping_add(1))),
            }),
            _ => None,
        }
    }
}
