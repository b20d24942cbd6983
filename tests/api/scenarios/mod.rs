//! Programmes that towns ran and published, with the numbers that they published; and two recruitments as towns run them,
//! invented, with numbers counted by hand.

pub mod aleksandrow;
pub mod lubin;
mod stara_dabrowka;
mod zielony_bor;
