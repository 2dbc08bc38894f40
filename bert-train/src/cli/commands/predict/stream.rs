//! Reads, answers and writes at the same time, some inputs each: memory does not follow their number.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bert_core::BertTokenizer;
use bert_tasks::{InputBlocks, Task, TaskError};
use bert_train::Stop;
use bert_train::progress::ProgressLine;
use bert_train::training::evaluator::Evaluator;
use bert_train::training::session::Truncation;
use bert_train::{BatchLoader, EncodedDataset, FineTuned, Order};
use serde_json::Value;

use crate::cli::error::CommandError;
use crate::cli::input::block_size::BlockSize;

/// Answers that wait to be written.
const WAITING: usize = 256;
/// How often the program looks for a signal while it waits for input.
const LOOK: Duration = Duration::from_millis(100);

/// Answers inputs with a model.
pub(super) struct Stream<'a, K: Task> {
    pub(super) tuned: &'a FineTuned<K>,
    pub(super) max_length: usize,
    pub(super) batch_size: usize,
    pub(super) stop: &'a Stop,
}

/// How it ended.
pub(super) struct End {
    /// The inputs that were truncated.
    pub(super) truncation: Truncation,
    /// Whether somebody asked to stop.
    pub(super) stopped: bool,
}

/// Examples with their rows.
struct Block<K: Task> {
    examples: Arc<Vec<K::Example>>,
    rows: EncodedDataset<K>,
}

/// What is to be written.
enum Output<K: Task> {
    /// The examples that the next answers are to.
    Block(Arc<Vec<K::Example>>),
    /// The answer to the example with this number in its block.
    Answer(usize, K::Answer),
}

/// The thread that writes has ended.
struct Closed;

impl<K: Task> Stream<'_, K> {
    /// Writes the answer to each input to standard output, in their order. After a stop request only whole lines have been
    /// written.
    ///
    /// # Errors
    /// If an input cannot be read or encoded, after the answers to the blocks before it; if nobody reads the answers.
    pub(super) fn run(
        &self,
        blocks: InputBlocks<K::Example>,
        mut progress: ProgressLine,
    ) -> Result<End, CommandError> {
        let tuned = self.tuned;
        let reader = Reader {
            task: tuned.task.clone(),
            tokenizer: tuned.tokenizer.clone(),
            max_length: self.max_length,
            size: BlockSize::of_batch(self.batch_size),
        };
        let (to_model, encoded) = sync_channel(1);
        let reader = thread::spawn(move || reader.run(blocks, &to_model));
        let (to_writer, outputs) = sync_channel(WAITING);
        let task = tuned.task.clone();
        let writer = thread::spawn(move || write(&task, &outputs, &mut io::stdout().lock()));
        let answered = self.answer(&encoded, &to_writer, &mut progress);
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
    ) -> Result<bool, Closed> {
        let FineTuned {
            task,
            model,
            tokenizer,
            device,
            ..
        } = self.tuned;
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
struct Reader<K: Task> {
    task: K,
    tokenizer: BertTokenizer,
    max_length: usize,
    size: BlockSize,
}

impl<K: Task> Reader<K> {
    /// Gives out the blocks until all are read or nobody takes them.
    fn run(
        self,
        blocks: InputBlocks<K::Example>,
        out: &SyncSender<Block<K>>,
    ) -> Result<Truncation, CommandError> {
        let (mut size, mut truncation) = (self.size, Truncation::default());
        for block in blocks {
            for chunk in block?.chunks() {
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
fn write<K: Task>(task: &K, outputs: &Receiver<Output<K>>, out: &mut impl Write) -> io::Result<()> {
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
