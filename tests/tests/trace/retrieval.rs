//! Retrieval: a bi-encoder with the other articles of a batch as negatives, plain and with cached gradients.

use std::path::Path;

use bert_core::models::bert::ARCHITECTURE;
use bert_core::{BertConfig, Checkpoint, EncoderInput, Mode, Pooling, SentenceEmbedding};
use bert_tasks::retrieval::RetrievalInput;
use bert_tasks::{Batch, BiEncoder, LossCount, TaskModel};
use bert_tests::{Fixture, devices, max_difference, shared};
use burn::tensor::{Device, Tensor};
use serde_json::Value;

use super::{BATCH, ENCODER, Traced, assert_close, norms};

const NAME: &str = "biencoder";

struct Retrieval;

/// A batch whose texts are computed `chunk` at a time.
fn batch(fixture: &Fixture, step: usize, chunk: usize, device: &Device) -> Batch<RetrievalInput, ()> {
    let chunks = |what: &str| -> Vec<EncoderInput> {
        let name = format!("{NAME}.{what}");
        let starts = (step * BATCH..(step + 1) * BATCH).step_by(chunk);
        let input = |start| fixture.input(&name, start, (start + chunk).min((step + 1) * BATCH), device);
        starts.map(input).collect()
    };
    // The positives, then the hard negatives.
    let articles = [chunks("positive"), chunks("negative")].concat();
    Batch {
        input: RetrievalInput {
            queries: chunks("query"),
            articles,
        },
        targets: vec![(); BATCH],
        rows: (0..BATCH).collect(),
        tokens: 0,
        mode: Mode::Training { seed: step as u64 },
    }
}

fn values(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

impl Traced for Retrieval {
    type Model = BiEncoder;

    fn name(&self) -> &'static str {
        NAME
    }

    fn head(&self) -> &'static str {
        "Model"
    }

    fn reference(&self) -> (String, String, Option<&'static str>) {
        let file = |end: &str| format!("minilm-l6-more/{NAME}.{end}");
        (file("safetensors"), file("json"), None)
    }

    fn model(&self, _: &Fixture, dir: &Path, device: &Device) -> BiEncoder {
        let mut config = BertConfig::from_dir(dir).unwrap();
        config.hidden_dropout_prob = 0.0;
        config.attention_probs_dropout_prob = 0.0;
        let embedding = SentenceEmbedding {
            pooling: Pooling::Mean,
            normalize: true,
            max_length: None,
        };
        let model = BiEncoder::new(&config, embedding, 20.0, 0, device);
        let checkpoint = Checkpoint::open(dir).unwrap();
        let (model, report) = checkpoint.load_into(model, ARCHITECTURE.names("Model")).unwrap();
        assert!(report.missing.is_empty(), "{report:?}");
        model
    }

    fn batch(&self, fixture: &Fixture, step: usize, device: &Device) -> Batch<RetrievalInput, ()> {
        batch(fixture, step, BATCH, device)
    }

    fn outputs(&self, model: &BiEncoder, batch: &Batch<RetrievalInput, ()>, fixture: &Fixture) -> f32 {
        let output = model.forward(&batch.input, Mode::Inference);
        let floats = |what: &str| fixture.floats(&format!("{NAME}.embeddings.{what}")).to_vec();
        let queries = max_difference(&values(output.queries.unwrap()), &floats("query"));
        let expected = [floats("positive"), floats("negative")].concat();
        queries.max(max_difference(&values(output.articles.unwrap()), &expected))
    }
}

#[test]
fn retrieval_trains_as_in_pytorch() {
    Retrieval.compare();
}

#[test]
fn cached_gradients_are_those_of_pytorch() {
    let Some(shared) = shared(ENCODER) else { return };
    let reference = shared.join("reference");
    let (tensors, trace, _) = Retrieval.reference();
    let fixture = Fixture::read(&reference.join(tensors));
    let trace: Value = serde_json::from_slice(&std::fs::read(reference.join(trace)).unwrap()).unwrap();
    for (name, device) in devices() {
        let slack = if name == "flex" || name == "ndarray" {
            1.0
        } else {
            10.0
        };
        let device = device.autodiff();
        let model = Retrieval.model(&fixture, &shared.join(ENCODER), &device);
        for (chunk, expected) in trace["cached"].as_object().unwrap() {
            let batch = batch(&fixture, 0, chunk.parse().unwrap(), &device);
            let (loss, gradients) = model.gradients(&batch, LossCount::from(BATCH));
            let what = format!("{name}, chunks of {chunk}");
            assert_close(&what, loss.into_scalar::<f64>(), &expected["loss"], 1e-4 * slack);
            let found = norms(&model, Some(&gradients), Retrieval.head());
            let square: f64 = found.values().map(|norm| norm * norm).sum();
            assert_close(&what, square.sqrt(), &expected["grad_norm"], 1e-3 * slack);
            for (parameter, expected) in expected["grad_norms"].as_object().unwrap() {
                // The bias of the keys has no gradient but rounding errors.
                if !parameter.ends_with("key.bias") {
                    let what = format!("{what}, {parameter}");
                    assert_close(&what, found[parameter], expected, 1e-3 * slack);
                }
            }
        }
    }
}
