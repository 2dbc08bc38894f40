//! A tokenizer from a vocabulary or a `tokenizer.json`, checked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, Model, ModelWrapper, PostProcessorWrapper, Tokenizer};

use super::read::{json_error, parse};
use super::word_piece::{self, Vocabulary};
use super::{BertTokenizer, Normalization, SpecialIds, TokenizerError};
use crate::files::without_mark;
use crate::models::{ARCHITECTURES, Architecture, TokenizerForm};

/// BERT's number of positions, where `tokenizer_config.json` gives no length.
const MODEL_MAX_LENGTH: u64 = 512;
/// The largest id that a token can have. No vocabulary has a hundredth of it.
const MAX_TOKENS: u32 = 1 << 24;

impl BertTokenizer {
    /// BERT's tokenizer with this vocabulary; a token's id is its index in the list.
    ///
    /// # Errors
    /// If the list is empty, or lacks a special token.
    pub fn from_vocabulary(words: Vec<String>, normalization: Normalization) -> Result<Self, TokenizerError> {
        let vocabulary = word_piece::vocabulary(words);
        let file = Path::new("(vocabulary in memory)");
        Self::rebuilt(vocabulary, normalization, vec![], ARCHITECTURES[0], file)
    }

    /// The tokenizer that the text of a `tokenizer.json` describes.
    ///
    /// Its truncation and padding, if any, are dropped: the caller decides, not the file.
    ///
    /// # Errors
    /// If the text is not JSON, or describes the tokenizer of another architecture.
    pub fn from_json(text: &str, architecture: &'static Architecture) -> Result<Self, TokenizerError> {
        let file = Path::new("tokenizer.json");
        Self::as_it_is(text.as_bytes(), |_| Ok(vec![]), architecture, file)
    }

    /// The tokenizer that transformers' own class builds on a vocabulary of WordPiece, with `added` tokens.
    pub(super) fn rebuilt(
        vocabulary: Vocabulary,
        normalization: Normalization,
        added: Vec<AddedToken>,
        architecture: &'static Architecture,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        if vocabulary.is_empty() {
            return Err(TokenizerError::Empty { file: file.into() });
        }
        check_ids(vocabulary.values().copied(), file)?;
        let mut inner = word_piece::build(vocabulary, normalization, &architecture.tokenizer)
            .map_err(TokenizerError::Encode)?;
        inner.add_tokens(added).map_err(TokenizerError::Encode)?;
        Self::checked(inner, architecture, file)
    }

    /// The tokenizer of a `tokenizer.json`, with the tokens that `added` finds for it.
    pub(super) fn as_it_is(
        bytes: &[u8],
        added: impl FnOnce(&Value) -> Result<Vec<AddedToken>, TokenizerError>,
        architecture: &'static Architecture,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
        let form = &architecture.tokenizer;
        let not_bert = |what: String| TokenizerError::NotBert {
            file: file.into(),
            what,
        };
        let bytes = without_mark(bytes);
        // Before any part of it is interpreted.
        let json: Value = parse(bytes, file)?;
        if let Some(what) = ["normalizer", "pre_tokenizer"]
            .iter()
            .find_map(|part| refused(&json[*part]))
        {
            return Err(not_bert(what.into()));
        }
        // Version 0.23.2 of the crate panics at some faults instead of returning them.
        let built = catch_unwind(AssertUnwindSafe(|| Tokenizer::from_bytes(bytes)));
        let mut inner = built
            .unwrap_or_else(|_| Err("the tokenizers crate cannot read it".into()))
            .map_err(|source| json_error(file, source))?;
        let kind = match inner.get_model() {
            ModelWrapper::BPE(_) => "BPE",
            ModelWrapper::Unigram(_) => "Unigram",
            ModelWrapper::WordLevel(_) => "WordLevel",
            ModelWrapper::WordPiece(_) => word_piece::NAME,
        };
        if kind != form.model {
            return Err(not_bert(format!("its model is {kind}, not {}", form.model)));
        }
        if let Some(model) = word_piece::of(&inner)
            && model.unk_token != form.unk
        {
            let unk = &model.unk_token;
            return Err(not_bert(format!(
                "its unknown token is {unk:?}, not {}",
                form.unk
            )));
        }
        if inner.get_model().get_vocab_size() == 0 {
            return Err(TokenizerError::Empty { file: file.into() });
        }
        check_ids(inner.get_vocab(true).into_values(), file)?;
        inner
            .with_truncation(None)
            .map_err(TokenizerError::Encode)?
            .with_padding(None);
        inner.add_tokens(added(&json)?).map_err(TokenizerError::Encode)?;
        Self::checked(inner, architecture, file)
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
        let last = inner.get_vocab(true).into_values().max();
        Ok(Self {
            size: last.map_or(0, |last| last as usize + 1),
            inner,
            form,
            special,
            token_types: usize::MAX,
            model_max_length: MODEL_MAX_LENGTH,
        })
    }
}

/// Why a normaliser or pre-tokenizer is refused that version 0.23.2 of the tokenizers crate reads, if it has a part at which the
/// crate panics or allocates without a limit: on loading, or only when a text is encoded.
fn refused(part: &Value) -> Option<&'static str> {
    match part {
        Value::Array(parts) => parts.iter().find_map(refused),
        Value::Object(fields) if fields.contains_key("precompiled_charsmap") => {
            Some("its normalizer is Precompiled, as in SentencePiece")
        }
        Value::Object(fields) if fields.get("length").and_then(Value::as_u64) == Some(0) => {
            Some("its pre-tokenizer cuts texts into pieces of length 0")
        }
        Value::Object(fields) => fields.values().find_map(refused),
        _ => None,
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

fn check_ids(ids: impl Iterator<Item = u32>, file: &Path) -> Result<(), TokenizerError> {
    match ids.max() {
        Some(id) if id >= MAX_TOKENS => Err(TokenizerError::Ids {
            file: file.into(),
            id,
            most: MAX_TOKENS,
        }),
        _ => Ok(()),
    }
}
