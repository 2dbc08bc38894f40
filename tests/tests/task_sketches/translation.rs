//! Translation: BERT reads the source, and a small decoder with cross-attention generates the translation token by token.
//! The loss covers all tokens of the reference translation (teacher forcing). An evaluation uses only the generated tokens.

use std::sync::Arc;

use bert_core::{BertConfig, BertTokenizer, Checkpoint, Encoder, EncoderInput, Encoding, Init, Mode, ops};
use bert_tasks::{
    Collation, CorpusFacts, Decode, Encode, EncodedRow, LossCount, Metrics, ModelInput, Options, Prediction,
    Task, TaskError, TaskModel,
};
use burn::module::Module;
use burn::nn::{Embedding, Linear};
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::{Message, TextDataset, TextExample};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Maximum length of a generated translation.
const MAX_LENGTH: usize = 12;

#[derive(Clone, Debug)]
struct Translation {
    /// The tokenizer of the target language.
    target: Arc<BertTokenizer>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct TranslationOptions {
    target_vocabulary: Vec<String>,
}

impl Options for TranslationOptions {}

/// A text and its translation.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TranslationRow {
    source: Vec<u32>,
    /// Ends with `[SEP]`; empty if it is unknown.
    target: Option<Vec<u32>>,
    truncated: bool,
    example: usize,
}

impl EncodedRow for TranslationRow {
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.source.len() + self.target.as_ref().map_or(0, Vec::len)
    }

    fn is_truncated(&self) -> bool {
        self.truncated
    }
}

#[derive(Clone, Debug)]
struct TranslationInput {
    source: EncoderInput,
    /// The attention bias of the source's tokens: 0, or a very low number at padding, `[batch, 1, length]`.
    source_bias: Tensor<3>,
    /// The token before each token of the translation, `[batch, target length]`; absent if the translation is unknown.
    before: Option<Tensor<2, Int>>,
    cls: u32,
    sep: u32,
}

impl ModelInput for TranslationInput {
    fn device(&self) -> Device {
        self.source.device()
    }

    fn computed_tokens(&self) -> usize {
        let target = self
            .before
            .as_ref()
            .map_or(0, |before| before.dims().iter().product());
        self.source.computed_tokens() + target
    }
}

impl Encode for Translation {
    /// The translation is the second text.
    type Example = TextExample;
    type Row = TranslationRow;
    type Input = TranslationInput;
    type Target = Vec<u32>;

    /// Without the tokenizer, whose ids the rows already hold.
    fn cache_key(&self) -> String {
        format!("{} tokens", self.target.vocab_size())
    }

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<TranslationRow>, TaskError> {
        let row = |(example, of): (usize, &TextExample)| {
            let source = tokenizer.encode(&of.text, None, max_length)?;
            let target = of.second.as_deref();
            let target = target.map(|text| self.target.encode(text, None, max_length));
            let target = target.transpose()?;
            Ok(TranslationRow {
                truncated: source.truncated || target.as_ref().is_some_and(|target| target.truncated),
                source: source.ids,
                // All but `[CLS]`.
                target: target.map(|target| target.ids[1..].to_vec()),
                example,
            })
        };
        examples.iter().enumerate().map(row).collect()
    }

    fn collate(&self, rows: &[TranslationRow], context: &Collation<'_>) -> (TranslationInput, Vec<Vec<u32>>) {
        let encoding = |row: &TranslationRow| Encoding {
            ids: row.source.clone(),
            type_ids: vec![0; row.source.len()],
            truncated: false,
        };
        let encodings: Vec<Encoding> = rows.iter().map(encoding).collect();
        let source = context.encoder_input(&encodings.iter().collect::<Vec<_>>());
        let [batch, length] = source.dims();
        let bias = rows.iter().flat_map(|row| {
            let real = row.source.len();
            (0..length).map(move |place| if place < real { 0.0f32 } else { -1e9 })
        });
        let bias = TensorData::new(bias.collect::<Vec<_>>(), [batch, 1, length]);
        let targets: Option<Vec<Vec<u32>>> = rows.iter().map(|row| row.target.clone()).collect();
        let before = targets.as_ref().map(|targets| {
            let longest = targets.iter().map(Vec::len).max().unwrap_or(0);
            let ids = targets.iter().flat_map(|target| {
                let shifted = std::iter::once(self.target.cls_id()).chain(target.iter().copied());
                let padding = std::iter::repeat(self.target.pad_id());
                shifted
                    .take(target.len())
                    .chain(padding)
                    .take(longest)
                    .map(|id| id as i32)
            });
            let ids = TensorData::new(ids.collect::<Vec<_>>(), [batch, longest]);
            Tensor::from_data(ids, context.device)
        });
        let input = TranslationInput {
            source,
            source_bias: Tensor::from_data(bias, context.device),
            before,
            cls: self.target.cls_id(),
            sep: self.target.sep_id(),
        };
        (input, targets.unwrap_or_default())
    }
}

/// BERT and a decoder of one layer: the previous token, cross-attention over the source, and a dense layer.
#[derive(Module, Debug)]
struct Translator {
    bert: Encoder,
    embedding: Embedding,
    position: Embedding,
    decoder: Linear,
}

#[derive(Clone)]
struct TranslationOutput {
    /// BERT's hidden states of the source, `[batch, length, hidden]`.
    memory: Tensor<3>,
    /// `[batch, target length, vocabulary]`, if the reference translation is known.
    logits: Option<Tensor<3>>,
    /// The generated tokens, after generation.
    tokens: Vec<Vec<u32>>,
}

impl Translator {
    /// The scores of the tokens that follow the tokens of `before`. The first token of `before` is at `position`.
    fn logits(
        &self,
        memory: &Tensor<3>,
        input: &TranslationInput,
        before: Tensor<2, Int>,
        position: usize,
    ) -> Tensor<3> {
        let [_, length] = before.dims();
        let places = position as i64..(position + length) as i64;
        let places = Tensor::<1, Int>::arange(places, &memory.device()).unsqueeze();
        let query = self.embedding.forward(before) + self.position.forward(places);
        let scores = query.clone().matmul(memory.clone().transpose()) + input.source_bias.clone();
        let found = softmax(scores, 2).matmul(memory.clone());
        self.decoder.forward(query + found)
    }
}

impl TaskModel for Translator {
    type Input = TranslationInput;
    type Target = Vec<u32>;
    type Output = TranslationOutput;

    fn forward(&self, input: &TranslationInput, mode: Mode) -> TranslationOutput {
        let memory = self.bert.forward(&input.source, mode).last_hidden;
        let before = input.before.clone();
        TranslationOutput {
            logits: before.map(|before| self.logits(&memory, input, before, 0)),
            memory,
            tokens: vec![],
        }
    }

    fn count(targets: &[Vec<u32>]) -> usize {
        targets.iter().map(Vec::len).sum()
    }

    fn loss(&self, output: TranslationOutput, targets: &[Vec<u32>], count: LossCount) -> Tensor<1> {
        let logits = output.logits.expect("the loss needs targets");
        let [batch, length, vocabulary] = logits.dims();
        let (mut ids, mut weights) = (vec![0i32; batch * length], vec![0f32; batch * length]);
        for (row, target) in targets.iter().enumerate() {
            for (place, &id) in target.iter().enumerate() {
                ids[row * length + place] = id as i32;
                weights[row * length + place] = 1.0 / count.losses.max(1) as f32;
            }
        }
        let device = logits.device();
        let ids = Tensor::from_data(TensorData::new(ids, [batch * length]), &device);
        let weights = Tensor::from_data(TensorData::new(weights, [batch * length]), &device);
        ops::cross_entropy(logits.reshape([batch * length, vocabulary]), ids, weights)
    }

    fn generate(&self, input: &TranslationInput, mut output: TranslationOutput) -> TranslationOutput {
        let [batch, _, _] = output.memory.dims();
        let device = output.memory.device();
        let mut last = Tensor::<2, Int>::full([batch, 1], input.cls as i64, &device);
        output.tokens = vec![vec![]; batch];
        for position in 0..MAX_LENGTH {
            let logits = self.logits(&output.memory, input, last, position);
            last = logits.argmax(2).squeeze_dim::<2>(2);
            for (row, id) in last.to_data().iter::<u32>().enumerate() {
                let ended = output.tokens[row].last() == Some(&input.sep);
                output.tokens[row].extend((!ended).then_some(id));
            }
        }
        output
    }
}

impl Decode for Translation {
    type Model = Translator;
    type RowOutput = Vec<u32>;
    type Answer = String;
    /// Whether the translation is correct.
    type Score = bool;

    const METRICS: &'static [&'static str] = &["exact_match"];

    fn row_outputs(&self, output: TranslationOutput, _: &[TranslationRow]) -> Vec<Vec<u32>> {
        output.tokens
    }

    fn decode(&self, _: &TextExample, _: &[TranslationRow], outputs: Vec<Vec<u32>>) -> String {
        let words = outputs
            .concat()
            .into_iter()
            .filter(|&id| id != self.target.sep_id());
        let words: Vec<String> = words.filter_map(|id| self.target.token(id)).collect();
        words.join(" ").replace(" ##", "")
    }

    fn score(&self, example: &TextExample, answer: &String) -> Option<bool> {
        Some(example.second.as_ref()? == answer)
    }

    fn metrics(&self, scores: &[bool]) -> Metrics {
        let right = scores.iter().filter(|right| **right).count() as f64;
        Metrics::from_iter([("exact_match", right / scores.len().max(1) as f64)])
    }

    fn main_metric(&self) -> &str {
        "exact_match"
    }

    fn prediction(&self, example: &TextExample, answer: &String) -> Prediction {
        Prediction::from_iter([
            ("text".into(), json!(example.text)),
            ("translation".into(), json!(answer)),
        ])
    }
}

impl Task for Translation {
    type Options = TranslationOptions;

    const NAME: &'static str = "translation";
    const ABOUT: &'static str = "A text in another language";
    const HEAD: &'static str = "EncoderDecoderModel";

    fn from_data(
        _: &CorpusFacts<'_>,
        _: &TextDataset,
        options: &TranslationOptions,
    ) -> Result<Self, TaskError> {
        let words = options.target_vocabulary.clone();
        let target = BertTokenizer::from_vocabulary(words, Default::default())
            .map_err(|error| TaskError::option("target_vocabulary", format!(": {error}")))?;
        Ok(Self {
            target: Arc::new(target),
        })
    }

    fn from_model(
        _: &BertConfig,
        _: &Checkpoint,
        _: Option<&str>,
        _: &TranslationOptions,
    ) -> Result<Self, Message> {
        Err("this sketch keeps no vocabulary with its models".into())
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> Translator {
        let mut init = Init::new(seed + 1, config.initializer_range);
        let (words, width) = (self.target.vocab_size(), config.hidden_size);
        Translator {
            bert: Encoder::new(config, seed, device).without_pooler(),
            embedding: init.embedding(words, width, device),
            position: init.embedding(config.max_position_embeddings, width, device),
            decoder: init.linear(width, words, device),
        }
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::HEAD.into()]);
    }
}

fn task() -> Translation {
    Translation {
        target: Arc::new(super::tokenizer()),
    }
}

#[test]
fn translations_are_generated_without_the_references() {
    let (task, tokenizer, device) = (task(), super::tokenizer(), Device::default());
    let mut unknown = super::pairs();
    unknown.truncate(3);
    unknown.iter_mut().for_each(|example| example.second = None);
    let rows = task.encode(&unknown, &tokenizer, 24).unwrap();
    let (input, targets) = task.collate(&rows, &Collation::inference(&tokenizer, &[0, 1, 2], &device));
    assert!(targets.is_empty());
    let model = task.model(&super::config(), 1, &device);
    let output = model.generate(&input, model.forward(&input, Mode::Inference));
    let written = task.row_outputs(output, &rows);
    assert_eq!(written.len(), 3);
    assert!(written.iter().all(|ids| (1..=MAX_LENGTH).contains(&ids.len())));
}

#[test]
fn a_translator_trains() {
    let (metrics, predictions) = super::trained(task());
    assert!((0.0..=1.0).contains(&metrics.get("exact_match").unwrap()));
    assert!(predictions.iter().all(|line| line["translation"].is_string()));
    let corpus = CorpusFacts {
        main_metric: "exact_match",
        labels: None,
    };
    let data = TextDataset::new("sketch".as_ref(), super::pairs()).unwrap();
    let error = Translation::from_data(&corpus, &data, &TranslationOptions::default()).unwrap_err();
    assert!(
        error
            .message()
            .render(|option| format!("--{option}"))
            .starts_with("--target_vocabulary")
    );
}
