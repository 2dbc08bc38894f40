//! Names as the values of flags and of settings in files.

use bert_core::ops::Precision;
use bert_tasks::SchemeChoice;
use bert_train::optim::lr_schedule::Decay;
use clap::ValueEnum;
use datasets::TagColumn;
use serde::Deserialize;

use super::shown::Shown;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchName {
    /// One screen with curves and numbers; q asks before it stops the run, which saves it.
    Dashboard,
    /// Lines on standard error: one every five seconds or every percent of the run, whichever is rarer, and a table row
    /// for each evaluation.
    Lines,
    /// The same with a line for each line of log.jsonl (--logging-steps).
    Steps,
    /// Nothing.
    Quiet,
}

/// Logs beside `log.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogName {
    /// Event files in RUN/tensorboard, for tensorboard --logdir RUN.
    Tensorboard,
}

/// The names of [`Decay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecayName {
    /// In a straight line to zero.
    Linear,
    /// Along half a cosine to zero.
    Cosine,
    /// Not at all.
    Constant,
    /// As the remaining share of the steps, to the power of --schedule-power.
    Polynomial,
}

impl From<DecayName> for Decay {
    fn from(name: DecayName) -> Self {
        match name {
            DecayName::Linear => Decay::Linear,
            DecayName::Cosine => Decay::Cosine,
            DecayName::Constant => Decay::Constant,
            DecayName::Polynomial => Decay::Polynomial,
        }
    }
}

/// The columns of tags in a CoNLL-U file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagColumnName {
    Upos,
    Xpos,
}

impl From<TagColumnName> for TagColumn {
    fn from(name: TagColumnName) -> Self {
        match name {
            TagColumnName::Upos => TagColumn::Upos,
            TagColumnName::Xpos => TagColumn::Xpos,
        }
    }
}

/// The schemes in which entities are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemeName {
    Auto,
    Bio,
    Iob1,
    Iobes,
}

impl From<SchemeName> for SchemeChoice {
    fn from(name: SchemeName) -> Self {
        match name {
            SchemeName::Auto => SchemeChoice::Auto,
            SchemeName::Bio => SchemeChoice::Bio,
            SchemeName::Iob1 => SchemeChoice::Iob1,
            SchemeName::Iobes => SchemeChoice::Iobes,
        }
    }
}

/// The names of [`Precision`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrecisionName {
    /// 32-bit floats.
    F32,
    /// Numbers rounded to bfloat16, on processors that multiply these (AVX512-BF16).
    Bf16,
}

impl From<PrecisionName> for Precision {
    fn from(name: PrecisionName) -> Self {
        match name {
            PrecisionName::F32 => Precision::F32,
            PrecisionName::Bf16 => Precision::Bf16,
        }
    }
}

/// The name among a flag's that stands for `value`.
fn named<N: ValueEnum + Into<V>, V: PartialEq>(value: &V) -> Option<String> {
    let name = N::value_variants()
        .iter()
        .find(|name| (*name).clone().into() == *value)?;
    name.to_possible_value().map(|name| name.get_name().to_owned())
}

impl Shown for Decay {
    fn shown(&self) -> Option<String> {
        named::<DecayName, _>(self)
    }
}

impl Shown for Precision {
    fn shown(&self) -> Option<String> {
        named::<PrecisionName, _>(self)
    }
}

impl Shown for TagColumn {
    fn shown(&self) -> Option<String> {
        named::<TagColumnName, _>(self)
    }
}

impl Shown for SchemeChoice {
    fn shown(&self) -> Option<String> {
        named::<SchemeName, _>(self)
    }
}
