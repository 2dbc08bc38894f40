//! The loss of classification, of texts and of words: cross-entropy, with or without class weights and label smoothing.

use bert_core::ops;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData};
use datasets::Labels;

use super::class_weights::ClassWeights;
use crate::task::TaskError;

/// Softmax cross-entropy against smoothed labels (Szegedy et al. 2016, "Rethinking the Inception architecture", section
/// 7), with a weight for each class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropyLoss {
    smoothing: f64,
    /// One for each class; empty if all weigh 1.
    weights: Vec<f64>,
}

impl CrossEntropyLoss {
    /// A loss that spreads the share `smoothing` of each label over all labels, with the class weights `weights`.
    /// `learned` are the labels of the training examples: weights are scaled to average 1 over them, so that
    /// the loss keeps its scale and the learning rate its meaning.
    ///
    /// # Errors
    /// If the share is not from 0 to below 1, or a weight is of another label.
    pub fn new<'a>(
        smoothing: f64,
        weights: Option<&ClassWeights>,
        labels: &Labels,
        learned: impl Iterator<Item = &'a str>,
    ) -> Result<Self, TaskError> {
        check_smoothing(smoothing)?;
        let mut counts = vec![0usize; labels.len()];
        for label in learned.filter_map(|label| labels.index(label)) {
            counts[label] += 1;
        }
        let mut weights = match weights {
            None => vec![],
            Some(weights) => weights
                .of(labels, &counts)
                .map_err(|reason| TaskError::option("class_weights", format!(": {reason}")))?,
        };
        let total: f64 = weights
            .iter()
            .zip(&counts)
            .map(|(weight, &count)| weight * count as f64)
            .sum();
        let scale = counts.iter().sum::<usize>() as f64 / total;
        if scale.is_finite() {
            weights.iter_mut().for_each(|weight| *weight *= scale);
        }
        Ok(Self { smoothing, weights })
    }

    /// The weights of the classes; empty if all weigh 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// `-sum_i v_i * ((1 - s) w_y log p_y + s / C * sum_c w_c log p_c)`, `[1]`: logits `[rows, classes]`, the rows'
    /// classes and weights `v`. A weight is 1 over the number of rows that count, or 0 for those that do not.
    ///
    /// # Panics
    /// If a class is out of range.
    pub fn loss(&self, logits: Tensor<2>, classes: Vec<i32>, row_weights: Vec<f32>) -> Tensor<1> {
        let [rows, count] = logits.dims();
        let device = logits.device();
        let weight = |class: usize| self.weights.get(class).copied().unwrap_or(1.0);
        let sharp: Vec<f32> = classes
            .iter()
            .zip(&row_weights)
            .map(|(&class, &row_weight)| {
                (f64::from(row_weight) * weight(class as usize) * (1.0 - self.smoothing)) as f32
            })
            .collect();
        let sharp = Tensor::from_data(TensorData::new(sharp, [rows]), &device);
        let classes = Tensor::<1, Int>::from_data(TensorData::new(classes, [rows]), &device);
        let loss = ops::cross_entropy(logits.clone(), classes, sharp);
        if self.smoothing == 0.0 {
            return loss;
        }
        let even = (0..count).map(|class| (weight(class) * self.smoothing / count as f64) as f32);
        let even = Tensor::<2>::from_data(TensorData::new(even.collect::<Vec<_>>(), [1, count]), &device);
        let row_weights = Tensor::<2>::from_data(TensorData::new(row_weights, [rows, 1]), &device);
        loss - (log_softmax(logits, 1) * even * row_weights).sum()
    }
}

/// Checks the share of label smoothing.
///
/// # Errors
/// If it is not from 0 to below 1.
pub(crate) fn check_smoothing(smoothing: f64) -> Result<(), TaskError> {
    match (0.0..1.0).contains(&smoothing) {
        true => Ok(()),
        false => {
            let reason = format!(" is {smoothing}; it must be at least 0 and below 1");
            Err(TaskError::option("label_smoothing", reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn labels() -> Labels {
        Labels::from_names(["a", "b", "c"].map(String::from).to_vec()).unwrap()
    }

    /// The loss for training examples with these labels, one letter each.
    fn of(smoothing: f64, weights: Option<&str>, learned: &str) -> Result<CrossEntropyLoss, TaskError> {
        let weights = weights.map(|text| text.parse::<ClassWeights>().unwrap());
        CrossEntropyLoss::new(
            smoothing,
            weights.as_ref(),
            &labels(),
            learned.split_terminator("").skip(1),
        )
    }

    fn loss(cross_entropy: &CrossEntropyLoss) -> f64 {
        let logits = Tensor::<2>::from_data([[1.0, 3.0, 2.0], [0.5, -1.0, 0.0]], &Device::default());
        let loss = cross_entropy.loss(logits, vec![1, 2], vec![0.5, 0.5]);
        loss.into_scalar::<f64>()
    }

    #[test]
    fn smoothing_and_weights_as_in_pytorch() {
        // F.cross_entropy(torch.tensor([[1., 3., 2.], [.5, -1., 0.]]), torch.tensor([1, 2]), label_smoothing=s,
        //                 weight=torch.tensor(w), reduction="none").mean()
        let [log1, log2] = [[1.0f64, 3.0, 2.0], [0.5, -1.0, 0.0]].map(|row| {
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.map(|x| x - sum.ln())
        });
        let of = |smoothing, weights: [f64; 3]| {
            let cross_entropy = CrossEntropyLoss {
                smoothing,
                weights: weights.to_vec(),
            };
            let row = |log: [f64; 3], y: usize| {
                let even: f64 = log.iter().zip(weights).map(|(l, w)| l * w).sum();
                -(1.0 - smoothing) * weights[y] * log[y] - smoothing / 3.0 * even
            };
            let expected = (row(log1, 1) + row(log2, 2)) / 2.0;
            assert!(
                (loss(&cross_entropy) - expected).abs() < 1e-6,
                "{smoothing} {weights:?}"
            );
            expected
        };
        let plain = of(0.0, [1.0; 3]);
        assert!((loss(&CrossEntropyLoss::default()) - plain).abs() < 1e-6);
        assert!((of(0.1, [1.0; 3]) - plain).abs() > 1e-3);
        assert!((of(0.1, [0.5, 2.0, 1.5]) - of(0.0, [0.5, 2.0, 1.5])).abs() > 1e-3);
    }

    #[test]
    fn weights_average_one_over_the_training_examples() {
        let average = |cross_entropy: &CrossEntropyLoss, counts: [usize; 3]| -> f64 {
            let sum: f64 = cross_entropy
                .weights()
                .iter()
                .zip(counts)
                .map(|(weight, count)| weight * count as f64)
                .sum();
            sum / counts.iter().sum::<usize>() as f64
        };
        let counts = [8, 1, 1];
        let balanced = of(0.0, Some("balanced"), "aaaaaaaabc").unwrap();
        // sklearn.utils.class_weight.compute_class_weight("balanced", ...): n / (3 * counts)
        let expected = [10.0 / 24.0, 10.0 / 3.0, 10.0 / 3.0];
        for (found, expected) in balanced.weights().iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{balanced:?}");
        }
        let unseen = of(0.1, Some("balanced"), "abababab").unwrap();
        assert_eq!(unseen.weights(), [1.0, 1.0, 0.0]);
        let named = of(0.0, Some("b=3, c=2"), "aaaaaaaabc").unwrap();
        assert!((named.weights()[1] / named.weights()[0] - 3.0).abs() < 1e-12);
        assert!((average(&named, counts) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn unusable_values_are_refused() {
        let refused =
            |smoothing, weights: Option<&str>| of(smoothing, weights, "abc").unwrap_err().to_string();
        assert!(refused(1.0, None).contains("`label_smoothing`"));
        assert!(refused(0.0, Some("d=2")).contains("a, b, c"));
    }
}
