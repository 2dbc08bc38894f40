//! Word embeddings that a batch does not use cost almost nothing, and change exactly as in a dense update.

use bert_core::ops::{
    AdamWStep, EmbeddingsOptions, EmbeddingsWeights, NormOptions, adamw, embeddings, scale, sum_of_squares,
};
use bert_core::{layer_norm, parse_device};
use bert_tests::{assert_near, host, noise, tensor};
use burn::tensor::{Device, Int, Tensor, TensorData};

const WORDS: usize = 150;
const WIDTH: usize = 24;

fn flex() -> Device {
    parse_device("flex").unwrap()
}

/// The gradient of the word embeddings from the embeddings' backward pass, for a batch of these ids.
fn gradient(ids: &[i32], seed: usize) -> Tensor<2> {
    let device = flex().autodiff();
    let table = |rows: usize, seed| tensor(&noise(rows * WIDTH, seed), [rows, WIDTH], &device).require_grad();
    let words = table(WORDS, 1);
    let shape = [1, ids.len()];
    let y = embeddings(
        Tensor::<2, Int>::from_data(TensorData::new(ids.to_vec(), shape), &device),
        Tensor::<2, Int>::zeros(shape, &device),
        None,
        EmbeddingsWeights::new(
            [words.clone(), table(20, 2), table(2, 3)],
            &layer_norm(WIDTH, 1e-12, &device),
        ),
        EmbeddingsOptions {
            first_position: 0,
            output: NormOptions {
                epsilon: 1e-12,
                dropout: None,
            },
        },
    );
    let weights = tensor(&noise(ids.len() * WIDTH, seed), [1, ids.len(), WIDTH], &device);
    let mut grads = (y * weights).sum().backward();
    words.grad_remove(&mut grads).unwrap()
}

/// The same numbers in a plain (dense) tensor.
fn dense(x: &Tensor<2>) -> Tensor<2> {
    Tensor::from_data(x.clone().into_data(), &flex())
}

fn bits(x: Tensor<2>) -> Vec<u32> {
    x.into_data().iter::<f32>().map(f32::to_bits).collect()
}

/// Words and their moments after 12 steps. The gradient of step `time` stays sparse if `sparse(time)`, else it is dense.
fn train(sparse: impl Fn(u32) -> bool) -> [Vec<u32>; 3] {
    let device = flex();
    let mut words = tensor(&noise(WORDS * WIDTH, 1), [WORDS, WIDTH], &device);
    let mut moments = [(); 2].map(|()| Tensor::zeros([WORDS, WIDTH], &device));
    for time in 1..=12 {
        let ids: Vec<i32> = (0..6)
            .map(|i| (time * 31 + i * i * 7) as i32 % WORDS as i32)
            .collect();
        let mut gradient = gradient(&ids, 10 + time as usize);
        if !sparse(time) {
            gradient = dense(&gradient);
        }
        let factor = if time % 3 == 0 { 1.0 } else { 0.3 };
        let gradient = scale(gradient, tensor(&[factor], [1], &device));
        let step = AdamWStep {
            rate: 0.01 / f64::from(time),
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            decay: if time % 4 == 0 { 0.0 } else { 0.1 },
            time,
        };
        (words, moments) = adamw(words, gradient, moments, step);
    }
    let [moment1, moment2] = moments;
    [words, moment1, moment2].map(bits)
}

#[test]
fn sparse_steps_equal_dense_steps_bit_for_bit() {
    let dense = train(|_| false);
    assert_eq!(train(|_| true), dense);
    assert_eq!(
        train(|time| time % 5 != 0),
        dense,
        "only some gradients are sparse"
    );
    assert_eq!(
        train(|time| time > 3),
        dense,
        "gradients are sparse from the fourth step"
    );
}

#[test]
fn the_norm_includes_all_rows() {
    for ids in [vec![3], vec![5, 5, 149, 0], (0..20).collect()] {
        let gradient = gradient(&ids, 4);
        let all: f64 = host(gradient.clone()).iter().map(|x| x * x).sum();
        assert_near("norm", &host(sum_of_squares(gradient)), &[all], 1e-6);
    }
}

#[test]
fn rows_added_later_are_included() {
    let device = flex();
    let mut moments = [(); 2].map(|()| Tensor::zeros([WORDS, WIDTH], &device));
    let mut words = tensor(&noise(WORDS * WIDTH, 1), [WORDS, WIDTH], &device);
    let (mut plain_words, mut plain_moments) = (words.clone(), moments.clone());
    for time in 1..=3 {
        // As in gradient accumulation.
        let sum = gradient(&[1, 2], 4) + gradient(&[2, 77], 5);
        let squares: f64 = host(sum.clone()).iter().map(|x| x * x).sum();
        assert_near("norm", &host(sum_of_squares(sum.clone())), &[squares], 1e-6);
        let step = AdamWStep {
            rate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            decay: 0.1,
            time,
        };
        (plain_words, plain_moments) = adamw(plain_words, dense(&sum), plain_moments, step);
        (words, moments) = adamw(words, sum, moments, step);
    }
    assert_eq!(bits(words), bits(plain_words));
    for (moment, plain) in moments.into_iter().zip(plain_moments) {
        assert_eq!(bits(moment), bits(plain));
    }
}

/// The pool reuses the matrix's memory without clearing it, so the memory must be clean.
#[test]
fn gradients_hold_nothing_of_earlier_gradients() {
    for ids in [vec![3, 140], vec![5], vec![149, 0, 0]] {
        let device = flex();
        let found = scale(gradient(&ids, 4), tensor(&[0.5], [1], &device));
        for (row, values) in host(found).chunks(WIDTH).enumerate() {
            let zero = values.iter().all(|&x| x == 0.0);
            assert_eq!(!ids.contains(&(row as i32)), zero, "row {row} of {ids:?}");
        }
    }
}

#[test]
fn slices_and_reshapes_of_a_gradient_are_complete() {
    let device = flex();
    let half = tensor(&[0.5], [1], &device);
    let all = host(gradient(&[3, 77, 140], 4));
    let squares = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
    let flat = gradient(&[3, 77, 140], 4).reshape([WORDS * WIDTH]);
    assert_near(
        "flat",
        &host(sum_of_squares(flat.clone())),
        &[squares(&all)],
        1e-6,
    );
    let halves: Vec<f64> = all.iter().map(|x| 0.5 * x).collect();
    assert_near("flat", &host(scale(flat, half.clone())), &halves, 1e-6);
    let wide = gradient(&[3, 77, 140], 4).reshape([WORDS / 2, 2 * WIDTH]);
    assert_near(
        "wide",
        &host(sum_of_squares(wide.clone())),
        &[squares(&all)],
        1e-6,
    );
    assert_near("wide", &host(scale(wide, half.clone())), &halves, 1e-6);
    let lower = gradient(&[3, 77, 140], 4).slice([70..WORDS, 0..WIDTH]);
    let expected = &all[70 * WIDTH..];
    assert_near(
        "lower",
        &host(sum_of_squares(lower.clone())),
        &[squares(expected)],
        1e-6,
    );
    assert_near("lower", &host(scale(lower, half)), &halves[70 * WIDTH..], 1e-6);
}
