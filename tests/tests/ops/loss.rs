//! Cross-entropy.

use bert_core::ops::cross_entropy;
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::tensor::{Int, Tensor, TensorData};

use super::{assert_gradient, slack};

#[test]
fn cross_entropy_with_weights_and_without_rows() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let logits: Vec<f64> = noise(5 * 4, 1).iter().map(|x| 20.0 * x).collect();
        let targets = [3, 0, 2, 1, 0];
        let weights = [0.5, 0.25, 0.0, 1.5, 1.0];
        let f = |logits: &[f64], weights: &[f64]| {
            let rows = logits.chunks(4).zip(targets).zip(weights);
            let sum: f64 = rows
                .map(|((row, target), weight)| {
                    let high = row.iter().copied().fold(f64::MIN, f64::max);
                    let log_sum = high + row.iter().map(|x| (x - high).exp()).sum::<f64>().ln();
                    weight * (log_sum - row[target as usize])
                })
                .sum();
            vec![sum]
        };
        let run = |weights: &[f64]| {
            let x = tensor(&logits, [5, 4], &device).require_grad();
            let targets = Tensor::<1, Int>::from_data(TensorData::new(targets.to_vec(), [5]), &device);
            let loss = cross_entropy(x.clone(), targets, tensor(weights, [5], &device));
            (x, loss)
        };
        let (x, loss) = run(&weights);
        let what = format!("{name} cross_entropy");
        assert_near(
            &what,
            &host(loss.clone()),
            &f(&logits, &weights),
            1e-5 * slack(&name),
        );
        let grads = loss.backward();
        let grad = host(x.grad(&grads).unwrap());
        assert_gradient(&what, &logits, grad, &|x| f(x, &weights), &[1.0], slack(&name));
        let (x, loss) = run(&[0.0; 5]);
        assert_eq!(host(loss.clone()), [0.0], "{what} of no row");
        assert!(host(x.grad(&loss.backward()).unwrap()).iter().all(|g| *g == 0.0));
    }
}

#[test]
fn cross_entropy_over_many_classes_is_not_rounded_away() {
    for (name, device) in devices() {
        let classes = 500_000;
        let logits = noise(classes, 1);
        let expected = logits.iter().map(|x| x.exp()).sum::<f64>().ln() - logits[7];
        let targets = Tensor::<1, Int>::from_data(TensorData::new(vec![7], [1]), &device);
        let loss = cross_entropy(
            tensor(&logits, [1, classes], &device),
            targets,
            tensor(&[1.0], [1], &device),
        );
        assert_near(&name, &host(loss), &[expected], 2e-6 * slack(&name));
    }
}
