//! Users' tables with separators: `.csv`.
#![no_main]

use bert_fuzz::{file, tables::texts, target};

target!(|input| texts(&file("t.csv", input)), || vec![
    "text,label\none,a\n\"two, \"\"2\"\"\nand 3\",b\n\nthree,a\nfour,b\n".repeat(2),
    "\u{feff}sentence1;sentence2;score\r\none;two;1.5\r\nthree;\"four;\";-2e3\r\n".into(),
    "sep=|\ntext|label\na|0\nb|1\n".into(),
    "premise\thypothesis\tlabel\n\"a\tb\"\tc\tneutral\n".into(),
]);
