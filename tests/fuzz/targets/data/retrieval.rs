//! Collections, queries, judgements, rankings and pairs, each read as every kind of file.
#![no_main]

use bert_fuzz::{file, target};
use datasets::{CollectionFile, PairFile, QueryFile, RetrievalExample, read_judgements, read_rankings};

target!(
    |input| {
        for name in ["t.tsv", "t.jsonl", "t.csv"] {
            let path = file(name, input);
            if let Ok(collection) = CollectionFile::new(&path).read() {
                assert!(collection.len() > 0);
            }
            if let Ok(queries) = QueryFile::new(&path).read() {
                assert!(queries.examples().iter().all(|query| !query.text.is_empty()));
            }
            if let Ok(pairs) = PairFile::new(&path).read() {
                // The numbers are those of articles, which come first.
                let articles = pairs.articles().unwrap();
                for (number, example) in pairs.examples().iter().enumerate() {
                    match example {
                        RetrievalExample::Article(_) => assert!(number < articles),
                        RetrievalExample::Query(judged) => {
                            assert!(judged.relevant().all(|article| (article as usize) < articles));
                        }
                    }
                }
            }
        }
        let path = file("t.txt", input);
        let _ = QueryFile::new(&path).read();
        let _ = read_judgements(&path);
        if let Ok(rankings) = read_rankings(&path) {
            let mut out = vec![];
            if rankings.write_trec(&mut out, "system").is_ok() {
                let again = read_rankings(&file("again.txt", &out)).unwrap();
                assert_eq!(again.len(), rankings.len());
            }
        }
    },
    || vec![
        "0\tThe first text.\n1\tThe second, \"quoted\".\r\n",
        "d1\thttp://a\tTitle\tBody\nd2\thttp://b\t\tOther\n",
        "{\"_id\": \"1\", \"title\": \"T\", \"text\": \"x\", \"metadata\": {}}\n{\"_id\": 2, \"text\": \"y\"}\n",
        "query,article,negative\none,first,second\none,third,\n",
        "{\"query\": \"q\", \"positive_passages\": [{\"docid\": \"1\", \"title\": \"t\", \"text\": \"x\"}], \"negative_passages\": []}\n\
         {\"query\": \"r\", \"pos\": [\"a\"], \"neg\": [\"b\", \"c\"]}\n",
        "<top>\n<num> Number: 301\n<title> Organized Crime\n\n<desc> Description:\nmore < text\n</top>\n",
        "1 0 d1 2\n1 0 d2 0\nq2\t0\td1\t-1\n",
        "query-id\tcorpus-id\tscore\n1\td1\t2\n",
        "q1 Q0 d1 1 0.5 a\nq1 Q0 d3 2 0.25 a\nq2 Q0 d1 1 -1e-3 a\n",
        "q1\td1\t1\nq1\td2\t2\n",
    ]
);
