//! Programmes that towns ran and published, with the numbers that they published.

pub mod aleksandrow;
pub mod lubin;
