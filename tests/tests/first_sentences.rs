//! `bert train demo` gives a model that answers what a reader would try first. One seed; `scripts/demo-seeds` tries five, with
//! all widths of vectors.

use bert_tasks::SequenceClassification;
use bert_tests::first_sentences::{Answers, FIRST, LATER};
use bert_train::interrupt::Stop;
use bert_train::{Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, acceptability};

#[test]
fn the_demo_is_right_on_what_a_reader_tries_first() {
    let device = Device::default();
    let corpus = demo::generate(&DemoConfig {
        train: acceptability::TRAIN,
        ..DemoConfig::default()
    });
    let start = Start::compact_for_structure(demo::vocabulary()).unwrap();
    let task = SequenceClassification::new(demo::labels(), "matthews");
    let recipe = Recipe {
        lr: 4.5e-4,
        ..Recipe::demo(4, 48)
    };
    let session = Session::new(task, "demo", start, corpus.into(), recipe, &device).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(
        &dir.path().join("run"),
        &session.run_config(&Default::default()),
        true,
    )
    .unwrap();
    let metrics = train(session, &run, View::Lines, &Stop::default()).unwrap();
    let matthews = metrics.last.unwrap().get("matthews").unwrap();
    assert!(matthews > 0.7, "{matthews}");

    let first = Answers::of(run.dir(), &FIRST, &device).unwrap();
    assert!(
        first.accuracy() >= 0.9 && first.readme_is_right(),
        "{:?}",
        first.wrong
    );
    let later = Answers::of(run.dir(), &LATER, &device).unwrap();
    assert!(later.accuracy() >= 0.75, "{:?}", later.wrong);
}
