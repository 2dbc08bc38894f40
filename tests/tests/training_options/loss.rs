//! Variants of cross-entropy.

use bert_tasks::{ClassWeights, CrossEntropyLoss, Row, Task};
use bert_tests::devices;
use bert_tests::reviews::{recipe, session};
use bert_train::{BatchLoader, EncodedDataset, Order, Recipe, evaluate};
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
        let weights = weights.map(|text| text.parse::<ClassWeights>().unwrap());
        let cross_entropy = CrossEntropyLoss::new(smoothing, weights.as_ref(), &labels, learned).unwrap();
        session.task = session.task.with_cross_entropy(cross_entropy);
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

/// The loss does not depend on how rows are batched, and rows without a label do not count.
#[test]
fn the_loss_of_an_evaluation_is_the_mean_over_the_labelled_rows() {
    for (name, device) in devices() {
        let session = session(recipe(), &device);
        let model = session.task.model(&session.config, 3, &device);
        let loss = |rows: EncodedDataset<_>, batch_size| {
            let order = Order::ByLength;
            let loader = BatchLoader::new(
                &session.task,
                rows,
                order,
                batch_size,
                &session.tokenizer,
                &device,
            );
            let evaluation = evaluate(&session.task, &model, &loader, &session.dev_examples, |_| true);
            evaluation.unwrap().loss
        };
        let rows: Vec<Row<(), u32>> = session.dev.iter().collect();
        let labelled = |row: &Row<(), u32>| row.example % 5 != 2;
        let unlabelled = rows.iter().cloned().map(|row| Row {
            target: row.target.filter(|_| labelled(&row)),
            ..row
        });
        let expected = loss(rows.iter().filter(|&x| labelled(x)).cloned().collect(), 64);
        for batch_size in [1, 4, 64] {
            let found = loss(unlabelled.clone().collect(), batch_size);
            assert!((found - expected).abs() < 1e-5, "{name}: {found} {expected}");
        }
        let unknown = rows.into_iter().map(|row| Row { target: None, ..row });
        assert!(loss(unknown.collect(), 4).is_nan(), "{name}");
    }
}
