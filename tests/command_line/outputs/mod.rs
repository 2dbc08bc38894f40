//! What the program writes for people.

mod pages;
