//! Masked language modelling (Devlin et al. 2019, section 3.1). The collator draws the masked tokens from seed, epoch and
//! row alone, and the model scores the vocabulary only at the masked tokens.

use bert_core::random::mix;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, Encoder, EncoderInput, Encoding, Init, Mode, ops};
use bert_tasks::{
    Batch, Collation, CorpusFacts, Decode, Draw, Encode, EncodedRow, Metrics, ModelInput, Options,
    Prediction, Task, TaskError, TaskModel,
};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::gelu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use datasets::{Message, TextDataset, TextExample};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Clone, Debug)]
struct MaskedLanguageModelling;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct MaskingOptions {}

impl Options for MaskingOptions {}

/// A text without masks.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TextRow {
    ids: Vec<u32>,
    truncated: bool,
    example: usize,
}

impl EncodedRow for TextRow {
    fn example(&self) -> usize {
        self.example
    }

    fn set_example(&mut self, example: usize) {
        self.example = example;
    }

    fn tokens(&self) -> usize {
        self.ids.len()
    }

    fn is_truncated(&self) -> bool {
        self.truncated
    }
}

/// Texts with masked tokens.
#[derive(Clone, Debug)]
struct MaskedInput {
    encoder: EncoderInput,
    /// The masked tokens of each row.
    hidden: Vec<Vec<u32>>,
    /// The positions of the masked tokens in the flattened batch, in the order of the rows, `[masked tokens]`.
    flat: Tensor<1, Int>,
}

impl ModelInput for MaskedInput {
    fn device(&self) -> Device {
        self.encoder.device()
    }

    fn computed_tokens(&self) -> usize {
        self.encoder.computed_tokens()
    }
}

impl Encode for MaskedLanguageModelling {
    type Example = TextExample;
    type Row = TextRow;
    type Input = MaskedInput;
    /// The ids of the masked tokens.
    type Target = Vec<u32>;

    fn encode(
        &self,
        examples: &[TextExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<TextRow>, TaskError> {
        let texts: Vec<_> = examples.iter().map(|e| (e.text.as_str(), None)).collect();
        let encodings = tokenizer.encode_batch(&texts, max_length)?.into_iter();
        let row = |(example, Encoding { ids, truncated, .. })| TextRow {
            ids,
            truncated,
            example,
        };
        Ok(encodings.enumerate().map(row).collect())
    }

    fn collate(&self, rows: &[TextRow], context: &Collation<'_>) -> (MaskedInput, Vec<Vec<u32>>) {
        let (mut encodings, mut hidden, mut targets) = (vec![], vec![], vec![]);
        for (index, row) in rows.iter().enumerate() {
            let (seed, mut ids, mut own) = (context.row_seed(index), row.ids.clone(), vec![]);
            let draw = |place: usize, of: u64| mix(seed ^ mix(place as u64)) % of;
            for place in 1..ids.len() - 1 {
                if draw(place, 100) < 30 {
                    own.push(place as u32);
                    ids[place] = match draw(place + 1000, 10) {
                        0 => row.ids[place],
                        1 => draw(place + 2000, context.tokenizer.vocab_size() as u64) as u32,
                        _ => context.tokenizer.mask_id().expect("a vocabulary of BERT"),
                    };
                }
            }
            targets.push(own.iter().map(|&place| row.ids[place as usize]).collect());
            hidden.push(own);
            let type_ids = vec![0; ids.len()];
            encodings.push(Encoding {
                ids,
                type_ids,
                truncated: row.truncated,
            });
        }
        let encoder = context.encoder_input(&encodings.iter().collect::<Vec<_>>());
        let [_, length] = encoder.dims();
        let of_row = |(row, own): (usize, &Vec<u32>)| -> Vec<i32> {
            own.iter()
                .map(|&place| (row * length) as i32 + place as i32)
                .collect()
        };
        let flat: Vec<i32> = hidden.iter().enumerate().flat_map(of_row).collect();
        let count = flat.len();
        let flat = Tensor::from_data(TensorData::new(flat, [count]), context.device);
        (
            MaskedInput {
                encoder,
                hidden,
                flat,
            },
            targets,
        )
    }
}

/// BERT with the word embeddings as the decoder.
#[derive(Module, Debug)]
struct MaskedModel {
    bert: Encoder,
    transform: Linear,
}

/// The scores of the vocabulary at the masked tokens.
#[derive(Clone)]
struct MaskedOutput {
    /// `[masked tokens, vocabulary]`
    logits: Tensor<2>,
    hidden: Vec<Vec<u32>>,
}

impl TaskModel for MaskedModel {
    type Input = MaskedInput;
    type Target = Vec<u32>;
    type Output = MaskedOutput;

    fn forward(&self, input: &MaskedInput, mode: Mode) -> MaskedOutput {
        let states = self.bert.forward(&input.encoder, mode).last_hidden;
        let [batch, length, width] = states.dims();
        let states = states.reshape([batch * length, width]);
        let states = gelu(self.transform.forward(states.select(0, input.flat.clone())));
        let table = self.bert.embeddings.word_embeddings.weight.val();
        MaskedOutput {
            logits: states.matmul(table.transpose()),
            hidden: input.hidden.clone(),
        }
    }

    fn count(targets: &[Vec<u32>]) -> usize {
        targets.iter().map(Vec::len).sum()
    }

    fn loss(&self, output: MaskedOutput, targets: &[Vec<u32>], count: usize) -> Tensor<1> {
        let ids: Vec<i32> = targets.iter().flatten().map(|&id| id as i32).collect();
        let device = output.logits.device();
        let weights = Tensor::full([ids.len()], 1.0 / count.max(1) as f64, &device);
        let rows = ids.len();
        let ids = Tensor::from_data(TensorData::new(ids, [rows]), &device);
        ops::cross_entropy(output.logits, ids, weights)
    }
}

/// A masked token: its position, its id, and the most likely id.
type Guess = (u32, u32, u32);

impl Decode for MaskedLanguageModelling {
    type Output = MaskedOutput;
    type RowOutput = Vec<Guess>;
    type Answer = Vec<Guess>;
    /// Correct predictions, and all predictions.
    type Score = (usize, usize);

    const METRICS: &'static [&'static str] = &["masked_accuracy"];

    fn row_outputs(&self, output: MaskedOutput, rows: &[TextRow]) -> Vec<Vec<Guess>> {
        let best: Vec<u32> = output.logits.argmax(1).into_data().iter::<u32>().collect();
        let mut best = best.into_iter();
        let row = |(row, places): (&TextRow, Vec<u32>)| {
            let gold = |place: u32| row.ids[place as usize];
            let guesses = places.into_iter().zip(best.by_ref());
            guesses
                .map(|(place, guess)| (place, gold(place), guess))
                .collect()
        };
        rows.iter().zip(output.hidden).map(row).collect()
    }

    fn decode(&self, _: &TextExample, _: &[TextRow], mut outputs: Vec<Vec<Guess>>) -> Vec<Guess> {
        outputs.swap_remove(0)
    }

    fn score(&self, _: &TextExample, answer: &Vec<Guess>) -> Option<(usize, usize)> {
        let right = answer.iter().filter(|(_, gold, guess)| gold == guess);
        Some((right.count(), answer.len()))
    }

    fn metrics(&self, scores: &[(usize, usize)]) -> Metrics {
        let sum = |pick: fn(&(usize, usize)) -> usize| scores.iter().map(pick).sum::<usize>() as f64;
        Metrics::from_iter([("masked_accuracy", sum(|one| one.0) / sum(|one| one.1).max(1.0))])
    }

    fn main_metric(&self) -> &str {
        "masked_accuracy"
    }

    fn prediction(&self, example: &TextExample, answer: &Vec<Guess>) -> Prediction {
        Prediction::from_iter([
            ("text".into(), json!(example.text)),
            ("masked".into(), json!(answer)),
        ])
    }
}

impl Task for MaskedLanguageModelling {
    type Model = MaskedModel;
    type Options = MaskingOptions;

    const NAME: &'static str = "masked-language-modelling";
    const ABOUT: &'static str = "The tokens that are hidden in a text";
    const HEAD: &'static str = "ForMaskedLM";

    fn from_data(_: &CorpusFacts<'_>, _: &TextDataset, _: &MaskingOptions) -> Result<Self, TaskError> {
        Ok(Self)
    }

    fn from_model(
        _: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        _: &MaskingOptions,
    ) -> Result<Self, Message> {
        match checkpoint.shape("cls.predictions.transform.dense.weight") {
            Some(_) => Ok(Self),
            None => Err("this model has no language-modelling head".into()),
        }
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> MaskedModel {
        let mut init = Init::new(seed + 1, config.initializer_range);
        MaskedModel {
            bert: Encoder::new(config, seed, device).without_pooler(),
            transform: init.linear(config.hidden_size, config.hidden_size, device),
        }
    }

    fn configure(&self, config: &mut BertConfig) {
        config.set_head(Self::HEAD);
    }
}

#[test]
fn masks_depend_only_on_seed_epoch_and_row() {
    let (task, tokenizer, device) = (MaskedLanguageModelling, super::tokenizer(), Device::default());
    let rows = task.encode(&super::pairs(), &tokenizer, 24).unwrap();
    let hidden = |numbers: &[usize], seed: u64, epoch: usize| -> Vec<Vec<u32>> {
        let chosen: Vec<TextRow> = numbers.iter().map(|&number| rows[number].clone()).collect();
        let context = Collation {
            draw: Draw { seed, epoch },
            ..Collation::inference(&tokenizer, numbers, &device)
        };
        Batch::new(&task, &chosen, &context).input.hidden
    };
    let all: Vec<usize> = (0..rows.len()).collect();
    let first = hidden(&all, 1, 0);
    assert!(first.iter().any(|own| !own.is_empty()));
    // In another batch, the same positions of a row are masked.
    assert_eq!(hidden(&[7, 2], 1, 0), [first[7].clone(), first[2].clone()]);
    assert_ne!(hidden(&all, 1, 1), first);
    assert_ne!(hidden(&all, 2, 0), first);
}

#[test]
fn a_masked_language_model_trains() {
    let (metrics, predictions) = super::trained(MaskedLanguageModelling);
    assert!((0.0..=1.0).contains(&metrics.get("masked_accuracy").unwrap()));
    assert_eq!(predictions.len(), super::pairs().len());
    assert_eq!(predictions, super::trained(MaskedLanguageModelling).1);
}
