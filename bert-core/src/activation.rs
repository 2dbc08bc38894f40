//! The activation functions of the feed-forward network.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The non-linearity between the two dense layers of the feed-forward network: `hidden_act` in `config.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `x Φ(x)` with the exact normal distribution function: BERT's own.
    #[default]
    #[serde(rename = "gelu")]
    Gelu,
    /// GELU by its tanh approximation, as in the original TensorFlow code.
    #[serde(
        rename = "gelu_new",
        alias = "gelu_pytorch_tanh",
        alias = "gelu_fast",
        alias = "gelu_python_tanh"
    )]
    GeluTanh,
    /// `max(x, 0)`.
    #[serde(rename = "relu")]
    Relu,
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Activation::Gelu => "gelu",
            Activation::GeluTanh => "gelu_new",
            Activation::Relu => "relu",
        })
    }
}
