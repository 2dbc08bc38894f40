//! Matrix products in bfloat16: the factors are rounded, the sums are in f32.

use bert_core::Init;
use bert_core::ops::{Capabilities, GemmOptions, Precision, linear};
use bert_core::{BertConfig, Encoder, EncoderInput, Mode, parse_device};
use bert_tests::{assert_near, host, noise, tensor};
use burn::module::Param;
use burn::tensor::Device;

fn flex() -> Device {
    parse_device("flex").unwrap()
}

/// Whether this machine multiplies bfloat16; prints a note if not.
fn available() -> bool {
    let available = Capabilities::of(&flex()).bf16_gemm;
    if !available {
        println!("skipped: this machine does not multiply bfloat16");
    }
    available
}

/// Each value, rounded to bfloat16.
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
fn dense_layers_multiply_rounded_numbers() {
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
        let gradients = noise(rows * outputs, 4);
        let mut layer = Init::new(0, 0.02).linear(inputs, outputs, &device);
        layer.weight = Param::from_tensor(tensor(&weight, [inputs, outputs], &device));
        layer.bias = Some(Param::from_tensor(tensor(&bias, [outputs], &device)));
        let input = tensor(&x, [1, rows, inputs], &device).require_grad();
        let y = linear(input.clone(), &layer, &GemmOptions::new(Precision::Bf16));

        let (x, weight) = (rounded(&x), rounded(&weight));
        let mut expected = product(&x, &weight, [rows, inputs, outputs]);
        for row in expected.chunks_mut(outputs) {
            row.iter_mut().zip(&bias).for_each(|(y, bias)| *y += bias);
        }
        assert_near(&what, &host(y.clone()), &expected, 5e-5);

        let grads = (y * tensor(&gradients, [1, rows, outputs], &device))
            .sum()
            .backward();
        let down = rounded(&gradients);
        let of_x = product(&down, &transposed(&weight, outputs), [rows, outputs, inputs]);
        let found = host(input.grad(&grads).unwrap());
        assert_near(&format!("{what}: x"), &found, &of_x, 5e-5);
        let of_weight = product(&transposed(&x, inputs), &down, [inputs, rows, outputs]);
        let found = host(layer.weight.val().grad(&grads).unwrap());
        assert_near(&format!("{what}: weight"), &found, &of_weight, 5e-5);
        // The bias gradient sums numbers that are not rounded.
        let of_bias = product(&vec![1.0; rows], &gradients, [1, rows, outputs]);
        let found = host(layer.bias.unwrap().val().grad(&grads).unwrap());
        assert_near(&format!("{what}: bias"), &found, &of_bias, 1e-5);
    }
}

fn model(precision: Precision, device: &Device) -> Encoder {
    let config = BertConfig {
        precision,
        ..BertConfig::compact(50, 64, 3, 4)
    };
    Encoder::new(&config, 3, device)
}

fn input(device: &Device) -> EncoderInput {
    let ids: Vec<i32> = (0..80).map(|i| 1 + i * 7 % 49).collect();
    EncoderInput::new(ids, vec![0; 80], &[1; 80], 4, device)
}

#[test]
fn bf16_is_close_to_f32_and_the_same_for_any_number_of_threads() {
    if !available() {
        return;
    }
    let device = flex();
    let input = input(&device);
    let run = |model: &Encoder, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| host::<3>(model.forward(&input, Mode::Inference).last_hidden))
    };
    let rounded = model(Precision::Bf16, &device);
    let alone = run(&rounded, 1);
    assert_eq!(run(&rounded, 2), alone);
    assert_eq!(run(&rounded, 3), alone);
    let exact = run(&model(Precision::F32, &device), 1);
    let mean = exact.iter().zip(&alone).map(|(a, b)| (a - b).abs()).sum::<f64>() / exact.len() as f64;
    assert!(mean > 1e-5, "as if nothing had been rounded: {mean}");
    assert!(mean < 0.02, "{mean} off on average, of numbers around 1");
}

#[test]
fn models_of_different_precision_do_not_affect_each_other() {
    let device = flex().autodiff();
    let input = input(&device);
    // The output and a gradient.
    let run = |model: &Encoder| {
        let output = model.forward(&input, Mode::Training { seed: 1 }).last_hidden;
        let grads = (output.clone() * output.clone()).sum().backward();
        let layer = &model.encoder.layer[0].intermediate.dense;
        [host(output), host(layer.weight.val().grad(&grads).unwrap())]
    };
    let models = [Precision::F32, Precision::Bf16].map(|precision| model(precision, &device));
    let alone = models.each_ref().map(run);
    assert_eq!(alone[0] != alone[1], available());
    std::thread::scope(|scope| {
        for (model, alone) in models.iter().zip(&alone) {
            let run = &run;
            scope.spawn(move || (0..3).for_each(|_| assert_eq!(run(model), *alone)));
        }
    });
}

#[test]
fn narrower_simd_vectors_multiply_f32() {
    if std::env::var_os("BERT_VECTORS").is_some() {
        assert!(!Capabilities::of(&flex()).bf16_gemm);
        let input = input(&flex());
        let run = |precision| {
            host(
                model(precision, &flex())
                    .forward(&input, Mode::Inference)
                    .last_hidden,
            )
        };
        assert_eq!(run(Precision::Bf16), run(Precision::F32));
        return;
    }
    let narrower = std::process::Command::new(std::env::current_exe().unwrap())
        .arg("bfloat16::")
        .env("BERT_VECTORS", "plain")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&narrower.stdout);
    assert!(narrower.status.success(), "{output}");
}
