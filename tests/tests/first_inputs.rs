//! The demos give models that answer what a reader would try first. One seed of those that train in seconds, and of `demo`, whose
//! answers the README shows; `scripts/demo-seeds` tries five of each, with all widths of vectors.

use bert_tasks::registry::{CLASSIFICATION, TAGGING};
use bert_tasks::{CorpusFacts, Entry, Files, Metrics, Options, Task};
use bert_tests::first_inputs::FirstInputs;
use bert_tests::first_sentences::{Answers, FIRST, LATER};
use bert_train::Stop;
use bert_train::{Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use tempfile::TempDir;

/// A run of the demo `name`, as `bert train` starts it, and its last metrics.
fn trained<K: Task>(entry: &Entry<K>, name: &str, device: &Device) -> (TempDir, Run, Metrics) {
    let corpus = entry.corpus(name).unwrap();
    let demo = corpus.demo.as_ref().unwrap();
    let mut options = K::Options::default();
    (corpus.preset)(&mut options);
    options.check().unwrap();
    let splits = (corpus.splits)(&Files::default(), &options).unwrap();
    let facts = CorpusFacts {
        main_metric: corpus.main_metric,
        labels: corpus.labels.map(|labels| labels()),
    };
    let task = K::from_data(&facts, &splits.train, &options).unwrap();
    let start = Start::of_demo(demo).unwrap();
    let session = Session::new(task, corpus.name, start, splits, Recipe::of_demo(demo), device).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(&dir.path().join("run"), &session.run_config(&options), true).unwrap();
    let metrics = train(session, &run, View::Lines, &Stop::default()).unwrap();
    (dir, run, metrics.last.unwrap())
}

#[test]
fn the_demo_is_right_on_what_a_reader_tries_first() {
    let device = Device::default();
    let (_dir, run, metrics) = trained(&CLASSIFICATION, "demo", &device);
    let matthews = metrics.get("matthews").unwrap();
    assert!(matthews > 0.8, "{matthews}");

    let first = Answers::of(run.dir(), &FIRST, &device).unwrap();
    assert!(
        first.accuracy() >= 0.95 && first.readme_is_right(),
        "{:?}",
        first.wrong
    );
    let later = Answers::of(run.dir(), &LATER, &device).unwrap();
    assert!(later.accuracy() >= 0.8, "{:?}", later.wrong);
}

#[test]
fn so_are_the_demos_of_opinions_and_parts_of_speech() {
    let device = Device::default();
    let good = |run: &Run| {
        let inputs = FirstInputs::of(run.dir(), &device).unwrap().unwrap();
        assert!(inputs.are_good(), "{inputs:?}");
    };
    let (_dir, run, _) = trained(&CLASSIFICATION, "demo-sentiment", &device);
    good(&run);
    let (_dir, run, _) = trained(&TAGGING, "demo-tags", &device);
    good(&run);
}
