//! Downloads that must not wait for ever. The crate underneath sets its connections no time limit and lets nobody else
//! set one, so it works on a thread of its own here, which is left behind when nothing has come for too long.

use std::io::{self, IsTerminal, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use hf_hub::api::Progress;

/// Does `work` on a thread of its own; `None` if for `patience` it neither ended nor told its [`Pulse`] anything.
pub(super) fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce(Pulse) -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = channel();
    let pulse = Pulse {
        sender,
        bar: Bar::default(),
    };
    let worker = thread::spawn(move || work(pulse));
    loop {
        match receiver.recv_timeout(patience) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return None,
            // The pulse goes when the work is done.
            Err(RecvTimeoutError::Disconnected) => {
                return Some(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
        }
    }
}

/// Takes note of each piece that comes, and shows on a terminal how much there is.
pub(super) struct Pulse {
    sender: Sender<()>,
    bar: Bar,
}

#[derive(Default)]
struct Bar {
    file: String,
    bytes: usize,
    total: usize,
    drawn: Option<Instant>,
}

impl Bar {
    fn draw(&mut self) {
        let just = |at: Instant| at.elapsed() < Duration::from_millis(100);
        let mut out = io::stderr();
        if !out.is_terminal() || (self.drawn.is_some_and(just) && self.bytes < self.total) {
            return;
        }
        self.drawn = Some(Instant::now());
        let mega = |bytes: usize| bytes as f64 / 1e6;
        let (file, bytes, total) = (&self.file, mega(self.bytes), mega(self.total));
        // What is shown is a courtesy: where it cannot be shown, the file is wanted all the same.
        let _ = write!(out, "\r{file}: {bytes:.1} of {total:.1} MB").and_then(|()| out.flush());
    }
}

impl Pulse {
    fn beat(&self) {
        // Nobody listens any more where the work was left behind.
        let _ = self.sender.send(());
    }
}

impl Progress for Pulse {
    fn init(&mut self, size: usize, filename: &str) {
        self.bar = Bar {
            file: filename.into(),
            total: size,
            ..Bar::default()
        };
        self.beat();
    }

    fn update(&mut self, size: usize) {
        self.bar.bytes += size;
        self.bar.draw();
        self.beat();
    }

    fn finish(&mut self) {
        if io::stderr().is_terminal() {
            eprintln!();
        }
        self.beat();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_may_take_long_but_not_be_silent_long() {
        let patience = Duration::from_secs(2);
        let pause = || thread::sleep(Duration::from_millis(200));
        let slow = within(patience, move |mut pulse| {
            for _ in 0..12 {
                pause();
                pulse.update(1);
            }
            7
        });
        assert_eq!(slow, Some(7));
        let silent = within(patience, |_pulse| thread::sleep(Duration::from_secs(600)));
        assert_eq!(silent, None);
    }
}
