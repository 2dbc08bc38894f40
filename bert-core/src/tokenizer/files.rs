//! Reading and writing the tokenizer files of a model folder.

use std::path::Path;

use serde_json::{Value, json};
use tokenizers::{Model, PreTokenizerWrapper};

use super::load::{self, Options};
use super::{BertTokenizer, Normalization, TokenizerError, word_piece};
use crate::models::{ARCHITECTURES, Architecture, architecture_of};

/// The algorithm whose vocabulary is a `vocab.txt`. Vocabularies of others are read from `tokenizer.json` alone.
const WORD_PIECE: &str = "WordPiece";

impl BertTokenizer {
    /// Reads the tokenizer of a model folder: `tokenizer.json`, or `vocab.txt` where there is none.
    ///
    /// `do_lower_case`, `strip_accents` and `tokenize_chinese_chars` of a `tokenizer_config.json` take precedence over
    /// `tokenizer.json`, as in Hugging Face's `BertTokenizer`. With `vocab.txt` alone, texts are lower-cased unless
    /// `tokenizer_config.json` says `"do_lower_case": false`, again as there. (Where `tokenizer.json` keeps case and
    /// `tokenizer_config.json` does not mention it, `BertTokenizer` lower-cases nevertheless; here `tokenizer.json`
    /// decides.)
    ///
    /// Truncation and padding of a published `tokenizer.json` are dropped: the options of a run decide, not the file.
    /// The special tokens are those of the `model_type` in the folder's `config.json`, and BERT's without one.
    ///
    /// # Errors
    /// If there is no file, if a file is broken (the error names it, and the line), or if it describes a tokenizer of
    /// another kind than BERT's.
    pub fn from_dir(dir: &Path) -> Result<Self, TokenizerError> {
        let config = dir.join("tokenizer_config.json");
        let options = match config.is_file() {
            true => serde_json::from_slice(&read(&config)?).map_err(|e| json_error(&config, e))?,
            false => Options::default(),
        };
        let architecture = architecture_of_folder(dir).unwrap_or(ARCHITECTURES[0]);
        let (json, vocab) = (dir.join("tokenizer.json"), dir.join("vocab.txt"));
        let mut tokenizer = if json.is_file() {
            Self::from_tokenizer_json(&read(&json)?, &options, architecture, &json)?
        } else if vocab.is_file() && architecture.tokenizer.model == WORD_PIECE {
            let normalization = options.normalization(Normalization::default());
            Self::from_vocab(&vocab, normalization, architecture)?
        } else {
            return Err(TokenizerError::NoFiles { dir: dir.into() });
        };
        if let Some(length) = options.model_max_length.as_u64() {
            tokenizer.model_max_length = length;
        }
        Ok(tokenizer)
    }

    /// Reads BERT's tokenizer from a `vocab.txt`: one token a line, the first with id 0.
    ///
    /// # Errors
    /// If the file is missing, is not UTF-8, is empty, has a line twice, or lacks a special token.
    pub fn from_vocab_file(
        path: impl AsRef<Path>,
        normalization: Normalization,
    ) -> Result<Self, TokenizerError> {
        Self::from_vocab(path.as_ref(), normalization, ARCHITECTURES[0])
    }

    fn from_vocab(
        path: &Path,
        normalization: Normalization,
        architecture: &'static Architecture,
    ) -> Result<Self, TokenizerError> {
        let bytes = read(path)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| TokenizerError::NotUtf8 {
            file: path.into(),
            line: 1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count(),
        })?;
        // Not `trim`: multilingual vocabularies have kinds of white space among their tokens.
        let words = text.lines().map(String::from).collect();
        Self::from_words(words, normalization, architecture, path)
    }

    /// Writes `tokenizer.json` (without truncation and padding), `vocab.txt`, `tokenizer_config.json` and
    /// `special_tokens_map.json` into a folder, which is created if it does not exist.
    ///
    /// [`BertTokenizer::from_dir`] and `AutoTokenizer` of Hugging Face's transformers read the same tokenizer back.
    /// `vocab.txt` has the vocabulary in the order of the ids; added tokens, if any, are in `tokenizer.json` only.
    ///
    /// # Errors
    /// [`TokenizerError::Io`] if a file cannot be written.
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

    /// The special tokens by role. A missing mask token is written as `null`, or transformers would add one to the
    /// vocabulary.
    fn special_tokens(&self) -> Value {
        let form = self.form;
        json!({
            "cls_token": form.cls,
            "mask_token": self.special.mask.map(|_| form.mask),
            "pad_token": form.pad,
            "sep_token": form.sep,
            "unk_token": form.unk,
        })
    }

    fn tokenizer_config(&self) -> Value {
        let normalization = self.normalization();
        let mut config = self.special_tokens();
        config["model_max_length"] = self.model_max_length.into();
        config["tokenizer_class"] = match normalization {
            Some(normalization) if self.is_rebuilt_equal(normalization) => self.form.class.into(),
            _ => "PreTrainedTokenizerFast".into(),
        };
        if let Some(normalization) = normalization {
            config["do_lower_case"] = normalization.lowercase.into();
            config["strip_accents"] = normalization.strip_accents.into();
            config["tokenize_chinese_chars"] = normalization.chinese_chars.into();
        }
        config
    }

    /// Whether transformers' `BertTokenizer` would be the same tokenizer: it takes only the vocabulary from
    /// `tokenizer.json` and builds the rest itself.
    fn is_rebuilt_equal(&self, normalization: Normalization) -> bool {
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

/// The architecture that the folder's `config.json` names, if it has one.
fn architecture_of_folder(dir: &Path) -> Option<&'static Architecture> {
    let text = std::fs::read_to_string(dir.join("config.json")).ok()?;
    architecture_of(&text).ok()
}

fn read(file: &Path) -> Result<Vec<u8>, TokenizerError> {
    std::fs::read(file).map_err(|source| TokenizerError::Io {
        file: file.into(),
        source,
    })
}

fn json_error(file: &Path, source: serde_json::Error) -> TokenizerError {
    TokenizerError::Json {
        file: file.into(),
        source: source.into(),
    }
}
