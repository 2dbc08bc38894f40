//! The forward pass of a language model that writes: each new token reads the keys and values of the tokens before it, which are
//! computed once.

use burn::tensor::{Int, Tensor};

use super::key_value_cache::KeyValueCache;
use super::model::Encoder;
use crate::ops;

impl Encoder {
    /// The last layer's output at the next tokens of texts that a model reads from left to right, `[batch, new, hidden]`, from
    /// their ids, `[batch, new]`. The first call reads all tokens so far, each later call one. The output
    /// equals that of [`forward`](Self::forward) on the whole text if the model is a [decoder](super::BertConfig::is_decoder).
    ///
    /// # Panics
    /// If a later call has more than one new token, or there are more tokens than position embeddings.
    pub fn forward_next(&self, ids: Tensor<2, Int>, cache: &mut KeyValueCache) -> Tensor<3> {
        let before = cache.tokens();
        let [_, new] = ids.dims();
        assert!(before == 0 || new == 1, "one new token at a time");
        let device = ids.device();
        ops::in_thread_pool(&device, || {
            let mut hidden = self.embeddings.forward_from(ids, before);
            for (index, layer) in self.encoder.layer.iter().enumerate() {
                hidden = layer.forward_next(hidden, index, cache);
            }
            hidden
        })
    }
}
