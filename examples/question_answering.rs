//! Question answering: which part of a passage answers a question? Real data: SQuAD.
//!
//! ```text
//! cargo run --release -p bert-examples --example question_answering                 # on generated passages
//! cargo run --release -p bert-examples --example question_answering -- MODEL DATA   # a pre-trained BERT, SQuAD's folder
//! cargo run --release -p bert-examples --example question_answering -- RUN          # a model from an earlier run
//! ```

use std::error::Error;
use std::path::{Path, PathBuf};

use bert_tasks::{QuestionAnswering, QuestionOptions, Splits};
use bert_train::Stop;
use bert_train::{FineTuned, Recipe, Run, Session, Start, View, train};
use burn::tensor::Device;
use datasets::demo::{self, DemoConfig, questions};
use datasets::{QuestionDataset, Squad};

const LAMP: &str = "The lamp was repaired by the old painter near the table. The nun inspected the lamp.";
const MASKS: &str = "Experts do not agree on how much a mask helps. However, mask makers say that their products, such as \
                     N95 respirators, can keep the virus out.";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    run(&arguments, Path::new("runs/example-question-answering"), 60000)
}

/// Fine-tunes a model, unless a fine-tuned one is given, and asks it one or two questions. Without arguments, it trains on
/// `size` generated questions.
pub fn run(arguments: &[PathBuf], output: &Path, size: usize) -> Result<(), Box<dyn Error>> {
    let device = Device::default();
    let learn = |corpus: &str, start, splits, recipe| -> Result<(), Box<dyn Error>> {
        let options = QuestionOptions::default();
        let task = QuestionAnswering::new(options.clone());
        let session = Session::new(task, corpus, start, splits, recipe, &device)?;
        let run = Run::create(output, &session.run_config(&options), true)?;
        train(session, &run, View::Lines, &Stop::default())?;
        Ok(())
    };
    let mut asked = vec![("Who say that N95 respirators can keep the virus out?", MASKS)];
    let mut folder = output;
    match arguments {
        [] => {
            asked = vec![
                ("Who repaired the lamp?", LAMP),
                ("What did the nun inspect?", LAMP),
            ];
            let generated = questions::generate(&DemoConfig::of_size(size, size / 60));
            let start = Start::compact_for_questions(demo::vocabulary())?;
            let recipe = Recipe {
                warmup: 0.2,
                ..Recipe::demo(1, 64)
            };
            learn("demo-questions", start, generated.into(), recipe)?;
        }
        [model, data] => {
            let splits = Splits::new(Squad::V1.train(data)?, Squad::V1.dev(data)?);
            let recipe = Recipe {
                max_length: 384,
                ..Recipe::default()
            };
            learn("squad", Start::pretrained(model)?, splits, recipe)?;
        }
        [run] => folder = run,
        _ => return Err("expected no arguments, RUN (a fine-tuned model), or MODEL DATA: the folders of a model and of SQuAD".into()),
    }
    let tuned = FineTuned::<QuestionAnswering>::load(folder, &device)?;
    let asked = QuestionDataset::from_pairs(Path::new("example"), &asked)?;
    for (asked, answer) in asked.examples().iter().zip(tuned.answer(asked.examples())?) {
        let best = &answer.candidates[0];
        println!("{} {} ({:.3})", asked.question, best.text, best.probability);
    }
    Ok(())
}
