//! Long inputs of `predict`: they are answered while they are read.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use crate::program::{Outcome, World, json_lines};

/// What `predict` reads at once, in lines.
const BLOCK: usize = 4096;

fn line(number: usize) -> String {
    let adjective = ["good", "bad", "dull"][number % 3];
    format!("the film was {}{adjective}\n", "very ".repeat(number % 4))
}

fn lines(count: usize) -> String {
    (0..count).map(line).collect()
}

/// A running `predict` with its pipes.
fn start(world: &World) -> (Child, ChildStdin, BufReader<ChildStdout>) {
    let mut command = world.command("predict run --device flex");
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.stderr(Stdio::piped()).spawn().unwrap();
    let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    (child, stdin, BufReader::new(stdout))
}

/// Writes `text`, and keeps the pipe open until `end` says so.
fn feed(mut stdin: ChildStdin, text: String, end: Receiver<()>) -> JoinHandle<()> {
    thread::spawn(move || {
        stdin.write_all(text.as_bytes()).unwrap();
        let _ = end.recv();
    })
}

/// Answers come before the input ends, in its order; then the rest.
fn answered_while_open(world: &World, text: String, closing: &str, count: usize) {
    let (child, stdin, mut answers) = start(world);
    let (end, ended) = channel();
    let writer = {
        let closing = closing.to_owned();
        let mut stdin = stdin;
        thread::spawn(move || {
            stdin.write_all(text.as_bytes()).unwrap();
            let _: Result<(), _> = ended.recv();
            stdin.write_all(closing.as_bytes()).unwrap();
        })
    };
    let mut got = String::new();
    for _ in 0..BLOCK {
        assert!(answers.read_line(&mut got).unwrap() > 0, "{got}");
    }
    end.send(()).unwrap();
    answers.read_to_string(&mut got).unwrap();
    writer.join().unwrap();
    let output = Outcome::of(child.wait_with_output().unwrap());
    assert_eq!(output.code, 0, "{}", output.err);
    let got = json_lines(&got);
    assert_eq!(got.len(), count);
    for (number, answer) in got.iter().enumerate() {
        assert_eq!(answer["text"], line(number).trim_end(), "{number}");
    }
}

#[test]
fn answers_come_before_the_input_ends() {
    let world = World::new();
    world.short_run();
    let count = 2 * BLOCK + 10;
    answered_while_open(&world, lines(count), "", count);
    let objects = |number: usize| format!("{{\"text\": \"{}\"}}", line(number).trim_end());
    let text: String = (0..count).map(|number| objects(number) + "\n").collect();
    answered_while_open(&world, text, "", count);
    let elements: Vec<String> = (0..count).map(objects).collect();
    answered_while_open(&world, format!("[{}", elements.join(",\n")), "]", count);
}

#[test]
fn a_fault_stops_the_answers_where_it_is_known() {
    let world = World::new();
    world.short_run();
    let mut text = lines(2 * BLOCK).into_bytes();
    text.extend(b"the \xff film\n");
    let error = format!("line {}: byte 5 of the line is not UTF-8", 2 * BLOCK + 1);
    // A file is read to its end before anything is answered.
    world.write("in.txt", &text);
    world.refuses("predict run --file in.txt", &["in.txt", &error]);
    let file = std::fs::File::open(world.path("in.txt")).unwrap();
    let given = world.command("predict run").stdin(file).output().unwrap();
    if cfg!(unix) {
        Outcome::of(given).refused("predict run < in.txt", &["standard input", &error]);
    }
    // Nobody knows the end of a pipe: what came before is answered.
    let outcome = world.bert_with("predict run", &[], &text);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.err.contains("standard input") && outcome.err.contains(&error),
        "{}",
        outcome.err
    );
    assert_eq!(json_lines(&outcome.out).len(), 2 * BLOCK);
    outcome.assert_calm("predict run");
    // An error in the first block leaves nothing to answer.
    let outcome = world.bert_with("predict run", &[], b"the film\n\xff\n");
    outcome.refused("predict run", &["standard input, line 2"]);
}

#[test]
fn blank_lines_are_counted_over_the_whole_input() {
    let world = World::new();
    world.short_run();
    let text = format!("\n{}\n{}", lines(BLOCK), lines(3));
    world.write("in.txt", &text);
    for outcome in [
        world.bert_with("predict run", &[], text.as_bytes()),
        world.bert("predict run --file in.txt"),
    ] {
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        assert_eq!(json_lines(&outcome.out).len(), BLOCK + 3);
        let note = format!("2 blank lines get no answer: lines 1, {}", BLOCK + 2);
        assert_eq!(outcome.err.matches(&note).count(), 1, "{}", outcome.err);
    }
}

/// Writes lines until nobody reads them.
fn feed_for_ever(mut stdin: ChildStdin) -> JoinHandle<()> {
    thread::spawn(move || while stdin.write_all(lines(100).as_bytes()).is_ok() {})
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let world = World::new();
    world.short_run();
    let (child, stdin, mut answers) = start(&world);
    let writer = feed_for_ever(stdin);
    let mut first = String::new();
    answers.read_line(&mut first).unwrap();
    assert_eq!(json_lines(&first).len(), 1);
    drop(answers);
    let outcome = Outcome::of(child.wait_with_output().unwrap());
    writer.join().unwrap();
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_whole_lines() {
    use crate::program::signal;
    let world = World::new();
    world.short_run();
    let (child, stdin, mut answers) = start(&world);
    let writer = feed_for_ever(stdin);
    let mut got = String::new();
    answers.read_line(&mut got).unwrap();
    signal(&child, "INT");
    answers.read_to_string(&mut got).unwrap();
    let outcome = Outcome::of(child.wait_with_output().unwrap());
    writer.join().unwrap();
    assert_eq!(outcome.code, 130, "{}", outcome.err);
    assert!(got.ends_with('\n'));
    for (number, answer) in json_lines(&got).iter().enumerate() {
        assert_eq!(answer["text"], line(number % 100).trim_end());
    }
    // The same where it waits for input.
    let (child, stdin, mut answers) = start(&world);
    let (end, ended) = channel();
    let writer = feed(stdin, lines(BLOCK), ended);
    let mut got = String::new();
    for _ in 0..BLOCK {
        answers.read_line(&mut got).unwrap();
    }
    signal(&child, "INT");
    answers.read_to_string(&mut got).unwrap();
    let outcome = Outcome::of(child.wait_with_output().unwrap());
    assert_eq!(
        (outcome.code, json_lines(&got).len()),
        (130, BLOCK),
        "{}",
        outcome.err
    );
    end.send(()).unwrap();
    writer.join().unwrap();
}
