//! Users' objects of texts in one value: `.json`.
#![no_main]

use bert_fuzz::{file, tables::texts, target};

target!(|input| texts(&file("t.json", input)), || vec![
    "[{\"text\": \"one\", \"label\": \"a\"}, {\"text\": \"two\", \"label\": \"b\"}]",
    "{\"text\": \"one\", \"second\": \"two\", \"label\": 0}\n{\"text\": \"three\", \"second\": \"four\", \"label\": 1}\n",
]);
