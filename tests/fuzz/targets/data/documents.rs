//! Texts for language models: plain text with blank lines between documents.
#![no_main]

use bert_fuzz::{file, target};
use datasets::{DocumentFile, PlainText, Unit};

target!(
    |input| {
        let path = file("t.txt", input);
        for unit in [Unit::Line, Unit::Text, Unit::Block, Unit::Document] {
            let Ok(passages) = DocumentFile::new(&path).unit(unit).read() else {
                continue;
            };
            assert!(passages.len() > 0);
        }
        let Ok(text) = PlainText::open(&path) else { return };
        text.take_while(Result::is_ok).for_each(drop);
    },
    || vec![
        "The cat sat. It slept.\nA dog barked.\n\nAnother text\nhas lines.\n\n\n",
        "\u{feff}= Title =\r\n\r\n  caf\u{e9}  \r\n\u{2028}\r\n",
        "one\n\ntwo\n\nthree",
    ]
);
