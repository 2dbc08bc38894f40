//! The operations BERT spends its time in, each defined once for every backend.
//!
//! [`BertBackend`] extends Burn's `Backend`: every operation has a default body composed of Burn operations, which
//! holds on every backend and, over `Autodiff`, yields its gradients too. A backend that has a better body overrides
//! the method; the model does not change. One file holds one operation: its composed body, which is also its
//! definition, and the function the model calls. The fused bodies for the CPU are in `flex/`.

mod activation;
mod adamw;
mod attention;
mod backend;
mod capabilities;
mod cross_entropy;
mod dropout;
mod embeddings;
mod feed_forward;
mod first_attention;
#[cfg(feature = "flex")]
mod flex;
mod gradient_norm;
mod linear;
mod precision;
mod residual_norm;
mod self_attention;
mod texts;

pub use activation::linear_activation;
pub use adamw::{AdamWStep, adamw};
pub use attention::attention;
pub use backend::BertBackend;
pub use capabilities::{Capabilities, in_thread_pool};
pub use cross_entropy::cross_entropy;
pub use dropout::{Dropout, dropout};
pub use embeddings::embeddings;
pub use feed_forward::{FeedForward, feed_forward};
pub use first_attention::{first_attention, first_tokens};
pub use gradient_norm::{scale, sum_of_squares};
pub use linear::linear;
pub use precision::{Precision, precision, set_precision};
pub use residual_norm::residual_norm;
pub use self_attention::{SelfAttention, self_attention};
pub use texts::{Texts, unpack};
