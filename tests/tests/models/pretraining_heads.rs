//! The heads of pre-training: their files, their logits as in transformers, and text that is written token by token.

use bert_core::models::bert::ARCHITECTURE;
use bert_core::models::pretraining::PretrainingHeads;
use bert_core::store::to_safetensors;
use bert_core::{BertConfig, Checkpoint, Encoder, EncoderInput, Init, KeyValueCache, Mode, StoreError};
use bert_tests::{assert_near, bits, devices, host, shared};
use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

/// BERT with both heads of its pre-training.
#[derive(Module, Debug)]
struct Pretraining {
    bert: Encoder,
    cls: PretrainingHeads,
}

impl Pretraining {
    fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed + 1, 0.5);
        Self {
            bert: Encoder::new(config, seed, device),
            cls: PretrainingHeads::new(config, true, &mut init, device),
        }
    }

    /// The scores of the words at each token of one text, `[tokens, words]`, and of the next sentence, `[1, 2]`.
    fn forward(&self, input: &EncoderInput) -> (Tensor<2>, Tensor<2>) {
        let output = self.bert.forward(input, Mode::Inference);
        let words = &self.bert.embeddings.word_embeddings;
        let head = self.cls.seq_relationship.as_ref().unwrap();
        let next = head.forward(output.pooled.unwrap());
        (
            self.cls
                .predictions
                .logits(output.last_hidden.squeeze_dim(0), words),
            next,
        )
    }
}

const CLASS: &str = "ForPreTraining";

#[test]
fn a_published_model_gives_the_logits_of_transformers() {
    const MODEL: &str = "models/rxnfp";
    let Some(dir) = shared(MODEL) else { return };
    let config = BertConfig::from_dir(&dir.join(MODEL)).unwrap();
    let ids = vec![12, 16, 16, 17, 14, 40, 21, 33, 20, 13];
    let types = vec![0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
    for (name, device) in devices() {
        let model = Pretraining::new(&config, 0, &device);
        let checkpoint = Checkpoint::open(&dir.join(MODEL)).unwrap();
        let (model, report) = checkpoint.load_into(model, ARCHITECTURE.names(CLASS)).unwrap();
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report:?}"
        );
        assert_eq!(report.ignored, ["cls.predictions.decoder.weight"]);
        let input = EncoderInput::new(ids.clone(), types.clone(), &[1; 10], 1, &device);
        let (words, next) = model.forward(&input);
        let words = host(words);
        // transformers 5.24.0: BertForPreTraining.from_pretrained(dir)(ids, token_type_ids=types), in eval mode:
        // prediction_logits[0, row, [0, 1, 16, 100, 300, 590]], and their sum over the row; seq_relationship_logits.
        let slack = if name == "flex" || name == "ndarray" {
            1e-4
        } else {
            1e-3
        };
        for (row, expected, sum) in [
            (
                0,
                [
                    -7.893_868, -7.213_471, 4.211_989, -7.583_199, -7.603_061, -7.657_479,
                ],
                -4_110.867_2,
            ),
            (
                3,
                [
                    -7.774_528, -7.632_715, 5.117_332, -7.817_759, -7.236_913, -7.215_849,
                ],
                -4_353.769_5,
            ),
            (
                9,
                [
                    -7.600_468, -7.254_666, 3.485_372, -7.146_517, -7.423_360, -7.432_650,
                ],
                -4_050.878_9,
            ),
        ] {
            let row = &words[row * 591..][..591];
            let found = [0, 1, 16, 100, 300, 590].map(|word| row[word]);
            assert_near(&name, &found, &expected, slack);
            assert_near(&name, &[row.iter().sum()], &[sum], slack);
        }
        assert_near(&name, &host(next), &[-13.0464, 5.9256], slack);
    }
}

fn small() -> BertConfig {
    BertConfig::compact(30, 16, 2, 2)
}

#[test]
fn files_have_the_names_of_transformers_and_load_again() {
    let device = Device::default();
    let model = Pretraining::new(&small(), 1, &device);
    let bytes = to_safetensors(&model, ARCHITECTURE.names(CLASS)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut heads: Vec<&str> = file
        .names()
        .into_iter()
        .filter(|name| !name.starts_with("bert."))
        .collect();
    heads.sort_unstable();
    // BertForPreTraining.state_dict() of transformers, without the tied decoder.
    let expected = [
        "cls.predictions.bias",
        "cls.predictions.transform.LayerNorm.bias",
        "cls.predictions.transform.LayerNorm.weight",
        "cls.predictions.transform.dense.bias",
        "cls.predictions.transform.dense.weight",
        "cls.seq_relationship.bias",
        "cls.seq_relationship.weight",
    ];
    assert_eq!(heads, expected);
    let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
    let other = Pretraining::new(&small(), 2, &device);
    let (loaded, report) = checkpoint.load_into(other, ARCHITECTURE.names(CLASS)).unwrap();
    assert!(report.missing.is_empty() && report.unexpected.is_empty());
    assert_eq!(bits(&loaded), bits(&model));
}

/// The file of a model, with further tensors of other names and the values of `change`.
fn with_copies(model: &Pretraining, copies: &[(&str, &str)], change: fn(&mut Vec<u8>)) -> Checkpoint {
    let bytes = to_safetensors(model, ARCHITECTURE.names(CLASS)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let own = file
        .iter()
        .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), view.data().to_vec()));
    let copied = copies.iter().map(|(from, to)| {
        let view = file.tensor(from).unwrap();
        let mut data = view.data().to_vec();
        change(&mut data);
        ((*to).to_owned(), view.shape().to_vec(), data)
    });
    let all: Vec<_> = own.chain(copied).collect();
    let views = all.iter().map(|(name, shape, data)| {
        let view = TensorView::new(safetensors::Dtype::F32, shape.clone(), data).unwrap();
        (name.as_str(), view)
    });
    Checkpoint::from_bytes(safetensors::serialize(views, None).unwrap()).unwrap()
}

const TIED: [(&str, &str); 2] = [
    (
        "bert.embeddings.word_embeddings.weight",
        "cls.predictions.decoder.weight",
    ),
    ("cls.predictions.bias", "cls.predictions.decoder.bias"),
];

#[test]
fn copies_of_tied_weights_are_ignored_and_other_decoders_are_refused() {
    let device = Device::default();
    let model = Pretraining::new(&small(), 1, &device);
    let fresh = || Pretraining::new(&small(), 2, &device);
    let checkpoint = with_copies(&model, &TIED, |_| ());
    let (loaded, report) = checkpoint.load_into(fresh(), ARCHITECTURE.names(CLASS)).unwrap();
    assert_eq!(
        report.ignored,
        ["cls.predictions.decoder.bias", "cls.predictions.decoder.weight"]
    );
    assert!(report.unexpected.is_empty());
    assert_eq!(bits(&loaded), bits(&model));

    for (_, tensor) in TIED {
        let one = TIED.into_iter().find(|(_, to)| *to == tensor).unwrap();
        let checkpoint = with_copies(&model, &[one], |data| data[2] ^= 0x40);
        let error = checkpoint
            .load_into(fresh(), ARCHITECTURE.names(CLASS))
            .unwrap_err();
        assert!(
            matches!(&error, StoreError::Untied { tensor: found, .. } if found == tensor),
            "{error}"
        );
        // A model without this head does not read it.
        let encoder = Encoder::new(&small(), 3, &device);
        let (_, report) = checkpoint
            .load_into(encoder, ARCHITECTURE.names("Model"))
            .unwrap();
        assert!(report.unexpected.iter().any(|name| name == tensor), "{report:?}");
    }
}

#[test]
fn text_written_token_by_token_is_the_text_read_at_once() {
    for (name, device) in devices() {
        let config = BertConfig {
            is_decoder: true,
            initializer_range: 0.3,
            ..small()
        };
        let encoder = Encoder::new(&config, 5, &device).without_pooler();
        let (batch, length) = (2, 9);
        let ids: Vec<i32> = (0..batch * length).map(|i| 5 + (i * 7 % 23) as i32).collect();
        let input = EncoderInput::new(
            ids.clone(),
            vec![0; ids.len()],
            &vec![1; ids.len()],
            batch,
            &device,
        );
        let whole = host(encoder.forward(&input, Mode::Inference).last_hidden);
        for first in [1, 4, length] {
            let part = |from: usize, to: usize| {
                let rows = ids.chunks(length).flat_map(|row| row[from..to].to_vec());
                let data = TensorData::new(rows.collect::<Vec<i32>>(), [batch, to - from]);
                Tensor::<2, Int>::from_data(data, &device)
            };
            let mut cache = KeyValueCache::default();
            let mut states = vec![encoder.forward_next(part(0, first), &mut cache)];
            for place in first..length {
                assert_eq!(cache.tokens(), place);
                states.push(encoder.forward_next(part(place, place + 1), &mut cache));
            }
            let found = host(Tensor::cat(states, 1));
            let slack = if name == "flex" || name == "ndarray" {
                1e-5
            } else {
                1e-4
            };
            assert_near(&format!("{name} from {first}"), &found, &whole, slack);
        }
    }
}
