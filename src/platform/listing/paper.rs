//! Listings on paper.

use super::{Listing, Medium};
use crate::platform::paper::{Block, Column, Orientation, Paper, Table};
use crate::platform::problem::Problem;

/// Least height of a row in which somebody signs. **Units**: points.
const ROOM_TO_SIGN: f32 = 22.0;

/// Prints what is known of the whole, the rows with their totals, and places to sign.
pub(super) fn print(listing: &Listing) -> Result<Vec<u8>, Problem> {
    let columns: Vec<_> = listing.columns(Medium::Paper).collect();
    let signs = columns.iter().any(|(_, column)| column.only == Some(Medium::Paper));
    let words = |row: &Vec<super::Cell>| listing.cells(row, Medium::Paper).map(super::Cell::polish).collect();
    let table = Table {
        columns: columns
            .iter()
            .map(|(place, column)| {
                if listing.holds_figures(*place) {
                    Column::figures(&*column.head, column.width)
                } else {
                    Column::words(&*column.head, column.width)
                }
            })
            .collect(),
        rows: listing.rows.iter().map(words).collect(),
        total: listing.totals.as_ref().map(words),
        row_height: if signs { ROOM_TO_SIGN } else { 0.0 },
    };
    let paper = Paper {
        title: listing.title.clone(),
        issuer: listing.issuer.iter().cloned().collect(),
        source: listing.source.clone(),
        made_at: listing.made_at,
        orientation: Orientation::Landscape,
        blocks: vec![
            Block::Facts(listing.facts.clone()),
            Block::Table(table),
            Block::Signatures(listing.signatures.iter().map(|who| (*who).to_owned()).collect()),
        ],
    };
    paper.to_pdf()
}
