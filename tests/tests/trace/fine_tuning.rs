//! The tasks of fine-tuning.

use std::path::Path;

use bert_core::models::bert::ARCHITECTURE;
use bert_core::{BertConfig, Checkpoint, EncoderInput, Mode};
use bert_tasks::question_answering::AnswerTokens;
use bert_tasks::tagging::TokenLabels;
use bert_tasks::{
    Batch, QuestionAnswering, QuestionOptions, SequenceClassification, SequenceRegression, Task, TaskModel,
    TokenTagging,
};
use bert_tests::{Fixture, max_difference};
use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use datasets::Labels;

use super::{BATCH, STEPS, Traced};

/// A task to compare.
struct FineTuning<K: Task> {
    /// Its name in the fixture.
    name: &'static str,
    task: K,
    /// Makes the targets of a batch's rows from the labels in the fixture.
    targets: fn(&Fixture, usize) -> Vec<K::Target>,
    /// Gets the name of the head and its path.
    head: (&'static str, fn(&mut K::Model) -> &mut Linear),
    /// Whether each token has outputs. Outputs of padding are not compared.
    tokens: bool,
}

impl<K> Traced for FineTuning<K>
where
    K: Task<Input = EncoderInput>,
    K::Model: TaskModel<Output = Tensor<3>>,
{
    type Model = K::Model;

    fn name(&self) -> &'static str {
        self.name
    }

    fn reference(&self) -> (String, String, Option<&'static str>) {
        let file = |end: &str| format!("minilm-l6/parity.{end}");
        (file("safetensors"), file("json"), Some(self.name))
    }

    fn batch(&self, fixture: &Fixture, step: usize, device: &Device) -> Batch<EncoderInput, K::Target> {
        Batch {
            input: fixture.input(self.name, step * BATCH, (step + 1) * BATCH, device),
            targets: (self.targets)(fixture, step),
            rows: (0..BATCH).collect(),
            tokens: 0,
            mode: Mode::Training { seed: step as u64 },
        }
    }

    fn model(&self, fixture: &Fixture, dir: &Path, device: &Device) -> K::Model {
        let mut config = BertConfig::from_dir(dir).unwrap();
        config.hidden_dropout_prob = 0.0;
        config.attention_probs_dropout_prob = 0.0;
        let model = self.task.model(&config, 0, device);
        let checkpoint = Checkpoint::open(dir).unwrap();
        let (mut model, report) = checkpoint.load_into(model, ARCHITECTURE.names("Model")).unwrap();
        let (name, head) = self.head;
        assert_eq!(report.missing, [format!("{name}.weight"), format!("{name}.bias")]);
        // Hugging Face's [out, in] to Burn's [in, out].
        let weight = format!("{}.head.weight", self.name);
        let (values, shape) = (fixture.floats(&weight), fixture.shape(&weight));
        let weight = Tensor::<2>::from_data(TensorData::new(values.to_vec(), [shape[0], shape[1]]), device);
        head(&mut model).weight = Param::from_tensor(weight.transpose());
        model
    }

    fn outputs(&self, model: &K::Model, batch: &Batch<EncoderInput, K::Target>, fixture: &Fixture) -> f32 {
        let found: Vec<f32> = model
            .forward(&batch.input, Mode::Inference)
            .into_data()
            .iter::<f32>()
            .collect();
        let expected = fixture.floats(&format!("{}.logits", self.name));
        if !self.tokens {
            return max_difference(&found, expected);
        }
        let [rows, length] = batch.input.dims();
        let mask = &fixture.integers(&format!("{}.mask", self.name))[..rows * length];
        let outputs = found.len() / mask.len();
        let real = |values: &[f32]| -> Vec<f32> {
            let places = values.chunks(outputs).zip(mask).filter(|(_, real)| **real == 1);
            places.flat_map(|(values, _)| values.to_vec()).collect()
        };
        max_difference(&real(&found), &real(expected))
    }
}

/// The integers of one batch's labels.
fn labels<'a>(fixture: &'a Fixture, name: &str, step: usize) -> &'a [i32] {
    let all = fixture.integers(&format!("{name}.labels"));
    let batch = all.len() / STEPS;
    &all[step * batch..(step + 1) * batch]
}

fn numbered(count: usize) -> Labels {
    Labels::from_names((0..count).map(|label| label.to_string()).collect()).unwrap()
}

#[test]
fn classification_trains_as_in_pytorch() {
    let traced = FineTuning {
        name: "classification",
        task: SequenceClassification::new(numbered(2), "matthews"),
        targets: |fixture, step| {
            labels(fixture, "classification", step)
                .iter()
                .map(|&label| label as u32)
                .collect()
        },
        head: ("classifier", |model| &mut model.classifier),
        tokens: false,
    };
    traced.compare();
}

#[test]
fn regression_trains_as_in_pytorch() {
    let traced = FineTuning {
        name: "regression",
        task: SequenceRegression::new("pearson", None),
        targets: |fixture, step| fixture.floats("regression.labels")[step * BATCH..][..BATCH].to_vec(),
        head: ("classifier", |model| &mut model.classifier),
        tokens: false,
    };
    traced.compare();
}

#[test]
fn tagging_trains_as_in_pytorch() {
    let traced = FineTuning {
        name: "tagging",
        // The parts of speech of Universal Dependencies.
        task: TokenTagging::new(numbered(17), 0),
        targets: |fixture, step| {
            let labels = labels(fixture, "tagging", step);
            let row = |labels: &[i32]| -> TokenLabels {
                let places = (0..).zip(labels).filter(|(_, label)| **label >= 0);
                places.map(|(token, &label)| (token, label as u32)).collect()
            };
            labels.chunks(labels.len() / BATCH).map(row).collect()
        },
        head: ("classifier", |model| &mut model.classifier),
        tokens: true,
    };
    traced.compare();
}

#[test]
fn question_answering_trains_as_in_pytorch() {
    let traced = FineTuning {
        name: "qa",
        task: QuestionAnswering::new(QuestionOptions {
            all_positions: true,
            ..QuestionOptions::default()
        }),
        targets: |fixture, step| {
            let spans = labels(fixture, "qa", step).as_chunks::<2>().0;
            let span = |&[start, end]: &[i32; 2]| AnswerTokens {
                start: start as u32,
                end: end as u32,
                // The softmax is over all positions, so the position of the passage does not matter.
                first: 0,
                count: 0,
            };
            spans.iter().map(span).collect()
        },
        head: ("qa_outputs", |model| &mut model.qa_outputs),
        tokens: true,
    };
    traced.compare();
}
