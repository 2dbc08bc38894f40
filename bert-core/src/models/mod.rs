//! Models, one folder for each family of encoders.

pub mod bert;
