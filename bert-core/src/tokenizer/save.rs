//! Writing a tokenizer as the files that Hugging Face's libraries read.

use std::path::Path;

use serde_json::{Value, json};
use tokenizers::{Model, PreTokenizerWrapper};

use super::{BertTokenizer, Normalization, TokenizerError, load, word_piece};

impl BertTokenizer {
    /// Writes `tokenizer.json` (without truncation and padding), `vocab.txt`, `tokenizer_config.json` and
    /// `special_tokens_map.json` into a folder, which is made if it is not there.
    ///
    /// [`BertTokenizer::from_dir`] reads the same tokenizer back, and so does `AutoTokenizer` of Hugging Face's
    /// transformers. `vocab.txt` has the vocabulary proper in the order of the ids; tokens that were added to it, if
    /// any, are in `tokenizer.json` only.
    ///
    /// # Errors
    /// [`TokenizerError::Io`] where a file cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), TokenizerError> {
        let io = |file: &Path| {
            let file = file.to_owned();
            move |source| TokenizerError::Io { file, source }
        };
        let write = |name: &str, text: String| {
            let file = dir.join(name);
            std::fs::write(&file, text).map_err(io(&file))
        };
        std::fs::create_dir_all(dir).map_err(io(dir))?;

        let text = self.inner.to_string(true).map_err(TokenizerError::Encode)?;
        write("tokenizer.json", text)?;
        if let Some(model) = word_piece(&self.inner) {
            let mut tokens = load::tokens(model, dir)?.join("\n");
            tokens.push('\n');
            write("vocab.txt", tokens)?;
        }
        write("tokenizer_config.json", pretty(&self.tokenizer_config()))?;
        write("special_tokens_map.json", pretty(&self.special_tokens()))
    }

    /// Names by role. A missing `[MASK]` is spelt out, or transformers would add one to the vocabulary.
    fn special_tokens(&self) -> Value {
        json!({
            "cls_token": "[CLS]",
            "mask_token": self.special.mask.map(|_| "[MASK]"),
            "pad_token": "[PAD]",
            "sep_token": "[SEP]",
            "unk_token": "[UNK]",
        })
    }

    fn tokenizer_config(&self) -> Value {
        let normalization = self.normalization();
        let mut config = self.special_tokens();
        config["model_max_length"] = self.model_max_length.into();
        config["tokenizer_class"] = match normalization {
            Some(normalization) if self.is_rebuilt_alike(normalization) => "BertTokenizer".into(),
            _ => "PreTrainedTokenizerFast".into(),
        };
        if let Some(normalization) = normalization {
            config["do_lower_case"] = normalization.lowercase.into();
            config["strip_accents"] = normalization.strip_accents.into();
            config["tokenize_chinese_chars"] = normalization.chinese_chars.into();
        }
        config
    }

    /// Whether transformers' `BertTokenizer`, which takes no more than the vocabulary from `tokenizer.json` and builds
    /// all else by itself, comes out the same.
    fn is_rebuilt_alike(&self, normalization: Normalization) -> bool {
        let pre_tokenizer = self.inner.get_pre_tokenizer();
        let model = word_piece(&self.inner);
        normalization.clean_text
            && matches!(pre_tokenizer, Some(PreTokenizerWrapper::BertPreTokenizer(_)))
            && model.is_some_and(|model| {
                model.max_input_chars_per_word == 100
                    && model.continuing_subword_prefix == "##"
                    && model.get_vocab_size() == self.vocab_size()
            })
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
