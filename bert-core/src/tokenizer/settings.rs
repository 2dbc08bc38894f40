//! The settings beside a vocabulary: `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`, read as
//! transformers reads them (`PreTrainedTokenizerBase._from_pretrained`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokenizers::AddedToken;

use super::read::{json_error, parse, read};
use super::{Normalization, TokenizerError};
use crate::models::TokenizerForm;

/// The keys of the special tokens that every tokenizer of transformers has, in the order in which it adds them.
const SPECIAL_TOKENS: [&str; 7] = [
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
];
/// The keys of lists of further special tokens.
const EXTRA_TOKENS: [&str; 2] = ["additional_special_tokens", "extra_special_tokens"];
/// Classes that take a `tokenizer.json` as it is.
const AS_IT_IS: [&str; 2] = ["PreTrainedTokenizer", "TokenizersBackend"];

/// How transformers makes a tokenizer of the files in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// From the vocabulary and the settings alone.
    Rebuilt,
    /// From `tokenizer.json` as it is.
    AsItIs,
}

/// The settings of a folder.
#[derive(Default)]
pub(super) struct Settings {
    path: PathBuf,
    config: Config,
    /// The special tokens by their keys.
    special: Map<String, Value>,
    /// The content of `added_tokens.json`.
    added: BTreeMap<String, u32>,
}

#[derive(Default, Deserialize)]
struct Config {
    tokenizer_class: Option<String>,
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: Option<bool>,
    /// Not always an integer of 64 bits: 10³⁰ means "no limit".
    #[serde(default)]
    model_max_length: Value,
    added_tokens_decoder: Option<BTreeMap<u32, Token>>,
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// A token as JSON describes it.
#[derive(Clone, Deserialize)]
pub(super) struct Token {
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    normalized: Option<bool>,
    #[serde(default)]
    special: bool,
}

impl Token {
    fn added(self) -> AddedToken {
        AddedToken::from(self.content, self.special)
            .single_word(self.single_word)
            .lstrip(self.lstrip)
            .rstrip(self.rstrip)
            .normalized(self.normalized.unwrap_or(!self.special))
    }
}

impl Settings {
    /// Reads the settings of a folder; files that are missing say nothing.
    pub(super) fn read(dir: &Path) -> Result<Self, TokenizerError> {
        let path = dir.join("tokenizer_config.json");
        let config: Config = optional(&path)?;
        let mut settings = Self {
            path,
            config,
            ..Self::default()
        };
        settings.special = settings.config.other.clone();
        if settings.config.added_tokens_decoder.is_none() {
            let map: Map<String, Value> = optional(&dir.join("special_tokens_map.json"))?;
            settings.special.extend(map);
            settings.added = optional(&dir.join("added_tokens.json"))?;
        }
        Ok(settings)
    }

    /// What the class does that this folder names; `model_class` is the class that `config.json` names.
    ///
    /// # Errors
    /// If it is a class of another tokenizer.
    pub(super) fn class(
        &self,
        form: &TokenizerForm,
        model_class: Option<String>,
    ) -> Result<Class, TokenizerError> {
        let class = self.config.tokenizer_class.clone().or(model_class);
        let name = class.as_deref().map(|class| class.trim_end_matches("Fast"));
        let refused = |what: String| TokenizerError::NotBert {
            file: self.path.clone(),
            what,
        };
        if let Some(key) = ["word_tokenizer_type", "subword_tokenizer_type"]
            .into_iter()
            .find(|key| self.config.other.contains_key(*key))
        {
            return Err(refused(format!("`{key}` is a setting of BertJapaneseTokenizer")));
        }
        match name {
            None => Ok(Class::Rebuilt),
            Some(name) if name == form.class || form.aliases.contains(&name) => Ok(Class::Rebuilt),
            Some(name) if AS_IT_IS.contains(&name) => Ok(Class::AsItIs),
            Some(_) => Err(refused(format!(
                "`tokenizer_class` is {:?}; it tokenises in another way than {}",
                class.unwrap_or_default(),
                form.class
            ))),
        }
    }

    /// How texts are normalised, with transformers' defaults where the settings say nothing.
    pub(super) fn normalization(&self) -> Normalization {
        let base = Normalization::default();
        Normalization {
            lowercase: self.config.do_lower_case.unwrap_or(base.lowercase),
            strip_accents: self.config.strip_accents,
            chinese_chars: self.config.tokenize_chinese_chars.unwrap_or(base.chinese_chars),
            clean_text: base.clean_text,
        }
    }

    /// `model_max_length`, if it is a number of 64 bits.
    pub(super) fn model_max_length(&self) -> Option<u64> {
        self.config.model_max_length.as_u64()
    }

    /// The tokens to add to a vocabulary, in transformers' order, on which their ids depend. `listed` are the tokens that a
    /// `tokenizer.json` lists.
    ///
    /// # Errors
    /// If a special token differs from `form`'s, or is not described as one.
    pub(super) fn tokens(
        &self,
        form: &TokenizerForm,
        listed: BTreeMap<u32, Token>,
    ) -> Result<Vec<AddedToken>, TokenizerError> {
        let named = self.named(form)?;
        let extra = self.extra(&EXTRA_TOKENS, &self.special)?;
        // transformers knows from these alone whether a token of added_tokens.json is special.
        let mut special = self.extra(&EXTRA_TOKENS[1..], &self.special)?;
        special.extend(self.extra(&EXTRA_TOKENS[..1], &self.config.other)?);
        special.extend(named.iter().cloned());
        let is_special = |content: &str| special.iter().any(|token| token.content == content);
        let numbered = match &self.config.added_tokens_decoder {
            Some(tokens) => tokens.clone(),
            None => {
                let added = self.added.iter().map(|(content, &id)| {
                    let token = Token {
                        special: is_special(content),
                        ..plain(content)
                    };
                    (id, token)
                });
                added.chain(listed).collect()
            }
        };
        let numbered = numbered.into_values().map(|token| {
            let special = token.special || named.iter().any(|named| named.content == token.content);
            Token { special, ..token }
        });
        let mut all: Vec<Token> = numbered.collect();
        for token in named.into_iter().chain(extra) {
            if !all.iter().any(|known| known.content == token.content) {
                all.push(token);
            }
        }
        Ok(all.into_iter().map(Token::added).collect())
    }

    /// The special tokens that have a key, first the ones that every tokenizer has.
    fn named(&self, form: &TokenizerForm) -> Result<Vec<Token>, TokenizerError> {
        let own = |key: &&String| key.ends_with("_token") && !SPECIAL_TOKENS.contains(&key.as_str());
        let own = self.special.keys().filter(own).map(String::as_str);
        let mut tokens = vec![];
        for key in SPECIAL_TOKENS.into_iter().chain(own) {
            let Some(token) = self
                .special
                .get(key)
                .filter(|value| value.is_string() || value.is_object())
            else {
                continue;
            };
            let token = self.token(key, token)?;
            let expected = match key {
                "unk_token" => form.unk,
                "sep_token" => form.sep,
                "pad_token" => form.pad,
                "cls_token" => form.cls,
                "mask_token" => form.mask,
                _ => token.content.as_str(),
            };
            if token.content != expected {
                return Err(TokenizerError::NotBert {
                    file: self.path.clone(),
                    what: format!("its `{key}` is {:?}, not {expected}", token.content),
                });
            }
            // A vocabulary without it has none, and no text of a data set needs one.
            if key != "mask_token" {
                tokens.push(token);
            }
        }
        Ok(tokens)
    }

    /// The special tokens without a key of their own, in the lists that these keys of `map` have.
    fn extra(&self, keys: &[&str], map: &Map<String, Value>) -> Result<Vec<Token>, TokenizerError> {
        let mut tokens = vec![];
        for &key in keys {
            match map.get(key) {
                None | Some(Value::Null) => {}
                Some(Value::Array(list)) => {
                    for token in list {
                        tokens.push(self.token(key, token)?);
                    }
                }
                Some(Value::Object(map)) => {
                    for token in map.values() {
                        tokens.push(self.token(key, token)?);
                    }
                }
                Some(other) => return Err(self.error(key, other)),
            }
        }
        Ok(tokens)
    }

    /// A special token, from its text or its description.
    fn token(&self, key: &str, value: &Value) -> Result<Token, TokenizerError> {
        let token = match value {
            Value::String(content) => Some(plain(content)),
            Value::Object(_) => serde_json::from_value(value.clone()).ok(),
            _ => None,
        };
        let token = token.ok_or_else(|| self.error(key, value))?;
        Ok(Token {
            special: true,
            ..token
        })
    }

    fn error(&self, key: &str, value: &Value) -> TokenizerError {
        json_error(&self.path, format!("`{key}` is {value}; this describes no token"))
    }
}

/// A token without any option.
fn plain(content: &str) -> Token {
    Token {
        content: content.into(),
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: None,
        special: false,
    }
}

/// The content of a JSON file, or nothing where there is no such file.
fn optional<T: DeserializeOwned + Default>(path: &Path) -> Result<T, TokenizerError> {
    match path.is_file() {
        true => parse(&read(path)?, path),
        false => Ok(T::default()),
    }
}
