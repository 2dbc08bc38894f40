//! Weights of the labels in the loss, as an option.

use std::fmt;
use std::str::FromStr;

use datasets::Labels;
use serde::{Deserialize, Serialize};

/// The highest weight of a label.
const MAX: f64 = 1e6;

/// How much each label counts in the loss. As text: `balanced`, or a list such as `good=2,bad=1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ClassWeights {
    /// All labels count the same, however many examples they have.
    Balanced,
    /// Labels with their weights; labels that are not named weigh 1.
    Named(Vec<(String, f64)>),
}

impl ClassWeights {
    /// The weight of each of `labels`, which have these numbers of training examples.
    ///
    /// # Errors
    /// If a name is no label.
    pub(super) fn of(&self, labels: &Labels, counts: &[usize]) -> Result<Vec<f64>, String> {
        let named = match self {
            // A label without examples weighs 0: with smoothing, it would be trained all the same.
            Self::Balanced => {
                let weight = |&count: &usize| if count == 0 { 0.0 } else { 1.0 / count as f64 };
                return Ok(counts.iter().map(weight).collect());
            }
            Self::Named(named) => named,
        };
        let mut weights = vec![1.0; labels.len()];
        for (name, weight) in named {
            let label = labels.index(name).ok_or_else(|| {
                let known = labels.iter().collect::<Vec<_>>().join(", ");
                format!("there is no label `{name}`; the labels are {known}")
            })?;
            weights[label] = *weight;
        }
        Ok(weights)
    }
}

impl FromStr for ClassWeights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "balanced" {
            return Ok(Self::Balanced);
        }
        let named = text.split(',').map(|part| {
            let (name, weight) = part.rsplit_once('=').ok_or_else(|| {
                format!("must be `balanced`, or a list such as good=2,bad=1; `{part}` is neither")
            })?;
            match weight.trim().parse::<f64>() {
                Ok(weight) if weight > 0.0 && weight <= MAX => Ok((name.trim().to_owned(), weight)),
                _ => Err(format!(
                    "must have weights above 0 and at most {MAX}; that of `{}` is {}",
                    name.trim(),
                    weight.trim()
                )),
            }
        });
        named.collect::<Result<_, _>>().map(Self::Named)
    }
}

impl TryFrom<String> for ClassWeights {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for ClassWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balanced => f.write_str("balanced"),
            Self::Named(named) => {
                let parts: Vec<String> = named
                    .iter()
                    .map(|(name, weight)| format!("{name}={weight}"))
                    .collect();
                f.write_str(&parts.join(","))
            }
        }
    }
}

impl From<ClassWeights> for String {
    fn from(weights: ClassWeights) -> Self {
        weights.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let named = ClassWeights::Named(vec![("a=b".into(), 0.5), ("c".into(), 2.0)]);
        for (text, weights, written) in [
            ("balanced", ClassWeights::Balanced, "balanced"),
            ("a=b=0.5, c = 2", named, "a=b=0.5,c=2"),
        ] {
            assert_eq!(text.parse::<ClassWeights>().unwrap(), weights);
            assert_eq!(weights.to_string(), written);
            assert_eq!(written.parse::<ClassWeights>().unwrap(), weights);
        }
    }

    #[test]
    fn another_form_and_weights_out_of_range_are_refused() {
        for (text, part) in [
            ("balancedd", "`balancedd` is neither"),
            ("", "`` is neither"),
            ("a", "a list such as"),
            ("a=0", "that of `a` is 0"),
            ("b=1,a=-1", "that of `a` is -1"),
            ("a=NaN", "above 0"),
            ("a=1000001", "at most 1000000"),
        ] {
            let error = text.parse::<ClassWeights>().unwrap_err();
            assert!(error.starts_with("must ") && error.contains(part), "{error}");
        }
    }
}
