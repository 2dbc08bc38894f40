//! Users' objects of texts, one per line: `.jsonl`.
#![no_main]

use bert_fuzz::tables::{tags, texts};
use bert_fuzz::{file, target};

target!(
    |input| {
        let path = file("t.jsonl", input);
        texts(&path);
        tags(&path);
        datasets::starts_with_object(input);
    },
    || vec![
        "{\"text\": \"one {\", \"label\": \"a\"}\n\n{\"label\": \"b\", \"text\": \"two\"}\n{\n  \"text\": \"\\u00e9\\n\",\n  \"label\": \"a\"\n}\n",
        "[{\"sentence1\": \"a\", \"sentence2\": \"b\", \"score\": 4.5},\n{\"sentence1\": \"c\", \"sentence2\": \"d\", \"score\": null, \"more\": [1, {}]}]\n",
        "{\"text\": \"a\", \"label\": true, \"n\": 1e5}\n{\"text\": \"b\", \"label\": false}\n",
    ]
);
