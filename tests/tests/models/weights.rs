//! Checkpoints of other programs: names, spellings and number types.

use std::collections::BTreeMap;
use std::path::Path;

use bert_core::models::ModelNames;
use bert_core::models::bert::ARCHITECTURE;
use bert_core::store::save_weights;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, Encoder, LoadReport, StoreError, parse_device};
use bert_tasks::SequenceClassifier;
use bert_tests::bits;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use tempfile::TempDir;

fn names() -> ModelNames {
    ARCHITECTURE.names("ForSequenceClassification")
}

fn device() -> Device {
    parse_device("flex").unwrap()
}

fn config() -> BertConfig {
    BertConfig {
        intermediate_size: 8,
        max_position_embeddings: 6,
        ..BertConfig::compact(8, 4, 1, 2)
    }
}

fn load(dir: &Path) -> (SequenceClassifier, LoadReport) {
    let blank = SequenceClassifier::new(&config(), 2, 1, &device());
    Checkpoint::open(dir).unwrap().load_into(blank, names()).unwrap()
}

/// The values of every tensor in Hugging Face's layout, by Hugging Face's name.
fn values<M: Module>(model: &M) -> BTreeMap<String, Vec<f32>> {
    struct Values(Vec<String>, BTreeMap<String, Vec<f32>>);
    impl ModuleVisitor for Values {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.into());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let name = names().name(&self.0.join("."));
            let tensor = param.val();
            let dense = D == 2 && !name.contains("embeddings");
            let tensor = if dense { tensor.swap_dims(0, 1) } else { tensor };
            self.1.insert(name, tensor.into_data().iter::<f32>().collect());
        }
    }
    let mut all = Values(vec![], BTreeMap::new());
    model.visit(&mut all);
    all.1
}

#[test]
fn a_pytorch_file_with_old_spellings_loads() {
    let dir = TempDir::new().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pytorch_model.bin");
    std::fs::copy(fixture, dir.path().join("pytorch_model.bin")).unwrap();
    let (model, report) = load(dir.path());
    assert_eq!(report.ignored, ["bert.embeddings.position_ids"]);
    assert_eq!(report.unexpected, ["cls.seq_relationship.bias"]);
    assert_eq!(report.missing, ["classifier.weight", "classifier.bias"]);

    let mut found = values(&model);
    found.retain(|name, _| !name.starts_with("classifier"));
    // tests/fixtures/pytorch_model.py numbers the tensors by their sorted names, including the buffer and the unused tensor.
    let mut names: Vec<String> = found
        .keys()
        .map(|name| {
            name.replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta")
        })
        .chain([
            "bert.embeddings.position_ids".into(),
            "cls.seq_relationship.bias".into(),
        ])
        .collect();
    names.sort();
    for (n, old) in names.iter().enumerate() {
        let name = old.replace(".gamma", ".weight").replace(".beta", ".bias");
        if let Some(values) = found.get(&name) {
            let expected = (0..values.len()).map(|i| n as f32 + i as f32 / 64.0);
            assert!(values.iter().copied().eq(expected), "{name}: {values:?}");
        }
    }
}

/// Rewrites a `model.safetensors` with other names and another number type.
fn rewrite(from: &Path, to: &Path, rename: impl Fn(&str) -> String, kind: Dtype) {
    let bytes = std::fs::read(from.join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let converted: Vec<(String, Vec<usize>, Vec<u8>)> = file
        .iter()
        .map(|(name, view)| {
            let values = view
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b));
            let data: Vec<u8> = match kind {
                Dtype::F16 => values.flat_map(|v| f16::from_f32(v).to_le_bytes()).collect(),
                Dtype::BF16 => values.flat_map(|v| bf16::from_f32(v).to_le_bytes()).collect(),
                Dtype::F64 => values.flat_map(|v| f64::from(v).to_le_bytes()).collect(),
                Dtype::I32 => values.flat_map(|v| (v as i32).to_le_bytes()).collect(),
                _ => view.data().to_vec(),
            };
            (rename(name), view.shape().to_vec(), data)
        })
        .collect();
    let views = converted
        .iter()
        .map(|(name, shape, data)| (name, TensorView::new(kind, shape.clone(), data).unwrap()));
    std::fs::write(to.join("model.safetensors"), serialize(views, None).unwrap()).unwrap();
}

#[test]
fn names_load_with_and_without_prefix_in_both_spellings() {
    let (original, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let model = SequenceClassifier::new(&config(), 2, 4, &device());
    save_weights(&model, names(), original.path()).unwrap();
    let bare = |name: &str| name.strip_prefix("bert.").unwrap_or(name).to_owned();
    let old = |name: &str| {
        name.replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta")
    };
    let both = |name: &str| bare(&old(name));
    let renames: [&dyn Fn(&str) -> String; 3] = [&bare, &old, &both];
    for rename in renames {
        rewrite(original.path(), copy.path(), rename, Dtype::F32);
        let (loaded, report) = load(copy.path());
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report}"
        );
        assert!(bits(&loaded) == bits(&model));
    }
    // And in the other direction: a bare encoder loads from a classifier's file.
    let encoder = Encoder::new(&config(), 9, &device());
    let (encoder, report) = Checkpoint::open(original.path())
        .unwrap()
        .load_into(encoder, names())
        .unwrap();
    assert_eq!(report.unexpected, ["classifier.bias", "classifier.weight"]);
    assert!(bits(&encoder) == bits(&model.bert));
}

/// Divides the `model.safetensors` of a folder into files of every other tensor, with their index.
fn divide(dir: &Path) {
    let bytes = std::fs::read(dir.join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Vec<_> = file.iter().collect();
    tensors.sort_by_key(|(name, _)| name.to_string());
    let mut map = serde_json::Map::new();
    for number in 0..2 {
        let name = format!("model-{}-of-2.safetensors", number + 1);
        let part = tensors.iter().skip(number).step_by(2);
        map.extend(
            part.clone()
                .map(|(tensor, _)| (tensor.to_string(), name.clone().into())),
        );
        let part = part.map(|(tensor, view)| (*tensor, view));
        std::fs::write(dir.join(&name), serialize(part, None).unwrap()).unwrap();
    }
    let index = serde_json::json!({"metadata": {"total_size": bytes.len()}, "weight_map": map});
    std::fs::write(dir.join("model.safetensors.index.json"), index.to_string()).unwrap();
    std::fs::remove_file(dir.join("model.safetensors")).unwrap();
}

#[test]
fn weights_in_several_files_load() {
    let dir = TempDir::new().unwrap();
    let model = SequenceClassifier::new(&config(), 2, 4, &device());
    save_weights(&model, names(), dir.path()).unwrap();
    divide(dir.path());
    let (loaded, report) = load(dir.path());
    assert!(
        report.missing.is_empty() && report.unexpected.is_empty(),
        "{report}"
    );
    assert!(bits(&loaded) == bits(&model));

    // A damaged tensor is reported with its own file.
    let second = dir.path().join("model-2-of-2.safetensors");
    let mut bytes = std::fs::read(&second).unwrap();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&second, bytes).unwrap();
    let blank = SequenceClassifier::new(&config(), 2, 1, &device());
    let error = Checkpoint::open(dir.path())
        .unwrap()
        .load_into(blank, names())
        .unwrap_err();
    assert!(
        error.to_string().contains("model-2-of-2.safetensors: tensor `"),
        "{error}"
    );
    std::fs::remove_file(&second).unwrap();
    let error = Checkpoint::open(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("model.safetensors.index.json")
            && error.contains("model-2-of-2.safetensors is missing"),
        "{error}"
    );
}

#[test]
fn a_divided_pytorch_file_loads() {
    let (one, divided) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pytorch_model.bin");
    std::fs::copy(&fixture, one.path().join("pytorch_model.bin")).unwrap();
    std::fs::copy(&fixture, divided.path().join("part.bin")).unwrap();
    let index = "{\"weight_map\": {\"bert.embeddings.word_embeddings.weight\": \"part.bin\"}}";
    std::fs::write(divided.path().join("pytorch_model.bin.index.json"), index).unwrap();
    let ((one, _), (divided, report)) = (load(one.path()), load(divided.path()));
    assert_eq!(report.missing, ["classifier.weight", "classifier.bias"]);
    assert!(bits(&divided.bert) == bits(&one.bert));
}

#[test]
fn a_small_file_that_claims_to_be_large_is_refused() {
    let dir = TempDir::new().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/expanded.bin");
    std::fs::copy(fixture, dir.path().join("pytorch_model.bin")).unwrap();
    let error = Checkpoint::open(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("need 400000000 bytes, but the file has 1584"),
        "{error}"
    );
}

#[test]
fn the_names_of_pytorchs_wrappers_are_left_out() {
    let (original, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let model = SequenceClassifier::new(&config(), 2, 4, &device());
    save_weights(&model, names(), original.path()).unwrap();
    let renames: [&dyn Fn(&str) -> String; 4] = [
        &|name| format!("module.{name}"),
        &|name| format!("_orig_mod.{name}"),
        &|name| format!("module._orig_mod.{name}"),
        &|name| name.replace("bert.", "bert._orig_mod."),
    ];
    for rename in renames {
        rewrite(original.path(), copy.path(), rename, Dtype::F32);
        let (loaded, report) = load(copy.path());
        assert!(
            report.missing.is_empty() && report.unexpected.is_empty(),
            "{report}"
        );
        assert!(bits(&loaded) == bits(&model));
    }
}

#[test]
fn a_git_lfs_pointer_and_a_web_page_are_reported_as_such() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 437955512\n";
    let page = "\n<!DOCTYPE html>\n<html><body>Not found</body></html>\n";
    for (content, said) in [(pointer, "git lfs pull"), (page, "this is a web page")] {
        refuses_everywhere(content, said);
    }
}

/// A folder with `content` in place of any file of a model is refused, and the error says `said`.
fn refuses_everywhere(content: &str, said: &str) {
    for name in [
        "model.safetensors",
        "pytorch_model.bin",
        "model.safetensors.index.json",
        "config.json",
        "tokenizer.json",
        "vocab.txt",
        "tokenizer_config.json",
        "added_tokens.json",
    ] {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n").unwrap();
        std::fs::write(dir.path().join(name), content).unwrap();
        let error = match name {
            "config.json" => BertConfig::from_dir(dir.path()).unwrap_err().to_string(),
            "tokenizer.json" | "vocab.txt" | "tokenizer_config.json" | "added_tokens.json" => {
                BertTokenizer::from_dir(dir.path()).unwrap_err().to_string()
            }
            _ => Checkpoint::open(dir.path()).unwrap_err().to_string(),
        };
        assert!(error.contains(name) && error.contains(said), "{error}");
    }
}

#[test]
fn sizes_that_are_not_those_of_the_weights_are_refused_before_a_model_is_built() {
    let dir = TempDir::new().unwrap();
    let model = SequenceClassifier::new(&config(), 2, 4, &device());
    save_weights(&model, names(), dir.path()).unwrap();
    let checkpoint = Checkpoint::open(dir.path()).unwrap();
    checkpoint.check_embeddings(&config()).unwrap();
    type Change<'a> = &'a dyn Fn(&mut BertConfig);
    let changes: [(&str, Change<'_>); 4] = [
        ("word_embeddings", &|config| config.vocab_size = 9),
        ("word_embeddings", &|config| config.hidden_size = 8),
        ("position_embeddings", &|config| {
            config.max_position_embeddings = 7
        }),
        ("token_type_embeddings", &|config| config.type_vocab_size = 1),
    ];
    for (table, change) in changes {
        let mut changed = config();
        change(&mut changed);
        let error = checkpoint.check_embeddings(&changed).unwrap_err().to_string();
        assert!(
            error.contains(table) && error.contains("the model needs"),
            "{error}"
        );
    }
}

#[test]
fn half_and_double_precision_load_exactly() {
    let (original, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let model = SequenceClassifier::new(&config(), 2, 4, &device());
    save_weights(&model, names(), original.path()).unwrap();
    let rounds: [(Dtype, &dyn Fn(f32) -> f32); 3] = [
        (Dtype::F16, &|v| f16::from_f32(v).to_f32()),
        (Dtype::BF16, &|v| bf16::from_f32(v).to_f32()),
        (Dtype::F64, &|v| v),
    ];
    for (kind, round) in rounds {
        rewrite(original.path(), copy.path(), str::to_owned, kind);
        let (loaded, _) = load(copy.path());
        for (name, expected) in values(&model) {
            let found = &values(&loaded)[&name];
            assert!(
                found.iter().zip(&expected).all(|(a, b)| *a == round(*b)),
                "{kind:?} {name}"
            );
        }
    }
    rewrite(original.path(), copy.path(), str::to_owned, Dtype::I32);
    let error = Checkpoint::open(copy.path())
        .unwrap()
        .load_into(SequenceClassifier::new(&config(), 2, 4, &device()), names())
        .unwrap_err();
    assert!(matches!(error, StoreError::Kind { .. }), "{error}");
    assert!(error.to_string().contains("I32"), "{error}");
}

#[test]
fn non_finite_weights_are_not_saved() {
    let mut model = SequenceClassifier::new(&config(), 2, 4, &device());
    let weight = model.classifier.weight.val() * f32::NAN;
    model.classifier.weight = Param::from_tensor(weight);
    let dir = TempDir::new().unwrap();
    let error = save_weights(&model, names(), dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("classifier.weight") && error.contains("not finite"),
        "{error}"
    );
    assert!(!dir.path().join("model.safetensors").exists());
}
