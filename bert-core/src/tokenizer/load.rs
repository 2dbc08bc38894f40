//! Reading a tokenizer from the files of a published model, and checking it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, Model, ModelWrapper, PostProcessorWrapper, Tokenizer};

use super::{BertTokenizer, Normalization, SpecialIds, TokenizerError, word_piece};

/// Where `tokenizer_config.json` names no length: BERT's number of positions.
const MODEL_MAX_LENGTH: u64 = 512;

/// What is read of a `tokenizer_config.json`.
#[derive(Default, Deserialize)]
struct Options {
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: Option<bool>,
    /// Not always an integer of 64 bits: 10³⁰ means "no limit".
    #[serde(default)]
    model_max_length: Value,
}

impl Options {
    /// What the file says, and `base` where it is silent.
    fn normalization(&self, base: Normalization) -> Normalization {
        Normalization {
            lowercase: self.do_lower_case.unwrap_or(base.lowercase),
            strip_accents: self.strip_accents.or(base.strip_accents),
            chinese_chars: self.tokenize_chinese_chars.unwrap_or(base.chinese_chars),
            clean_text: base.clean_text,
        }
    }
}

impl BertTokenizer {
    /// Reads the tokenizer of a model's folder: `tokenizer.json`, or `vocab.txt` where there is none.
    ///
    /// Where `tokenizer_config.json` is there too, its `do_lower_case`, `strip_accents` and `tokenize_chinese_chars`
    /// go before those of `tokenizer.json`, as in Hugging Face's `BertTokenizer`. With `vocab.txt` alone nothing but
    /// `"do_lower_case": false` there tells that a model is cased; without it texts are lower-cased, again as there.
    /// (Where `tokenizer.json` tells case apart and `tokenizer_config.json` is silent or missing, `BertTokenizer`
    /// lower-cases nevertheless; here `tokenizer.json` counts.)
    ///
    /// A published `tokenizer.json` may ask for truncation and padding of its own. Both are dropped: a run's options
    /// decide, not the file.
    ///
    /// # Errors
    /// Where no file is there, where one is broken (the error names it, and the line), and where it describes a
    /// tokenizer of another kind than BERT's.
    pub fn from_dir(dir: &Path) -> Result<Self, TokenizerError> {
        let config = dir.join("tokenizer_config.json");
        let options = match config.is_file() {
            true => serde_json::from_slice(&read(&config)?).map_err(|e| json(&config, e))?,
            false => Options::default(),
        };
        let (json, vocab) = (dir.join("tokenizer.json"), dir.join("vocab.txt"));
        let mut tokenizer = if json.is_file() {
            Self::from_tokenizer_json(&json, &options)?
        } else if vocab.is_file() {
            Self::from_vocab_file(&vocab, options.normalization(Normalization::default()))?
        } else {
            return Err(TokenizerError::NoFiles { dir: dir.into() });
        };
        if let Some(length) = options.model_max_length.as_u64() {
            tokenizer.model_max_length = length;
        }
        Ok(tokenizer)
    }

    /// Reads a `vocab.txt`: one token a line, the first with id 0.
    ///
    /// # Errors
    /// Where the file is missing, is not UTF-8, is empty, has a line twice, or lacks a special token.
    pub fn from_vocab_file(
        path: impl AsRef<Path>,
        normalization: Normalization,
    ) -> Result<Self, TokenizerError> {
        let path = path.as_ref();
        let bytes = read(path)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| TokenizerError::NotUtf8 {
            file: path.into(),
            line: 1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count(),
        })?;
        // Not `trim`: multilingual vocabularies have kinds of white space among their tokens.
        let words = text.lines().map(String::from).collect();
        Self::from_words(words, normalization, path)
    }

    /// Takes a vocabulary from memory; a token's id is its place in the list.
    ///
    /// # Errors
    /// Where the list is empty, has a token twice, or lacks a special token; "line" counts tokens, from 1.
    pub fn from_vocabulary(words: Vec<String>, normalization: Normalization) -> Result<Self, TokenizerError> {
        Self::from_words(words, normalization, Path::new("(vocabulary in memory)"))
    }

    fn from_words(
        words: Vec<String>,
        normalization: Normalization,
        file: &Path,
    ) -> Result<Self, TokenizerError> {
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

        // The builder asks for a map of a crate that is not a dependency here; an empty file yields one.
        let mut vocabulary = WordPiece::read_bytes(b"").map_err(TokenizerError::Encode)?;
        vocabulary.extend((0..).zip(words).map(|(id, word)| (word, id)));
        let model = WordPiece::builder()
            .vocab(vocabulary)
            .unk_token("[UNK]".into())
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
        Self::checked(inner, file)
    }

    fn from_tokenizer_json(file: &Path, options: &Options) -> Result<Self, TokenizerError> {
        let not_bert = |what: String| TokenizerError::NotBert {
            file: file.into(),
            what,
        };
        let mut inner = Tokenizer::from_bytes(read(file)?).map_err(|source| TokenizerError::Json {
            file: file.into(),
            source,
        })?;
        let Some(model) = word_piece(&inner) else {
            let kind = match inner.get_model() {
                ModelWrapper::BPE(_) => "BPE",
                ModelWrapper::Unigram(_) => "Unigram",
                _ => "WordLevel",
            };
            return Err(not_bert(format!("its model is {kind}, not WordPiece")));
        };
        if model.unk_token != "[UNK]" {
            let unk = &model.unk_token;
            return Err(not_bert(format!("its unknown token is {unk:?}, not [UNK]")));
        }
        check_line_breaks(&tokens(model, file)?, file)?;

        inner
            .with_truncation(None)
            .map_err(TokenizerError::Encode)?
            .with_padding(None);
        let mut tokenizer = Self::checked(inner, file)?;
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

    /// Finds the special tokens, sees to it that texts can name them, and that they are put around texts as in BERT.
    fn checked(mut inner: Tokenizer, file: &Path) -> Result<Self, TokenizerError> {
        let missing = |token| TokenizerError::MissingSpecial {
            file: file.into(),
            token,
        };
        let id = |token| inner.token_to_id(token).ok_or(missing(token));
        let special = SpecialIds {
            pad: id("[PAD]")?,
            // The model itself answers with it, so an added token of that name would not do.
            unk: inner.get_model().token_to_id("[UNK]").ok_or(missing("[UNK]"))?,
            cls: id("[CLS]")?,
            sep: id("[SEP]")?,
            mask: inner.token_to_id("[MASK]"),
        };

        // Transformers adds those that a file does not list, and leaves those it does list as they are.
        let listed = inner.get_added_tokens_decoder();
        let unlisted: Vec<_> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
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

        let form = bert_form(&special).map_err(|e| TokenizerError::Encode(e.into()))?;
        match inner.get_post_processor() {
            None => {
                inner.with_post_processor(Some(form));
            }
            Some(own) if is_bert_form(own, &form, &special) => {}
            Some(_) => {
                let what = "its post-processor does not make [CLS] a [SEP] and [CLS] a [SEP] b [SEP]";
                return Err(TokenizerError::NotBert {
                    file: file.into(),
                    what: what.into(),
                });
            }
        }
        Ok(Self {
            inner,
            special,
            model_max_length: MODEL_MAX_LENGTH,
        })
    }
}

/// `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`, the second text and its `[SEP]` in segment 1.
fn bert_form(special: &SpecialIds) -> Result<TemplateProcessing, String> {
    TemplateProcessing::builder()
        .try_single("[CLS]:0 $A:0 [SEP]:0")?
        .try_pair("[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1")?
        .special_tokens(vec![("[CLS]", special.cls), ("[SEP]", special.sep)])
        .build()
        .map_err(|e| e.to_string())
}

/// Compared rather than tried out: a template that names a token it does not define would panic.
fn is_bert_form(own: &PostProcessorWrapper, form: &TemplateProcessing, special: &SpecialIds) -> bool {
    match own {
        PostProcessorWrapper::Bert(own) => {
            own.get_cls_copy() == ("[CLS]".into(), special.cls)
                && own.get_sep_copy() == ("[SEP]".into(), special.sep)
        }
        PostProcessorWrapper::Template(own) => {
            let token = |form: &TemplateProcessing, name| {
                let tokens = form.get_special_tokens();
                tokens.0.get(name).cloned()
            };
            own.single == form.single
                && own.get_pair() == form.get_pair()
                && token(own, "[CLS]") == token(form, "[CLS]")
                && token(own, "[SEP]") == token(form, "[SEP]")
        }
        _ => false,
    }
}

/// The tokens of a vocabulary by id, without the added ones.
pub(super) fn tokens(model: &WordPiece, file: &Path) -> Result<Vec<String>, TokenizerError> {
    let mut tokens: Vec<_> = model.get_vocab().into_iter().collect();
    if tokens.is_empty() {
        return Err(TokenizerError::Empty { file: file.into() });
    }
    tokens.sort_unstable_by_key(|&(_, id)| id);
    if let Some((_, (_, id))) = (0..).zip(&tokens).find(|(place, (_, id))| place != id) {
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

fn read(file: &Path) -> Result<Vec<u8>, TokenizerError> {
    std::fs::read(file).map_err(|source| TokenizerError::Io {
        file: PathBuf::from(file),
        source,
    })
}

fn json(file: &Path, source: serde_json::Error) -> TokenizerError {
    TokenizerError::Json {
        file: file.into(),
        source: source.into(),
    }
}
