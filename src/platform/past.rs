//! Asking the store about a past moment: what was known then, whatever was recorded, corrected or taken away since.
//!
//! The database keeps what rows said before they were changed, and the schema `past` answers each kept table as it stood. So
//! the same questions are sent, with another search path; a table that is not kept is not there, and the question fails.

use chrono::{DateTime, SecondsFormat, SubsecRound as _, TimeDelta, Utc};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Interval, Timestamptz};
use serde::Deserialize;
use utoipa::IntoParams;

use super::db::Tx;
use super::hint::Hint;
use super::permit::invalid_parameter;
use super::problem::{Problem, catalogue};
use super::types::Moment;
use crate::schema::version_starts;

/// Name of the parameter.
const AS_OF: &str = "asOf";
/// How much earlier than its transaction a moment of recording may be: it is taken just before the transaction begins.
const LEAD: TimeDelta = TimeDelta::seconds(2);

/// As of which moment of recording something is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AsOfFilter {
    /// What was known at this moment of recording: an instant, or a legal day for its end. Now unless given. Such an answer
    /// is the same whenever it is asked for; the moment lies at least two seconds back.
    #[param(inline)]
    pub as_of: Option<Moment>,
}

diesel::define_sql_function! {
    /// The first moment that a running transaction may bear; see the migration.
    #[sql_name = "past.unsettled_from"]
    fn unsettled_from(now: Timestamptz, lead: Interval) -> Nullable<Timestamptz>;
}

impl Tx<'_> {
    /// Does `work` on what was known at the moment that the filter gives, or on what is known now.
    ///
    /// # Errors
    /// `platform.invalid_parameter` for a moment that has not been settled or of which changes were not kept,
    /// `platform.unavailable` while a transaction that may bear an earlier moment still runs, and those of `work`.
    pub fn as_known<T>(&mut self, filter: AsOfFilter, work: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        let Some(moment) = filter.as_of else { return work(self) };
        // The store knows no shorter time.
        let as_of = (moment.end() - TimeDelta::microseconds(1)).trunc_subsecs(6);
        // What is settled does not change, so that its statements agree without a snapshot. With one, what was committed after
        // the snapshot and before the look at running transactions would be seen by neither.
        self.give_up_one_moment()?;
        self.expect_settled(as_of)?;
        self.expect_kept(as_of)?;
        let stated = as_of.to_rfc3339_opts(SecondsFormat::Micros, true);
        self.conn.batch_execute(&format!("SET LOCAL app.as_of = '{stated}'; SET LOCAL search_path = past"))?;
        let now = self.step_back_to(as_of);
        let done = work(self);
        self.return_to(now);
        let done = done?;
        self.conn.batch_execute("SET LOCAL search_path = DEFAULT")?;
        Ok(done)
    }

    /// Refuses a moment at which something may still be recorded.
    fn expect_settled(&mut self, as_of: DateTime<Utc>) -> Result<(), Problem> {
        let latest = self.now() - LEAD;
        if as_of > latest {
            let latest = latest.to_rfc3339_opts(SecondsFormat::Secs, true);
            let hint = Hint::new(format!("najpóźniej {latest}"), format!("{latest} at the latest"));
            return Err(invalid_parameter(AS_OF, hint));
        }
        let unsettled: Option<DateTime<Utc>> = diesel::select(unsettled_from(self.now(), LEAD)).get_result(self.conn)?;
        match unsettled {
            Some(from) if from <= as_of => Err(catalogue::UNAVAILABLE
                .problem()
                .retry_after(1)
                .because("a transaction that began before the moment still runs")),
            _ => Ok(()),
        }
    }

    /// Refuses a moment before changes were kept.
    fn expect_kept(&mut self, as_of: DateTime<Utc>) -> Result<(), Problem> {
        let kept_from: Option<DateTime<Utc>> =
            version_starts::table.select(version_starts::kept_from).first(self.conn).optional()?;
        match kept_from {
            Some(first) if as_of < first => {
                let first = first.to_rfc3339_opts(SecondsFormat::Micros, true);
                let hint = Hint::new(
                    format!("zmiany są zachowane od {first}; o wcześniejszej chwili nic pewnego nie wiadomo"),
                    format!("changes are kept from {first}; nothing is known for certain of an earlier moment"),
                );
                Err(invalid_parameter(AS_OF, hint))
            }
            _ => Ok(()),
        }
    }
}
