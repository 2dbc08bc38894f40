//! Dropout.

use bert_core::ops::{Dropout, dropout};
use bert_tests::{devices, host};
use burn::tensor::Tensor;

#[test]
fn dropout_keeps_the_mean_and_reuses_its_mask_backward() {
    for (name, device) in devices() {
        let device = device.autodiff();
        let rate = 0.1;
        let x = Tensor::<2>::ones([100, 100], &device).require_grad();
        let y = dropout(x.clone(), Some(Dropout { rate, key: 7 }));
        let values = host(y.clone());
        let kept = values.iter().filter(|v| **v != 0.0).count();
        assert!(
            values.iter().all(|v| *v == 0.0 || (*v - 1.0 / 0.9).abs() < 1e-6),
            "{name}"
        );
        // Five standard deviations of a binomial count.
        assert!((kept as f64 - 9000.0).abs() < 5.0 * 30.0, "{name}: {kept} kept");
        let grad = host(x.grad(&y.sum().backward()).unwrap());
        assert_eq!(grad, values, "{name}");
        let none = dropout(x.clone(), None);
        assert_eq!(host(none), host(x), "{name}");
    }
}
