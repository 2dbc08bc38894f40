//! From logits to probabilities.

/// The place of the greatest value, the first one where several are equal.
pub fn argmax(values: &[f32]) -> usize {
    let mut best = 0;
    for (place, &value) in values.iter().enumerate() {
        if value > values[best] || values[best].is_nan() {
            best = place;
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
