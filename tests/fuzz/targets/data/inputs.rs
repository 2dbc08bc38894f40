//! The lines or objects that `predict` reads.
#![no_main]

use std::io::Cursor;
use std::ops::ControlFlow;

use bert_fuzz::target;
use bert_tasks::{Entry, Inputs, Lines, Task, TaskVisitor, visit_tasks};

/// Reads the inputs as each task does.
struct Read<'a>(&'a [u8]);

impl TaskVisitor for Read<'_> {
    type Output = ();

    fn visit<K: Task>(&mut self, entry: &'static Entry<K>) -> ControlFlow<()> {
        let stream = Cursor::new(self.0.to_vec());
        let inputs = Inputs::Lines(Lines::stream("standard input", Box::new(stream)));
        let blank = inputs.blank_lines();
        if let Ok(blocks) = (entry.read_inputs)(inputs, &K::Options::default()) {
            blocks.take_while(Result::is_ok).for_each(drop);
        }
        let _ = blank.note();
        ControlFlow::Continue(())
    }
}

target!(
    |input| {
        visit_tasks(&mut Read(input));
    },
    || vec![
        "The cat sat.\n\nA film.\tIts plot.\n",
        "{\"text\": \"a\"}\n{\"words\": [\"b\"]}\n{\"question\": \"c\", \"context\": \"d\"}\n",
        "The [MASK] sat on the [MASK].\n",
        "\u{feff}[{\"text\": \"a\", \"second\": \"b\"}]\n",
    ]
);
