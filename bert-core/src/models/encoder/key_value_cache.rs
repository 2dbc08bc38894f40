//! What a language model that writes keeps of the tokens so far.

use burn::tensor::Tensor;

/// The keys and values of the tokens so far, of every layer.
#[derive(Clone, Debug, Default)]
pub struct KeyValueCache {
    /// `[batch, tokens, hidden]` each.
    layers: Vec<[Tensor<3>; 2]>,
}

impl KeyValueCache {
    /// The number of tokens so far.
    pub fn tokens(&self) -> usize {
        self.layers.first().map_or(0, |[keys, _]| keys.dims()[1])
    }

    /// The same for `texts` copies of one text: several continuations of a prompt read it once.
    ///
    /// # Panics
    /// If it holds more than one text.
    pub fn repeat(self, texts: usize) -> Self {
        let repeat = |tensor: Tensor<3>| {
            assert_eq!(tensor.dims()[0], 1, "one text is repeated");
            tensor.repeat_dim(0, texts)
        };
        let layers = self.layers.into_iter();
        Self {
            layers: layers.map(|layer| layer.map(repeat)).collect(),
        }
    }

    /// Adds the keys and values of new tokens in a layer; returns the keys and values of all tokens.
    pub(super) fn extend(&mut self, layer: usize, new: [Tensor<3>; 2]) -> [Tensor<3>; 2] {
        let all = match self.layers.get(layer) {
            None => new,
            Some(before) => {
                let [keys, values] = before.clone();
                let [new_keys, new_values] = new;
                [
                    Tensor::cat(vec![keys, new_keys], 1),
                    Tensor::cat(vec![values, new_values], 1),
                ]
            }
        };
        match self.layers.get_mut(layer) {
            None => self.layers.push(all.clone()),
            Some(before) => before.clone_from(&all),
        }
        all
    }
}
