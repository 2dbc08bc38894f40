//! The cache of packed weights always matches the weights of the model.

use bert_core::Init;
use bert_core::ops::{AdamWStep, GemmOptions, adamw, linear};
use bert_core::{BertConfig, Encoder, EncoderInput, Mode, parse_device};
use bert_tests::{host, noise, tensor};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

fn input(device: &Device) -> EncoderInput {
    let ids = (0..24).map(|i| 1 + i * 7 % 19).collect();
    EncoderInput::new(ids, vec![0; 24], &[1; 24], 2, device)
}

/// Training packs the weights in each pass and must compute the same products.
#[test]
fn inference_equals_training() {
    let device = parse_device("flex").unwrap();
    for seed in 0..6 {
        let trained = Encoder::new(
            &BertConfig::compact(20, 32, 3, 4),
            seed,
            &device.clone().autodiff(),
        );
        let expected = host(
            trained
                .forward(&input(&device.clone().autodiff()), Mode::Inference)
                .last_hidden,
        );
        let model = trained.valid();
        for _ in 0..3 {
            let found = host(model.forward(&input(&device), Mode::Inference).last_hidden);
            assert_eq!(found, expected, "seed {seed}");
        }
        // The next model can reuse this model's memory.
    }
}

#[test]
fn changed_weights_are_packed_again() {
    let gemm = GemmOptions::default();
    let device = parse_device("flex").unwrap();
    let [inputs, outputs] = [40, 70];
    let x = tensor(&noise(3 * inputs, 1), [1, 3, inputs], &device);
    let mut layer = Init::new(1, 0.02).linear(inputs, outputs, &device);
    let mut moments = [(); 2].map(|()| Tensor::<2>::zeros([inputs, outputs], &device));
    let mut seen = vec![];
    for time in 1..=4 {
        let found = host(linear(x.clone(), &layer, &gemm));
        assert_eq!(found, host(linear(x.clone(), &layer, &gemm)));
        let weight = layer.weight.val();
        // Burn's own matrix product.
        let expected = host(x.clone().matmul(weight.clone().unsqueeze()));
        for (at, (a, b)) in found.iter().zip(&expected).enumerate() {
            assert!((a - b).abs() < 1e-5, "step {time}, {at}: {a} for {b}");
        }
        assert!(!seen.contains(&found));
        seen.push(found);
        let gradient = tensor(
            &noise(inputs * outputs, time as usize),
            [inputs, outputs],
            &device,
        );
        let step = AdamWStep {
            rate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            decay: 0.0,
            time,
        };
        // The layer gives up its weight, so that the optimiser can change it in place.
        let (id, owned) = (layer.weight.id, weight);
        layer.weight = Param::from_tensor(Tensor::zeros([1, 1], &device));
        let (weight, next) = adamw(owned, gradient, moments, step);
        layer.weight = Param::initialized(id, weight);
        moments = next;
    }
}
