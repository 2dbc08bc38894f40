//! `vocab.txt`.
#![no_main]

use bert_fuzz::tokenizers::{WORDS, of_folder, used};
use bert_fuzz::{joined, target};

target!(
    |input| used(of_folder(&joined(&[("vocab.txt", input)]))),
    || vec![
        WORDS.join("\n"),
        format!("\u{feff}{}\r\n\r\nthe\r\n", WORDS.join("\r\n"))
    ]
);
