//! Reads, answers and writes at the same time, some inputs each: memory does not follow their number.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bert_core::BertTokenizer;
use bert_tasks::{Decode, InputBlocks, TaskError};
use bert_train::Stop;
use bert_train::progress::ProgressLine;
use bert_train::training::evaluator::Evaluator;
use bert_train::training::session::Truncation;
use bert_train::{BatchLoader, EncodedDataset, Order};
use burn::tensor::Device;
use serde_json::Value;

use crate::cli::error::CommandError;
use crate::cli::flag::flag;
use crate::cli::input::block_size::BlockSize;

/// Answers that wait to be written.
const WAITING: usize = 256;
/// How often the program looks for a signal while it waits for input.
const LOOK: Duration = Duration::from_millis(100);

/// Answers inputs with a model.
pub struct Stream<'a, K: Decode> {
    /// The task.
    pub task: &'a K,
    /// The model.
    pub model: &'a K::Model,
    /// Its tokenizer.
    pub tokenizer: &'a BertTokenizer,
    /// Its device.
    pub device: &'a Device,
    /// The most tokens of a row.
    pub max_length: usize,
    /// Rows of a batch.
    pub batch_size: usize,
    /// How many inputs are answered at once.
    pub block_size: BlockSize,
    /// Somebody may ask to stop.
    pub stop: &'a Stop,
}

/// How it ended.
pub struct End {
    /// The inputs that were truncated.
    pub truncation: Truncation,
    /// Whether somebody asked to stop.
    pub stopped: bool,
}

/// Examples with their rows.
struct Block<K: Decode> {
    examples: Arc<Vec<K::Example>>,
    rows: EncodedDataset<K>,
}

/// What is to be written.
enum Output<K: Decode> {
    /// The examples that the next answers are to.
    Block(Arc<Vec<K::Example>>),
    /// The answer to the example with this number in its block.
    Answer(usize, K::Answer),
}

/// The thread that writes has ended.
struct Closed;

impl<K: Decode> Stream<'_, K> {
    /// Writes the answer to each input to standard output, in their order, and calls `seen` with each answer, in any order.
    /// After a stop request only whole lines have been written.
    ///
    /// # Errors
    /// If an input cannot be read or encoded, after the answers to the blocks before it; if nobody reads the answers.
    pub fn run(
        &self,
        blocks: InputBlocks<K::Example>,
        mut progress: ProgressLine,
        seen: impl FnMut(&K::Answer),
    ) -> Result<End, CommandError> {
        let reader = Reader {
            task: self.task.clone(),
            tokenizer: self.tokenizer.clone(),
            max_length: self.max_length,
            size: self.block_size,
        };
        let (to_model, encoded) = sync_channel(1);
        let reader = thread::spawn(move || reader.run(blocks, &to_model));
        let (to_writer, outputs) = sync_channel(WAITING);
        let task = self.task.clone();
        let writer = thread::spawn(move || write(&task, &outputs, &mut io::stdout().lock()));
        let answered = self.answer(&encoded, &to_writer, &mut progress, seen);
        drop(to_writer);
        let written = join(writer).map_err(|e| CommandError::io("standard output", e));
        let stopped = match answered {
            // The reader may wait for input that never comes.
            Ok(true) => true,
            Ok(false) | Err(Closed) => false,
        };
        written?;
        if stopped {
            eprintln!("bert: stopped");
            return Ok(End {
                truncation: Truncation::default(),
                stopped,
            });
        }
        let truncation = join(reader)?;
        progress.end();
        Ok(End { truncation, stopped })
    }

    /// Answers blocks; whether somebody asked to stop.
    fn answer(
        &self,
        blocks: &Receiver<Block<K>>,
        out: &SyncSender<Output<K>>,
        progress: &mut ProgressLine,
        mut seen: impl FnMut(&K::Answer),
    ) -> Result<bool, Closed> {
        let Self {
            task,
            model,
            tokenizer,
            device,
            ..
        } = *self;
        let nothing = EncodedDataset::from_iter([]);
        let loader = BatchLoader::new(task, nothing, Order::ByLength, self.batch_size, tokenizer, device);
        loop {
            let Block { examples, rows } = match blocks.recv_timeout(LOOK) {
                Ok(block) => block,
                Err(RecvTimeoutError::Timeout) if self.stop.is_requested() => return Ok(true),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(false),
            };
            let loader = loader.with_rows(rows);
            out.send(Output::Block(examples.clone())).map_err(|_| Closed)?;
            let complete = Evaluator::new(task, model, examples.as_slice()).answer(
                &loader,
                |_| !self.stop.is_requested(),
                |answered| {
                    progress.add(1);
                    progress.show(0);
                    seen(&answered.answer);
                    let answer = Output::Answer(answered.index, answered.answer);
                    out.send(answer).map_err(|_| Closed)
                },
            )?;
            if !complete {
                return Ok(true);
            }
        }
    }
}

/// The result of a thread; propagates its panic.
fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Reads and encodes.
struct Reader<K: Decode> {
    task: K,
    tokenizer: BertTokenizer,
    max_length: usize,
    size: BlockSize,
}

impl<K: Decode> Reader<K> {
    /// Gives out the blocks until all are read or nobody takes them.
    fn run(
        self,
        blocks: InputBlocks<K::Example>,
        out: &SyncSender<Block<K>>,
    ) -> Result<Truncation, CommandError> {
        let (mut size, mut truncation) = (self.size, Truncation::default());
        for block in blocks {
            let block = block?;
            for note in block.notes() {
                eprintln!("{}", note.render(flag));
            }
            for chunk in block.chunks() {
                for examples in size.divide(chunk?.into_owned()) {
                    let rows = self.encode(&examples)?;
                    truncation.count(&rows);
                    let examples = Arc::new(examples);
                    if out.send(Block { examples, rows }).is_err() {
                        return Ok(truncation);
                    }
                }
            }
        }
        Ok(truncation)
    }

    fn encode(&self, examples: &[K::Example]) -> Result<EncodedDataset<K>, TaskError> {
        EncodedDataset::encode(&self.task, examples, &self.tokenizer, self.max_length)
    }
}

/// Writes the answers of each block in the order of its examples, all of its lines at once. The answers of a block that is not
/// complete are not written.
fn write<K: Decode>(task: &K, outputs: &Receiver<Output<K>>, out: &mut impl Write) -> io::Result<()> {
    let (mut examples, mut lines, mut missing) = (Arc::new(vec![]), vec![], 0);
    for output in outputs {
        match output {
            Output::Block(next) => {
                (lines, missing) = (vec![String::new(); next.len()], next.len());
                examples = next;
            }
            Output::Answer(number, answer) => {
                let prediction = task.prediction(&examples[number], &answer);
                lines[number] = format!("{}\n", Value::from(prediction));
                missing -= 1;
                if missing == 0 {
                    out.write_all(lines.concat().as_bytes())?;
                    out.flush()?;
                }
            }
        }
    }
    Ok(())
}
