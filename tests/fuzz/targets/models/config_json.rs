//! `config.json`.
#![no_main]

use bert_core::BertConfig;
use bert_fuzz::{models, target};

target!(
    |input| {
        let Ok(text) = std::str::from_utf8(input) else {
            return;
        };
        let Ok(config) = BertConfig::from_json(text) else {
            return;
        };
        let _ = (config.labels(), config.parameters(), config.weight_names());
        let again = BertConfig::from_json(&config.to_json()).expect("what is written is read");
        assert_eq!(again, config);
    },
    || vec![models::config().to_json(), BertConfig::default().to_json()]
);
