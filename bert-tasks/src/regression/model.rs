//! The model: one dense output on the pooled `[CLS]` vector, and the mean squared error.

use bert_core::mode::HEAD_SITE;
use bert_core::{BertConfig, Encoder, EncoderInput, Init, Mode};
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};

use super::TargetScale;
use crate::heads::pooled_outputs;
use crate::task::{LossCount, TaskModel};

/// BERT with one dense output on the pooled `[CLS]` vector.
#[derive(Module, Debug)]
pub struct SequenceRegressor {
    /// The pre-trained encoder, fine-tuned as a whole.
    pub bert: Encoder,
    /// `[hidden, 1]`, trained from scratch.
    pub classifier: Linear,
    dropout: f64,
    /// What the dense layer's output is multiplied by: 1, or the [unit](TargetScale::unit) of the targets.
    unit: f64,
}

impl SequenceRegressor {
    /// Random weights drawn from `seed`.
    pub fn new(config: &BertConfig, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: Encoder::new(config, seed, device),
            classifier: init.linear(config.hidden_size, 1, device),
            dropout: config.classifier_dropout.unwrap_or(config.hidden_dropout_prob),
            unit: 1.0,
        }
    }

    /// The same model for targets of this mean and unit: its bias starts at the mean, and its dense layer predicts in the
    /// unit.
    ///
    /// Whatever is loaded into the dense layer is divided by the unit, and what is saved of it is multiplied by it. So
    /// files hold the weights of a plain model. As the unit is a power of two, such a model gives the same outputs to the
    /// last bit.
    pub fn with_targets(mut self, targets: TargetScale) -> Self {
        let TargetScale { mean, unit } = targets;
        self.unit = unit;
        self.classifier.weight = in_unit(self.classifier.weight, unit);
        self.classifier.bias = self.classifier.bias.map(|bias| {
            let bias = in_unit(bias, unit);
            let (id, start) = (bias.id, Tensor::full([1], mean, &bias.lazy_device()));
            bias.transform_for_load(start, id)
        });
        self
    }
}

/// The same parameter, whose values in files are `unit` times those in the model.
fn in_unit<const D: usize>(parameter: Param<Tensor<D>>, unit: f64) -> Param<Tensor<D>> {
    match unit {
        1.0 => parameter,
        unit => parameter
            .load_mapper(move |values| values / unit)
            .save_mapper(move |values| values * unit),
    }
}

impl TaskModel for SequenceRegressor {
    type Input = EncoderInput;
    type Target = f32;
    /// `[batch, 1, 1]`.
    type Output = Tensor<3>;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        let output = pooled_outputs(&self.bert, &self.classifier, self.dropout, input, mode);
        match self.unit {
            1.0 => output,
            unit => output * unit,
        }
    }

    fn loss(&self, output: Tensor<3>, targets: &[f32], count: LossCount) -> Tensor<1> {
        let [batch, _, _] = output.dims();
        assert_eq!(batch, targets.len(), "there must be one target per row");
        let targets = TensorData::new(targets.to_vec(), [batch, 1, 1]);
        let difference = output.clone() - Tensor::from_data(targets, &output.device());
        (difference.clone() * difference).sum() / count.losses.max(1) as f64
    }

    /// The mean squared error of standardised targets.
    fn objective(&self, loss: Tensor<1>) -> Tensor<1> {
        match self.unit {
            1.0 => loss,
            unit => loss / (unit * unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::Checkpoint;
    use bert_core::models::ModelNames;
    use bert_core::store::to_safetensors;

    use crate::task::Batch;

    const FAR: TargetScale = TargetScale {
        mean: 1960.0,
        unit: 32.0,
    };

    fn model(device: &Device) -> SequenceRegressor {
        SequenceRegressor::new(&BertConfig::compact(10, 8, 1, 2), 1, device)
    }

    fn names() -> ModelNames {
        BertConfig::compact(10, 8, 1, 2).weight_names()
    }

    fn batch(device: &Device) -> Batch<EncoderInput, f32> {
        Batch {
            input: EncoderInput::new(vec![2, 7, 3, 2, 9, 3], vec![0; 6], &[1; 6], 2, device),
            targets: vec![1955.0, 2001.0],
            rows: vec![0, 1],
            tokens: 6,
            mode: Mode::Inference,
        }
    }

    fn bits(tensor: &Tensor<3>) -> Vec<u32> {
        let data = tensor.to_data();
        data.iter::<f32>().map(f32::to_bits).collect()
    }

    #[test]
    fn loss_is_the_mean_square() {
        let device = Device::default();
        let model = model(&device);
        let logits = Tensor::<3>::from_data([[[1.0]], [[4.0]]], &device);
        let loss = model
            .loss(logits.clone(), &[2.0, 1.0], 2.into())
            .into_scalar::<f32>();
        assert_eq!(loss, (1.0 + 9.0) / 2.0);
        // Of four rows in an optimiser step, these two give their share.
        assert_eq!(
            model
                .loss(logits.clone(), &[2.0, 1.0], 4.into())
                .into_scalar::<f32>(),
            2.5
        );
        // A model that is trained in another unit has the loss of plain scores, too.
        let scaled = model.with_targets(FAR);
        assert_eq!(
            scaled.loss(logits, &[2.0, 1.0], 2.into()).into_scalar::<f32>(),
            5.0
        );
    }

    #[test]
    fn a_head_starts_at_the_mean() {
        let device = Device::default();
        let batch = batch(&device);
        let plain = model(&device).forward(&batch.input, Mode::Inference);
        for unit in [1.0, 32.0] {
            let targets = TargetScale { unit, ..FAR };
            let start = model(&device).with_targets(targets);
            let found = start.forward(&batch.input, Mode::Inference);
            let expected = plain.clone() * unit + FAR.mean;
            let difference = (found - expected).abs().max().into_scalar::<f32>();
            assert!(difference < 1e-3, "{unit}: {difference}");
        }
    }

    #[test]
    fn a_saved_model_is_a_plain_one_with_the_same_outputs() {
        let device = Device::default();
        let input = batch(&device).input;
        let trained = model(&device).with_targets(FAR);
        let outputs = trained.forward(&input, Mode::Inference);
        let file = Checkpoint::from_bytes(to_safetensors(&trained, names()).unwrap()).unwrap();
        let (plain, _) = file.load_into(model(&device), names()).unwrap();
        assert_eq!(plain.unit, 1.0);
        assert_eq!(bits(&plain.forward(&input, Mode::Inference)), bits(&outputs));
        assert_eq!(
            plain.classifier.bias.as_ref().unwrap().val().into_scalar::<f32>(),
            1960.0
        );
        // A head from a file is kept, in whichever unit it is trained further.
        let targets = TargetScale { mean: 5.0, unit: 8.0 };
        let (again, _) = file
            .load_into(model(&device).with_targets(targets), names())
            .unwrap();
        assert_eq!(bits(&again.forward(&input, Mode::Inference)), bits(&outputs));
        let record = again.clone().into_record();
        let restored = model(&device).with_targets(targets).load_record(record);
        assert_eq!(bits(&restored.forward(&input, Mode::Inference)), bits(&outputs));
    }

    #[test]
    fn gradients_are_those_of_standardised_targets() {
        let device = Device::default().autodiff();
        let batch = batch(&device);
        let scaled = model(&device).with_targets(FAR);
        let mut standardised = batch.clone();
        standardised.targets.iter_mut().for_each(|target| *target /= 32.0);
        let plain = model(&device).with_targets(TargetScale {
            mean: FAR.mean / 32.0,
            unit: 1.0,
        });
        let gradient = |model: &SequenceRegressor, batch: &Batch<EncoderInput, f32>| {
            let (loss, gradients) = model.gradients(batch, 2.into());
            let gradient = gradients.get::<2>(model.classifier.weight.id).unwrap();
            (
                loss.into_scalar::<f32>(),
                gradient.into_data().iter::<f32>().collect::<Vec<_>>(),
            )
        };
        let (loss, found) = gradient(&scaled, &batch);
        let (standardised_loss, expected) = gradient(&plain, &standardised);
        assert_eq!(loss, standardised_loss * 1024.0);
        assert_eq!(found, expected);
        assert!(expected.iter().any(|value| value.abs() > 1e-4), "{expected:?}");
    }
}
