//! Metrics of rankings are those of trec_eval, ties included.

use bert_tasks::metrics::{QueriesWithoutRanking, RankingMetric, query_metrics, retrieval_metrics};
use datasets::{Judgements, Ranked, Rankings, read_judgements, read_rankings};
use serde_json::{Map, Value};

const FIXTURE: &str = "reference/minilm-l6-more/retrieval-metrics.json";
/// The names in the fixture.
const METRICS: [(&str, RankingMetric); 5] = [
    ("MRR@10", RankingMetric::ReciprocalRank(10)),
    ("nDCG@10", RankingMetric::Ndcg(10)),
    ("MAP", RankingMetric::AveragePrecision),
    ("Recall@100", RankingMetric::Recall(100)),
    ("P@5", RankingMetric::Precision(5)),
];

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

fn near(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!(
        (found - expected).abs() < 1e-6,
        "{what}: {found}, in trec_eval {expected}"
    );
}

#[test]
fn metrics_are_those_of_trec_eval() {
    let Some(shared) = bert_tests::shared(FIXTURE) else {
        return;
    };
    let fixture: Value = serde_json::from_slice(&std::fs::read(shared.join(FIXTURE)).unwrap()).unwrap();
    let metrics = METRICS.map(|(_, metric)| metric);
    for (set, values) in object(&fixture["sets"]) {
        let mut judgements = Judgements::default();
        for (query, grades) in object(&values["qrels"]) {
            for (article, grade) in object(grades) {
                judgements.insert(query, article, grade.as_i64().unwrap() as i32);
            }
        }
        let mut rankings = Rankings::default();
        for (query, scores) in object(&values["run"]) {
            let scores = object(scores).iter();
            let ranked = scores.map(|(article, score)| Ranked::new(article, score.as_f64().unwrap() as f32));
            rankings.insert(query, ranked.collect());
        }
        for (query, expected) in object(&values["ranking"]) {
            let found = rankings.ranking(query).unwrap().iter().take(10);
            let expected = expected.as_array().unwrap().iter().map(|id| id.as_str().unwrap());
            assert!(
                found.map(|ranked| ranked.article.as_str()).eq(expected),
                "{set}, {query}"
            );
        }
        // The same after a run file and a file of judgements.
        let dir = tempfile::tempdir().unwrap();
        let (run, qrels) = (dir.path().join("run.txt"), dir.path().join("qrels.txt"));
        rankings
            .write_trec(&mut std::fs::File::create(&run).unwrap(), "test")
            .unwrap();
        let lines = judgements.iter().flat_map(|(query, grades)| {
            grades
                .iter()
                .map(move |(article, grade)| format!("{query} 0 {article} {grade}\n"))
        });
        std::fs::write(&qrels, lines.collect::<String>()).unwrap();
        assert_eq!(read_rankings(&run).unwrap(), rankings, "{set}");
        assert_eq!(read_judgements(&qrels).unwrap(), judgements, "{set}");

        let found = query_metrics(&judgements, &rankings, &metrics);
        assert_eq!(found.len(), object(&values["per_query"]).len(), "{set}");
        for (query, expected) in object(&values["per_query"]) {
            for ((name, _), value) in METRICS.iter().zip(&found[query.as_str()]) {
                near(&format!("{set}, {query}, {name}"), *value, &expected[*name]);
            }
        }
        for (mean, without) in [
            ("mean_evaluated", QueriesWithoutRanking::LeftOut),
            ("mean_all", QueriesWithoutRanking::Zero),
        ] {
            let found = retrieval_metrics(&judgements, &rankings, &metrics, without);
            for (name, metric) in METRICS {
                let value = found.get(&metric.to_string()).unwrap();
                near(&format!("{set}, {mean}, {name}"), value, &values[mean][name]);
            }
        }
    }
}
