//! Words with tags in objects: JSON.
#![no_main]

use bert_fuzz::{file, tables::tags, target};

target!(|input| tags(&file("t.jsonl", input)), || vec![
    "{\"tokens\": [\"Ann\", \"sleeps\"], \"ner_tags\": [\"B-PER\", \"O\"], \"pos\": [1, 2]}\n{\"tokens\": [], \"ner_tags\": [], \"pos\": []}\n",
    "[{\"words\": [\"a\"], \"tags\": [\"S-X\"]}, {\"words\": [\"b\", \"c\"], \"tags\": [\"I-X\", \"L-X\"]}]",
    "{\"text\": \"Ann sleeps.\"}\n",
]);
