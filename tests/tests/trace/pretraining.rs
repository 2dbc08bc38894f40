//! The tasks of pre-training: masked language modelling alone, and with next-sentence prediction.

use std::path::Path;

use bert_core::models::bert::ARCHITECTURE;
use bert_core::{BertConfig, Checkpoint, EncoderInput, Mode};
use bert_tasks::language_modelling::masked::MaskedTarget;
use bert_tasks::language_modelling::{LanguageModelInput, PredictedToken};
use bert_tasks::{Batch, MaskedLanguageModel, TaskModel};
use bert_tests::{Fixture, max_difference};
use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};

use super::{BATCH, Traced};

struct Pretraining {
    name: &'static str,
    nsp: bool,
}

impl Pretraining {
    /// The floats of a weight of the heads.
    fn vector(&self, fixture: &Fixture, name: &str, device: &Device) -> Param<Tensor<1>> {
        let name = format!("{}.cls.{name}", self.name);
        let values = fixture.floats(&name).to_vec();
        let count = values.len();
        Param::from_tensor(Tensor::from_data(TensorData::new(values, [count]), device))
    }

    /// The same of a matrix: Hugging Face's [out, in] to Burn's [in, out].
    fn matrix(&self, fixture: &Fixture, name: &str, device: &Device) -> Param<Tensor<2>> {
        let name = format!("{}.cls.{name}", self.name);
        let (values, shape) = (fixture.floats(&name), fixture.shape(&name));
        let data = TensorData::new(values.to_vec(), [shape[0], shape[1]]);
        Param::from_tensor(Tensor::<2>::from_data(data, device).transpose())
    }

    /// The integers of the rows of one batch.
    fn rows<'a>(&self, fixture: &'a Fixture, what: &str, step: usize) -> Vec<&'a [i32]> {
        let name = format!("{}.{what}", self.name);
        let all = fixture.integers(&name);
        let width = match fixture.shape(&name) {
            [_, _, width] => *width,
            _ => 1,
        };
        all.chunks(width).skip(step * BATCH).take(BATCH).collect()
    }
}

impl Traced for Pretraining {
    type Model = MaskedLanguageModel;

    fn name(&self) -> &'static str {
        self.name
    }

    fn reference(&self) -> (String, String, Option<&'static str>) {
        let file = |end: &str| format!("minilm-l6-more/{}.{end}", self.name);
        (file("safetensors"), file("json"), None)
    }

    fn model(&self, fixture: &Fixture, dir: &Path, device: &Device) -> MaskedLanguageModel {
        let mut config = BertConfig::from_dir(dir).unwrap();
        config.hidden_dropout_prob = 0.0;
        config.attention_probs_dropout_prob = 0.0;
        let model = MaskedLanguageModel::new(&config, self.nsp, 1, 0, device);
        let checkpoint = Checkpoint::open(dir).unwrap();
        let (mut model, report) = checkpoint.load_into(model, ARCHITECTURE.names("Model")).unwrap();
        assert!(
            report.missing.iter().all(|name| name.starts_with("cls.")),
            "{report:?}"
        );
        let head = &mut model.cls.predictions;
        let transform = &mut head.transform;
        transform.dense.weight = self.matrix(fixture, "predictions.transform.dense.weight", device);
        transform.dense.bias = Some(self.vector(fixture, "predictions.transform.dense.bias", device));
        let norm = &mut transform.layer_norm;
        norm.gamma = self.vector(fixture, "predictions.transform.LayerNorm.weight", device);
        norm.beta = Some(self.vector(fixture, "predictions.transform.LayerNorm.bias", device));
        head.bias = self.vector(fixture, "predictions.bias", device);
        if let Some(layer) = &mut model.cls.seq_relationship {
            layer.weight = self.matrix(fixture, "seq_relationship.weight", device);
            layer.bias = Some(self.vector(fixture, "seq_relationship.bias", device));
        }
        model
    }

    fn batch(
        &self,
        fixture: &Fixture,
        step: usize,
        device: &Device,
    ) -> Batch<LanguageModelInput, MaskedTarget> {
        let encoder: EncoderInput = fixture.input(self.name, step * BATCH, (step + 1) * BATCH, device);
        let labels = self.rows(fixture, "labels", step);
        let chosen = self.rows(fixture, "positions", step).into_iter().zip(&labels);
        let masked: Vec<Vec<PredictedToken>> = chosen
            .map(|(positions, labels)| {
                let positions = positions.iter().filter(|position| **position >= 0);
                let token = |&position: &i32| PredictedToken {
                    position: position as usize,
                    id: Some(labels[position as usize] as u32),
                };
                positions.map(token).collect()
            })
            .collect();
        // Exactly the chosen positions have a label.
        for (labels, masked) in labels.iter().zip(&masked) {
            assert_eq!(labels.iter().filter(|id| **id >= 0).count(), masked.len());
        }
        let follows: Vec<Option<bool>> = match self.nsp {
            // 0 is a sentence that follows.
            true => {
                let labels = self.rows(fixture, "next_sentence_label", step);
                labels.iter().map(|label| Some(label[0] == 0)).collect()
            }
            false => vec![None; BATCH],
        };
        let targets = masked.iter().zip(follows).map(|(masked, is_next)| MaskedTarget {
            ids: masked.iter().filter_map(|token| token.id).collect(),
            is_next,
        });
        let targets = targets.collect();
        let input = LanguageModelInput::new(encoder, masked, device);
        Batch {
            input,
            targets,
            rows: (0..BATCH).collect(),
            tokens: 0,
            mode: Mode::Training { seed: step as u64 },
        }
    }

    fn outputs(
        &self,
        model: &MaskedLanguageModel,
        batch: &Batch<LanguageModelInput, MaskedTarget>,
        fixture: &Fixture,
    ) -> f32 {
        let output = model.forward(&batch.input, Mode::Inference);
        let words = &model.bert.embeddings.word_embeddings;
        let logits = model.cls.predictions.logits(output.states, words);
        let [_, words] = logits.dims();
        let logits: Vec<f32> = logits.into_data().iter::<f32>().collect();
        // Every 97th word, and the last.
        let found: Vec<f32> = logits
            .chunks(words)
            .flat_map(|row| row.iter().step_by(97).chain(row.last()).copied())
            .collect();
        let expected = fixture.floats(&format!("{}.logits.chosen", self.name));
        let difference = max_difference(&found, expected);
        match output.next_sentence {
            None => difference,
            Some(next) => {
                let next: Vec<f32> = next.into_data().iter::<f32>().collect();
                let expected = fixture.floats(&format!("{}.next_sentence_logits", self.name));
                difference.max(max_difference(&next, expected))
            }
        }
    }
}

#[test]
fn masked_language_modelling_trains_as_in_pytorch() {
    Pretraining {
        name: "mlm",
        nsp: false,
    }
    .compare();
}

#[test]
fn pretraining_with_next_sentences_trains_as_in_pytorch() {
    Pretraining {
        name: "pretraining",
        nsp: true,
    }
    .compare();
}
