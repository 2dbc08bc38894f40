//! A tokenizer from a vocabulary or a `tokenizer.json`, checked.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, Model, ModelWrapper, PostProcessorWrapper, Tokenizer};

use super::{BertTokenizer, Normalization, SpecialIds, TokenizerError, word_piece};
use crate::models::{ARCHITECTURES, Architecture, TokenizerForm};

/// BERT's number of positions, where `tokenizer_config.json` gives no length.
const MODEL_MAX_LENGTH: u64 = 512;

/// The fields of a `tokenizer_config.json` that are read.
#[derive(Default, Deserialize)]
pub(super) struct Options {
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: Option<bool>,
    /// Not always an integer of 64 bits: 10³⁰ means "no limit".
    #[serde(default)]
    #[cfg_attr(not(feature = "files"), allow(dead_code))] // Only folders have one.
    pub model_max_length: Value,
}

impl Options {
    /// What the file says, and `base` where it says nothing.
    pub fn normalization(&self, base: Normalization) -> Normalization {
        Normalization {
            lowercase: self.do_lower_case.unwrap_or(base.lowercase),
            strip_accents: self.strip_accents.or(base.strip_accents),
            chinese_chars: self.tokenize_chinese_chars.unwrap_or(base.chinese_chars),
            clean_text: base.clean_text,
        }
    }
}

impl BertTokenizer {
    /// BERT's tokenizer with this vocabulary; a token's id is its index in the list.
    ///
    /// # Errors
    /// If the list is empty, has a token twice, or lacks a special token; "line" counts tokens, from 1.
    pub fn from_vocabulary(words: Vec<String>, normalization: Normalization) -> Result<Self, TokenizerError> {
        let file = Path::new("(vocabulary in memory)");
        Self::from_words(words, normalization, ARCHITECTURES[0], file)
    }

    /// The tokenizer that the text of a `tokenizer.json` describes.
    ///
    /// Its truncation and padding, if any, are dropped: the caller decides, not the file.
    ///
    /// # Errors
    /// If the text is not JSON, or describes another tokenizer than that of `architecture`.
    pub fn from_json(text: &str, architecture: &'static Architecture) -> Result<Self, TokenizerError> {
        let file = Path::new("tokenizer.json");
        Self::from_tokenizer_json(text.as_bytes(), &Options::default(), architecture, file)
    }

    pub(super) fn from_words(
        words: Vec<String>,
        normalization: Normalization,
        architecture: &'static Architecture,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        let form = &architecture.tokenizer;
        if words.is_empty() {
            return Err(TokenizerError::Empty { file: file.into() });
        }
        let mut ids = HashMap::with_capacity(words.len());
        for (id, word) in (0_u32..).zip(&words) {
            if let Some(first) = ids.insert(word, id) {
                return Err(TokenizerError::Duplicate {
                    file: file.into(),
                    line: id as usize + 1,
                    first: first as usize + 1,
                    token: word.clone(),
                });
            }
        }
        check_line_breaks(&words, file)?;

        // The builder needs a map of a crate that is not a dependency here; an empty file yields one.
        let mut vocabulary = WordPiece::read_bytes(b"").map_err(TokenizerError::Encode)?;
        vocabulary.extend((0..).zip(words).map(|(id, word)| (word, id)));
        let model = WordPiece::builder()
            .vocab(vocabulary)
            .unk_token(form.unk.into())
            .continuing_subword_prefix("##".into())
            .max_input_chars_per_word(100)
            .build()
            .map_err(TokenizerError::Encode)?;
        let mut inner = Tokenizer::new(model);
        inner
            .with_normalizer(Some(BertNormalizer::from(normalization)))
            .map_err(TokenizerError::Encode)?
            .with_pre_tokenizer(Some(BertPreTokenizer))
            .with_decoder(Some(WordPieceDecoder::default()));
        Self::checked(inner, architecture, file)
    }

    pub(super) fn from_tokenizer_json(
        bytes: &[u8],
        options: &Options,
        architecture: &'static Architecture,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        let form = &architecture.tokenizer;
        let not_bert = |what: String| TokenizerError::NotBert {
            file: file.into(),
            what,
        };
        let mut inner = Tokenizer::from_bytes(bytes).map_err(|source| TokenizerError::Json {
            file: file.into(),
            source,
        })?;
        let kind = match inner.get_model() {
            ModelWrapper::BPE(_) => "BPE",
            ModelWrapper::Unigram(_) => "Unigram",
            ModelWrapper::WordLevel(_) => "WordLevel",
            ModelWrapper::WordPiece(_) => "WordPiece",
        };
        if kind != form.model {
            return Err(not_bert(format!("its model is {kind}, not {}", form.model)));
        }
        if let Some(model) = word_piece(&inner) {
            if model.unk_token != form.unk {
                let unk = &model.unk_token;
                return Err(not_bert(format!(
                    "its unknown token is {unk:?}, not {}",
                    form.unk
                )));
            }
            check_line_breaks(&tokens(model, file)?, file)?;
        }

        inner
            .with_truncation(None)
            .map_err(TokenizerError::Encode)?
            .with_padding(None);
        let mut tokenizer = Self::checked(inner, architecture, file)?;
        if let Some(own) = tokenizer.normalization() {
            let normalization = options.normalization(own);
            if normalization != own {
                tokenizer
                    .inner
                    .with_normalizer(Some(BertNormalizer::from(normalization)))
                    .map_err(TokenizerError::Encode)?;
            }
        }
        Ok(tokenizer)
    }

    /// Finds the special tokens, and makes sure that texts can name them and that they mark texts in the architecture's
    /// form.
    fn checked(
        mut inner: Tokenizer,
        architecture: &'static Architecture,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        let form = &architecture.tokenizer;
        let missing = |token| TokenizerError::MissingSpecial {
            file: file.into(),
            token,
            needed: format!("{}, {}, {} and {}", form.pad, form.unk, form.cls, form.sep),
        };
        let id = |token| inner.token_to_id(token).ok_or_else(|| missing(token));
        let special = SpecialIds {
            pad: id(form.pad)?,
            // The model itself returns it, so an added token of that name would not do.
            unk: inner
                .get_model()
                .token_to_id(form.unk)
                .ok_or_else(|| missing(form.unk))?,
            cls: id(form.cls)?,
            sep: id(form.sep)?,
            mask: inner.token_to_id(form.mask),
        };

        // As in transformers: tokens that the file does not list are added, listed tokens stay unchanged.
        let listed = inner.get_added_tokens_decoder();
        let unlisted: Vec<_> = [form.pad, form.unk, form.cls, form.sep, form.mask]
            .into_iter()
            .filter(|token| {
                inner
                    .token_to_id(token)
                    .is_some_and(|id| !listed.contains_key(&id))
            })
            .map(|token| AddedToken::from(token, true))
            .collect();
        inner
            .add_special_tokens(unlisted)
            .map_err(TokenizerError::Encode)?;

        let template = template(form, &special).map_err(|e| TokenizerError::Encode(e.into()))?;
        match inner.get_post_processor() {
            None => {
                inner.with_post_processor(Some(template));
            }
            Some(own) if is_same_form(own, &template, form, &special) => {}
            Some(_) => {
                let TokenizerForm { cls, sep, .. } = form;
                let between = format!("{sep} ").repeat(form.separators);
                return Err(TokenizerError::NotBert {
                    file: file.into(),
                    what: format!(
                        "its post-processor does not make {cls} a {sep} and {cls} a {between}b {sep}"
                    ),
                });
            }
        }
        Ok(Self {
            inner,
            form,
            special,
            model_max_length: MODEL_MAX_LENGTH,
        })
    }
}

/// The post-processor that marks texts in this form.
fn template(form: &TokenizerForm, special: &SpecialIds) -> Result<TemplateProcessing, String> {
    TemplateProcessing::builder()
        .try_single(form.single())?
        .try_pair(form.pair())?
        .special_tokens(vec![(form.cls, special.cls), (form.sep, special.sep)])
        .build()
        .map_err(|e| e.to_string())
}

/// Whether a post-processor marks texts as `template` does. Compared and not tried out: a template that names a token it
/// does not define would panic.
fn is_same_form(
    own: &PostProcessorWrapper,
    template: &TemplateProcessing,
    form: &TokenizerForm,
    special: &SpecialIds,
) -> bool {
    match own {
        PostProcessorWrapper::Bert(own) => {
            (form.separators, form.second_type) == (1, 1)
                && own.get_cls_copy() == (form.cls.into(), special.cls)
                && own.get_sep_copy() == (form.sep.into(), special.sep)
        }
        PostProcessorWrapper::Roberta(own) => {
            (form.separators, form.second_type) == (2, 0)
                && own.get_cls_copy() == (form.cls.into(), special.cls)
                && own.get_sep_copy() == (form.sep.into(), special.sep)
        }
        PostProcessorWrapper::Template(own) => {
            let token = |template: &TemplateProcessing, name| {
                let tokens = template.get_special_tokens();
                tokens.0.get(name).cloned()
            };
            own.single == template.single
                && own.get_pair() == template.get_pair()
                && token(own, form.cls) == token(template, form.cls)
                && token(own, form.sep) == token(template, form.sep)
        }
        _ => false,
    }
}

/// The tokens of a vocabulary by id, without added tokens.
pub(super) fn tokens(model: &WordPiece, file: &Path) -> Result<Vec<String>, TokenizerError> {
    let mut tokens: Vec<_> = model.get_vocab().into_iter().collect();
    if tokens.is_empty() {
        return Err(TokenizerError::Empty { file: file.into() });
    }
    tokens.sort_unstable_by_key(|&(_, id)| id);
    if let Some((_, (_, id))) = (0..).zip(&tokens).find(|(index, (_, id))| index != id) {
        return Err(TokenizerError::Ids {
            file: file.into(),
            size: tokens.len(),
            id: *id,
        });
    }
    Ok(tokens.into_iter().map(|(token, _)| token).collect())
}

/// A token with a line break would shift the ids of all after it in `vocab.txt`.
fn check_line_breaks(tokens: &[String], file: &Path) -> Result<(), TokenizerError> {
    match tokens.iter().position(|token| token.contains(['\n', '\r'])) {
        None => Ok(()),
        Some(id) => Err(TokenizerError::LineBreak {
            file: file.into(),
            token: tokens[id].clone(),
            id,
        }),
    }
}
