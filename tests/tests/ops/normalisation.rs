//! Dropout, residual and normalisation.

use bert_core::ops::{Dropout, dropout, residual_norm};
use bert_tests::{assert_near, devices, host, noise, tensor};

use super::{assert_gradient, backward, norm, norm_options, normalised, slack};

#[test]
fn residual_and_normalisation() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for [batch, length, width] in [[1, 1, 2], [2, 7, 6], [1, 3, 33]] {
            let what = format!("{name} residual_norm {batch}x{length}x{width}");
            let count = batch * length * width;
            let (x, residual, gamma, beta) =
                (noise(count, 1), noise(count, 2), noise(width, 3), noise(width, 4));
            let weights = noise(count, 5);
            let shape = [batch, length, width];
            let layer = norm(&gamma, &beta, &device);
            let input = tensor(&x, shape, &device).require_grad();
            let skip = tensor(&residual, shape, &device).require_grad();
            let y = residual_norm(input.clone(), skip.clone(), &layer, norm_options(None));
            let f = |x: &[f64], residual: &[f64], gamma: &[f64], beta: &[f64]| {
                let sum: Vec<f64> = x.iter().zip(residual).map(|(a, b)| a + b).collect();
                normalised(&sum, gamma, beta, 1e-12)
            };
            assert_near(
                &what,
                &host(y.clone()),
                &f(&x, &residual, &gamma, &beta),
                1e-5 * slack(&name),
            );
            if width == 2 {
                // Two features always normalise to plus and minus one, so the gradients are only rounding errors.
                continue;
            }
            let grads = backward(y, &weights);
            let grad = host(input.grad(&grads).unwrap());
            assert_gradient(
                &format!("{what} x"),
                &x,
                grad,
                &|x| f(x, &residual, &gamma, &beta),
                &weights,
                slack(&name),
            );
            let grad = host(skip.grad(&grads).unwrap());
            assert_gradient(
                &format!("{what} residual"),
                &residual,
                grad,
                &|r| f(&x, r, &gamma, &beta),
                &weights,
                slack(&name),
            );
            let grad = host(layer.gamma.val().grad(&grads).unwrap());
            assert_gradient(
                &format!("{what} gamma"),
                &gamma,
                grad,
                &|g| f(&x, &residual, g, &beta),
                &weights,
                slack(&name),
            );
            let grad = host(layer.beta.as_ref().unwrap().val().grad(&grads).unwrap());
            assert_gradient(
                &format!("{what} beta"),
                &beta,
                grad,
                &|b| f(&x, &residual, &gamma, b),
                &weights,
                slack(&name),
            );
        }
    }
}

#[test]
fn fused_dropout_equals_plain_dropout() {
    for (name, device) in devices() {
        let device = device.autodiff();
        for [batch, length, width] in [[1, 1, 32], [2, 40, 33], [1, 3, 70]] {
            let shape = [batch, length, width];
            let count = batch * length * width;
            let layer = norm(&noise(width, 3), &noise(width, 4), &device);
            let weights = noise(count, 5);
            let dropped = Some(Dropout { rate: 0.3, key: 5 });
            let run = |fused: bool| {
                let x = tensor(&noise(count, 1), shape, &device).require_grad();
                let residual = tensor(&noise(count, 2), shape, &device).require_grad();
                let y = if fused {
                    residual_norm(x.clone(), residual.clone(), &layer, norm_options(dropped))
                } else {
                    residual_norm(
                        dropout(x.clone(), dropped),
                        residual.clone(),
                        &layer,
                        norm_options(None),
                    )
                };
                let grads = backward(y.clone(), &weights);
                let gamma = layer.gamma.val().grad(&grads).unwrap();
                [
                    host(y),
                    host(x.grad(&grads).unwrap()),
                    host(residual.grad(&grads).unwrap()),
                    host(gamma),
                ]
            };
            for (found, expected) in run(true).iter().zip(run(false)) {
                let what = format!("{name} residual_norm {batch}x{length}x{width} with dropout");
                assert_near(&what, found, &expected, 1e-4 * slack(&name));
            }
        }
    }
}
