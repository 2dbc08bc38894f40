//! Users' tables with tabs: `.tsv`.
#![no_main]

use bert_fuzz::{file, tables::texts, target};

target!(|input| texts(&file("t.tsv", input)), || vec![
    "text\tlabel\none\ta\ntwo\tb\n\nthree\ta\nfour\tb\nfive\tc\nsix\tc\n",
    "text\tlabel\n\"she said \"\"hi\"\"\"\ta\n\"two\nlines\"\tb\n",
    "sentence1\tsentence2\tscore\n\"one\" word\ttwo\t4.5\r\nthree\t\"\"\t0\r\n",
]);
