//! How far a prediction is: on a terminal, whose standard output goes elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use bert_train::display::format::{duration, number};
use bert_train::display::redraws;

/// Time between two updates of the line.
const EVERY: Duration = Duration::from_secs(1);

/// A line with the number of texts that are done, their rate, and the time left.
#[derive(Debug)]
pub struct Progress {
    total: usize,
    start: Instant,
    shown: Option<Instant>,
    visible: bool,
}

impl Progress {
    /// The progress over `total` texts, from now on. It is visible where it does not mix with the answers.
    pub fn new(total: usize) -> Self {
        Self {
            total,
            start: Instant::now(),
            shown: None,
            visible: redraws(&io::stderr()) && !io::stdout().is_terminal(),
        }
    }

    /// Shows that `done` texts are done, at most once a second.
    pub fn show(&mut self, done: usize) {
        let now = Instant::now();
        let due = now - self.shown.unwrap_or(self.start) >= EVERY;
        if self.visible && due {
            self.shown = Some(now);
            // The codes clear the rest of a longer line.
            eprint!("\r{}\x1b[K", line(done, self.total, now - self.start));
        }
    }

    /// Ends the line.
    pub fn end(self) {
        if self.shown.is_some() {
            eprintln!("\r{}\x1b[K", line(self.total, self.total, self.start.elapsed()));
        }
    }
}

/// `128 of 5000 texts, 64.0 per second, 1m 16s left`.
fn line(done: usize, total: usize, elapsed: Duration) -> String {
    let rate = done as f64 / elapsed.as_secs_f64().max(1e-9);
    let rest = match Duration::try_from_secs_f64((total - done) as f64 / rate) {
        _ if done == total => format!("in {}", duration(elapsed)),
        Ok(left) => format!("{} left", duration(left)),
        Err(_) => "time left unknown".into(),
    };
    format!("{done} of {total} texts, {} per second, {rest}", number(rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_rate_and_time_left() {
        let two = Duration::from_secs(2);
        assert_eq!(
            line(128, 5000, two),
            "128 of 5000 texts, 64.0 per second, 1m 16s left"
        );
        assert_eq!(
            line(0, 5000, two),
            "0 of 5000 texts, 0 per second, time left unknown"
        );
        assert_eq!(
            line(5000, 5000, two),
            "5000 of 5000 texts, 2500 per second, in 2s"
        );
    }
}
