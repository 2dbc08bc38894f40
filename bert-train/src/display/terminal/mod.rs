//! The terminal dashboard: all there is to know of a run on one screen, from 80 columns and 24 lines on.
//!
//! Burn's own shows one metric at a time beside a list that 24 lines cut off; this one shows the task's metrics, the
//! speed, the padding, the memory and the time left all at once.

mod drawing;
mod state;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) use tests::TestScreen;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ratatui::crossterm::event;

use super::Display;
use super::event::Event;
use crate::system::interrupt::{Stop, keep_ctrl_c};
use crate::system::memory;
use drawing::draw;
use state::State;

const REFRESH: Duration = Duration::from_millis(150);

/// Shows a run on the terminal until it is dropped. A thread of its own draws, so that keys work during long steps.
#[derive(Debug)]
pub struct Terminal {
    state: Arc<Mutex<State>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Takes over the terminal. Its `q` key asks `stop` to stop the run.
    ///
    /// # Errors
    /// If there is no terminal that can be drawn on.
    pub fn open(stop: &Stop) -> io::Result<Self> {
        let mut terminal = ratatui::try_init()?;
        keep_ctrl_c();
        let state = Arc::new(Mutex::new(State::new(Instant::now())));
        let closing = Arc::new(AtomicBool::new(false));
        let thread = {
            let (state, closing, stop) = (state.clone(), closing.clone(), stop.clone());
            std::thread::Builder::new()
                .name("dashboard".into())
                .spawn(move || {
                    while !closing.load(Ordering::Relaxed) {
                        lock(&state).memory = memory::resident();
                        // A terminal that is gone must not end the run: its results are in the run folder.
                        let _ = terminal.draw(|frame| draw(frame, &lock(&state), Instant::now()));
                        while event::poll(REFRESH).unwrap_or(false) {
                            let Ok(event) = event::read() else { break };
                            if lock(&state).key(&event) {
                                stop.request();
                            }
                            let _ = terminal.draw(|frame| draw(frame, &lock(&state), Instant::now()));
                            if closing.load(Ordering::Relaxed) {
                                break;
                            }
                        }
                    }
                })?
        };
        Ok(Self {
            state,
            closing,
            thread: Some(thread),
        })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        ratatui::restore();
    }
}

impl Display for Terminal {
    fn show(&mut self, event: &Event, now: Instant) {
        lock(&self.state).update(event, now);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
