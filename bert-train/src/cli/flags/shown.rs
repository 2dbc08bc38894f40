//! How help shows the values of options.

use std::num::NonZeroUsize;

/// A value of the options, as help shows defaults; `None` where there is none to show.
pub trait Shown {
    /// The text.
    fn shown(&self) -> Option<String>;
}

macro_rules! shown {
    ($($type:ty),*) => {
        $( impl Shown for $type { fn shown(&self) -> Option<String> { Some(self.to_string()) } } )*
    };
}

shown!(usize, NonZeroUsize, u64, f64, bool, String);

impl<T> Shown for Option<T> {
    /// What is not given has no value; its help says in words what that means.
    fn shown(&self) -> Option<String> {
        None
    }
}

impl<T> Shown for Vec<T> {
    fn shown(&self) -> Option<String> {
        None
    }
}
