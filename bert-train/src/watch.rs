//! How a run is shown while it goes on.

use std::io::IsTerminal;

use burn_train::Interrupter;
use burn_train::renderer::MetricsRenderer;

use crate::lines::LineRenderer;
use crate::progress::Progress;
use crate::screen::Screen;

/// How a run is shown while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// The dashboard, on the terminal.
    Dashboard,
    /// Lines on standard error.
    Lines,
    /// Not at all.
    Quiet,
}

impl Watch {
    /// The dashboard where both ends are a terminal, else lines.
    pub fn by_terminal() -> Self {
        if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
            Watch::Dashboard
        } else {
            Watch::Lines
        }
    }
}

/// What shows a run as `watch` says, from the step after `done` on.
pub(crate) fn renderer(
    watch: Watch,
    title: &[String; 2],
    interrupter: &Interrupter,
    every: usize,
    done: &Progress,
) -> Box<dyn MetricsRenderer> {
    match watch {
        Watch::Dashboard => match Screen::open(&title[0], &title[1], interrupter) {
            Ok(screen) => Box::new(screen.after(done.steps)),
            Err(error) => {
                eprintln!("no dashboard, lines instead: {error}");
                renderer(Watch::Lines, title, interrupter, every, done)
            }
        },
        Watch::Lines => Box::new(LineRenderer::new(std::io::stderr(), every).after(done.steps)),
        Watch::Quiet => Box::new(LineRenderer::new(std::io::sink(), every)),
    }
}
