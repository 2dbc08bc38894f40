//! Published corpora: folders with files of known names.

mod cola;
mod pairs;
mod retrieval;
mod scored;
mod squad;
mod sst2;
mod tagged;

pub use cola::Cola;
pub use pairs::{PAIR_CORPORA, PairCorpus};
pub use retrieval::RetrievalFolder;
pub use scored::{SickRelatedness, StsB};
pub use squad::Squad;
pub use sst2::Sst2;
pub use tagged::TagCorpus;
