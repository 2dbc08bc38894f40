//! The folder of a model: its configuration and the files beside its weights.
#![no_main]

use bert_fuzz::tokenizers::{FILES, WORDS};
use bert_fuzz::{Parts, file, folder, joined, models, target};
use bert_tasks::{Entry, Task};
use bert_train::fine_tuned::WithTask;
use bert_train::{ModelFolder, Start};
use burn::tensor::Device;

/// Loads the model.
struct Load;

impl WithTask for Load {
    type Output = ();

    fn with<K: Task>(self, _: &'static Entry<K>, folder: ModelFolder) {
        let Ok(options) = folder.options::<K>() else {
            return;
        };
        let _ = folder.max_length();
        let _ = folder.load::<K>(options, &Device::default());
    }
}

target!(
    |input| {
        let dir = Parts::of(input).write("model", &FILES);
        let _ = Start::pretrained(&dir);
        if let Ok(folder) = ModelFolder::open(&dir) {
            let _ = folder.with_task(Load);
        }
    },
    || {
        file("model/model.safetensors", &models::weights());
        assert!(folder().join("model").is_dir());
        let config = models::config().to_json();
        vec![joined(&[
            ("config.json", config.as_str()),
            ("vocab.txt", &WORDS.join("\n")),
        ])]
    }
);
