//! Packed batches.

use bert_tests::devices;
use bert_tests::reviews::recipe;
use bert_train::Recipe;

use crate::{exact, run};

#[test]
fn packed_batches_train_like_padded_batches() {
    for (name, device) in devices() {
        let ran = |packing| {
            let recipe = Recipe {
                packing,
                pad_to_multiple: Some(16),
                epochs: 2,
                logging_steps: 1,
                ..recipe()
            };
            run(exact(recipe, &device))
        };
        let (packed, padded) = (ran(true), ran(false));
        assert!(
            padded
                .figures("train", "padding")
                .iter()
                .all(|&share| share > 0.0)
        );
        let spared = packed
            .figures("train", "padding")
            .iter()
            .all(|&share| share == 0.0);
        assert_eq!(
            spared,
            bert_core::ops::Capabilities::of(&device).packed_sequences,
            "{name}"
        );
        for (kind, figure) in [("train", "loss"), ("train", "grad_norm"), ("evaluation", "loss")] {
            let both = [&packed, &padded].map(|ran| ran.figures(kind, figure));
            for (found, expected) in both[0].iter().zip(&both[1]) {
                let difference = (found - expected).abs() / expected.abs();
                assert!(
                    difference < 1e-4,
                    "{name} {kind} {figure}: {found} for {expected}"
                );
            }
        }
    }
}
