//! Dense layers.

use bert_core::Activation;
use bert_core::ops::{GemmOptions, linear, linear_activation};
use bert_tests::{assert_near, devices, host, noise, tensor};

use super::{activated, assert_gradient, backward, dense, erf, product, slack};

#[test]
fn dense_layers_with_every_activation() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for [batch, length, inputs, outputs] in [[1, 1, 1, 1], [2, 7, 5, 3], [3, 2, 8, 16]] {
            let rows = batch * length;
            let (x, weight, bias) = (
                noise(rows * inputs, 1),
                noise(inputs * outputs, 2),
                noise(outputs, 3),
            );
            let weights = noise(rows * outputs, 4);
            let layer = dense(&weight, &bias, inputs, &device);
            let run = |activation: Option<Activation>| {
                let x = tensor(&x, [batch, length, inputs], &device).require_grad();
                let y = match activation {
                    Some(activation) => {
                        linear_activation(x.clone(), &layer, activation, &GemmOptions::default())
                    }
                    None => linear(x.clone(), &layer, &GemmOptions::default()),
                };
                (x, y)
            };
            for activation in [
                None,
                Some(Activation::Gelu),
                Some(Activation::GeluTanh),
                Some(Activation::Relu),
            ] {
                let what = format!("{name} dense {batch}x{length}x{inputs}x{outputs} {activation:?}");
                let act = |v: f64| activation.map_or(v, |a| activated(v, a));
                let f = |x: &[f64], w: &[f64], b: &[f64]| -> Vec<f64> {
                    product(x, w, b, inputs).into_iter().map(act).collect()
                };
                let (input, y) = run(activation);
                assert_near(
                    &what,
                    &host(y.clone()),
                    &f(&x, &weight, &bias),
                    1e-5 * slack(&name),
                );
                let grads = backward(y, &weights);
                let grad = host(input.grad(&grads).unwrap());
                assert_gradient(
                    &format!("{what} x"),
                    &x,
                    grad,
                    &|x| f(x, &weight, &bias),
                    &weights,
                    slack(&name),
                );
                let grad = host(layer.weight.val().grad(&grads).unwrap());
                assert_gradient(
                    &format!("{what} weight"),
                    &weight,
                    grad,
                    &|w| f(&x, w, &bias),
                    &weights,
                    slack(&name),
                );
                let grad = host(layer.bias.as_ref().unwrap().val().grad(&grads).unwrap());
                assert_gradient(
                    &format!("{what} bias"),
                    &bias,
                    grad,
                    &|b| f(&x, &weight, b),
                    &weights,
                    slack(&name),
                );
            }
        }
    }
}

#[test]
fn large_dense_layers_and_their_gradients() {
    for (name, device) in devices() {
        let device = device.autodiff();
        // Larger than the blocks of the matrix product, and no multiples of them.
        for [rows, inputs, outputs] in [[135, 400, 200], [7, 770, 33], [400, 30, 2]] {
            let (x, bias) = (noise(rows * inputs, 1), noise(outputs, 3));
            let weight: Vec<f64> = noise(inputs * outputs, 2).iter().map(|w| 0.05 * w).collect();
            let weights: Vec<f64> = noise(rows * outputs, 4).iter().map(|w| 0.05 * w).collect();
            let layer = dense(&weight, &bias, inputs, &device);
            let input = tensor(&x, [1, rows, inputs], &device).require_grad();
            let y = linear_activation(input.clone(), &layer, Activation::Gelu, &GemmOptions::default());
            let before = product(&x, &weight, &bias, inputs);
            let expected: Vec<f64> = before.iter().map(|&v| activated(v, Activation::Gelu)).collect();
            let what = format!("{name} dense {rows}x{inputs}x{outputs}");
            assert_near(&what, &host(y.clone()), &expected, 1e-5 * slack(&name));
            let gradients: Vec<f64> = before
                .iter()
                .zip(&weights)
                .map(|(v, weight)| {
                    let density = (-0.5 * v * v).exp() / (2.0 * std::f64::consts::PI).sqrt();
                    weight * (0.5 * (1.0 + erf(v / 2f64.sqrt())) + v * density)
                })
                .collect();
            let grads = backward(y, &weights);
            let (mut of_x, mut of_weight) = (vec![0.0; rows * inputs], vec![0.0; inputs * outputs]);
            let mut of_bias = vec![0.0; outputs];
            for row in 0..rows {
                for (o, gradient) in gradients[row * outputs..][..outputs].iter().enumerate() {
                    of_bias[o] += gradient;
                    for i in 0..inputs {
                        of_x[row * inputs + i] += gradient * weight[i * outputs + o];
                        of_weight[i * outputs + o] += gradient * x[row * inputs + i];
                    }
                }
            }
            let tolerance = 1e-4 * slack(&name);
            let found = host(input.grad(&grads).unwrap());
            assert_near(&format!("{what}: x"), &found, &of_x, tolerance);
            let found = host(layer.weight.val().grad(&grads).unwrap());
            assert_near(&format!("{what}: weight"), &found, &of_weight, tolerance);
            let found = host(layer.bias.as_ref().unwrap().val().grad(&grads).unwrap());
            assert_near(&format!("{what}: bias"), &found, &of_bias, tolerance);
        }
    }
}
