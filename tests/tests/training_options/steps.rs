//! The number of steps, their learning rates, and the choice of the best model.

use bert_tests::devices;
use bert_tests::reviews::{log, recipe, session};
use bert_train::Recipe;
use bert_train::optim::lr_schedule::Decay;

use crate::{accuracy_of_the_saved, run};

#[test]
fn the_rate_follows_the_schedule() {
    let (name, device) = devices().remove(0);
    let rates = |decay, warmup_steps| {
        let run = run(session(
            Recipe {
                schedule: decay,
                warmup_steps,
                warmup: 0.25,
                lr: 1e-3,
                epochs: 2,
                logging_steps: 1,
                ..recipe()
            },
            &device,
        ));
        run.figures("train", "learning_rate")
    };
    let close = |found: Vec<f64>, expected: [f64; 8]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - 1e-3 * expected).abs() < 1e-12,
                "{name}: {found} {expected}"
            );
        }
    };
    // Eight steps; a quarter of them is two.
    close(
        rates(Decay::Linear, None),
        [0.5, 1.0, 1.0, 5. / 6., 4. / 6., 0.5, 2. / 6., 1. / 6.],
    );
    close(
        rates(Decay::Constant, Some(4)),
        [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0],
    );
    close(
        rates(Decay::Polynomial, Some(0)),
        [64., 49., 36., 25., 16., 9., 4., 1.].map(|x| x / 64.),
    );
    let cosine = rates(Decay::Cosine, Some(0));
    assert!((cosine[4] - 0.5e-3).abs() < 1e-12, "{cosine:?}");
    assert!(
        (cosine[2] - 0.853_553_390_593_273_8e-3).abs() < 1e-12,
        "{cosine:?}"
    );
}

#[test]
fn the_numbers_of_steps_and_evaluations_match_the_recipe() {
    let (_, device) = devices().remove(0);
    let of = |max_steps, eval_every| {
        let run = run(session(
            Recipe {
                max_steps: Some(max_steps),
                eval_every,
                epochs: 1,
                ..recipe()
            },
            &device,
        ));
        assert_eq!(
            (run.metrics.state.as_str(), run.metrics.steps),
            ("finished", max_steps)
        );
        let steps: Vec<u64> = log(&run.dir(), "evaluation")
            .iter()
            .map(|line| line["step"].as_u64().unwrap())
            .collect();
        (steps, run.figures("evaluation", "epoch"))
    };
    // Four steps per epoch.
    assert_eq!(of(10, None), (vec![4, 8, 10], vec![1.0, 2.0, 2.5]));
    assert_eq!(of(10, Some(3)), (vec![3, 6, 9, 10], vec![0.75, 1.5, 2.25, 2.5]));
    assert_eq!(of(3, None), (vec![3], vec![0.75]));
}

#[test]
fn the_best_model_is_chosen_by_the_given_metric() {
    for (name, device) in devices() {
        // The lowest accuracy counts as the best, so that the best step is not the last.
        let of = |best_by: Option<&str>| {
            run(session(
                Recipe {
                    best_by: best_by.map(str::to_owned),
                    greater_is_better: Some(false),
                    keep: 1,
                    ..recipe()
                },
                &device,
            ))
        };
        let best = of(Some("accuracy"));
        let (at_best, at_last) = (
            best.metrics.best.as_ref().unwrap(),
            best.metrics.last.as_ref().unwrap(),
        );
        let lowest = best
            .figures("evaluation", "accuracy")
            .into_iter()
            .fold(1.0, f64::min);
        assert_eq!(at_best.get("accuracy"), Some(lowest), "{name}");
        assert_eq!(at_last.get("accuracy"), Some(1.0), "{name}");
        assert_eq!(best.metrics.model_step, best.metrics.best_step, "{name}");
        assert_eq!(accuracy_of_the_saved(&best, &device), lowest, "{name}");
        // Its checkpoint is kept when older ones are removed.
        let kept = |step: usize| best.dir().join(format!("checkpoints/step-{step}")).exists();
        assert!(kept(best.metrics.best_step.unwrap()) && kept(64), "{name}");
        let folders = std::fs::read_dir(best.dir().join("checkpoints")).unwrap().count();
        assert_eq!(folders, 2, "{name}");

        let last = of(None);
        assert_eq!(last.metrics.model_step, Some(64), "{name}");
        assert_eq!(accuracy_of_the_saved(&last, &device), 1.0, "{name}");
    }
}

#[test]
fn patience_ends_a_run_that_does_not_improve() {
    let (_, device) = devices().remove(0);
    let of = |patience| {
        let run = run(session(
            Recipe {
                best_by: Some("loss".into()),
                patience,
                min_delta: 100.0,
                ..recipe()
            },
            &device,
        ));
        assert_eq!(run.metrics.state, "finished");
        (run.figures("evaluation", "loss").len(), run.metrics.steps)
    };
    // No loss can improve by 100: the first evaluation counts as progress, the next two do not.
    assert_eq!(of(Some(2)), (3, 12));
    assert_eq!(of(None), (16, 64));
}
