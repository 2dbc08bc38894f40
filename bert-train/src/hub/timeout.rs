//! Downloads with a time limit on silence.
//!
//! hf-hub sets no time limit on its connections and does not let its users set one. So each of its calls runs on a thread
//! of its own, which is abandoned if nothing has arrived for too long.

use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use hf_hub::api::Progress;

use crate::display::redraws;

/// Runs `work` on a thread of its own; `None` if for `timeout` it neither ended nor reported anything to its [`Monitor`].
pub(super) fn with_timeout<T: Send + 'static>(
    timeout: Duration,
    work: impl FnOnce(Monitor) -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = channel();
    let monitor = Monitor {
        sender,
        bar: Bar::default(),
    };
    let worker = thread::spawn(move || work(monitor));
    loop {
        match receiver.recv_timeout(timeout) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return None,
            // The monitor is dropped when the work is done.
            Err(RecvTimeoutError::Disconnected) => {
                return Some(worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
        }
    }
}

/// Notes each piece that arrives, and shows the progress on a terminal.
pub(super) struct Monitor {
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
        if !redraws(&out) || (self.drawn.is_some_and(just) && self.bytes < self.total) {
            return;
        }
        self.drawn = Some(Instant::now());
        let mega = |bytes: usize| bytes as f64 / 1e6;
        let (file, bytes, total) = (&self.file, mega(self.bytes), mega(self.total));
        // A bar that cannot be drawn is no reason to end the download.
        let _ = write!(out, "\r{file}: {bytes:.1} of {total:.1} MB").and_then(|()| out.flush());
    }
}

impl Monitor {
    fn report(&self) {
        // Nobody listens any more if the work was abandoned.
        let _ = self.sender.send(());
    }
}

impl Progress for Monitor {
    fn init(&mut self, size: usize, filename: &str) {
        self.bar = Bar {
            file: filename.into(),
            total: size,
            ..Bar::default()
        };
        self.report();
    }

    fn update(&mut self, size: usize) {
        self.bar.bytes += size;
        self.bar.draw();
        self.report();
    }

    fn finish(&mut self) {
        if redraws(&io::stderr()) {
            eprintln!();
        }
        self.report();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_work_is_awaited_and_silent_work_is_abandoned() {
        let timeout = Duration::from_secs(2);
        let pause = || thread::sleep(Duration::from_millis(200));
        let slow = with_timeout(timeout, move |mut monitor| {
            for _ in 0..12 {
                pause();
                monitor.update(1);
            }
            7
        });
        assert_eq!(slow, Some(7));
        let silent = with_timeout(timeout, |_monitor| thread::sleep(Duration::from_secs(600)));
        assert_eq!(silent, None);
    }
}
