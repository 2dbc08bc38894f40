//! Question answering: two dense outputs score each token of a passage as the answer's start and as its end (Devlin et
//! al. 2019, sections 4.2 and 4.3; `BertForQuestionAnswering` in Hugging Face transformers).

use std::collections::HashMap;
use std::sync::Arc;

use bert_core::TokenizerError;
use bert_core::init::Init;
use bert_core::mode::HEAD_SITE;
use bert_core::tokenizer::Pieces;
use bert_core::{BertConfig, BertModel, BertTokenizer, Checkpoint, EncoderInput, Encoding, Mode, ops};
use burn::module::Module;
use burn::nn::Linear;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor, TensorData};
use clap::Args;
use datasets::{DataError, QuestionDataset, QuestionExample};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::card::Card;
use crate::corpora::questions;
use crate::corpus::{Corpus, CorpusError};
use crate::inputs::Inputs;
use crate::metrics::{Metrics, SquadScores};
use crate::options::{Options, at_least_one, finite};
use crate::probability::softmax;
use crate::review::{AnswerScores, Line, Review, ReviewError, review_answers};
use crate::row::Row;
use crate::span::n_best_spans;
use crate::task::{Task, TaskError, TaskModel};

/// Finding the answer to a question in a passage.
#[derive(Clone, Debug)]
pub struct QuestionAnswering {
    options: QuestionOptions,
}

/// What can be chosen for question answering.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionOptions {
    /// Tokens that the windows share which a passage is cut into where it is too long.
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

/// Where in the passage a row's tokens lie.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Window {
    /// The row's first token of the passage.
    first: u32,
    /// The place of each of the row's tokens of the passage, in bytes.
    offsets: Vec<(u32, u32)>,
}

/// Where in its row an answer lies, and among which tokens it is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerTokens {
    /// The answer's first token; 0, which is `[CLS]`, where the row does not hold the answer.
    pub start: u32,
    /// Its last token.
    pub end: u32,
    /// The row's first token of the passage.
    pub first: u32,
    /// Tokens of the passage in the row.
    pub count: u32,
}

/// A span of the passage.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its text; empty for no answer.
    pub text: String,
    /// Its place in the passage, in Unicode code points.
    pub start: usize,
    /// The place after its end.
    pub end: usize,
    /// The sum of its start's and its end's output.
    pub score: f32,
    /// The softmax of the score over the runners-up.
    pub probability: f64,
}

/// What the model says of one question.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionAnswer {
    /// The best answers, the best first; never empty.
    pub candidates: Vec<Candidate>,
    /// How much better no answer is than the best span; not known where there is no span.
    pub null_difference: Option<f64>,
}

impl QuestionAnswer {
    /// The answer's text; empty where there is none.
    pub fn text(&self) -> &str {
        &self.candidates[0].text
    }
}

impl QuestionAnswering {
    /// Question answering as `options` say.
    pub fn new(options: QuestionOptions) -> Self {
        Self { options }
    }

    /// The windows over a passage of `tokens`, beside a question of `question`, as ranges of its tokens.
    fn windows(&self, tokens: usize, question: usize, room: usize) -> Result<Vec<(usize, usize)>, TaskError> {
        let window = room.saturating_sub(question);
        if tokens <= window {
            return Ok(vec![(0, tokens)]);
        }
        let stride = self.options.stride;
        if stride >= window {
            return Err(TokenizerError::Stride { stride, window }.into());
        }
        let mut all = vec![];
        let mut start = 0;
        loop {
            let end = tokens.min(start + window);
            all.push((start, end));
            if end == tokens {
                return Ok(all);
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
        let answer = passage.answer(example);
        let first = question.len() + 2;
        let rows = self
            .windows(passage.ids.len(), question.len(), room)?
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

/// A passage, tokenised once for all its questions.
struct Passage {
    ids: Vec<u32>,
    offsets: Vec<(u32, u32)>,
    /// The byte at which each code point begins, and the passage's length.
    characters: Vec<u32>,
}

impl Passage {
    fn new(text: &str, tokenizer: &BertTokenizer) -> Result<Self, TaskError> {
        let Pieces { ids, offsets } = tokenizer.tokenize(text)?;
        let begins = text.char_indices().map(|(byte, _)| byte as u32);
        Ok(Self {
            ids,
            offsets,
            characters: begins.chain([text.len() as u32]).collect(),
        })
    }

    /// The place of the first answer that stands where its offset says, in bytes.
    fn answer(&self, example: &QuestionExample) -> Option<(u32, u32)> {
        example.answers.iter().flatten().find_map(|answer| {
            let start = *self.characters.get(answer.start)?;
            let end = start + answer.text.len() as u32;
            let found = example.passage.get(start as usize..end as usize)?;
            (found == answer.text && !found.is_empty()).then_some((start, end))
        })
    }
}

impl Window {
    /// The row's tokens that hold the bytes of `answer`; `[CLS]` where the row does not hold them all.
    fn target(&self, answer: Option<(u32, u32)>) -> AnswerTokens {
        let (first, offsets) = (self.first, &self.offsets);
        let count = offsets.len() as u32;
        let none = AnswerTokens {
            start: 0,
            end: 0,
            first,
            count,
        };
        let (Some((begin, end)), Some(head), Some(tail)) = (answer, offsets.first(), offsets.last()) else {
            return none;
        };
        if head.0 > begin || tail.1 < end {
            return none;
        }
        // The last token that begins no later, and the first that ends no earlier: where an answer begins or ends
        // inside a word, the whole word is taken.
        let from = offsets.iter().rposition(|&(start, _)| start <= begin);
        let to = offsets.iter().position(|&(_, stop)| stop >= end);
        match (from, to) {
            (Some(from), Some(to)) if from <= to => AnswerTokens {
                start: first + from as u32,
                end: first + to as u32,
                first,
                count,
            },
            _ => none,
        }
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
        longer: "longer passages are read in windows that overlap",
    };
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
            Some(example) => Err(example.source.fault(None, "no answers")),
            None => Ok(()),
        }
    }

    fn remarks(&self, examples: &QuestionDataset) -> Vec<String> {
        let wrong: Vec<&str> = examples
            .examples()
            .iter()
            .filter(|e| !e.mismatches().is_empty())
            .map(|e| e.id.as_str())
            .collect();
        let shown: Vec<&str> = wrong.iter().copied().take(5).collect();
        let more = if wrong.len() > shown.len() { ", …" } else { "" };
        match wrong.is_empty() {
            true => vec![],
            false => vec![format!(
                "{} questions have an answer that does not stand where its offset says: {}{more}",
                wrong.len(),
                shown.join(", ")
            )],
        }
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
        let mut scores = SquadScores::new(self.options.no_answer);
        for (example, answer) in examples.iter().zip(answers) {
            if let Some(gold) = &example.answers {
                let gold: Vec<&str> = gold.iter().map(|answer| answer.text.as_str()).collect();
                scores.add(answer.text(), &gold);
            }
        }
        let mut metrics = Metrics::default();
        metrics.set("exact_match", scores.exact_match());
        metrics.set("f1", scores.f1());
        if self.options.no_answer {
            metrics.set("has_answer_f1", scores.has_answer_f1());
            metrics.set("no_answer_f1", scores.no_answer_f1());
        }
        metrics
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
        review_answers(lines, means)
    }

    fn read(inputs: &Inputs, _: &QuestionOptions) -> Result<QuestionDataset, CorpusError> {
        questions::read_inputs(inputs)
    }
}

/// The metrics of many answers, as [`SquadScores`] has them of their sums.
fn means(scores: &[AnswerScores], no_answer: bool) -> Metrics {
    let percent = |pick: fn(&AnswerScores) -> f64, of: &dyn Fn(&AnswerScores) -> bool| {
        let chosen: Vec<f64> = scores.iter().filter(|one| of(one)).map(pick).collect();
        100.0 * chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
    };
    let mut metrics = Metrics::default();
    metrics.set("exact_match", percent(|one| one.exact, &|_| true));
    metrics.set("f1", percent(|one| one.f1, &|_| true));
    if no_answer {
        metrics.set("has_answer_f1", percent(|one| one.f1, &|one| one.answerable));
        metrics.set("no_answer_f1", percent(|one| one.f1, &|one| !one.answerable));
    }
    metrics
}

fn fields(candidate: &Candidate) -> Map<String, Value> {
    Map::from_iter([
        ("answer".to_owned(), candidate.text.as_str().into()),
        ("start".to_owned(), candidate.start.into()),
        ("end".to_owned(), candidate.end.into()),
        ("score".to_owned(), json!(candidate.score)),
        ("probability".to_owned(), json!(candidate.probability)),
    ])
}

/// Counts code points before a byte, fast where the text is ASCII.
struct Characters<'a> {
    text: &'a str,
    ascii: bool,
}

impl<'a> Characters<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
        }
    }

    fn before(&mut self, byte: usize) -> usize {
        if self.ascii {
            byte
        } else {
            self.text[..byte].chars().count()
        }
    }
}

/// BERT with two dense outputs on every token.
#[derive(Module, Debug)]
pub struct SpanFinder {
    /// The pre-trained encoder, all of which is fine-tuned; without a pooler.
    pub bert: BertModel,
    /// `[hidden, 2]`, learned from scratch: the first column scores starts, the second ends; they share nothing.
    pub qa_outputs: Linear,
    all_positions: bool,
    pad_token_id: usize,
}

impl SpanFinder {
    /// Random weights drawn from `seed`; `all_positions` as in [`QuestionOptions`].
    pub fn new(config: &BertConfig, all_positions: bool, seed: u64, device: &Device) -> Self {
        let mut init = Init::new(seed ^ HEAD_SITE, config.initializer_range);
        Self {
            bert: BertModel::new(config, seed, device).without_pooler(),
            qa_outputs: init.linear(config.hidden_size, 2, device),
            all_positions,
            pad_token_id: config.pad_token_id,
        }
    }
}

impl TaskModel for SpanFinder {
    type Target = AnswerTokens;

    fn forward(&self, input: &EncoderInput, mode: Mode) -> Tensor<3> {
        let output = if self.all_positions {
            self.bert.forward(&input.clone().with_padding(), mode)
        } else {
            self.bert.forward(input, mode)
        };
        ops::linear(output.last_hidden, &self.qa_outputs)
    }

    /// Where the softmax runs over padding too, the loss has a slope along the vector of `[PAD]`, which is not followed:
    /// it stays what pre-training made it (`padding_idx` in transformers' `BertEmbeddings`).
    fn filter_gradients(&self, gradients: &mut GradientsParams) {
        let id = self.bert.embeddings.word_embeddings.weight.id;
        if !self.all_positions {
            return;
        }
        if let Some(gradient) = gradients.remove::<2>(id) {
            let row = self.pad_token_id;
            let [_, width] = gradient.dims();
            let zeros = Tensor::zeros([1, width], &gradient.device());
            gradients.register(id, gradient.slice_assign([row..row + 1, 0..width], zeros));
        }
    }

    fn loss(&self, logits: Tensor<3>, targets: &[AnswerTokens], count: usize) -> Tensor<1> {
        let [batch, length, _] = logits.dims();
        assert_eq!(batch, targets.len(), "a target for each row");
        let device = logits.device();
        let mut logits = logits.swap_dims(1, 2);
        if !self.all_positions {
            let mut barred = vec![-1e9f32; batch * length];
            for (row, target) in targets.iter().enumerate() {
                let passage = target.first as usize..(target.first + target.count) as usize;
                for place in passage.chain([0]) {
                    barred[row * length + place] = 0.0;
                }
            }
            logits = logits + Tensor::<3>::from_data(TensorData::new(barred, [batch, 1, length]), &device);
        }
        // Row by row: its start's likelihood, then its end's.
        let places: Vec<i32> = targets
            .iter()
            .flat_map(|t| [t.start as i32, t.end as i32])
            .collect();
        let places = Tensor::<1, Int>::from_data(TensorData::new(places, [2 * batch]), &device);
        let weights = Tensor::full([2 * batch], 0.5 / count.max(1) as f64, &device);
        ops::cross_entropy(logits.reshape([2 * batch, length]), places, weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bert_core::tokenizer::Normalization;
    use datasets::{Answer, Source};

    fn tokenizer() -> BertTokenizer {
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "?", "a", "b", "c", "d", "e", "f", "cafe",
            "##s", ".",
        ];
        BertTokenizer::from_vocabulary(words.map(String::from).to_vec(), Normalization::default()).unwrap()
    }

    fn example(passage: &str, answer: &str) -> QuestionExample {
        let before = passage.find(answer).unwrap();
        QuestionExample {
            id: "q".into(),
            question: " who? ".into(),
            passage: passage.into(),
            answers: Some(vec![Answer {
                text: answer.into(),
                start: passage[..before].chars().count(),
            }]),
            source: Source::file("questions".as_ref()),
        }
    }

    fn task(change: impl FnOnce(&mut QuestionOptions)) -> QuestionAnswering {
        let mut options = QuestionOptions::default();
        change(&mut options);
        QuestionAnswering::new(options)
    }

    fn rows(
        task: &QuestionAnswering,
        example: &QuestionExample,
        max_length: usize,
    ) -> Vec<Row<QuestionAnswering>> {
        task.encode(std::slice::from_ref(example), &tokenizer(), max_length)
            .unwrap()
    }

    #[test]
    fn question_first_passage_second() {
        let rows = rows(&task(|_| ()), &example("a b c.", "b c"), 32);
        // [CLS] who ? [SEP] a b c . [SEP]
        assert_eq!(rows[0].encoding.ids, [2, 5, 6, 3, 7, 8, 9, 15, 3]);
        assert_eq!(rows[0].encoding.type_ids, [0, 0, 0, 0, 1, 1, 1, 1, 1]);
        let expected = AnswerTokens {
            start: 5,
            end: 6,
            first: 4,
            count: 4,
        };
        assert_eq!(rows[0].target, Some(expected));
    }

    #[test]
    fn spans_are_found_by_code_points() {
        // `é` is two bytes, and the tokenizer takes its accent off; `ß` is [UNK].
        let example = example("Cafés ß a b", "b");
        let rows = rows(&task(|_| ()), &example, 32);
        assert_eq!(rows[0].encoding.ids[4..], [13, 14, 1, 7, 8, 3]);
        assert_eq!(rows[0].target.map(|t| (t.start, t.end)), Some((8, 8)));
    }

    #[test]
    fn windows_move_by_the_stride_and_point_to_cls_without_the_answer() {
        let task = task(|options| options.stride = 2);
        let rows = rows(&task, &example("a b c d e f", "c d"), 9);
        // Of nine places, five are taken: [CLS] who ? [SEP] … [SEP].
        let windows: Vec<_> = rows.iter().map(|row| row.encoding.ids[4..8].to_vec()).collect();
        assert_eq!(windows, [[7, 8, 9, 10], [9, 10, 11, 12]]);
        let spans: Vec<_> = rows
            .iter()
            .map(|row| row.target.map(|t| (t.start, t.end)).unwrap())
            .collect();
        assert_eq!(spans, [(6, 7), (4, 5)]);
        let rows = self::rows(&task, &example("a b c d e f", "b c"), 9);
        let spans: Vec<_> = rows
            .iter()
            .map(|row| row.target.map(|t| (t.start, t.end)).unwrap())
            .collect();
        assert_eq!(spans, [(5, 6), (0, 0)]);
    }

    /// Outputs of `rows`: `start` and `end` for some of a row's tokens of the passage, else nothing.
    fn outputs(
        rows: &[Row<QuestionAnswering>],
        scores: &[(usize, usize, f32, f32)],
        null: f32,
    ) -> Vec<Vec<f32>> {
        let row = |(number, row): (usize, &Row<QuestionAnswering>)| {
            let mut logits = vec![0.0; 2 * row.encoding.ids.len()];
            logits[0] = null;
            for &(window, token, start, end) in scores.iter().filter(|score| score.0 == number) {
                let place = row.place.first as usize + token;
                assert_eq!(window, number);
                (logits[2 * place], logits[2 * place + 1]) = (start, end);
            }
            logits
        };
        rows.iter().enumerate().map(row).collect()
    }

    #[test]
    fn the_best_span_of_all_windows_wins() {
        let task = task(|options| (options.stride, options.n_best) = (2, 20));
        let example = example("à b c d e f", "c d");
        let rows = rows(&task, &example, 9);
        // `c d` stands in both windows, and the second thinks more of it.
        let scores = [
            (0, 2, 3.0, 0.0),
            (0, 3, 0.0, 3.0),
            (1, 0, 4.0, 0.0),
            (1, 1, 0.0, 4.0),
            (1, 3, 0.0, 9.0),
        ];
        let answer = task.decode(&example, &rows, &outputs(&rows, &scores, -5.0));
        let told: Vec<_> = answer
            .candidates
            .iter()
            .map(|c| (c.text.as_str(), c.start, c.end, c.score))
            .collect();
        assert_eq!(told[..2], [("c d e f", 4, 11, 13.0), ("d e f", 6, 11, 9.0)]);
        assert_eq!(told.iter().filter(|(text, ..)| *text == "c d").count(), 1);
        let total: f64 = answer.candidates.iter().map(|c| c.probability).sum();
        assert!((total - 1.0).abs() < 1e-12);
        let short = QuestionAnswering::new(QuestionOptions {
            max_answer_length: 2,
            ..task.options.clone()
        });
        assert_eq!(
            short
                .decode(&example, &rows, &outputs(&rows, &scores, -5.0))
                .candidates[0]
                .score,
            9.0
        );
    }

    #[test]
    fn no_answer_wins_by_the_threshold() {
        let example = example("a b", "b");
        let answer = |no_answer, null_threshold| {
            let task =
                task(|options| (options.no_answer, options.null_threshold) = (no_answer, null_threshold));
            let rows = rows(&task, &example, 32);
            let logits = outputs(&rows, &[(0, 1, 1.0, 1.0)], 3.0);
            task.decode(&example, &rows, &logits)
        };
        assert_eq!(answer(true, 0.5).text(), "");
        assert_eq!(answer(true, 0.5).null_difference, Some(1.0));
        assert_eq!(answer(true, 1.5).text(), "b");
        assert_eq!(answer(false, 0.5).text(), "b");
    }

    #[test]
    fn the_softmax_runs_over_the_passage_or_over_all() {
        let device = Device::default();
        let config = BertConfig::compact(10, 8, 1, 2);
        let logits = || {
            let values = [[[1.0, 0.0], [5.0, 5.0], [2.0, 1.0], [0.0, 3.0]]];
            Tensor::<3>::from_data(values, &device)
        };
        let target = [AnswerTokens {
            start: 2,
            end: 3,
            first: 2,
            count: 2,
        }];
        let loss = |all| {
            SpanFinder::new(&config, all, 1, &device)
                .loss(logits(), &target, 1)
                .into_scalar::<f32>()
        };
        let likelihood = |scores: &[f32], at: f32| scores.iter().map(|s| s.exp()).sum::<f32>().ln() - at;
        let passage = (likelihood(&[1.0, 2.0, 0.0], 2.0) + likelihood(&[0.0, 1.0, 3.0], 3.0)) / 2.0;
        let all = (likelihood(&[1.0, 5.0, 2.0, 0.0], 2.0) + likelihood(&[0.0, 5.0, 1.0, 3.0], 3.0)) / 2.0;
        assert!(
            (loss(false) - passage).abs() < 1e-6,
            "{} for {passage}",
            loss(false)
        );
        assert!((loss(true) - all).abs() < 1e-6, "{} for {all}", loss(true));
    }
}
