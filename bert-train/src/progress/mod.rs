//! How far a long piece of work is: a line on standard error that is drawn over and over.

pub mod format;

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use format::{duration, number};

/// Time between two updates of the line.
const EVERY: Duration = Duration::from_secs(1);

/// Whether a stream is a terminal that can overwrite what it shows: not a file, not a pipe, and not `TERM=dumb`, which
/// editors and build tools set for their plain windows. Nothing is known of a terminal without `TERM`, except on Windows, where
/// none has it.
pub fn redraws(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && can_redraw(std::env::var_os("TERM").as_deref(), cfg!(windows))
}

fn can_redraw(term: Option<&OsStr>, windows: bool) -> bool {
    term.map_or(windows, |name| name != "dumb" && !name.is_empty())
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Texts,
    Articles,
    /// Shown as millions.
    Bytes,
}

/// A line with what is done, the rate, and the time left. Nothing is shown where standard error is no terminal.
///
/// ```
/// use bert_train::progress::ProgressLine;
/// let mut progress = ProgressLine::of_texts(Some(2));
/// for _text in ["one", "two"] {
///     progress.add(1);
///     progress.show(0);
/// }
/// progress.end();
/// ```
#[derive(Debug)]
pub struct ProgressLine {
    name: String,
    unit: Unit,
    /// All that there is to do, where it is known before.
    total: Option<u64>,
    /// What is done of it.
    done: u64,
    /// What was done of it before the start.
    before: u64,
    start: Instant,
    shown: Option<Instant>,
    visible: bool,
}

impl ProgressLine {
    fn new(unit: Unit, total: Option<u64>) -> Self {
        Self {
            name: String::new(),
            unit,
            total,
            done: 0,
            before: 0,
            start: Instant::now(),
            shown: None,
            visible: redraws(&io::stderr()),
        }
    }

    /// The progress over `total` texts, from now on.
    pub fn of_texts(total: Option<usize>) -> Self {
        Self::new(Unit::Texts, total.map(|total| total as u64))
    }

    /// The progress over `total` articles, from now on.
    pub fn of_articles(total: Option<usize>) -> Self {
        Self::new(Unit::Articles, total.map(|total| total as u64))
    }

    /// The progress over files of `total` bytes, from now on.
    pub fn of_bytes(total: Option<u64>) -> Self {
        Self::new(Unit::Bytes, total)
    }

    /// The same, of which `before` was done earlier. It does not count to the rate.
    pub fn after(mut self, before: u64) -> Self {
        (self.before, self.done) = (before, before);
        self
    }

    /// The line begins with `name`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Hides the line where standard output is a terminal too: it would mix with the answers there.
    pub fn beside_answers(mut self) -> Self {
        self.visible &= !io::stdout().is_terminal();
        self
    }

    /// Shows that `more` than what was added is done, at most once a second.
    pub fn show(&mut self, more: u64) {
        let now = Instant::now();
        if self.visible && now - self.shown.unwrap_or(self.start) >= EVERY {
            self.shown = Some(now);
            let line = self.line(self.done + more, self.total, now - self.start);
            // The codes clear the rest of a longer line.
            eprint!("\r{line}\x1b[K");
        }
    }

    /// Adds what is done.
    pub fn add(&mut self, more: u64) {
        self.done += more;
    }

    /// All is done: the line stays, with the time that it took.
    pub fn end(mut self) {
        if self.shown.take().is_some() {
            let line = self.line(self.done, Some(self.done), self.start.elapsed());
            eprintln!("\r{line}\x1b[K");
        }
    }

    /// `128 of 5000 texts, 64.0 per second, 1m 16s left`; without a total, `128 texts, 64.0 per second`.
    fn line(&self, done: u64, total: Option<u64>, elapsed: Duration) -> String {
        let amount = |count: u64| match self.unit {
            Unit::Texts | Unit::Articles => count as f64,
            Unit::Bytes => count as f64 / 1e6,
        };
        let shown = |count: u64| match self.unit {
            Unit::Texts | Unit::Articles => count.to_string(),
            Unit::Bytes => format!("{:.1}", amount(count)),
        };
        let name = &self.name;
        let unit = match self.unit {
            Unit::Texts => "texts",
            Unit::Articles => "articles",
            Unit::Bytes => "MB",
        };
        let rate = amount(done - self.before) / elapsed.as_secs_f64().max(1e-9);
        let per_second = number(rate);
        let done_so_far = shown(done);
        let Some(total) = total else {
            return format!("{name}{done_so_far} {unit}, {per_second} per second");
        };
        let left = total.saturating_sub(done);
        let rest = match Duration::try_from_secs_f64(amount(left) / rate) {
            _ if left == 0 => format!("in {}", duration(elapsed)),
            Ok(left) => format!("{} left", duration(left)),
            Err(_) => "time left unknown".into(),
        };
        format!(
            "{name}{done_so_far} of {} {unit}, {per_second} per second, {rest}",
            shown(total)
        )
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        // Of work that was given up, or whose end is shown otherwise.
        if self.shown.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_redraws_unless_it_says_that_it_cannot() {
        for (term, windows, expected) in [
            (Some("xterm-256color"), false, true),
            (Some("dumb"), false, false),
            (Some(""), false, false),
            (None, false, false),
            (None, true, true),
        ] {
            assert_eq!(can_redraw(term.map(OsStr::new), windows), expected, "{term:?}");
        }
    }

    #[test]
    fn a_line_has_rate_and_time_left() {
        let texts = ProgressLine::of_texts(None);
        let line = |done, total| texts.line(done, total, Duration::from_secs(2));
        assert_eq!(
            line(128, Some(5000)),
            "128 of 5000 texts, 64.0 per second, 1m 16s left"
        );
        assert_eq!(
            line(0, Some(5000)),
            "0 of 5000 texts, 0 per second, time left unknown"
        );
        assert_eq!(
            line(5000, Some(5000)),
            "5000 of 5000 texts, 2500 per second, in 2s"
        );
        assert_eq!(line(128, None), "128 texts, 64.0 per second");
        let files = ProgressLine::of_bytes(Some(1_000_000_000)).named("encoding: ");
        assert_eq!(
            files.line(50_000_000, files.total, Duration::from_secs(2)),
            "encoding: 50.0 of 1000.0 MB, 25.0 per second, 38s left"
        );
        let resumed = ProgressLine::of_bytes(Some(1_000_000_000)).after(500_000_000);
        assert_eq!(
            resumed.line(550_000_000, resumed.total, Duration::from_secs(2)),
            "550.0 of 1000.0 MB, 25.0 per second, 18s left"
        );
    }
}
