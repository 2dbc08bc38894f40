//! Scores of tokens to the best spans of a passage, and their metrics.

use std::collections::HashSet;

use burn::tensor::Tensor;
use datasets::QuestionExample;
use serde_json::{Map, Value, json};

use super::SpanFinder;
use super::answer::{Candidate, Characters, QuestionAnswer, fields};
use super::encode::QuestionRow;
use super::passage::Window;
use super::span::n_best_spans;
use super::{QuestionAnswering, QuestionOptions};
use crate::heads::{row_values, softmax};
use crate::metrics::{AnswerScores, Metrics, squad_metrics};
use crate::task::{Decode, Prediction};

/// The best spans of one window.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpans {
    /// Scores with the spans' first byte and the byte after their last one in the passage, the best first.
    pub spans: Vec<(f32, u32, u32)>,
    /// The score of no answer, which is the score of `[CLS]`.
    pub null: f32,
}

impl QuestionAnswering {
    /// The best spans of a window. `logits` has two values per token.
    fn window_spans(&self, logits: &[f32], window: &Window) -> WindowSpans {
        let Window { first, offsets } = window;
        let tokens = *first as usize..*first as usize + offsets.len();
        let starts: Vec<f32> = tokens.clone().map(|token| logits[2 * token]).collect();
        let ends: Vec<f32> = tokens.map(|token| logits[2 * token + 1]).collect();
        let QuestionOptions {
            max_answer_length,
            n_best,
            ..
        } = self.options;
        let spans = n_best_spans(&starts, &ends, max_answer_length.get(), n_best.get());
        let spans = spans
            .into_iter()
            .map(|span| (span.score, offsets[span.start].0, offsets[span.end].1));
        WindowSpans {
            spans: spans.collect(),
            null: logits[0] + logits[1],
        }
    }
}

impl Decode for QuestionAnswering {
    /// `[batch, length, 2]`: each token's score as start and as end.
    type Model = SpanFinder;
    type RowOutput = WindowSpans;
    type Answer = QuestionAnswer;
    type Score = AnswerScores;

    const METRICS: &'static [&'static str] = &["exact_match", "f1", "has_answer_f1", "no_answer_f1"];

    fn row_outputs(&self, output: Tensor<3>, rows: &[QuestionRow]) -> Vec<WindowSpans> {
        let row = |(logits, row): (Vec<f32>, &QuestionRow)| self.window_spans(&logits, &row.position);
        row_values(output).into_iter().zip(rows).map(row).collect()
    }

    fn decode(
        &self,
        example: &QuestionExample,
        _: &[QuestionRow],
        outputs: Vec<WindowSpans>,
    ) -> QuestionAnswer {
        let QuestionOptions {
            n_best,
            no_answer,
            null_threshold,
            ..
        } = self.options;
        let null = outputs
            .iter()
            .fold(f32::INFINITY, |least, window| least.min(window.null));
        let mut spans: Vec<(f32, u32, u32)> = outputs.into_iter().flat_map(|window| window.spans).collect();
        // Windows overlap: a span that is in two windows keeps its better score.
        spans.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut seen = HashSet::new();
        spans.retain(|&(_, begin, end)| seen.insert((begin, end)));
        spans.truncate(n_best.get());
        let null_difference = spans.first().map(|best| f64::from(null) - f64::from(best.0));
        let mut characters = Characters::of(&example.passage);
        let mut candidates: Vec<Candidate> = spans
            .into_iter()
            .map(|(score, begin, end)| Candidate {
                text: example.passage[begin as usize..end as usize].to_owned(),
                start: characters.before(begin as usize),
                end: characters.before(end as usize),
                score,
                probability: 0.0,
            })
            .collect();
        if no_answer || candidates.is_empty() {
            let none = Candidate {
                text: String::new(),
                start: 0,
                end: 0,
                score: null,
                probability: 0.0,
            };
            // The threshold decides which comes first; the others stay in the order of their scores.
            let wins = null_difference.is_none_or(|difference| difference > null_threshold);
            let rank = match wins {
                true => 0,
                false => 1 + candidates.iter().skip(1).take_while(|c| c.score >= null).count(),
            };
            candidates.insert(rank, none);
        }
        let scores: Vec<f32> = candidates.iter().map(|candidate| candidate.score).collect();
        for (candidate, probability) in candidates.iter_mut().zip(softmax(&scores)) {
            candidate.probability = probability;
        }
        QuestionAnswer {
            candidates,
            null_difference,
        }
    }

    fn score(&self, example: &QuestionExample, answer: &QuestionAnswer) -> Option<AnswerScores> {
        let gold = example.answers.as_ref()?;
        let gold: Vec<&str> = gold.iter().map(|answer| answer.text.as_str()).collect();
        Some(AnswerScores::of(answer.text(), &gold, self.options.no_answer))
    }

    fn metrics(&self, scores: &[AnswerScores]) -> Metrics {
        squad_metrics(scores, self.options.no_answer)
    }

    fn metric_names(&self) -> Vec<&'static str> {
        let all = Self::METRICS.iter().copied();
        all.filter(|name| self.options.no_answer || !name.contains("answer"))
            .collect()
    }

    fn main_metric(&self) -> &str {
        "f1"
    }

    fn prediction(&self, example: &QuestionExample, answer: &QuestionAnswer) -> Prediction {
        let best = &answer.candidates[0];
        let mut line = Map::new();
        line.insert("id".into(), example.id.as_str().into());
        line.insert("question".into(), example.question.as_str().into());
        if let Some(gold) = &example.answers {
            let gold: Vec<&str> = gold.iter().map(|answer| answer.text.as_str()).collect();
            line.insert("gold".into(), json!(gold));
        }
        line.extend(fields(best));
        if let (true, Some(difference)) = (self.options.no_answer, answer.null_difference) {
            line.insert("null_difference".into(), json!(difference));
        }
        let others = answer.candidates[1..]
            .iter()
            .map(|candidate| Value::from(fields(candidate)));
        line.insert("runners_up".into(), others.collect::<Vec<_>>().into());
        line
    }

    fn files(&self) -> Vec<&'static str> {
        match self.options.no_answer {
            true => vec!["predictions.json", "nbest.json", "null_odds.json"],
            false => vec!["predictions.json", "nbest.json"],
        }
    }

    fn entries(&self, example: &QuestionExample, answer: &QuestionAnswer) -> Vec<(String, Value)> {
        let all = answer
            .candidates
            .iter()
            .map(|candidate| Value::from(fields(candidate)));
        let mut values = vec![answer.text().into(), all.collect::<Vec<_>>().into()];
        if self.options.no_answer {
            values.push(json!(answer.null_difference));
        }
        values
            .into_iter()
            .map(|value| (example.id.clone(), value))
            .collect()
    }
}
