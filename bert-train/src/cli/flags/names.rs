//! Names as the values of flags. Serde reads the same names in settings files.

use bert_core::Pooling;
use bert_core::ops::Precision;
use bert_tasks::retrieval::Draws;
use bert_tasks::{ModelSize, SchemeChoice};
use bert_train::View;
use bert_train::optim::lr_schedule::Decay;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use datasets::TagColumn;
use serde::Deserialize;
use serde::de::value::Error;
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::shown::Shown;

/// A type of values that have names.
pub trait Named: DeserializeOwned + PartialEq + Clone + Send + Sync + 'static {
    /// The names that serde reads, each with what help says of it, if that says more than the name.
    const NAMES: &'static [(&'static str, &'static str)];
}

/// The value with this name.
fn named<N: Named>(name: &str) -> Result<N, Error> {
    N::deserialize(name.into_deserializer())
}

/// Reads the value of a flag.
pub fn parser<N: Named>() -> impl TypedValueParser<Value = N> {
    let names = N::NAMES.iter().map(|&(name, help)| match help {
        "" => PossibleValue::new(name),
        help => PossibleValue::new(name).help(help),
    });
    PossibleValuesParser::new(names).try_map(|name| named(&name))
}

impl<N: Named> Shown for N {
    fn shown(&self) -> Option<String> {
        let mut names = N::NAMES.iter().map(|(name, _)| *name);
        let name = names.find(|name| named::<N>(name).is_ok_and(|value| value == *self))?;
        Some(name.to_owned())
    }
}

impl Named for Pooling {
    const NAMES: &'static [(&'static str, &'static str)] = &[("mean", ""), ("cls", "")];
}

impl Named for Draws {
    const NAMES: &'static [(&'static str, &'static str)] = &[("uniform", ""), ("frequency", "")];
}

impl Named for View {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        (
            "dashboard",
            "One screen with curves and numbers; q stops the run after a confirmation and saves it",
        ),
        (
            "lines",
            "Lines on standard error: at most one line per five seconds and per percent of the run, and a table row for each \
             evaluation",
        ),
        (
            "steps",
            "The same with a line for each line of log.jsonl (--logging-steps)",
        ),
        ("quiet", "Nothing"),
    ];
}

/// Logs beside `log.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogName {
    /// Event files of TensorBoard.
    Tensorboard,
}

impl Named for LogName {
    const NAMES: &'static [(&'static str, &'static str)] = &[(
        "tensorboard",
        "Event files in RUN/tensorboard, for tensorboard --logdir RUN",
    )];
}

impl Named for Decay {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("linear", "In a straight line to zero"),
        ("cosine", "Along half a cosine to zero"),
        ("constant", "Not at all"),
        (
            "polynomial",
            "As the remaining share of the steps, to the power of --schedule-power",
        ),
    ];
}

impl Named for TagColumn {
    const NAMES: &'static [(&'static str, &'static str)] = &[("upos", ""), ("xpos", "")];
}

impl Named for SchemeChoice {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("auto", ""), ("bio", ""), ("iob1", ""), ("iobes", "")];
}

impl Named for Precision {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("f32", "32-bit floats"),
        (
            "bf16",
            "Numbers rounded to bfloat16, on processors that multiply these (AVX512-BF16)",
        ),
    ];
}

impl Named for ModelSize {
    const NAMES: &'static [(&'static str, &'static str)] = &[
        ("tiny", "2 layers, 128 wide"),
        ("mini", "4 layers, 256 wide"),
        ("small", "4 layers, 512 wide"),
        ("medium", "8 layers, 512 wide"),
        ("base", "12 layers, 768 wide"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_all_names<N: Named>() {
        let error = named::<N>("?").err().expect("no value has this name").to_string();
        let (_, expected) = error.split_once("expected").expect("serde lists the names");
        let read: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let names: Vec<&str> = N::NAMES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, read);
    }

    #[test]
    fn flags_have_the_names_of_settings() {
        assert_all_names::<View>();
        assert_all_names::<LogName>();
        assert_all_names::<Decay>();
        assert_all_names::<TagColumn>();
        assert_all_names::<SchemeChoice>();
        assert_all_names::<Precision>();
        assert_all_names::<ModelSize>();
        assert_eq!(Decay::Cosine.shown().as_deref(), Some("cosine"));
    }
}
