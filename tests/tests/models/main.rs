//! Models and their files: those of other programs, damaged ones, heads, vocabularies, language models.

mod heads;
mod language_models;
mod mutated_files;
mod pretraining_heads;
mod vocabulary;
mod weights;
