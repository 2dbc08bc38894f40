//! Starts `bert` on small folders.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use bert_core::store::save_weights;
use bert_core::tokenizer::Normalization;
use bert_core::{BertConfig, BertTokenizer, Encoder, parse_device};
use tempfile::TempDir;

/// A folder with a tiny pre-trained model and a file of texts for training.
pub struct World {
    pub dir: TempDir,
}

pub const POSITIVE: [&str; 6] = ["good", "great", "fine", "lovely", "superb", "bright"];
pub const NEGATIVE: [&str; 6] = ["bad", "awful", "poor", "dull", "weak", "grim"];
const NOUNS: [&str; 8] = ["film", "plot", "song", "scene", "cast", "end", "joke", "story"];

impl World {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let world = Self { dir };
        world.model("model");
        world.write("reviews.csv", reviews());
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// A pre-trained model with one layer in Hugging Face's layout.
    pub fn model(&self, name: &str) -> PathBuf {
        let dir = self.path(name);
        std::fs::create_dir_all(&dir).unwrap();
        let words = [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "was", "very", "a",
        ];
        let words = words.iter().chain(&POSITIVE).chain(&NEGATIVE).chain(&NOUNS);
        let vocabulary: Vec<String> = words.map(|word| word.to_string()).collect();
        let config = BertConfig::compact(vocabulary.len(), 32, 1, 2);
        let tokenizer = BertTokenizer::from_vocabulary(vocabulary, Normalization::default()).unwrap();
        tokenizer.save(&dir).unwrap();
        let model = Encoder::new(&config, 5, &parse_device("flex").unwrap());
        save_weights(&model, config.weight_names(), &dir).unwrap();
        std::fs::write(dir.join("config.json"), config.to_json()).unwrap();
        dir
    }

    /// Runs `bert` in this folder. `words` are its arguments, separated by spaces.
    pub fn bert(&self, words: &str) -> Outcome {
        self.bert_with(words, &[], b"")
    }

    /// Runs `bert` with further arguments, which are not split, and with `input` on its standard input.
    pub fn bert_with(&self, words: &str, more: &[&str], input: &[u8]) -> Outcome {
        use std::io::Write;
        let mut child = self
            .command(words)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut to_child = child.stdin.take().unwrap();
        let given = std::thread::scope(|scope| {
            // A program that refuses its options may exit before it reads anything; one that answers while it reads waits
            // until its answers are read.
            scope.spawn(move || drop(to_child.write_all(input)));
            child.wait_with_output()
        });
        Outcome::of(given.unwrap())
    }

    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bert"));
        command
            .args(words.split_whitespace())
            .current_dir(self.dir.path());
        // No backtrace must be shown even if the variable is set.
        command.env("RUST_BACKTRACE", "1");
        // No test asks a real hub or uses the user's cache.
        command
            .env("HF_HUB_OFFLINE", "1")
            .env("HF_HOME", self.path("hub"));
        command
    }

    /// Expects an error whose message has each of `parts`, and nothing on standard output.
    pub fn refuses(&self, words: &str, parts: &[&str]) {
        self.bert(words).refused(words, parts);
    }

    /// A short run on the reviews into `run`.
    pub fn short_run(&self) {
        let words = "train classify --model model --data reviews.csv --output run --epochs 8 --lr 3e-3 \
                     --batch-size 8 --max-length 16 --device flex";
        let outcome = self.bert(words);
        assert_eq!(outcome.code, 0, "{}", outcome.err);
    }
}

/// Starts `bert`; its messages can be read while it runs.
pub fn start(mut command: Command) -> (Child, BufReader<ChildStderr>) {
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap());
    (child, lines)
}

/// Sends a signal, such as `INT`, to a running `bert`.
#[cfg(unix)]
pub fn signal(child: &Child, signal: &str) {
    let kill = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// Every noun with every adjective: 96 rows, labelled.
pub fn reviews() -> String {
    let mut text = String::from("text,label\n");
    for noun in NOUNS {
        for (good, bad) in POSITIVE.iter().zip(NEGATIVE) {
            text += &format!("the {noun} was {good},positive\nthe {noun} was {bad},negative\n");
        }
    }
    text
}

/// The exit status and output of `bert`.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    pub fn refused(&self, words: &str, parts: &[&str]) {
        assert!(self.code == 1 || self.code == 2, "bert {words}: {self:?}");
        assert_eq!(self.out, "", "bert {words}");
        for part in parts {
            assert!(
                self.err.contains(part),
                "bert {words}: no {part:?} in {}",
                self.err
            );
        }
        self.assert_calm(words);
    }

    /// Expects no panic and no backtrace.
    pub fn assert_calm(&self, words: &str) {
        for sign in [
            "panicked",
            "internal error",
            "backtrace",
            "RUST_BACKTRACE",
            "unwrap",
        ] {
            assert!(!self.err.contains(sign), "bert {words}: {}", self.err);
        }
    }
}

/// The lines of a JSON-lines text.
pub fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
