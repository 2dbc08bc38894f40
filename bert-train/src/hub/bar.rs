//! How much of a download is done, on a terminal.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::display::redraws;

/// A line on standard error that is drawn over and over; nothing where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Bar {
    file: String,
    drawn: Option<Instant>,
}

impl Bar {
    /// The bar of the download of `file`.
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            drawn: None,
        }
    }

    /// Shows that `bytes` of `total` have arrived.
    pub(super) fn draw(&mut self, bytes: u64, total: Option<u64>) {
        let just = |at: Instant| at.elapsed() < Duration::from_millis(100);
        let mut out = io::stderr();
        if !redraws(&out) || (self.drawn.is_some_and(just) && Some(bytes) != total) {
            return;
        }
        self.drawn = Some(Instant::now());
        let mega = |bytes: u64| bytes as f64 / 1e6;
        let of = total.map_or(String::new(), |total| format!(" of {:.1}", mega(total)));
        // A bar that cannot be drawn is no reason to end the download.
        let _ = write!(out, "\r{}: {:.1}{of} MB", self.file, mega(bytes)).and_then(|()| out.flush());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            eprintln!();
        }
    }
}
