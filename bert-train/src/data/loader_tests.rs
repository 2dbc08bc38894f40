use bert_core::tokenizer::Normalization;
use bert_core::{BertTokenizer, EncoderInput, Encoding, Mode};
use bert_tasks::{ModelInput, Row, SequenceClassification};
use burn::tensor::Device;
use datasets::Labels;

use super::super::sampler::Order;
use super::super::step_batches::StepBatches;
use super::{BatchLoader, EpochSteps};

fn tokenizer() -> BertTokenizer {
    let words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Normalization::default()).unwrap()
}

fn loader(order: Order, lengths: &[usize], batch_size: usize) -> BatchLoader<SequenceClassification> {
    let rows = lengths
        .iter()
        .enumerate()
        .map(|(example, &length)| Row {
            encoding: Encoding {
                ids: vec![5; length],
                type_ids: vec![0; length],
                truncated: false,
            },
            example,
            position: (),
            target: Some(length as u32),
        })
        .collect();
    let task = SequenceClassification::new(Labels::collect(["a", "b"]).unwrap(), "accuracy");
    BatchLoader::new(&task, rows, order, batch_size, &tokenizer(), &Device::default())
}

fn lengths() -> Vec<usize> {
    (0..107).map(|i| 3 + (i * 7) % 20).collect()
}

#[test]
fn every_row_comes_once_per_epoch() {
    for by_length in [false, true] {
        let loader = loader(Order::Shuffled { seed: 3, by_length }, &lengths(), 8);
        for epoch in 0..3 {
            let mut rows: Vec<usize> = loader.sampled(epoch).concat().concat();
            rows.sort_unstable();
            assert_eq!(rows, (0..107).collect::<Vec<_>>());
        }
    }
}

#[test]
fn examples_that_belong_together_share_a_batch() {
    for by_length in [false, true] {
        let order = Order::Shuffled { seed: 3, by_length };
        let loader = loader(order, &lengths()[..106], 8).keeping_together(2);
        let batches = loader.sampled(1).concat();
        let mut pairs: Vec<Vec<usize>> = vec![];
        for batch in &batches {
            pairs.extend(batch.chunks(2).map(<[usize]>::to_vec));
        }
        let first = pairs[0].clone();
        pairs.sort_unstable();
        let expected: Vec<Vec<usize>> = (0..53).map(|pair| vec![2 * pair, 2 * pair + 1]).collect();
        assert_eq!(pairs, expected);
        assert_ne!(first, [0, 1], "the order is not shuffled");
    }
}

#[test]
fn the_order_is_a_function_of_seed_and_epoch() {
    let order = |seed| Order::Shuffled {
        seed,
        by_length: true,
    };
    let one = loader(order(1), &lengths(), 8);
    let again = loader(order(1), &lengths(), 8);
    again.epoch_steps(0, 0).for_each(drop);
    assert_eq!(one.sampled(1), again.sampled(1));
    assert_ne!(one.sampled(0), one.sampled(1));
    assert_ne!(one.sampled(0), loader(order(2), &lengths(), 8).sampled(0));
}

#[test]
fn dropout_differs_between_steps_but_not_between_runs() {
    let order = Order::Shuffled {
        seed: 1,
        by_length: false,
    };
    let modes = |epoch| -> Vec<Mode> {
        let loader = loader(order, &lengths(), 8);
        loader.batches(epoch).map(|batch| batch.mode).collect()
    };
    let mut all = [modes(0), modes(1)].concat();
    assert_eq!(all[14..], modes(1));
    all.dedup();
    assert_eq!(all.len(), 28);
}

#[test]
fn an_epoch_resumes_after_any_step() {
    let order = Order::Shuffled {
        seed: 5,
        by_length: true,
    };
    let loader = loader(order, &lengths(), 8).accumulating(3);
    let look = |steps: EpochSteps<'_, _>| -> Vec<(Vec<usize>, Vec<Mode>)> {
        steps
            .map(|step: StepBatches<EncoderInput, u32>| {
                let modes = step.batches.iter().map(|batch| batch.mode).collect();
                (step.rows(), modes)
            })
            .collect()
    };
    let all = look(loader.epoch_steps(1, 0));
    assert_eq!(all.len(), loader.steps(1));
    for done in 0..=all.len() {
        let mut rest = loader.epoch_steps(1, done);
        let before: usize = all[..done].iter().map(|(rows, _)| rows.len()).sum();
        assert_eq!(rest.share(), before as f64 / loader.len() as f64);
        assert_eq!(rest.is_done(), done == all.len());
        assert_eq!(look(rest), all[done..]);
    }
}

#[test]
fn accumulated_batches_have_the_rows_of_the_large_batch() {
    for by_length in [false, true] {
        let order = Order::Shuffled { seed: 4, by_length };
        let small = loader(order, &lengths(), 4).accumulating(4).sampled(2);
        let large = loader(order, &lengths(), 16).sampled(2);
        assert_eq!(small.len(), large.len());
        for (small, large) in small.iter().zip(&large) {
            assert!(small.iter().all(|batch| batch.len() <= 4));
            assert_eq!(small.concat(), large.concat());
        }
    }
}

#[test]
fn a_maximum_number_of_tokens_bounds_every_batch() {
    for by_length in [false, true] {
        let order = Order::Shuffled { seed: 4, by_length };
        let loader = loader(order, &lengths(), 8)
            .accumulating(2)
            .max_tokens(Some(64))
            .rounding(4, 24);
        let mut total = 0;
        for epoch in 0..2 {
            let steps: Vec<StepBatches<EncoderInput, u32>> = loader.epoch_steps(epoch, 0).collect();
            assert_eq!(steps.len(), loader.steps(epoch));
            total += steps.len();
            let mut rows = vec![];
            for batch in steps.iter().flat_map(|step| &step.batches) {
                let [_, length] = batch.input.dims();
                assert!(length % 4 == 0, "{length}");
                assert!(
                    batch.input.computed_tokens() <= 64,
                    "{}",
                    batch.input.computed_tokens()
                );
                rows.extend(batch.rows.clone());
            }
            rows.sort_unstable();
            assert_eq!(rows, (0..107).collect::<Vec<_>>());
        }
        let first = loader.steps(0);
        let ends = |epochs, steps| loader.epoch_ends(epochs, steps);
        assert_eq!(ends(2, None), [first, total]);
        assert_eq!(ends(9, Some(total)), [first, total]);
        assert_eq!(ends(9, Some(1)), [1]);
    }
}

#[test]
fn lengths_are_rounded_but_not_beyond_the_longest() {
    let order = Order::Shuffled {
        seed: 4,
        by_length: true,
    };
    let loader = loader(order, &lengths(), 8).rounding(16, 20);
    let mut lengths: Vec<usize> = loader.batches(0).map(|batch| batch.input.dims()[1]).collect();
    lengths.sort_unstable();
    lengths.dedup();
    // The longest row has 22 tokens, and is never truncated.
    assert_eq!(lengths.first(), Some(&16));
    assert!(
        lengths.iter().all(|length| [16, 20, 21, 22].contains(length)),
        "{lengths:?}"
    );
}

/// Long texts have windows of full length and a shorter last one: sorted by length alone, all last windows would come at the end.
#[test]
fn in_evaluation_few_examples_wait_for_their_other_rows() {
    const EXAMPLES: usize = 3000;
    let length = |row: usize| if row % 3 < 2 { 40 } else { 3 + row % 30 };
    let rows = (0..3 * EXAMPLES).map(|row| Row {
        encoding: Encoding {
            ids: vec![5; length(row)],
            type_ids: vec![0; length(row)],
            truncated: false,
        },
        example: row / 3,
        position: (),
        target: None,
    });
    let task = SequenceClassification::new(Labels::collect(["a", "b"]).unwrap(), "accuracy");
    let rows = rows.collect();
    let loader = BatchLoader::new(&task, rows, Order::ByLength, 8, &tokenizer(), &Device::default());
    let mut seen = vec![0; EXAMPLES];
    let (mut waiting, mut most, mut padding) = (0, 0, 0);
    for batch in loader.sampled(0).concat() {
        let lengths: Vec<usize> = batch.iter().map(|&row| loader.rows().tokens(row)).collect();
        padding += lengths.iter().map(|length| lengths[0] - length).sum::<usize>();
        for row in batch {
            seen[row / 3] += 1;
            match seen[row / 3] {
                1 => waiting += 1,
                3 => waiting -= 1,
                _ => {}
            }
        }
        most = waiting.max(most);
    }
    assert!(seen.iter().all(|&rows| rows == 3));
    assert!(most <= 50 * 8, "{most} examples wait at a time");
    let tokens: usize = (0..3 * EXAMPLES).map(|row| loader.rows().tokens(row)).sum();
    assert!(padding < tokens / 50, "{padding} of {tokens}");
}

#[test]
fn rows_of_similar_length_share_a_batch() {
    let padding = |by_length| {
        let loader = loader(Order::Shuffled { seed: 1, by_length }, &lengths(), 8).packing(false);
        let (mut tokens, mut positions) = (0, 0);
        for batch in loader.batches(0) {
            tokens += batch.tokens;
            positions += batch.input.computed_tokens();
        }
        1.0 - tokens as f64 / positions as f64
    };
    assert!(padding(true) < 0.05, "{}", padding(true));
    assert!(padding(false) > 0.2, "{}", padding(false));
}
