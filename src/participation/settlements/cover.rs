//! What the lists of an approved settlement say of it: whose it is, of which month, its number and the hash of what was
//! approved. So paper and files can be laid beside the document that never changes.

use chrono::NaiveTime;
use diesel::prelude::*;

use super::views::SettlementView;
use crate::platform::db::{Tx, own};
use crate::platform::listing::{Listing, ListingColumn};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, LongText};
use crate::schema::{agreements, editions, institutions, programmes};

/// Who signs a list that money is paid by.
pub(super) const SIGNATURES: [&str; 4] = [
    "sporządził",
    "sprawdził pod względem merytorycznym",
    "sprawdził pod względem formalnym i rachunkowym",
    "zatwierdził do wypłaty",
];

/// Who signs a claim.
pub(super) const CLAIMANTS: [&str; 3] = ["sporządził", "główny księgowy (skarbnik)", "w imieniu gminy"];

/// A list of a settlement without its rows.
///
/// # Errors
/// When the store fails.
pub(super) fn of_settlement(
    tx: &mut Tx,
    settlement: &SettlementView,
    (title, sheet): (&str, &'static str),
    columns: Vec<ListingColumn>,
) -> Result<Listing, Problem> {
    let issuer: Option<String> =
        institutions::table.filter(institutions::id.eq(tx.tenant())).select(institutions::name).first(tx.conn).optional()?;
    let correction = if settlement.corrects_id.is_some() { " – korekta" } else { "" };
    let number = format!("{} nr {}", settlement.month, settlement.number);
    let hash = settlement.document_sha256.as_deref().unwrap_or_default();
    Ok(Listing {
        title: format!("{title}{correction}"),
        sheet,
        issuer,
        facts: facts(tx, settlement)?,
        columns,
        rows: Vec::new(),
        totals: None,
        signatures: SIGNATURES.to_vec(),
        source: format!("Rozliczenie {number}, SHA-256 dokumentu: {hash}"),
        // What was approved never changes, so the day of the approval dates every copy.
        made_at: settlement.approved_on.map_or(tx.now(), |day| day.date().and_time(NaiveTime::MIN).and_utc()),
    })
}

fn facts(tx: &mut Tx, settlement: &SettlementView) -> Result<Vec<(String, String)>, Problem> {
    let (number, signed_on): (Option<String>, Day) = agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(settlement.agreement_id))
        .select((agreements::number, agreements::signed_on))
        .first(tx.conn)?;
    let of_edition: Option<(String, String)> = match settlement.edition_id {
        None => None,
        Some(edition) => editions::table
            .inner_join(
                programmes::table
                    .on(programmes::tenant_id.eq(editions::tenant_id).and(programmes::id.eq(editions::programme_id))),
            )
            .filter(own(tx, editions::tenant_id))
            .filter(editions::id.eq(edition))
            .select((programmes::name, editions::name))
            .first(tx.conn)
            .optional()?,
    };
    let polish = |day: Day| day.date().format("%d.%m.%Y").to_string();
    let number = number.map(|number| format!("{number} ")).unwrap_or_default();
    let editions =
        of_edition.map_or("wszystkie edycje porozumienia".to_owned(), |(programme, edition)| format!("{programme}, {edition}"));
    let settled = match settlement.corrects_id {
        None => format!("nr {} ({})", settlement.number, settlement.id),
        Some(corrected) => format!("nr {} ({}), koryguje {corrected}", settlement.number, settlement.id),
    };
    let reason = settlement.correction_reason.as_ref().map(LongText::as_str).unwrap_or_default();
    let pairs = [
        ("Podstawa", "art. 73a ustawy z dnia 20 kwietnia 2004 r. o promocji zatrudnienia i instytucjach rynku pracy".to_owned()),
        ("Porozumienie", format!("{number}z dnia {}", polish(signed_on))),
        ("Edycja", editions),
        ("Miesiąc", settlement.month.first_day().format("%m.%Y").to_string()),
        ("Rozliczenie", settled),
        ("Powód korekty", reason.to_owned()),
        ("Zatwierdzone", settlement.approved_on.map(polish).unwrap_or_default()),
        ("SHA-256 dokumentu", settlement.document_sha256.clone().unwrap_or_default()),
        ("Liczba osób", settlement.people.to_string()),
    ];
    Ok(pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value)).collect())
}
