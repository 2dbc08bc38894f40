//! Files of published corpora of texts and pairs.
#![no_main]

use bert_fuzz::{file, target};
use datasets::{Cola, PAIR_CORPORA, SickRelatedness, Sst2, StsB};

target!(
    |input| {
        for path in [file("t.tsv", input), file("t.jsonl", input)] {
            for corpus in &PAIR_CORPORA {
                let _ = corpus.file(&path);
            }
            let _ = Cola::file(&path);
            let _ = Sst2::file(&path);
            let _ = StsB::file(&path);
            let _ = SickRelatedness::file(&path);
        }
    },
    || vec![
        "gj04\t1\t\tThe cat sat.\ngj04\t0\t*\tCat the sat.\n",
        "sentence\tlabel\na film\t1\nno film\t0\n",
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n0\tnews\ta\t2012\t1\tnone\tnone\tA \"b\tC\t5.000\n",
        "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n1\tA kid\tA man\t4.5\tNEUTRAL\n",
        "gold_label\tsentence1\tsentence2\nneutral\ta\tb\n-\ta\tb\n",
        "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t1\t2\tOne \"two\tthree\n",
        "index\tquestion\tsentence\tlabel\n0\twho\tshe\tentailment\n",
        "{\"gold_label\": \"neutral\", \"sentence1\": \"a\", \"sentence2\": \"b\"}\n",
    ]
);
