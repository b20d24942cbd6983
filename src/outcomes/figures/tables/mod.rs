//! Tables that others ask for: the yearly one of the labour offices' statistics, the participants of a project of the European
//! Social Fund, and the history of a programme. As JSON, CSV (in both dialects), a workbook and on paper, from one reading.

mod annex_8;
mod annex_8_routes;
mod esf_participants;
mod esf_routes;
mod history;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

use super::figure::Number;
use crate::platform::db::Tx;
use crate::platform::listing::{Cell, Listing, ListingColumn};
use crate::platform::problem::Problem;
use crate::platform::routes::ServiceConfig;
use crate::schema::institutions;

/// What stands where nothing is known, as in tables of the statistical office; never a zero.
const NO_INFORMATION: &str = ".";
const MINUTES_PER_HOUR: i64 = 60;

/// A number as a cell; a point where there is none.
fn cell(number: Option<Number>) -> Cell {
    match number {
        None => Cell::text(NO_INFORMATION),
        Some(Number::Whole(whole)) => Cell::Whole(whole),
        Some(Number::Minutes(minutes)) => Cell::Decimal(Decimal::from(minutes) / Decimal::from(MINUTES_PER_HOUR)),
        Some(Number::Places(places)) => Cell::text(places),
        Some(Number::Money(amount)) => Cell::Money(amount),
    }
}

/// The name of the centre; asked for now, whatever moment the table answers for.
fn issuer(tx: &mut Tx) -> Result<Option<String>, Problem> {
    Ok(institutions::table.filter(institutions::id.eq(tx.tenant())).select(institutions::name).first(tx.conn).optional()?)
}

/// What a file says of itself before its rows.
struct Cover {
    title: String,
    sheet: &'static str,
    issuer: Option<String>,
    facts: Vec<(String, String)>,
    source: String,
    as_of: DateTime<Utc>,
}

impl Cover {
    fn listing(self, columns: Vec<ListingColumn>, rows: Vec<Vec<Cell>>) -> Listing {
        let Self { title, sheet, issuer, mut facts, source, as_of } = self;
        facts.push(("Stan wiedzy na".to_owned(), as_of.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
        facts.push(("Znak .".to_owned(), "brak danych; nigdy nie oznacza zera".to_owned()));
        Listing { title, sheet, issuer, facts, columns, rows, totals: None, signatures: Vec::new(), source, made_at: as_of }
    }
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    annex_8_routes::routes(config);
    esf_routes::routes(config);
    history::routes(config);
}
