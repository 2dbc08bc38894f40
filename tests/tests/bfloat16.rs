//! Products of bfloat16: those of the rounded factors, with sums in f32. A program of its own, since the precision is the
//! whole process's.

use std::sync::Mutex;

use bert_core::Init;
use bert_core::ops::{Precision, linear, precision, set_precision};
use bert_core::{BertConfig, BertModel, EncoderInput, Mode, parse_device};
use bert_tests::{assert_near, host, noise, tensor};
use burn::module::Param;
use burn::tensor::Device;

fn flex() -> Device {
    parse_device("flex").unwrap()
}

/// One test at a time sets it.
static PRECISION: Mutex<()> = Mutex::new(());

/// Sets it, if this machine has such products; says so if not.
fn available() -> bool {
    let available = set_precision(Precision::Bf16, &flex()) == Precision::Bf16;
    if !available {
        println!("skipped: this machine does not multiply bfloat16");
    }
    available
}

/// The nearest number with 8 bits.
fn rounded(values: &[f64]) -> Vec<f64> {
    let nearest = |&x: &f64| half::bf16::from_f32(x as f32).to_f64();
    values.iter().map(nearest).collect()
}

/// `[rows, depth]` times `[depth, columns]`.
fn product(left: &[f64], right: &[f64], [rows, depth, columns]: [usize; 3]) -> Vec<f64> {
    let mut to = vec![0.0; rows * columns];
    for i in 0..rows {
        for p in 0..depth {
            for j in 0..columns {
                to[i * columns + j] += left[i * depth + p] * right[p * columns + j];
            }
        }
    }
    to
}

fn transposed(matrix: &[f64], columns: usize) -> Vec<f64> {
    let rows = matrix.len() / columns;
    (0..columns)
        .flat_map(|j| (0..rows).map(move |i| matrix[i * columns + j]))
        .collect()
}

#[test]
fn dense_layers_multiply_rounded_factors() {
    let _alone = PRECISION.lock();
    if !available() {
        return;
    }
    let device = parse_device("flex").unwrap().autodiff();
    for [rows, inputs, outputs] in [[1, 1, 1], [2, 3, 2], [7, 33, 5], [135, 401, 200], [50, 1537, 65]] {
        let what = format!("{rows}x{inputs}x{outputs}");
        let (x, weight, bias) = (
            noise(rows * inputs, 1),
            noise(inputs * outputs, 2),
            noise(outputs, 3),
        );
        let slopes = noise(rows * outputs, 4);
        let mut layer = Init::new(0, 0.02).linear(inputs, outputs, &device);
        layer.weight = Param::from_tensor(tensor(&weight, [inputs, outputs], &device));
        layer.bias = Some(Param::from_tensor(tensor(&bias, [outputs], &device)));
        let input = tensor(&x, [1, rows, inputs], &device).require_grad();
        let y = linear(input.clone(), &layer);

        let (x, weight) = (rounded(&x), rounded(&weight));
        let mut expected = product(&x, &weight, [rows, inputs, outputs]);
        for row in expected.chunks_mut(outputs) {
            row.iter_mut().zip(&bias).for_each(|(y, bias)| *y += bias);
        }
        assert_near(&what, &host(y.clone()), &expected, 5e-5);

        let grads = (y * tensor(&slopes, [1, rows, outputs], &device))
            .sum()
            .backward();
        let down = rounded(&slopes);
        let of_x = product(&down, &transposed(&weight, outputs), [rows, outputs, inputs]);
        let found = host(input.grad(&grads).unwrap());
        assert_near(&format!("{what}: x"), &found, &of_x, 5e-5);
        let of_weight = product(&transposed(&x, inputs), &down, [inputs, rows, outputs]);
        let found = host(layer.weight.val().grad(&grads).unwrap());
        assert_near(&format!("{what}: weight"), &found, &of_weight, 5e-5);
        // Sums are not of rounded numbers.
        let of_bias = product(&vec![1.0; rows], &slopes, [1, rows, outputs]);
        let found = host(layer.bias.unwrap().val().grad(&grads).unwrap());
        assert_near(&format!("{what}: bias"), &found, &of_bias, 1e-5);
    }
}

#[test]
fn a_model_is_near_itself_and_the_same_for_any_number_of_threads() {
    let _alone = PRECISION.lock();
    if !available() {
        return;
    }
    let device = parse_device("flex").unwrap();
    let model = BertModel::new(&BertConfig::compact(50, 64, 3, 4), 3, &device);
    let ids: Vec<i32> = (0..80).map(|i| 1 + i * 7 % 49).collect();
    let input = EncoderInput::new(ids, vec![0; 80], &[1; 80], 4, &device);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| host::<3>(model.forward(&input, Mode::Inference).last_hidden))
    };
    let alone = run(1);
    assert_eq!(run(2), alone);
    assert_eq!(run(3), alone);
    set_precision(Precision::F32, &flex());
    let exact = run(1);
    let mean = exact.iter().zip(&alone).map(|(a, b)| (a - b).abs()).sum::<f64>() / exact.len() as f64;
    assert!(mean > 1e-5, "as if nothing had been rounded: {mean}");
    assert!(mean < 0.02, "{mean} off on average, of numbers around 1");
}

#[test]
fn what_cannot_be_had_is_said() {
    let alone = PRECISION.lock();
    if std::env::var_os("BERT_VECTORS").is_some() {
        assert_eq!(set_precision(Precision::Bf16, &flex()), Precision::F32);
        assert_eq!(precision(), Precision::F32);
        return;
    }
    drop(alone);
    let narrower = std::process::Command::new(std::env::current_exe().unwrap())
        .env("BERT_VECTORS", "plain")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&narrower.stdout);
    assert!(narrower.status.success(), "{output}");
}
