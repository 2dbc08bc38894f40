//! What the numbers of a configuration can be.

use serde_json::Value;

use super::BertConfig;

impl BertConfig {
    /// Whether an encoder of these numbers can be built. Anything larger than the limits is a damaged file: nothing is allocated
    /// for it.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, size, most) in [
            ("hidden_size", self.hidden_size, 1 << 17),
            ("intermediate_size", self.intermediate_size, 1 << 20),
            ("max_position_embeddings", self.max_position_embeddings, 1 << 24),
            ("num_attention_heads", self.num_attention_heads, 1 << 17),
            ("num_hidden_layers", self.num_hidden_layers, 1000),
            ("type_vocab_size", self.type_vocab_size, 256),
            ("vocab_size", self.vocab_size, 1 << 27),
        ] {
            let is_absent = name == "type_vocab_size" && !self.architecture().token_types;
            if size == 0 && !is_absent {
                return Err(format!("`{name}` is 0"));
            }
            if size > most {
                return Err(format!("`{name}` is {size}; at most {most} is supported"));
            }
        }
        if self.pad_token_id >= self.vocab_size {
            return Err(format!(
                "`pad_token_id` is {}, but `vocab_size` is {}",
                self.pad_token_id, self.vocab_size
            ));
        }
        for (name, value) in [
            ("initializer_range", self.initializer_range),
            ("layer_norm_eps", self.layer_norm_eps),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(format!("`{name}` is {value}; it must be from 0 to 1"));
            }
        }
        if self.max_tokens() == 0 {
            return Err(format!(
                "`max_position_embeddings` is {}, but the positions of tokens start at {}",
                self.max_position_embeddings,
                self.first_position()
            ));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err(format!(
                "`hidden_size` {} is not a multiple of `num_attention_heads` {}",
                self.hidden_size, self.num_attention_heads
            ));
        }
        let rates = [
            ("attention_probs_dropout_prob", self.attention_probs_dropout_prob),
            ("hidden_dropout_prob", self.hidden_dropout_prob),
            ("classifier_dropout", self.classifier_dropout.unwrap_or(0.0)),
        ];
        if let Some((name, rate)) = rates.iter().find(|(_, rate)| !(0.0..1.0).contains(rate)) {
            return Err(format!("`{name}` is {rate}; it must be at least 0 and below 1"));
        }
        match self.other.get("position_embedding_type").and_then(Value::as_str) {
            None | Some("absolute") => {}
            Some(kind) => {
                return Err(format!(
                    "`position_embedding_type` is \"{kind}\"; only \"absolute\" positions are supported"
                ));
            }
        }
        if self.other.get("add_cross_attention") == Some(&Value::Bool(true)) {
            return Err(
                "`add_cross_attention` is true; decoders that read an encoder's output are not supported"
                    .into(),
            );
        }
        Ok(())
    }
}
