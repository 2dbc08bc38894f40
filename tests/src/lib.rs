#![doc = include_str!("../README.md")]

pub mod first_inputs;
pub mod first_sentences;
pub mod numbers;
pub mod reviews;
mod tokenizers;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bert_core::{BACKENDS, EncoderInput, parse_device};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use safetensors::{Dtype, SafeTensors};

pub use numbers::{assert_near, host, noise, tensor};
pub use tokenizers::use_tokenizer;

/// The folder with real data, if this machine has it; else prints that it is missing.
pub fn shared(what: &str) -> Option<PathBuf> {
    let dir = std::env::var_os("BERT_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
        PathBuf::from,
    );
    let found = dir.join(what).exists();
    if !found {
        println!("skipped: no {} (set BERT_SHARED)", dir.join(what).display());
    }
    found.then_some(dir)
}

/// Every device that this build can use, with its name. `BERT_TEST_DEVICES` selects some of them: `flex,wgpu`.
///
/// # Panics
/// If a requested device cannot be used.
pub fn devices() -> Vec<(String, Device)> {
    let asked = std::env::var("BERT_TEST_DEVICES").ok();
    let names: Vec<String> = match &asked {
        Some(names) => names.split(',').map(str::to_owned).collect(),
        None => BACKENDS
            .iter()
            .filter(|(_, built)| *built)
            .map(|(name, _)| name.to_string())
            .collect(),
    };
    names
        .into_iter()
        .filter_map(|name| match parse_device(&name) {
            Ok(device) => Some((name, device)),
            Err(error) if asked.is_some() => panic!("{error}"),
            Err(error) => {
                println!("skipped: {error}");
                None
            }
        })
        .collect()
}

/// The tensors of a fixture file.
#[derive(Debug)]
pub struct Fixture(BTreeMap<String, (Vec<usize>, Values)>);

#[derive(Debug)]
enum Values {
    Floats(Vec<f32>),
    Integers(Vec<i32>),
}

impl Fixture {
    /// Reads a safetensors file of 32-bit floats and integers.
    ///
    /// # Panics
    /// If the file is missing or is not a safetensors file.
    pub fn read(path: &std::path::Path) -> Self {
        let bytes = std::fs::read(path).expect("the fixture can be read");
        let file = SafeTensors::deserialize(&bytes).expect("the fixture is safetensors");
        let four = |data: &[u8]| data.as_chunks::<4>().0.to_vec();
        let read = |(name, view): (&str, safetensors::tensor::TensorView)| {
            let words = four(view.data()).into_iter();
            let values = match view.dtype() {
                Dtype::F32 => Values::Floats(words.map(f32::from_le_bytes).collect()),
                Dtype::I32 => Values::Integers(words.map(i32::from_le_bytes).collect()),
                other => panic!("{name}: {other:?}"),
            };
            (name.to_owned(), (view.shape().to_vec(), values))
        };
        Self(file.iter().map(read).collect())
    }

    /// A tensor's shape.
    ///
    /// # Panics
    /// If it is missing.
    pub fn shape(&self, name: &str) -> &[usize] {
        &self.0[name].0
    }

    /// A float tensor's values.
    ///
    /// # Panics
    /// If it is missing or holds integers.
    pub fn floats(&self, name: &str) -> &[f32] {
        match &self.0[name].1 {
            Values::Floats(values) => values,
            Values::Integers(_) => panic!("{name} holds integers"),
        }
    }

    /// An integer tensor's values.
    ///
    /// # Panics
    /// If it is missing or holds floats.
    pub fn integers(&self, name: &str) -> &[i32] {
        match &self.0[name].1 {
            Values::Integers(values) => values,
            Values::Floats(_) => panic!("{name} holds floats"),
        }
    }

    /// The rows `from..to` of `{name}.ids`, `.types` and `.mask` as a batch; leading axes count as rows.
    pub fn input(&self, name: &str, from: usize, to: usize, device: &Device) -> EncoderInput {
        let part = |what: &str| {
            let name = format!("{name}.{what}");
            let length = *self.shape(&name).last().expect("a shape");
            self.integers(&name)[from * length..to * length].to_vec()
        };
        EncoderInput::new(part("ids"), part("types"), &part("mask"), to - from, device)
    }
}

/// The values of all parameters, as bits.
pub fn bits<M: Module>(model: &M) -> Vec<Vec<u32>> {
    struct Bits(Vec<Vec<u32>>);
    impl ModuleVisitor for Bits {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let data = param.val().into_data();
            self.0.push(data.iter::<f32>().map(f32::to_bits).collect());
        }
    }
    let mut bits = Bits(vec![]);
    model.visit(&mut bits);
    bits.0
}

/// The greatest absolute difference.
///
/// # Panics
/// If the lengths differ.
pub fn max_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |high, d| if d.is_nan() { d } else { high.max(d) })
}
