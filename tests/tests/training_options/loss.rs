//! Variants of cross-entropy.

use bert_tasks::{Objective, Row, Task};
use bert_tests::devices;
use bert_tests::reviews::recipe;
use bert_train::Recipe;
use burn::module::Param;
use burn::tensor::Tensor;

use crate::{exact, run};

#[test]
fn smoothing_and_class_weights_reach_the_loss() {
    let (name, device) = devices().remove(0);
    let first_loss = |smoothing, weights: Option<&str>, only: Option<u32>| {
        let mut session = exact(
            Recipe {
                max_steps: Some(1),
                logging_steps: 1,
                batch_size: 64,
                ..recipe()
            },
            &device,
        );
        let wanted = |row: &Row<_, _>| only.is_none() || row.target == only;
        session.train = session.train.iter().filter(wanted).collect();
        let labels = session.task.labels().clone();
        let learned = labels.iter().cycle().take(64);
        let objective = Objective::new(smoothing, weights, &labels, learned).unwrap();
        session.task = session.task.with_objective(objective);
        // Large outputs, so that a wrong label changes the loss.
        let mut model = session
            .task
            .model(&session.config, 42, &device.clone().autodiff());
        let bias = Tensor::<1>::from_floats([2.0, 0.0], &device.clone().autodiff());
        model.classifier.bias = Some(Param::from_tensor(bias));
        session.model = model;
        run(session).figures("train", "loss")[0]
    };
    let close =
        |found: f64, expected: f64| assert!((found - expected).abs() < 0.1, "{name}: {found} {expected}");
    // The logit of the first label is larger by 2. Its loss is log(1 + e^-2), that of the other label log(1 + e^2).
    let (first, other) = (0.126_93, 2.126_93);
    close(first_loss(0.0, None, None), (first + other) / 2.0);
    // Weights 1.5 and 0.5.
    close(
        first_loss(0.0, Some("bad=3"), None),
        (1.5 * first + 0.5 * other) / 2.0,
    );
    // Only texts with the other label, so that smoothing does not cancel out.
    close(first_loss(0.0, None, Some(1)), other);
    close(
        first_loss(0.4, None, Some(1)),
        0.6 * other + 0.2 * (first + other),
    );
}
