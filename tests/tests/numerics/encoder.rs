//! The encoder matches PyTorch, for any padding and any order of rows.

use bert_core::{BertConfig, Checkpoint, Encoder, EncoderInput, Mode};
use bert_tests::{Fixture, devices, max_difference, shared};
use burn::tensor::{Device, Tensor};

const ENCODER: &str = "models/all-MiniLM-L6-v2";

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

#[test]
fn hidden_states_and_pooled_output_equal_pytorch() {
    let Some(shared) = shared(ENCODER) else { return };
    let fixture = Fixture::read(&shared.join("reference/minilm-l6/parity.safetensors"));
    for (name, device) in devices() {
        let dir = shared.join(ENCODER);
        let config = BertConfig::from_dir(&dir).unwrap();
        let model = Encoder::new(&config, 0, &device);
        let checkpoint = Checkpoint::open(&dir).unwrap();
        let (model, report) = checkpoint.load_into(model, config.weight_names()).unwrap();
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report}"
        );
        assert_eq!(report.ignored, ["embeddings.position_ids"]);

        let input = fixture.input("inputs", 0, 4, &device);
        let (output, states) = model.forward_with_hidden_states(&input, Mode::Inference);
        assert_eq!(states.len(), config.num_hidden_layers + 1);

        let width = config.hidden_size;
        let length = fixture.shape("inputs.ids")[1];
        let mask = fixture.integers("inputs.mask");
        let lengths: Vec<usize> = mask
            .chunks(length)
            .map(|row| row.iter().sum::<i32>() as usize)
            .collect();
        let row = |values: &[f32], row: usize, place: usize| {
            let start = (row * length + place) * width;
            values[start..start + width].to_vec()
        };
        let mut worst = 0f32;
        for (layer, state) in states.into_iter().enumerate() {
            let state = host(state);
            // The fixture holds [CLS] and the last real token of each text.
            let found: Vec<f32> = (0..4)
                .flat_map(|r| [row(&state, r, 0), row(&state, r, lengths[r] - 1)].concat())
                .collect();
            let expected = fixture.floats(&format!("encoder.hidden.{layer}"));
            worst = worst.max(max_difference(&found, expected));
        }
        let last = host(output.last_hidden);
        for (r, &real) in lengths.iter().enumerate() {
            let range = r * length * width..(r * length + real) * width;
            let expected = &fixture.floats("encoder.last")[range.clone()];
            worst = worst.max(max_difference(&last[range], expected));
        }
        let pooled = host(output.pooled.unwrap());
        worst = worst.max(max_difference(&pooled, fixture.floats("encoder.pooled")));
        println!("{name}: greatest difference from PyTorch {worst:.2e}");
        assert!(worst <= 2e-5, "{name}: {worst:e}");
    }
}

/// Ids of three texts of different lengths, padded to `length`, in the order `order`.
fn three_texts(length: usize, order: [usize; 3], device: &Device) -> EncoderInput {
    let texts: [&[i32]; 3] = [&[2, 7, 8, 9, 3], &[2, 11, 3], &[2, 5, 6, 7, 8, 9, 10, 3]];
    let (mut ids, mut types, mut mask) = (vec![], vec![], vec![]);
    for text in order.map(|row| texts[row]) {
        for place in 0..length {
            ids.push(text.get(place).copied().unwrap_or(0));
            types.push(i32::from(place > 3 && place < text.len()));
            mask.push(i32::from(place < text.len()));
        }
    }
    EncoderInput::new(ids, types, &mask, 3, device)
}

fn rows(model: &Encoder, input: &EncoderInput) -> Vec<Vec<f32>> {
    let pooled = model.forward(input, Mode::Inference).pooled.unwrap();
    let [_, width] = pooled.dims();
    host(pooled).chunks(width).map(<[f32]>::to_vec).collect()
}

#[test]
fn padding_and_order_do_not_change_a_row() {
    for (name, device) in devices() {
        let model = Encoder::new(&BertConfig::compact(20, 32, 2, 4), 3, &device);
        let expected = rows(&model, &three_texts(8, [0, 1, 2], &device));
        for (length, order) in [(9, [0, 1, 2]), (32, [0, 1, 2]), (8, [2, 0, 1]), (17, [1, 2, 0])] {
            let found = rows(&model, &three_texts(length, order, &device));
            for (place, &text) in order.iter().enumerate() {
                let difference = max_difference(&found[place], &expected[text]);
                assert!(difference <= 1e-5, "{name} {length} {order:?}: {difference:e}");
            }
        }
    }
}

#[test]
fn rows_of_only_padding_stay_finite() {
    for (name, device) in devices() {
        let model = Encoder::new(&BertConfig::compact(20, 32, 2, 4), 3, &device);
        let input = EncoderInput::new(vec![0; 8], vec![0; 8], &[1, 1, 1, 0, 0, 0, 0, 0], 2, &device);
        let output = model.forward(&input, Mode::Inference);
        assert!(host(output.last_hidden).iter().all(|x| x.is_finite()), "{name}");
    }
}

#[test]
fn dropout_depends_only_on_its_seed() {
    // Lazy backends may draw random numbers in another order.
    for (name, device) in devices()
        .into_iter()
        .filter(|(name, _)| name == "flex" || name == "ndarray")
    {
        let model = Encoder::new(&BertConfig::compact(20, 32, 2, 4), 3, &device);
        let input = three_texts(8, [0, 1, 2], &device);
        let run = |mode| host(model.forward(&input, mode).last_hidden);
        let one = run(Mode::Training { seed: 1 });
        assert_eq!(one, run(Mode::Training { seed: 1 }), "{name}");
        assert_ne!(one, run(Mode::Training { seed: 2 }), "{name}");
        assert_ne!(one, run(Mode::Inference), "{name}");
    }
}
