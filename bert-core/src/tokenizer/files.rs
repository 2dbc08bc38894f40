//! Reading and writing the tokenizer files of a model folder.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tokenizers::{Model, PreTokenizerWrapper};

use super::read::{json_error, parse, read};
use super::settings::{Class, Settings, Token};
use super::word_piece::{self, Vocabulary};
use super::{BertTokenizer, Normalization, TokenizerError};
use crate::files::{not_the_file, without_mark};
use crate::models::{ARCHITECTURES, Architecture, architecture};

/// The files that a tokenizer can be read from, the first one that exists.
pub const VOCABULARIES: [&str; 2] = ["tokenizer.json", "vocab.txt"];
/// The files beside them that are read too.
pub const SETTINGS: [&str; 3] = [
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
];

impl BertTokenizer {
    /// Reads the tokenizer of a model folder, as `AutoTokenizer` of transformers 5 does.
    ///
    /// The vocabulary is that of `tokenizer.json`, or of `vocab.txt` where there is none. The rest comes from
    /// `tokenizer_config.json`: texts are lower-cased and lose their accents unless it says otherwise, whatever a
    /// `tokenizer.json` says. Only where `tokenizer_class` is `PreTrainedTokenizerFast` or `TokenizersBackend`, or the model's
    /// tokenizer is not WordPiece, `tokenizer.json` is taken as it is. Tokens are added from `tokenizer_config.json`,
    /// `special_tokens_map.json`, `added_tokens.json` and `tokenizer.json`, with transformers' ids.
    ///
    /// Truncation and padding of a published `tokenizer.json` are dropped: the options of a run decide, not the file.
    /// The special tokens are those of the `model_type` in the folder's `config.json`, and BERT's without one.
    ///
    /// # Errors
    /// If there is no file, if a file is broken (the error names it, and the line), or if it describes a tokenizer of
    /// another kind than the model's.
    pub fn from_dir(dir: &Path) -> Result<Self, TokenizerError> {
        let settings = Settings::read(dir)?;
        let (architecture, model_class) = of_config(dir);
        let form = &architecture.tokenizer;
        let class = settings.class(form, model_class)?;
        let can_rebuild = form.model == word_piece::NAME && class == Class::Rebuilt;
        let [json, vocab] = VOCABULARIES.map(|name| dir.join(name));
        if json.is_file() {
            return Self::of_tokenizer_json(&json, &settings, class, architecture);
        }
        if vocab.is_file() && can_rebuild {
            let words = vocabulary_of_file(&vocab)?;
            return Self::of_words(words, settings.normalization(), &settings, architecture, &vocab);
        }
        Err(TokenizerError::NoFiles {
            dir: dir.into(),
            needed: match can_rebuild {
                true => "neither a tokenizer.json nor a vocab.txt; a BERT model's folder has at least one",
                false => "no tokenizer.json, but this tokenizer needs it",
            },
        })
    }

    /// The tokenizer of a `tokenizer.json` with the settings beside it.
    fn of_tokenizer_json(
        path: &Path,
        settings: &Settings,
        class: Class,
        architecture: &'static Architecture,
    ) -> Result<Self, TokenizerError> {
        let form = &architecture.tokenizer;
        let bytes = read(path)?;
        let tokenizer = if class == Class::AsItIs || form.model != word_piece::NAME {
            let added = |_: &Value| settings.tokens(form, BTreeMap::new());
            Self::as_it_is(&bytes, added, architecture, path)?
        } else {
            let value: Value = parse(&bytes, path)?;
            let words = vocabulary_of_json(&value, path)?;
            let added = settings.tokens(form, listed(&value, path)?)?;
            Self::rebuilt(words, settings.normalization(), added, architecture, path)?
        };
        Ok(tokenizer.with_max_length_of(settings))
    }

    /// The tokenizer of a `vocab.txt` with the settings beside it.
    fn of_words(
        words: Vocabulary,
        normalization: Normalization,
        settings: &Settings,
        architecture: &'static Architecture,
        path: &Path,
    ) -> Result<Self, TokenizerError> {
        let added = settings.tokens(&architecture.tokenizer, BTreeMap::new())?;
        let tokenizer = Self::rebuilt(words, normalization, added, architecture, path)?;
        Ok(tokenizer.with_max_length_of(settings))
    }

    fn with_max_length_of(self, settings: &Settings) -> Self {
        Self {
            model_max_length: settings.model_max_length().unwrap_or(self.model_max_length),
            ..self
        }
    }

    /// Reads BERT's tokenizer from a `vocab.txt`: one token a line, the first with id 0.
    ///
    /// # Errors
    /// If the file is missing, is not UTF-8, is empty, or lacks a special token.
    pub fn from_vocab_file(
        path: impl AsRef<Path>,
        normalization: Normalization,
    ) -> Result<Self, TokenizerError> {
        let path = path.as_ref();
        Self::rebuilt(
            vocabulary_of_file(path)?,
            normalization,
            vec![],
            ARCHITECTURES[0],
            path,
        )
    }

    /// Reads BERT's tokenizer from a folder, as [`from_dir`](Self::from_dir), or from a `vocab.txt` or `tokenizer.json`, with
    /// the settings that are beside it.
    ///
    /// Without a `tokenizer_config.json`, a `tokenizer.json` is taken as it is, and texts are lower-cased for a `vocab.txt` that
    /// has no word with a capital letter.
    ///
    /// # Errors
    /// As [`from_dir`](Self::from_dir).
    pub fn from_path(path: &Path) -> Result<Self, TokenizerError> {
        if path.is_dir() {
            return Self::from_dir(path);
        }
        let dir = match path.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => dir,
            _ => Path::new("."),
        };
        let settings = Settings::read(dir)?;
        let bert = ARCHITECTURES[0];
        let has_settings = dir.join(SETTINGS[0]).is_file();
        if path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        {
            let class = match has_settings {
                true => settings.class(&bert.tokenizer, None)?,
                false => Class::AsItIs,
            };
            return Self::of_tokenizer_json(path, &settings, class, bert);
        }
        let words = vocabulary_of_file(path)?;
        let is_cased = |word: &String| !word.starts_with('[') && word.chars().any(char::is_uppercase);
        let normalization = match has_settings {
            true => settings.normalization(),
            false if words.keys().any(is_cased) => Normalization::cased(),
            false => Normalization::uncased(),
        };
        Self::of_words(words, normalization, &settings, bert, path)
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
        if let Some(lines) = word_piece::of(&self.inner).and_then(word_piece::lines) {
            write("vocab.txt", lines.join("\n") + "\n")?;
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
        let model = word_piece::of(&self.inner);
        normalization.clean_text
            && matches!(pre_tokenizer, Some(PreTokenizerWrapper::BertPreTokenizer(_)))
            && model.is_some_and(|model| {
                model.max_input_chars_per_word == word_piece::MAX_WORD_LENGTH
                    && model.continuing_subword_prefix == word_piece::CONTINUATION_PREFIX
                    && model.get_vocab_size() == self.inner.get_vocab_size(true)
            })
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The architecture that the folder's `config.json` names, and the class of its tokenizer, if it has them. Faults of that file are
/// reported where the model is read.
fn of_config(dir: &Path) -> (&'static Architecture, Option<String>) {
    let text = std::fs::read(dir.join("config.json")).unwrap_or_default();
    let config: Value = serde_json::from_slice(without_mark(&text)).unwrap_or_default();
    let known = config["model_type"].as_str().and_then(architecture);
    let class = config["tokenizer_class"].as_str().map(str::to_owned);
    (known.unwrap_or(ARCHITECTURES[0]), class)
}

/// The vocabulary of a `vocab.txt`.
fn vocabulary_of_file(path: &Path) -> Result<Vocabulary, TokenizerError> {
    let bytes = read(path)?;
    if let Some(reason) = not_the_file(&bytes) {
        return Err(json_error(path, reason));
    }
    let bytes = without_mark(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| TokenizerError::NotUtf8 {
        file: path.into(),
        line: 1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count(),
    })?;
    // White space at the end of a line is no part of a token, as for the tokenizers crate.
    let tokens = text.lines().map(|line| line.trim_end().to_owned());
    Ok(word_piece::vocabulary(tokens))
}

/// The added tokens that a `tokenizer.json` lists, by id.
fn listed(json: &Value, file: &Path) -> Result<BTreeMap<u32, Token>, TokenizerError> {
    #[derive(Deserialize)]
    struct Listed {
        id: u32,
        #[serde(flatten)]
        token: Token,
    }
    let tokens: Option<Vec<Listed>> = match json.get("added_tokens") {
        None => None,
        Some(tokens) => serde_json::from_value(tokens.clone())
            .map_err(|e| json_error(file, format!("`added_tokens`: {e}")))?,
    };
    let tokens = tokens.unwrap_or_default().into_iter();
    Ok(tokens.map(|Listed { id, token }| (id, token)).collect())
}

/// The vocabulary of a `tokenizer.json`.
///
/// # Errors
/// If it has no vocabulary, or one of another algorithm.
fn vocabulary_of_json(json: &Value, file: &Path) -> Result<Vocabulary, TokenizerError> {
    let model = &json["model"];
    // Old files do not name the algorithm.
    let kind = match model["type"].as_str() {
        None if model.get("merges").is_some() => "BPE",
        None => word_piece::NAME,
        Some(kind) => kind,
    };
    if kind != word_piece::NAME {
        return Err(TokenizerError::NotBert {
            file: file.into(),
            what: format!("its model is {kind}, not {}", word_piece::NAME),
        });
    }
    let error = |reason: String| json_error(file, reason);
    let vocabulary = model["vocab"].as_object();
    let vocabulary = vocabulary.ok_or_else(|| error("the file has no `model.vocab`".into()))?;
    let ids = vocabulary.iter().map(|(token, id)| {
        let number = id.as_u64().and_then(|id| u32::try_from(id).ok());
        let number = number.ok_or_else(|| error(format!("`model.vocab`: the id of {token:?} is {id}")));
        Ok((token.clone(), number?))
    });
    ids.collect()
}
