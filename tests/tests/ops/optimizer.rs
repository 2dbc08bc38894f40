//! AdamW, and the operations of gradient clipping.

use bert_core::ops::{AdamWStep, adamw, scale, sum_of_squares};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::tensor::Tensor;

use super::slack;

#[test]
fn adamw_matches_its_definition() {
    for (name, device) in devices() {
        let mut parameter = noise(10, 1);
        let (mut first, mut second) = (vec![0.0; 10], vec![0.0; 10]);
        let mut tensors = (
            tensor(&parameter, [2, 5], &device),
            [
                Tensor::<2>::zeros([2, 5], &device),
                Tensor::<2>::zeros([2, 5], &device),
            ],
        );
        for time in 1..=5u32 {
            let gradient = noise(10, 10 + time as usize);
            let step = AdamWStep {
                rate: 0.01,
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                decay: 0.1,
                time,
            };
            tensors = adamw(tensors.0, tensor(&gradient, [2, 5], &device), tensors.1, step);
            for i in 0..10 {
                first[i] = 0.9 * first[i] + 0.1 * gradient[i];
                second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
                let m = first[i] / (1.0 - 0.9f64.powi(time as i32));
                let v = second[i] / (1.0 - 0.999f64.powi(time as i32));
                parameter[i] -= 0.01 * 0.1 * parameter[i];
                parameter[i] -= 0.01 * m / (v.sqrt() + 1e-8);
            }
            let what = format!("{name} adamw step {time}");
            assert_near(&what, &host(tensors.0.clone()), &parameter, 1e-6 * slack(&name));
            assert_near(&what, &host(tensors.1[0].clone()), &first, 1e-6 * slack(&name));
            assert_near(&what, &host(tensors.1[1].clone()), &second, 1e-6 * slack(&name));
        }
    }
}

#[test]
fn squares_and_scale_of_a_gradient() {
    for (name, device) in devices() {
        // Larger than one block.
        let values = noise(20_000, 1);
        let x = tensor(&values, [100, 200], &device);
        let expected: f64 = values.iter().map(|x| x * x).sum();
        assert_near(&name, &host(sum_of_squares(x.clone())), &[expected], 1e-5);
        for factor in [1.0, 0.25] {
            let scaled: Vec<f64> = values.iter().map(|x| factor * x).collect();
            let found = host(scale(x.clone(), tensor(&[factor], [1], &device)));
            assert_near(&name, &found, &scaled, 1e-6);
        }
        assert_near(&name, &host(x), &values, 1e-6);
    }
}
