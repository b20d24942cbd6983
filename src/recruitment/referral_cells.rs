//! The referral of a candidate in a row of a file: which labour office, when and by which letter.

use std::cell::OnceCell;
use std::collections::HashMap;

use uuid::Uuid;

use super::NOT_A_LABOUR_OFFICE;
use super::receipt::Referral;
use crate::institutions::labour_offices;
use crate::platform::db::Tx;
use crate::platform::imports::{Cells, Finding, VALUE_MISSING};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, ShortText, folded};

/// The cells of a referral.
#[derive(Default)]
pub(super) struct ReferralCells {
    pub office: Option<ShortText>,
    referred_on: Option<Day>,
    number: Option<ShortText>,
    found: OnceCell<Uuid>,
}

/// The labour offices, by id and by name.
#[derive(Default)]
pub(super) struct Offices {
    /// Nothing where several have the name.
    names: HashMap<String, Option<Uuid>>,
    ids: Vec<Uuid>,
}

impl Offices {
    pub(super) fn load(tx: &mut Tx) -> Result<Self, Problem> {
        let mut offices = Self::default();
        for (id, name) in labour_offices(tx)? {
            offices.names.entry(folded(&name)).and_modify(|known| *known = None).or_insert(Some(id));
            offices.ids.push(id);
        }
        Ok(offices)
    }

    fn find(&self, wanted: &str) -> Option<Uuid> {
        match Uuid::try_parse(wanted) {
            Ok(id) => Some(id).filter(|id| self.ids.contains(id)),
            Err(_) => self.names.get(&folded(wanted)).copied().flatten(),
        }
    }
}

impl ReferralCells {
    /// Office and day go together; a letter has both.
    pub(super) fn read(cells: &mut Cells) -> Self {
        let read = Self {
            office: cells.words("referralOffice"),
            referred_on: cells.day("referredOn"),
            number: cells.words("referralNumber"),
            found: OnceCell::new(),
        };
        let given = |column: &str, cells: &Cells| cells.raw(column).is_some();
        let is_referred = ["referralOffice", "referredOn", "referralNumber"].iter().any(|column| given(column, cells));
        for column in ["referralOffice", "referredOn"] {
            if is_referred && !given(column, cells) {
                cells.refuse(column, &VALUE_MISSING);
            }
        }
        read
    }

    /// Looks the office up.
    ///
    /// # Errors
    /// What to tell of the row where there is no such labour office, or several have the name.
    pub(super) fn find(&self, offices: &Offices) -> Result<(), Finding> {
        let Some(office) = &self.office else { return Ok(()) };
        let hint = "Podaj nazwę urzędu pracy jak na liście instytucji albo jego identyfikator.";
        let found =
            offices.find(office.as_str()).ok_or_else(|| Finding::because(Some("referralOffice"), &NOT_A_LABOUR_OFFICE, hint))?;
        let _ = self.found.set(found);
        Ok(())
    }

    /// The referral, once its office was found.
    pub(super) fn found(&self) -> Option<Referral> {
        Some(Referral { institution_id: *self.found.get()?, referred_on: self.referred_on?, number: self.number.clone() })
    }

    /// The column that says otherwise than what is recorded; blank cells say nothing.
    pub(super) fn differs_from(
        &self,
        (office, referred_on, number): &(Option<Uuid>, Option<Day>, Option<ShortText>),
    ) -> Option<&'static str> {
        let differs = |says: bool, same: bool| says && !same;
        [
            ("referralOffice", differs(self.office.is_some(), self.found.get().copied() == *office)),
            ("referredOn", differs(self.referred_on.is_some(), self.referred_on == *referred_on)),
            ("referralNumber", differs(self.number.is_some(), self.number == *number)),
        ]
        .into_iter()
        .find_map(|(column, differs)| differs.then_some(column))
    }
}
