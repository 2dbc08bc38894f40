//! The options that describe a new model, for pre-training from scratch.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::task::{NewModel, TaskError};

/// A size of a new model, as google-research/bert names them (its README, "Smaller BERT models"; Turc et al. 2019).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelSize {
    /// 2 layers, 128 wide.
    Tiny,
    /// 4 layers, 256 wide.
    Mini,
    /// 4 layers, 512 wide.
    #[default]
    Small,
    /// 8 layers, 512 wide.
    Medium,
    /// 12 layers, 768 wide.
    Base,
}

impl ModelSize {
    /// Layers and width.
    fn numbers(self) -> (usize, usize) {
        match self {
            ModelSize::Tiny => (2, 128),
            ModelSize::Mini => (4, 256),
            ModelSize::Small => (4, 512),
            ModelSize::Medium => (8, 512),
            ModelSize::Base => (12, 768),
        }
    }
}

impl fmt::Display for ModelSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ModelSize::Tiny => "tiny",
            ModelSize::Mini => "mini",
            ModelSize::Small => "small",
            ModelSize::Medium => "medium",
            ModelSize::Base => "base",
        })
    }
}

/// The options that describe a new model, by their fields' names.
pub const NEW_MODEL: &[&str] = &[
    "vocabulary",
    "size",
    "layers",
    "hidden",
    "heads",
    "intermediate",
    "positions",
];

/// The width of a head, where their number is not set.
const HEAD: usize = 64;
/// Rows of the position embeddings, where they are not set.
const POSITIONS: usize = 512;

/// The options of a new model, as a task has them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NewModelOptions<'a> {
    pub vocabulary: Option<&'a Path>,
    pub size: Option<ModelSize>,
    pub layers: Option<usize>,
    pub hidden: Option<usize>,
    pub heads: Option<usize>,
    pub intermediate: Option<usize>,
    pub positions: Option<usize>,
}

/// Declares a task's options: its own fields, then those that describe a new model. (Serde's `flatten` would lose the line and
/// the name of a setting that is wrong.)
macro_rules! options_with_new_model {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $(#[$about])*
        pub struct $name {
            $($own)*
            /// The vocabulary of a new model: `vocab.txt`, `tokenizer.json`, or a folder with them.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub vocabulary: Option<std::path::PathBuf>,
            /// The size of a new model; small if neither it nor its numbers are set.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub size: Option<$crate::language_modelling::ModelSize>,
            /// Layers of a new model.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub layers: Option<usize>,
            /// Width of a new model.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub hidden: Option<usize>,
            /// Attention heads in each layer of a new model; one for 64 of its width if they are not set.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub heads: Option<usize>,
            /// Width inside the feed-forward networks of a new model; four times its width if it is not set.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub intermediate: Option<usize>,
            /// The longest text of a new model, in tokens; 512 if it is not set.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub positions: Option<usize>,
        }

        impl $name {
            fn of_new_model(&self) -> $crate::language_modelling::new_model::NewModelOptions<'_> {
                $crate::language_modelling::new_model::NewModelOptions {
                    vocabulary: self.vocabulary.as_deref(),
                    size: self.size,
                    layers: self.layers,
                    hidden: self.hidden,
                    heads: self.heads,
                    intermediate: self.intermediate,
                    positions: self.positions,
                }
            }
        }
    };
}
pub(super) use options_with_new_model;

impl NewModelOptions<'_> {
    /// The names and the values of the numbers, with the largest that a model can have.
    fn numbers(&self) -> [(&'static str, Option<usize>, usize); 5] {
        [
            ("layers", self.layers, 1000),
            ("hidden", self.hidden, 1 << 17),
            ("heads", self.heads, 1 << 17),
            ("intermediate", self.intermediate, 1 << 20),
            ("positions", self.positions, 1 << 24),
        ]
    }

    /// Checks that they describe a model.
    ///
    /// # Errors
    /// For the first that does not.
    pub(super) fn check(&self) -> Result<(), TaskError> {
        for (option, value, most) in self.numbers() {
            if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
                let reason = format!(" is {value}; it must be from 1 to {most}");
                return Err(TaskError::option(option, reason));
            }
        }
        let given = self.numbers().into_iter().find(|(_, value, _)| value.is_some());
        let given = given.map(|(option, ..)| option);
        if let (None, Some(option)) = (self.vocabulary, given.or(self.size.map(|_| "size"))) {
            return Err(TaskError::needs(
                option,
                " describes a new model and needs ",
                "vocabulary",
            ));
        }
        let Some(NewModel { hidden, heads, .. }) = self.new_model() else {
            return Ok(());
        };
        if !hidden.is_multiple_of(heads) {
            let option = if self.heads.is_some() { "heads" } else { "hidden" };
            let reason = format!(
                ": {heads} attention heads cannot share a width of {hidden}; it must be a multiple of their number"
            );
            return Err(TaskError::option(option, reason));
        }
        Ok(())
    }

    /// The model that they describe.
    pub(super) fn new_model(&self) -> Option<NewModel> {
        let (layers, hidden) = self.size.unwrap_or_default().numbers();
        let hidden = self.hidden.unwrap_or(hidden);
        Some(NewModel {
            vocabulary: self.vocabulary?.into(),
            layers: self.layers.unwrap_or(layers),
            hidden,
            heads: self.heads.unwrap_or((hidden / HEAD).max(1)),
            intermediate: self.intermediate.unwrap_or(4 * hidden),
            positions: self.positions.unwrap_or(POSITIONS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(size: ModelSize) -> NewModelOptions<'static> {
        NewModelOptions {
            vocabulary: Some(Path::new("vocab.txt")),
            size: Some(size),
            ..NewModelOptions::default()
        }
    }

    #[test]
    fn sizes_are_those_of_google() {
        let sizes = [
            (ModelSize::Tiny, [2, 128, 2, 512]),
            (ModelSize::Mini, [4, 256, 4, 1024]),
            (ModelSize::Small, [4, 512, 8, 2048]),
            (ModelSize::Medium, [8, 512, 8, 2048]),
            (ModelSize::Base, [12, 768, 12, 3072]),
        ];
        for (size, expected) in sizes {
            of(size).check().unwrap();
            let model = of(size).new_model().unwrap();
            let NewModel {
                layers,
                hidden,
                heads,
                intermediate,
                ..
            } = model;
            assert_eq!([layers, hidden, heads, intermediate], expected, "{size}");
            assert_eq!(model.positions, 512);
        }
    }

    #[test]
    fn numbers_that_fit_no_model_are_refused() {
        let error = |options: NewModelOptions<'_>| options.check().unwrap_err().message().to_string();
        let tiny = of(ModelSize::Tiny);
        let odd = NewModelOptions {
            heads: Some(3),
            ..tiny
        };
        assert!(
            error(odd).contains("`heads`: 3 attention heads"),
            "{}",
            error(odd)
        );
        let none = NewModelOptions {
            layers: Some(0),
            ..tiny
        };
        assert!(
            error(none).contains("`layers` is 0; it must be from 1"),
            "{}",
            error(none)
        );
        for (option, without) in [
            (
                "size",
                NewModelOptions {
                    vocabulary: None,
                    ..tiny
                },
            ),
            (
                "hidden",
                NewModelOptions {
                    hidden: Some(64),
                    ..NewModelOptions::default()
                },
            ),
        ] {
            let error = error(without);
            assert!(
                error.contains(&format!("`{option}` describes a new model")),
                "{error}"
            );
            assert!(error.contains("`vocabulary`"), "{error}");
        }
        assert!(NewModelOptions::default().new_model().is_none());
        NewModelOptions::default().check().unwrap();
        // Width without heads of its own: one for each 64, at least one.
        let narrow = NewModelOptions {
            hidden: Some(32),
            ..tiny
        };
        assert_eq!(narrow.new_model().unwrap().heads, 1);
    }
}
