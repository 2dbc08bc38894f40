//! Test tensors, and comparisons of numbers.

use burn::tensor::{Device, Tensor, TensorData};

/// Pseudo-random numbers from -1 to 1, the same on every machine.
pub fn noise(count: usize, seed: usize) -> Vec<f64> {
    (0..count)
        .map(|i| {
            let x = ((i * 2654435761 + seed * 40503 + 12345) % 1000003) as f64 / 1000003.0;
            2.0 * ((x * 7919.0) % 1.0) - 1.0
        })
        .collect()
}

/// A tensor with these numbers.
pub fn tensor<const D: usize>(values: &[f64], shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = values.iter().map(|&x| x as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// A tensor's numbers.
pub fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// Expects numbers to differ by at most `tolerance`, relative to those above 1.
///
/// # Panics
/// If they differ by more.
pub fn assert_near(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * b.abs().max(1.0),
            "{what}[{at}]: {a} for {b}"
        );
    }
}
