//! Parts of a model that are trained differently: lower layers with lower learning rates or not at all, upper layers
//! from scratch.

use std::collections::BTreeMap;

use bert_core::BertConfig;
use bert_core::models::{ParameterPaths, Part};
use burn::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use super::lr_schedule::LrSchedule;

/// How the parts of a model are trained differently.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartOptions {
    /// The factor of the learning rate from each layer to the one below.
    pub layer_decay: f64,
    /// Leaves the embeddings untrained.
    pub freeze_embeddings: bool,
    /// Leaves this many of the lowest layers untrained.
    pub freeze_layers: usize,
}

impl PartOptions {
    /// The same value for all parts.
    pub const UNIFORM: Self = Self {
        layer_decay: 1.0,
        freeze_embeddings: false,
        freeze_layers: 0,
    };

    fn is_frozen(self, part: Part) -> bool {
        match part {
            Part::Embeddings => self.freeze_embeddings,
            Part::Layer(layer) => layer < self.freeze_layers,
            Part::Head => false,
        }
    }
}

/// All parts of a model with this number of layers.
fn parts(layers: usize) -> impl Iterator<Item = Part> {
    let layers = (0..layers).map(Part::Layer);
    [Part::Embeddings].into_iter().chain(layers).chain([Part::Head])
}

/// The factor of the learning rate: `decay` for each step down from the head (Clark et al. 2020, ELECTRA, appendix B).
fn factor(part: Part, decay: f64, layers: usize) -> f64 {
    let steps = match part {
        Part::Embeddings => layers + 1,
        Part::Layer(layer) => layers - layer,
        Part::Head => 0,
    };
    decay.powi(steps as i32)
}

/// The learning rates of every part, with `decay` from each layer to the one below.
pub fn rates(schedule: &LrSchedule, decay: f64, config: &BertConfig) -> ModuleLrScheduler {
    let mut rates = ModuleLrScheduler::new(schedule.clone());
    if decay != 1.0 {
        let layers = config.num_hidden_layers;
        for part in parts(layers) {
            if let Some(group) = config.architecture().parameters.group(part) {
                rates = rates.with_group(group, schedule.clone().scaled(factor(part, decay, layers)));
            }
        }
    }
    rates
}

/// Freezes the parts of `model` that `options` leave untrained.
pub fn freeze<M: Module>(mut model: M, options: PartOptions, config: &BertConfig) -> M {
    for part in parts(config.num_hidden_layers).filter(|&part| options.is_frozen(part)) {
        if let Some(group) = config.architecture().parameters.group(part) {
            model = model.freeze_group(group);
        }
    }
    model
}

/// Gives the top `count` layers of `model`, and its pooler, the weights of `fresh` (Zhang et al. 2021, "Revisiting
/// few-sample BERT fine-tuning", section 5). With a `count` of 0 nothing changes.
pub fn reinitialise<M: Module>(model: M, fresh: &M, count: usize, config: &BertConfig) -> M {
    if count == 0 {
        return model;
    }
    let paths = &config.architecture().parameters;
    let chosen = |path: &str| match paths.part(path) {
        Part::Layer(layer) => layer + count >= config.num_hidden_layers,
        Part::Head => paths.is_pooler(path),
        Part::Embeddings => false,
    };
    let mut values = Values {
        path: vec![],
        chosen,
        values: BTreeMap::new(),
    };
    fresh.visit(&mut values);
    model.map(&mut Replace {
        path: vec![],
        values: values.values,
    })
}

struct Values<F> {
    path: Vec<String>,
    chosen: F,
    values: BTreeMap<String, TensorData>,
}

impl<F: Fn(&str) -> bool> ModuleVisitor for Values<F> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        if (self.chosen)(&path) {
            self.values.insert(path, param.val().into_data());
        }
    }
}

struct Replace {
    path: Vec<String>,
    values: BTreeMap<String, TensorData>,
}

impl ModuleMapper for Replace {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.remove(&self.path.join(".")) {
            Some(data) => {
                let (id, device) = (param.id, param.lazy_device());
                param.transform_for_load(Tensor::from_data(data, &device), id)
            }
            None => param,
        }
    }
}

/// A table of the parts with their numbers of parameters and peak learning rates; `None` if all are trained in the same way.
/// `peak` is the rate of the head.
pub fn table<M: Module>(model: &M, options: PartOptions, peak: f64, config: &BertConfig) -> Option<String> {
    struct Count(Vec<String>, BTreeMap<Part, usize>, &'static ParameterPaths);
    impl ModuleVisitor for Count {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.0.push(name.to_owned());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.0.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            *self.1.entry(self.2.part(&self.0.join("."))).or_default() += param.lazy_shape().num_elements();
        }
    }
    if options == PartOptions::UNIFORM {
        return None;
    }
    let mut count = Count(vec![], BTreeMap::new(), &config.architecture().parameters);
    model.visit(&mut count);
    let mut lines = vec![format!(
        "{:<12}{:>14}{:>14}",
        "part", "parameters", "highest rate"
    )];
    for (part, parameters) in count.1.into_iter().rev() {
        let rate = match options.is_frozen(part) {
            true => "frozen".into(),
            false => format!(
                "{:.3e}",
                peak * factor(part, options.layer_decay, config.num_hidden_layers)
            ),
        };
        lines.push(format!("{part:<12}{parameters:>14}{rate:>14}"));
    }
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_tasks::SequenceClassifier;
    use burn::tensor::Device;

    use super::super::lr_schedule::Decay;

    fn config(layers: usize) -> BertConfig {
        BertConfig::compact(20, 8, layers, 2)
    }

    fn part(path: &str) -> Part {
        config(3).architecture().parameters.part(path)
    }

    fn model(seed: u64) -> SequenceClassifier {
        SequenceClassifier::new(&config(3), 2, seed, &Device::default().autodiff())
    }

    /// Every parameter's path, values and whether it is trained.
    fn parameters(model: &SequenceClassifier) -> BTreeMap<String, (Vec<f32>, bool)> {
        struct All(Vec<String>, BTreeMap<String, (Vec<f32>, bool)>);
        impl ModuleVisitor for All {
            fn enter_module(&mut self, name: &str, _: &str) {
                self.0.push(name.to_owned());
            }
            fn exit_module(&mut self, _: &str, _: &str) {
                self.0.pop();
            }
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let values = param.val().into_data().iter::<f32>().collect();
                self.1.insert(self.0.join("."), (values, param.is_require_grad()));
            }
        }
        let mut all = All(vec![], BTreeMap::new());
        model.visit(&mut all);
        all.1
    }

    #[test]
    fn rates_decay_from_layer_to_layer() {
        let schedule = LrSchedule::new(Decay::Constant, 1.0, 0, 10);
        let rate = rates(&schedule, 0.5, &config(3)).step();
        let of = |path: &str| rate.lr_from_param(Default::default(), Some(path));
        for (path, expected) in [
            ("model.classifier.weight", 1.0),
            ("model.bert.pooler.dense.weight", 1.0),
            ("model.bert.encoder.layer.2.output.dense.weight", 0.5),
            ("model.bert.encoder.layer.0.output.layer_norm.gamma", 0.125),
            ("model.bert.embeddings.word_embeddings.weight", 0.0625),
        ] {
            assert_eq!(of(path), expected, "{path}");
        }
    }

    #[test]
    fn layers_with_two_digits_are_distinguished() {
        let schedule = LrSchedule::new(Decay::Constant, 1.0, 0, 10);
        let rate = rates(&schedule, 0.5, &config(12)).step();
        let of = |path: &str| rate.lr_from_param(Default::default(), Some(path));
        assert_eq!(of("model.bert.encoder.layer.11.output.dense.bias"), 0.5);
        assert_eq!(
            of("model.bert.encoder.layer.1.output.dense.bias"),
            0.5f64.powi(11)
        );
    }

    #[test]
    fn frozen_parts_are_not_trained() {
        let options = PartOptions {
            freeze_embeddings: true,
            freeze_layers: 2,
            ..PartOptions::UNIFORM
        };
        for (path, (_, trained)) in parameters(&freeze(model(1), options, &config(3))) {
            let frozen = match part(&path) {
                Part::Embeddings => true,
                Part::Layer(layer) => layer < 2,
                Part::Head => false,
            };
            assert_eq!(trained, !frozen, "{path}");
        }
        let table = table(&model(1), options, 5e-5, &config(3)).unwrap();
        assert!(table.lines().last().unwrap().ends_with("frozen"), "{table}");
        assert!(table.contains("layer 2") && table.contains("5.000e-5"), "{table}");
    }

    #[test]
    fn upper_layers_are_reinitialised() {
        let (loaded, fresh) = (model(1), model(2));
        let (before, new) = (parameters(&loaded), parameters(&fresh));
        let after = parameters(&reinitialise(loaded, &fresh, 1, &config(3)));
        for (path, values) in &after {
            let renewed = part(path) == Part::Layer(2) || path.contains("pooler");
            let expected = if renewed { &new[path] } else { &before[path] };
            assert_eq!(values, expected, "{path}");
        }
        let weight = "bert.encoder.layer.2.output.dense.weight";
        assert_ne!(before[weight], after[weight]);
    }
}
