//! How a run is shown while it trains: one progress [`Event`], one [`Eta`], two views.
//!
//! [`PlainView`] is for log files and pipes, [`Terminal`] for people. A program that wants another view implements
//! [`Display`].

pub mod eta;
pub mod event;
pub mod plain;
pub mod terminal;
#[cfg(test)]
mod tests;

use std::io::IsTerminal;
use std::time::Instant;

pub use eta::Eta;
pub use event::{Event, RunOverview, Step};
pub use plain::PlainView;
use serde::Deserialize;
pub use terminal::Terminal;

use crate::progress::redraws;
use crate::system::interrupt::Stop;

/// Shows a run.
pub trait Display {
    /// Takes in an event that came at `now`.
    fn show(&mut self, event: &Event, now: Instant);
}

/// How a run is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The dashboard, on the terminal.
    Dashboard,
    /// Lines on standard error: few enough that a log of a long run stays short.
    Lines,
    /// A line on standard error for each line of the log.
    Steps,
    /// Not at all.
    Quiet,
}

impl View {
    /// The dashboard if standard input and output are a terminal that can redraw, else lines.
    pub fn by_terminal() -> Self {
        if redraws(&std::io::stdout()) && std::io::stdin().is_terminal() {
            View::Dashboard
        } else {
            View::Lines
        }
    }

    /// Opens the view. Its user may ask `stop` to stop the run.
    pub fn open(self, stop: &Stop) -> Box<dyn Display> {
        match self {
            View::Dashboard => match Terminal::open(stop) {
                Ok(terminal) => Box::new(terminal),
                Err(error) => {
                    eprintln!("dashboard not available ({error}); using plain lines");
                    View::Lines.open(stop)
                }
            },
            View::Lines => Box::new(PlainView::new(std::io::stderr())),
            View::Steps => Box::new(PlainView::new(std::io::stderr()).every_step()),
            View::Quiet => Box::new(Quiet),
        }
    }
}

/// Shows nothing.
struct Quiet;

impl Display for Quiet {
    fn show(&mut self, _: &Event, _: Instant) {}
}
