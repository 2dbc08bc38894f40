//! CoNLL-U.
#![no_main]

use bert_fuzz::{file, tables::sentences, target};
use datasets::{TagColumn, TagFile};

target!(
    |input| {
        let file = TagFile::new(&file("t.conllu", input));
        sentences(file.read());
        sentences(file.clone().conllu_column(TagColumn::Xpos).read());
        sentences(file.labelled(false).read());
    },
    || vec![
        "# newdoc\n# text = Ann sleeps\n1-2\tAnn's\t_\t_\t_\t_\t_\t_\t_\t_\n1\tAnn\tAnn\tPROPN\tNNP\t_\t2\tnsubj\t_\t_\n\
         1.1\tx\t_\t_\t_\t_\t_\t_\t_\t_\n2\tsleeps\tsleep\tVERB\tVBZ\t_\t0\troot\t_\t_\n\n1\tHe\the\tPRON\tPRP\t_\t0\troot\t_\t_\n",
    ]
);
