//! What an index promises, through its public interface.

mod collection;
mod damage;
mod export;
mod generations;
mod input;
mod kill;
mod results;
mod updates;
mod words;
