//! The embeddings.

use bert_core::ops::{EmbeddingsOptions, EmbeddingsWeights, embeddings};
use bert_tests::{assert_near, devices, host, noise, tensor};
use burn::tensor::{Int, Tensor, TensorData};

use super::{assert_gradient, backward, norm, norm_options, normalised, slack};

#[test]
fn embeddings_and_their_gradients_with_repeated_ids() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let (width, words, positions) = (6, 5, 7);
        let ids = [1, 3, 1, 1, 0, 4];
        let types = [0, 0, 1, 1, 0, 1];
        let tables = [
            noise(words * width, 1),
            noise(positions * width, 2),
            noise(2 * width, 3),
        ];
        let (gamma, beta) = (noise(width, 4), noise(width, 5));
        let weights = noise(6 * width, 6);
        let layer = norm(&gamma, &beta, &device);
        let [word, position, segment] = &tables;
        let parameters = [
            tensor(word, [words, width], &device).require_grad(),
            tensor(position, [positions, width], &device).require_grad(),
            tensor(segment, [2, width], &device).require_grad(),
        ];
        let integers =
            |values: [i32; 6]| Tensor::<2, Int>::from_data(TensorData::new(values.to_vec(), [2, 3]), &device);
        for first_position in [0, 2] {
            let y = embeddings(
                integers(ids),
                integers(types),
                None,
                EmbeddingsWeights::new(parameters.clone(), &layer),
                EmbeddingsOptions {
                    first_position,
                    output: norm_options(None),
                },
            );
            let f = |tables: [&[f64]; 3]| {
                let sum: Vec<f64> = (0..6)
                    .flat_map(|at| {
                        (0..width).map(move |i| {
                            tables[0][ids[at] as usize * width + i]
                                + tables[1][(first_position + at % 3) * width + i]
                                + tables[2][types[at] as usize * width + i]
                        })
                    })
                    .collect();
                normalised(&sum, &gamma, &beta, 1e-12)
            };
            let what = format!("{name} embeddings from position {first_position}");
            assert_near(
                &what,
                &host(y.clone()),
                &f([word, position, segment]),
                1e-5 * slack(&name),
            );
            let grads = backward(y, &weights);
            for which in 0..3 {
                let expected = |x: &[f64]| {
                    let mut all: [&[f64]; 3] = [word, position, segment];
                    all[which] = x;
                    f(all)
                };
                let grad = host(parameters[which].grad(&grads).unwrap());
                let what = format!("{what}, number {which}");
                assert_gradient(&what, &tables[which], grad, &expected, &weights, slack(&name));
            }
        }
    }
}
