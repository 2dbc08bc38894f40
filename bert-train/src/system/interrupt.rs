//! Ctrl-C and SIGTERM: the first asks the run to stop and save, the second ends the program at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit code of a run that was stopped before its end: what shells use for Ctrl-C.
pub const STOPPED: i32 = 130;

/// A request to stop the run, from the program or by a signal. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Whether there is nothing to save yet, so that the first signal ends the program.
    preparing: Arc<AtomicBool>,
    signalled: Arc<AtomicBool>,
    requested: Arc<AtomicBool>,
}

impl Stop {
    /// Listens to the signals from now on.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, STOPPED, stop.preparing.clone())?;
            // In this order: the second signal finds the flag set by the first, and exits.
            flag::register_conditional_shutdown(signal, STOPPED, stop.signalled.clone())?;
            flag::register(signal, stop.signalled.clone())?;
        }
        Ok(stop)
    }

    /// Runs `prepare`, which reads model and data and has nothing to save: a signal ends the program at once meanwhile.
    pub fn while_preparing<T>(&self, prepare: impl FnOnce() -> T) -> T {
        self.preparing.store(true, Ordering::Relaxed);
        let prepared = prepare();
        self.preparing.store(false, Ordering::Relaxed);
        prepared
    }

    /// Requests a stop. A signal that comes afterwards still counts as the first.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was requested, or a signal came.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed) || self.signalled.load(Ordering::Relaxed)
    }
}

/// Lets Ctrl-C reach the program while the dashboard has the terminal in raw mode, where it would only be a key.
pub fn keep_ctrl_c() {
    #[cfg(unix)]
    {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let stdin = std::io::stdin();
        if let Ok(mut modes) = tcgetattr(&stdin) {
            modes.local_modes |= LocalModes::ISIG;
            let _ = tcsetattr(&stdin, OptionalActions::Now, &modes);
        }
    }
}
