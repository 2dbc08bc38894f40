//! The names of the labels: `id2label` and `label2id`.

use serde_json::{Map, Value};

use super::{BertConfig, ConfigError};

/// The largest number of labels that a configuration can name.
const MAX_LABELS: usize = 1 << 20;

impl BertConfig {
    /// The labels' names in the order of their numbers, if the configuration has them. A number without a name, and one
    /// that is named by something other than a text, has the name that transformers would show.
    ///
    /// # Errors
    /// If a key is no number, or a label is neither a text nor a number.
    pub fn labels(&self) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(map) = &self.id2label else {
            return Ok(None);
        };
        let error = |reason| ConfigError {
            path: "config.json".into(),
            reason,
        };
        let mut names = vec![None; map.len()];
        for (key, value) in map {
            let id: usize = key.trim().parse().map_err(|_| {
                error(format!(
                    "`id2label` has the key {key:?}; a key must be a label's number"
                ))
            })?;
            if id >= MAX_LABELS {
                return Err(error(format!(
                    "`id2label` names label {id}; at most {MAX_LABELS} labels are supported"
                )));
            }
            let name = match value {
                Value::String(name) => name.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                other => {
                    return Err(error(format!(
                        "`id2label` names label {id} {other}; a name must be a text"
                    )));
                }
            };
            names.resize(names.len().max(id + 1), None);
            names[id] = Some(name);
        }
        let named = names.into_iter().enumerate();
        Ok(Some(
            named
                .map(|(id, name)| name.unwrap_or_else(|| format!("LABEL_{id}")))
                .collect(),
        ))
    }

    /// Sets the labels' names, in both directions.
    pub fn set_labels(&mut self, names: &[String]) {
        let entries = || names.iter().enumerate();
        self.id2label = Some(
            entries()
                .map(|(i, n)| (i.to_string(), Value::from(n.as_str())))
                .collect(),
        );
        let ids: Map<_, _> = entries().map(|(i, n)| (n.clone(), Value::from(i))).collect();
        self.label2id = Some(ids.into());
    }
}
