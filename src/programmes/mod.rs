//! What is planned and agreed before anybody takes part: regimes (the legal
//! rules as data), programmes, agreements, editions with their plan, blocks,
//! partners and hosts, and what is said about the completeness of their data.
//!
//! An edition hangs on an agreement, the agreement on a regime, and the regime
//! decides which rules hold; so an edition of 2015 is still run by the rules of
//! 2014. Legal frame: art. 62a–62c and 73a of the Act of 20 April 2004 on the
//! promotion of employment (Polish: ustawa o promocji zatrudnienia) and the
//! rules of the ESF programmes.
//!
//! It holds no person: candidates and participants come with later slices.

pub mod facts;
mod regime_parameters;

pub use regime_parameters::{EligibilityCriterion, EligibilityRule, FollowUpClock, PositiveExit, RegimeParameters, Severity};
