//! How a run is shown while it trains.

pub mod figures;
pub mod plain;
pub mod terminal;

use std::io::IsTerminal;

use burn_train::Interrupter;
use burn_train::renderer::MetricsRenderer;

use crate::display::plain::LineRenderer;
use crate::display::terminal::Screen;
use crate::run::state::Progress;

/// How a run is shown while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The dashboard, on the terminal.
    Dashboard,
    /// Lines on standard error.
    Lines,
    /// Not at all.
    Quiet,
}

impl View {
    /// The dashboard where both ends are a terminal, else lines.
    pub fn by_terminal() -> Self {
        if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
            View::Dashboard
        } else {
            View::Lines
        }
    }
}

/// What shows a run as `watch` says, from the step after `done` on.
pub(crate) fn renderer(
    watch: View,
    title: &[String; 2],
    interrupter: &Interrupter,
    every: usize,
    done: &Progress,
) -> Box<dyn MetricsRenderer> {
    match watch {
        View::Dashboard => match Screen::open(&title[0], &title[1], interrupter) {
            Ok(screen) => Box::new(screen.after(done.steps)),
            Err(error) => {
                eprintln!("no dashboard, lines instead: {error}");
                renderer(View::Lines, title, interrupter, every, done)
            }
        },
        View::Lines => Box::new(LineRenderer::new(std::io::stderr(), every).after(done.steps)),
        View::Quiet => Box::new(LineRenderer::new(std::io::sink(), every)),
    }
}
