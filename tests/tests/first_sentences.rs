//! `bert train demo` gives a model that answers what a reader would try first. One seed; `scripts/demo-seeds` tries five, with
//! all widths of vectors.

use bert_tasks::registry::CLASSIFICATION;
use bert_tasks::{Files, SequenceClassification, TextOptions};
use bert_tests::first_sentences::{Answers, FIRST, LATER};
use bert_train::Stop;
use bert_train::{Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;

#[test]
fn the_demo_is_right_on_what_a_reader_tries_first() {
    let device = Device::default();
    let corpus = CLASSIFICATION.corpus("demo").unwrap();
    let demo = corpus.demo.as_ref().unwrap();
    let options = TextOptions::default();
    let splits = (corpus.splits)(&Files::default(), &options).unwrap();
    let task = SequenceClassification::new((corpus.labels.unwrap())(), corpus.main_metric);
    let start = Start::of_demo(demo).unwrap();
    let session = Session::new(task, corpus.name, start, splits, Recipe::of_demo(demo), &device).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(&dir.path().join("run"), &session.run_config(&options), true).unwrap();
    let metrics = train(session, &run, View::Lines, &Stop::default()).unwrap();
    let matthews = metrics.last.unwrap().get("matthews").unwrap();
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
