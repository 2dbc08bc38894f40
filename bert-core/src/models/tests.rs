//! Two more families, described by data alone as a user would add them: their files would hold these constants, and
//! `ARCHITECTURES` their names. In the tests both stand there, so that these models go through the program's usual ways.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use super::*;
use crate::{BertConfig, BertTokenizer, Checkpoint, Encoder, EncoderInput, Init, Mode, store};

/// RoBERTa (Liu et al. 2019), as transformers' `RobertaModel` has it.
pub(super) static ROBERTA: Architecture = Architecture {
    model_type: "roberta",
    class_prefix: "Roberta",
    config_keys: &[],
    positions: Positions::AfterPadding,
    token_types: true,
    pooler: PoolerForm {
        dropout: true,
        activation: PoolerActivation::Tanh,
    },
    weights: WeightNames {
        prefix: "roberta.",
        renames: &[
            ("bert.pooler.dense.", "classifier.dense."),
            ("bert.", "roberta."),
            (".self_attention.", ".self."),
            ("layer_norm.gamma", "LayerNorm.weight"),
            ("layer_norm.beta", "LayerNorm.bias"),
        ],
        heads: &[HeadNames {
            head: "ForSequenceClassification",
            renames: &[("classifier.", "classifier.out_proj.")],
        }],
        old_spellings: &[],
        tied: &[],
        buffers: &["embeddings.position_ids"],
        required: &["embeddings.", "encoder."],
    },
    parameters: ParameterPaths::OF_ENCODER,
    tokenizer: TokenizerForm {
        class: "RobertaTokenizer",
        aliases: &[],
        model: "BPE",
        pad: "<pad>",
        unk: "<unk>",
        cls: "<s>",
        sep: "</s>",
        mask: "<mask>",
        separators: 2,
        second_type: 0,
    },
};

/// DistilBERT (Sanh et al. 2019), as transformers' `DistilBertModel` has it.
pub(super) static DISTILBERT: Architecture = Architecture {
    model_type: "distilbert",
    class_prefix: "DistilBert",
    config_keys: &[
        ("dim", "hidden_size"),
        ("hidden_dim", "intermediate_size"),
        ("n_heads", "num_attention_heads"),
        ("n_layers", "num_hidden_layers"),
        ("activation", "hidden_act"),
        ("dropout", "hidden_dropout_prob"),
        ("attention_dropout", "attention_probs_dropout_prob"),
        ("seq_classif_dropout", "classifier_dropout"),
    ],
    positions: Positions::FromZero,
    token_types: false,
    pooler: PoolerForm {
        dropout: false,
        activation: PoolerActivation::Relu,
    },
    weights: WeightNames {
        prefix: "distilbert.",
        renames: &[
            ("bert.pooler.dense.", "pre_classifier."),
            ("bert.", "distilbert."),
            ("encoder.layer.", "transformer.layer."),
            ("attention.self_attention.query.", "attention.q_lin."),
            ("attention.self_attention.key.", "attention.k_lin."),
            ("attention.self_attention.value.", "attention.v_lin."),
            ("attention.output.dense.", "attention.out_lin."),
            ("attention.output.layer_norm.gamma", "sa_layer_norm.weight"),
            ("attention.output.layer_norm.beta", "sa_layer_norm.bias"),
            ("intermediate.dense.", "ffn.lin1."),
            ("output.dense.", "ffn.lin2."),
            ("output.layer_norm.gamma", "output_layer_norm.weight"),
            ("output.layer_norm.beta", "output_layer_norm.bias"),
            ("layer_norm.gamma", "LayerNorm.weight"),
            ("layer_norm.beta", "LayerNorm.bias"),
        ],
        heads: &[],
        old_spellings: &[],
        tied: &[],
        buffers: &["embeddings.position_ids"],
        required: &["embeddings.", "transformer."],
    },
    parameters: ParameterPaths::OF_ENCODER,
    tokenizer: TokenizerForm {
        class: "DistilBertTokenizer",
        second_type: 0,
        ..bert::TOKENIZER
    },
};

/// A classifier as bert-tasks has it.
#[derive(Module, Debug)]
struct Classifier {
    bert: Encoder,
    classifier: Linear,
}

fn classifier(config: &BertConfig, seed: u64) -> Classifier {
    let device = Device::default();
    Classifier {
        bert: Encoder::new(config, seed, &device),
        classifier: Init::new(seed, 0.02).linear(config.hidden_size, 2, &device),
    }
}

/// Three tokens and two, so that there is padding.
fn input() -> EncoderInput {
    let ids = vec![0, 7, 2, 0, 2, 1];
    EncoderInput::new(ids, vec![0; 6], &[1, 1, 1, 1, 1, 0], 2, &Device::default())
}

fn last_hidden(encoder: &Encoder) -> Vec<f32> {
    let output = encoder.forward(&input(), Mode::Inference).last_hidden;
    output.into_data().iter().collect()
}

fn floats<const D: usize>(tensor: &Param<Tensor<D>>) -> Vec<f32> {
    tensor.val().into_data().iter().collect()
}

/// The names in the checkpoint of a classifier, and whether it loads again as the same.
fn names_after_a_round_trip(config: &BertConfig) -> Vec<String> {
    let names = config.architecture().names("ForSequenceClassification");
    let model = classifier(config, 1);
    let bytes = store::to_safetensors(&model, names).unwrap();
    let checkpoint = Checkpoint::from_bytes(bytes).unwrap();
    let (again, report) = checkpoint.load_into(classifier(config, 2), names).unwrap();
    assert!(
        report.missing.is_empty() && report.unexpected.is_empty(),
        "{report}"
    );
    assert_eq!(last_hidden(&again.bert), last_hidden(&model.bert));
    assert_eq!(floats(&again.classifier.weight), floats(&model.classifier.weight));
    checkpoint.names().map(str::to_owned).collect()
}

fn config(model_type: &str, keys: &str) -> BertConfig {
    let text = format!(r#"{{"model_type": "{model_type}", "vocab_size": 9, {keys}}}"#);
    BertConfig::from_json(&text).unwrap()
}

const ROBERTA_KEYS: &str = r#""hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1,
    "num_attention_heads": 2, "max_position_embeddings": 12, "pad_token_id": 1, "type_vocab_size": 1"#;

#[test]
fn roberta_loads_and_saves_under_its_names() {
    let names = names_after_a_round_trip(&config("roberta", ROBERTA_KEYS));
    for name in [
        "roberta.embeddings.word_embeddings.weight",
        "roberta.encoder.layer.0.attention.self.query.weight",
        "roberta.encoder.layer.0.attention.output.LayerNorm.bias",
        "classifier.dense.weight",
        "classifier.out_proj.bias",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    // A tagger's head has another name.
    let tagger = ROBERTA.names("ForTokenClassification");
    assert_eq!(tagger.name("classifier.weight"), "classifier.weight");
}

#[test]
fn positions_of_roberta_follow_that_of_padding() {
    let roberta = config("roberta", ROBERTA_KEYS);
    assert_eq!((roberta.first_position(), roberta.max_tokens()), (2, 10));
    let bert = BertConfig {
        model_type: "bert".into(),
        max_position_embeddings: 10,
        ..roberta.clone()
    };
    let device = Device::default();
    let shifted = Encoder::new(&roberta, 1, &device);
    let mut from_zero = Encoder::new(&bert, 1, &device);
    let rows = shifted
        .embeddings
        .position_embeddings
        .weight
        .val()
        .narrow(0, 2, 10);
    from_zero.embeddings.position_embeddings.weight = Param::from_tensor(rows);
    assert_eq!(last_hidden(&shifted), last_hidden(&from_zero));
    // All ten positions can be used.
    let last = EncoderInput::new(vec![3; 10], vec![0; 10], &[1; 10], 1, &device);
    assert_eq!(
        shifted.forward(&last, Mode::Inference).last_hidden.dims(),
        [1, 10, 8]
    );
    let error = BertConfig::from_json(
        r#"{"model_type": "roberta", "max_position_embeddings": 2, "pad_token_id": 1}"#,
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`max_position_embeddings` is 2"), "{error}");
}

#[test]
fn distilbert_has_its_keys_and_no_token_types() {
    let keys = r#""dim": 8, "hidden_dim": 16, "n_layers": 1, "n_heads": 2, "max_position_embeddings": 10,
        "activation": "gelu", "dropout": 0.1, "attention_dropout": 0.1, "seq_classif_dropout": 0.2"#;
    let distilbert = config("distilbert", keys);
    assert_eq!(
        (distilbert.hidden_size, distilbert.classifier_dropout),
        (8, Some(0.2))
    );
    let names = names_after_a_round_trip(&distilbert);
    for name in [
        "distilbert.embeddings.LayerNorm.weight",
        "distilbert.transformer.layer.0.attention.q_lin.weight",
        "distilbert.transformer.layer.0.sa_layer_norm.bias",
        "distilbert.transformer.layer.0.ffn.lin2.weight",
        "distilbert.transformer.layer.0.output_layer_norm.weight",
        "pre_classifier.bias",
        "classifier.weight",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("token_type")), "{names:?}");

    // As BERT with token types that add nothing, up to the pooler.
    let bert = BertConfig {
        model_type: "bert".into(),
        type_vocab_size: 1,
        ..distilbert.clone()
    };
    let device = Device::default();
    let (distilled, mut plain) = (
        Encoder::new(&distilbert, 1, &device),
        Encoder::new(&bert, 2, &device),
    );
    let types = plain.embeddings.token_type_embeddings.as_mut().unwrap();
    types.weight = Param::from_tensor(Tensor::zeros([1, 8], &device));
    plain.embeddings.word_embeddings = distilled.embeddings.word_embeddings.clone();
    plain.embeddings.position_embeddings = distilled.embeddings.position_embeddings.clone();
    plain.encoder = distilled.encoder.clone();
    assert_eq!(last_hidden(&distilled), last_hidden(&plain));
    let pooled = distilled.pooled(&input(), Mode::Inference).unwrap();
    assert!(pooled.into_data().iter::<f32>().all(|x| x >= 0.0));
}

#[test]
fn the_input_of_robertas_pooler_is_dropped_out() {
    let device = Device::default();
    let of = |model_type: &str, dropout: f64| {
        let config = BertConfig {
            hidden_dropout_prob: 0.0,
            attention_probs_dropout_prob: 0.0,
            classifier_dropout: Some(dropout),
            ..config(model_type, ROBERTA_KEYS)
        };
        let encoder = Encoder::new(&config, 1, &device);
        let pooled = encoder.pooled(&input(), Mode::Training { seed: 3 }).unwrap();
        pooled.into_data().iter::<f32>().collect::<Vec<_>>()
    };
    assert_ne!(of("roberta", 0.5), of("roberta", 0.0));
    assert_eq!(of("bert", 0.5), of("bert", 0.0));
}

#[test]
fn robertas_tokenizer_is_read_from_tokenizer_json() {
    let json = serde_json::json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
            "trim_offsets": true, "add_prefix_space": false},
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
            "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": 4, "a": 5, "b": 6, "ab": 7},
            "merges": [["a", "b"]]},
    });
    let tokenizer = BertTokenizer::from_json(&json.to_string(), &ROBERTA).unwrap();
    let pair = tokenizer.encode("ab", Some("ba"), 16).unwrap();
    assert_eq!(pair.ids, [0, 7, 2, 2, 6, 5, 2]);
    assert_eq!(pair.type_ids, [0; 7]);
    let marked = tokenizer.with_special_tokens(&[7], Some(&[6, 5]));
    assert_eq!((marked.ids, marked.type_ids), (pair.ids, pair.type_ids));
    assert_eq!(tokenizer.pad_id(), 1);
    let error = BertTokenizer::from_json(&json.to_string(), &bert::ARCHITECTURE).unwrap_err();
    assert!(
        error.to_string().contains("its model is BPE, not WordPiece"),
        "{error}"
    );
}
