//! Words with tags in columns.
#![no_main]

use bert_fuzz::{file, tables::tags, target};

target!(|input| tags(&file("t.txt", input)), || vec![
    "token\tpos\tner\nAnn\tNNP\tB-PER\nLee\tNNP\tI-PER\n\n-DOCSTART- -X- O\n\nsleeps\tVB\tO\n",
    "# id 1\nEU NNP I-ORG\nrejects VBZ O\n\nGerman JJ S-MISC\ncall NN E-MISC\n",
]);
