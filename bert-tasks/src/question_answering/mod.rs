//! Question answering: two dense outputs score each token of a passage as the answer's start and as its end (Devlin et
//! al. 2019, sections 4.2 and 4.3; `BertForQuestionAnswering` in Hugging Face transformers).

mod answer;
mod passage;
mod span_finder;

use std::collections::HashMap;
use std::sync::Arc;

use bert_core::TokenizerError;
use bert_core::{BertConfig, BertTokenizer, Checkpoint, Encoding};
use burn::tensor::Device;
use clap::Args;
use datasets::{DataError, QuestionDataset, QuestionExample};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::card::Card;
use crate::corpora::questions;
use crate::corpus::{Corpus, CorpusError};
use crate::inputs::Inputs;
use crate::metrics::{AnswerScores, Metrics, squad_metrics};
use crate::options::{Options, at_least_one, finite};
use crate::probability::softmax;
use crate::review::{Line, Review, ReviewError, review_answers};
use crate::row::Row;
use crate::span::n_best_spans;
use crate::task::{Task, TaskError};

pub use self::answer::{Candidate, QuestionAnswer};
use self::answer::{Characters, fields};
use self::passage::Passage;
pub use self::passage::{AnswerTokens, Window};
pub use self::span_finder::SpanFinder;

/// Questions of each kind that a remark names.
const SHOWN: usize = 5;

/// Finding the answer to a question in a passage.
#[derive(Clone, Debug)]
pub struct QuestionAnswering {
    options: QuestionOptions,
}

/// What can be chosen for question answering.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionOptions {
    /// Tokens that the windows share which a passage is cut into where it is too long; half a window at most.
    #[arg(long, value_name = "TOKENS", default_value_t = 128)]
    pub stride: usize,
    /// Most tokens of a question; longer ones lose their end.
    #[arg(long, value_name = "TOKENS", default_value_t = 64, value_parser = at_least_one)]
    pub max_question_length: usize,
    /// Most tokens of an answer.
    #[arg(long, value_name = "TOKENS", default_value_t = 30, value_parser = at_least_one)]
    pub max_answer_length: usize,
    /// Runners-up to tell, the best answer included.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one)]
    pub n_best: usize,
    /// Some questions have no answer, as in SQuAD 2.0: `[CLS]` competes with the spans.
    #[arg(long)]
    pub no_answer: bool,
    /// How much better than the best span `[CLS]` must be for no answer.
    #[arg(long, value_name = "SCORE", default_value_t = 0.0, value_parser = finite, allow_hyphen_values = true)]
    pub null_threshold: f64,
    /// Train with the softmax over every place of the padded row, as transformers does, not over the passage and `[CLS]`.
    #[arg(long)]
    pub all_positions: bool,
}

impl Options for QuestionOptions {}

impl Default for QuestionOptions {
    fn default() -> Self {
        Self::defaults()
    }
}

impl QuestionAnswering {
    /// Question answering as `options` say.
    pub fn new(options: QuestionOptions) -> Self {
        Self { options }
    }

    /// The windows over a passage of `tokens`, each of at most `window` of them, as ranges.
    fn windows(&self, tokens: usize, window: usize) -> Vec<(usize, usize)> {
        // Where windows are small, half of each is new at least.
        let stride = self.options.stride.min(window / 2);
        let mut all = vec![];
        let mut start = 0;
        loop {
            let end = tokens.min(start + window);
            all.push((start, end));
            if end == tokens {
                return all;
            }
            start += window - stride;
        }
    }

    fn rows(
        &self,
        number: usize,
        example: &QuestionExample,
        passage: &Passage,
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError> {
        let room = tokenizer.room_for_two(max_length)?;
        let mut question = tokenizer.tokenize(example.question.trim())?.ids;
        let cut = question.len() > self.options.max_question_length;
        question.truncate(self.options.max_question_length);
        let window = room.saturating_sub(question.len());
        if window == 0 {
            let least = max_length - room + question.len() + 1;
            return Err(TokenizerError::MaxLength { max_length, least }.into());
        }
        let answer = example.span().map(|span| (span.start as u32, span.end as u32));
        let first = question.len() + 2;
        let rows = self
            .windows(passage.ids.len(), window)
            .into_iter()
            .map(|(start, end)| {
                let mut ids = Vec::with_capacity(first + end - start + 1);
                ids.push(tokenizer.cls_id());
                ids.extend(&question);
                ids.push(tokenizer.sep_id());
                ids.extend(&passage.ids[start..end]);
                ids.push(tokenizer.sep_id());
                let mut type_ids = vec![0; first];
                type_ids.resize(ids.len(), 1);
                let place = Window {
                    first: first as u32,
                    offsets: passage.offsets[start..end].to_vec(),
                };
                let target = example.answers.is_some().then(|| place.target(answer));
                Row {
                    encoding: Encoding {
                        ids,
                        type_ids,
                        truncated: cut,
                    },
                    example: number,
                    place,
                    target,
                }
            });
        Ok(rows.collect())
    }
}

impl Task for QuestionAnswering {
    type Example = QuestionExample;
    type Place = Window;
    type Target = AnswerTokens;
    type Answer = QuestionAnswer;
    type Options = QuestionOptions;
    type Model = SpanFinder;

    const NAME: &'static str = "question-answering";
    const ABOUT: &'static str = "The answer to a question, as a part of a passage";
    const ARCHITECTURE: &'static str = "BertForQuestionAnswering";
    const METRICS: &'static [&'static str] = &["exact_match", "f1", "has_answer_f1", "no_answer_f1"];

    const CARD: Card = Card {
        pipeline: "question-answering",
        example: "--question \"a question\" --passage \"the passage with its answer\"",
        pair: "",
        longer: "longer passages are read in windows that overlap",
    };
    const CUT: &'static str = "questions longer than --max-question-length, which lost their end";
    const ENCODING: u32 = 2;
    // Beside a question, a window of the passage with the stride's overlap (Devlin et al. 2019, `run_squad.py`).
    const MAX_LENGTH: usize = 384;

    fn corpora() -> &'static [Corpus<Self>] {
        questions::CORPORA
    }

    fn from_data(
        _: &Corpus<Self>,
        _: &QuestionDataset,
        options: &QuestionOptions,
    ) -> Result<Self, TaskError> {
        Ok(Self::new(options.clone()))
    }

    fn from_model(
        _: &BertConfig,
        checkpoint: &Checkpoint,
        _: Option<&str>,
        options: &QuestionOptions,
    ) -> Result<Self, String> {
        match checkpoint.shape("qa_outputs.weight") {
            Some(&[2, _]) => Ok(Self::new(options.clone())),
            Some(shape) => Err(format!(
                "`qa_outputs.weight` has shape {shape:?}; it must have two outputs"
            )),
            None => Err("this model has no question-answering head (no tensor `qa_outputs.weight`)".into()),
        }
    }

    fn check(&self, examples: &QuestionDataset) -> Result<(), DataError> {
        match examples
            .examples()
            .iter()
            .find(|example| example.answers.is_none())
        {
            Some(example) => {
                let reason = format!("question {} has no answers", example.id);
                Err(example.source.fault(None, reason))
            }
            None => Ok(()),
        }
    }

    /// Of a question whose answers are not in its passage, it would be learned that it has none.
    fn learns_from(&self, example: &QuestionExample) -> bool {
        !example.is_lost()
    }

    fn remarks(&self, examples: &QuestionDataset) -> Vec<String> {
        let remark = |what: &str, holds: &dyn Fn(&QuestionExample) -> bool| {
            let ids = examples.examples().iter().filter(|example| holds(example));
            let ids: Vec<&str> = ids.map(|example| example.id.as_str()).collect();
            let more = if ids.len() > SHOWN { ", …" } else { "" };
            let shown = ids[..ids.len().min(SHOWN)].join(", ");
            (!ids.is_empty()).then(|| format!("questions {what}: {} ({shown}{more})", ids.len()))
        };
        let misplaced = remark(
            "with an answer that does not stand where its offset says",
            &|example| !example.is_lost() && !example.mismatches().is_empty(),
        );
        let lost = remark(
            "whose answers are nowhere in their passage",
            &QuestionExample::is_lost,
        );
        let open = remark(
            "without an answer, for which nothing can be right without --no-answer",
            &|example| !self.options.no_answer && example.answers.as_ref().is_some_and(Vec::is_empty),
        );
        [misplaced, lost, open].into_iter().flatten().collect()
    }

    fn encode(
        &self,
        examples: &[QuestionExample],
        tokenizer: &BertTokenizer,
        max_length: usize,
    ) -> Result<Vec<Row<Self>>, TaskError> {
        // A passage has several questions, and they share its text.
        let mut numbers = HashMap::new();
        let mut texts: Vec<&str> = vec![];
        let passage_of: Vec<usize> = examples
            .iter()
            .map(|example| {
                *numbers.entry(Arc::as_ptr(&example.passage)).or_insert_with(|| {
                    texts.push(&example.passage);
                    texts.len() - 1
                })
            })
            .collect();
        let passages: Vec<Passage> = texts
            .par_iter()
            .map(|text| Passage::new(text, tokenizer))
            .collect::<Result<_, _>>()?;
        let rows: Vec<Vec<Row<Self>>> = examples
            .par_iter()
            .enumerate()
            .map(|(number, example)| {
                self.rows(
                    number,
                    example,
                    &passages[passage_of[number]],
                    tokenizer,
                    max_length,
                )
            })
            .collect::<Result<_, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn model(&self, config: &BertConfig, seed: u64, device: &Device) -> SpanFinder {
        SpanFinder::new(config, self.options.all_positions, seed, device)
    }

    fn configure(&self, config: &mut BertConfig) {
        config.architectures = Some(vec![Self::ARCHITECTURE.into()]);
        config.problem_type = None;
        config.id2label = None;
        config.label2id = None;
    }

    fn decode(&self, example: &QuestionExample, rows: &[Row<Self>], logits: &[Vec<f32>]) -> QuestionAnswer {
        let QuestionOptions {
            n_best,
            max_answer_length,
            no_answer,
            null_threshold,
            ..
        } = self.options;
        let mut spans: Vec<(f32, u32, u32)> = vec![];
        let mut null = f32::INFINITY;
        for (row, logits) in rows.iter().zip(logits) {
            let Window { first, offsets } = &row.place;
            let places = *first as usize..*first as usize + offsets.len();
            let starts: Vec<f32> = places.clone().map(|place| logits[2 * place]).collect();
            let ends: Vec<f32> = places.map(|place| logits[2 * place + 1]).collect();
            for span in n_best_spans(&starts, &ends, max_answer_length, n_best) {
                let begin = offsets[span.start].0;
                let end = offsets[span.end].1;
                spans.push((span.score, begin, end));
            }
            null = null.min(logits[0] + logits[1]);
        }
        // Windows overlap: of a span that stands in two of them, the better score counts.
        spans.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut seen = std::collections::HashSet::new();
        spans.retain(|&(_, begin, end)| seen.insert((begin, end)));
        spans.truncate(n_best);
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
            let place = match wins {
                true => 0,
                false => 1 + candidates.iter().skip(1).take_while(|c| c.score >= null).count(),
            };
            candidates.insert(place, none);
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

    fn score(&self, examples: &[QuestionExample], answers: &[QuestionAnswer]) -> Metrics {
        let no_answer = self.options.no_answer;
        let known = examples.iter().zip(answers).filter_map(|(example, answer)| {
            let gold = example.answers.as_ref()?;
            let gold: Vec<&str> = gold.iter().map(|answer| answer.text.as_str()).collect();
            Some(AnswerScores::of(answer.text(), &gold, no_answer))
        });
        squad_metrics(&known.collect::<Vec<_>>(), no_answer)
    }

    fn metric_names(&self) -> Vec<&'static str> {
        let all = Self::METRICS.iter().copied();
        all.filter(|name| self.options.no_answer || !name.contains("answer"))
            .collect()
    }

    fn main_metric(&self) -> &str {
        "f1"
    }

    fn line(&self, example: &QuestionExample, answer: &QuestionAnswer) -> Map<String, Value> {
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

    fn files(&self, examples: &[QuestionExample], answers: &[QuestionAnswer]) -> Vec<(&'static str, String)> {
        let (mut predictions, mut nbest, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (example, answer) in examples.iter().zip(answers) {
            predictions.insert(example.id.clone(), answer.text().into());
            let all = answer
                .candidates
                .iter()
                .map(|candidate| Value::from(fields(candidate)));
            nbest.insert(example.id.clone(), all.collect::<Vec<_>>().into());
            nulls.insert(example.id.clone(), json!(answer.null_difference));
        }
        let text = |map: Map<String, Value>| Value::from(map).to_string() + "\n";
        let mut files = vec![
            ("predictions.json", text(predictions)),
            ("nbest.json", text(nbest)),
        ];
        if self.options.no_answer {
            files.push(("null_odds.json", text(nulls)));
        }
        files
    }

    fn review(lines: &[Line]) -> Result<Review, ReviewError> {
        review_answers(lines)
    }

    fn read(inputs: &Inputs, _: &QuestionOptions) -> Result<QuestionDataset, CorpusError> {
        questions::read_inputs(inputs)
    }
}

#[cfg(test)]
mod tests;
