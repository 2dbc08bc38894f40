//! How a text's tokens become one vector: the files of sentence-transformers beside `config.json`.

use serde::{Deserialize, Serialize};
#[cfg(feature = "files")]
use serde_json::{Value, json};

/// How the vectors of a text's tokens become one vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// Their mean, special tokens included.
    #[default]
    Mean,
    /// That of `[CLS]`.
    Cls,
}

/// What a folder of sentence-transformers says besides `config.json`: `modules.json`, `1_Pooling/config.json` and
/// `sentence_bert_config.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SentenceEmbedding {
    /// How the vectors of a text's tokens become one vector.
    pub pooling: Pooling,
    /// Whether that is scaled to length 1.
    pub normalize: bool,
    /// Maximum number of tokens of a text, if it is known.
    pub max_length: Option<usize>,
}

#[cfg(feature = "files")]
impl SentenceEmbedding {
    /// What the folder says; none if it is no folder of sentence-transformers.
    ///
    /// # Errors
    /// A sentence that says why the vectors cannot be computed here.
    pub(super) fn from_dir(dir: &std::path::Path) -> Option<Result<Self, String>> {
        let modules = std::fs::read(dir.join("modules.json")).ok()?;
        Some(Self::parse(&modules, |name| std::fs::read(dir.join(name)).ok()))
    }

    /// As [`from_dir`](Self::from_dir), from the text of `modules.json` and the files beside it.
    fn parse(modules: &[u8], file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Self, String> {
        let modules: Vec<Value> =
            serde_json::from_slice(modules).map_err(|e| format!("modules.json: {e}"))?;
        let mut found = Self::default();
        let mut pooled = false;
        for (number, module) in modules.iter().enumerate() {
            let kind = module["type"].as_str().unwrap_or_default();
            let kind = kind.rsplit('.').next().unwrap_or_default();
            match (number, kind) {
                (0, "Transformer") => {}
                (1, "Pooling") => {
                    let path = module["path"].as_str().unwrap_or("1_Pooling");
                    let name = format!("{path}/config.json");
                    let config = file(&name).ok_or_else(|| format!("{name} is missing"))?;
                    let config = serde_json::from_slice(&config).map_err(|e| format!("{name}: {e}"))?;
                    found.pooling = pooling(&config).map_err(|reason| format!("{name}: {reason}"))?;
                    pooled = true;
                }
                (2, "Normalize") => found.normalize = true,
                _ => return Err(format!("modules.json: there is no module like `{kind}` here")),
            }
        }
        if !pooled {
            return Err("modules.json: there is no pooling".into());
        }
        let limits: Option<Value> =
            file("sentence_bert_config.json").and_then(|text| serde_json::from_slice(&text).ok());
        let length = limits
            .as_ref()
            .and_then(|limits| limits["max_seq_length"].as_u64());
        found.max_length = length
            .and_then(|length| usize::try_from(length).ok())
            .filter(|&length| length > 0);
        Ok(found)
    }

    /// The files of a model whose vectors are `hidden` wide: name and text of each.
    pub fn files(&self, hidden: usize) -> Vec<(&'static str, String)> {
        let module = |number: usize, path: &str, kind: &str| json!({"idx": number, "name": number.to_string(), "path": path, "type": format!("sentence_transformers.models.{kind}")});
        let mut modules = vec![module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")];
        if self.normalize {
            modules.push(module(2, "2_Normalize", "Normalize"));
        }
        let pooling = json!({
            "word_embedding_dimension": hidden,
            "pooling_mode_cls_token": self.pooling == Pooling::Cls,
            "pooling_mode_mean_tokens": self.pooling == Pooling::Mean,
            "pooling_mode_max_tokens": false,
            "pooling_mode_mean_sqrt_len_tokens": false,
            "pooling_mode_weightedmean_tokens": false,
            "pooling_mode_lasttoken": false,
            "include_prompt": true,
        });
        let similarity = if self.normalize { "cosine" } else { "dot" };
        let settings = json!({"prompts": {}, "default_prompt_name": null, "similarity_fn_name": similarity});
        let mut files = vec![
            ("modules.json", modules.into()),
            ("1_Pooling/config.json", pooling),
            ("config_sentence_transformers.json", settings),
        ];
        if let Some(length) = self.max_length {
            // The tokenizer's files say whether it lower-cases.
            files.push((
                "sentence_bert_config.json",
                json!({"max_seq_length": length, "do_lower_case": false}),
            ));
        }
        let text = |value: &Value| serde_json::to_string_pretty(value).expect("a value is JSON") + "\n";
        files.iter().map(|(name, value)| (*name, text(value))).collect()
    }

    /// Writes the files into a model's folder.
    ///
    /// # Errors
    /// If a file cannot be written: its path, and the system's error.
    pub fn save(
        &self,
        hidden: usize,
        dir: &std::path::Path,
    ) -> Result<(), (std::path::PathBuf, std::io::Error)> {
        for (name, text) in self.files(hidden) {
            let path = dir.join(name);
            let written = std::fs::create_dir_all(path.parent().unwrap_or(dir));
            written
                .and_then(|()| std::fs::write(&path, text))
                .map_err(|error| (path, error))?;
        }
        // sentence-transformers looks for the folder of each module.
        let folder = dir.join("2_Normalize");
        match self.normalize {
            true => std::fs::create_dir_all(&folder).map_err(|error| (folder, error)),
            false => Ok(()),
        }
    }
}

/// The pooling of a `1_Pooling/config.json`.
#[cfg(feature = "files")]
fn pooling(config: &Value) -> Result<Pooling, String> {
    let modes = config.as_object().into_iter().flatten();
    let chosen = modes.filter_map(|(name, value)| match value {
        Value::Bool(true) => name
            .strip_prefix("pooling_mode_")
            .map(|mode| mode.trim_end_matches("_tokens")),
        Value::String(mode) if name == "pooling_mode" => Some(mode.as_str()),
        _ => None,
    });
    match chosen.collect::<Vec<_>>()[..] {
        ["mean"] => Ok(Pooling::Mean),
        ["cls" | "cls_token"] => Ok(Pooling::Cls),
        [] => Err("it names no pooling".into()),
        [mode] => Err(format!("there is no pooling `{mode}` here, but mean and cls")),
        ref modes => Err(format!(
            "it joins several poolings ({}); there is one here",
            modes.join(", ")
        )),
    }
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_they_were_written() {
        for (pooling, normalize, max_length) in
            [(Pooling::Mean, true, Some(256)), (Pooling::Cls, false, None)]
        {
            let written = SentenceEmbedding {
                pooling,
                normalize,
                max_length,
            };
            let dir = tempfile::tempdir().unwrap();
            assert_eq!(SentenceEmbedding::from_dir(dir.path()), None);
            written.save(384, dir.path()).unwrap();
            assert_eq!(SentenceEmbedding::from_dir(dir.path()), Some(Ok(written)));
            assert_eq!(dir.path().join("2_Normalize").is_dir(), normalize);
        }
    }

    #[test]
    fn other_modules_are_refused_with_a_reason() {
        let refused = |modules: &str, pooling: &str| {
            let file = |name: &str| (name == "1_Pooling/config.json").then(|| pooling.as_bytes().to_vec());
            SentenceEmbedding::parse(modules.as_bytes(), file).unwrap_err()
        };
        let modules = |last: &str| {
            format!(
                r#"[{{"type": "sentence_transformers.models.Transformer"}},
                    {{"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}}{last}]"#
            )
        };
        let mean = r#"{"pooling_mode_mean_tokens": true}"#;
        assert!(refused("[", mean).starts_with("modules.json: EOF"));
        let dense = refused(
            &modules(r#", {"type": "sentence_transformers.models.Dense"}"#),
            mean,
        );
        assert_eq!(dense, "modules.json: there is no module like `Dense` here");
        let most = refused(&modules(""), r#"{"pooling_mode_max_tokens": true}"#);
        assert_eq!(
            most,
            "1_Pooling/config.json: there is no pooling `max` here, but mean and cls"
        );
        let both = r#"{"pooling_mode_max_tokens": true, "pooling_mode_mean_tokens": true}"#;
        assert!(refused(&modules(""), both).contains("several poolings (max, mean)"));
        assert!(refused(&modules(""), "{}").contains("names no pooling"));
        assert!(refused(r#"[{"type": "a.Transformer"}]"#, mean).contains("there is no pooling"));
    }
}
