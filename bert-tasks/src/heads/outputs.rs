//! From a head's outputs to numbers on the host, and from logits to probabilities.

use burn::tensor::Tensor;

/// The values of each row of `output`, `[rows, positions, outputs]`: one position after the other. They are read from
/// the device in one go. Values of a padded row beyond its tokens are undefined.
pub fn row_values(output: Tensor<3>) -> Vec<Vec<f32>> {
    let [_, positions, outputs] = output.dims();
    let values: Vec<f32> = output.into_data().iter::<f32>().collect();
    values
        .chunks((positions * outputs).max(1))
        .map(<[f32]>::to_vec)
        .collect()
}

/// The index of the greatest value; of equal ones, the first.
pub fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (index, &value) in values.iter().enumerate() {
        if value > values[best] || values[best].is_nan() {
            best = index;
        }
    }
    best
}

/// `exp(x_i) / sum exp(x_j)` in f64, shifted so that nothing overflows.
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f64> = logits.iter().map(|&x| f64::from(x - highest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.into_iter().map(|e| e / sum).collect()
}
