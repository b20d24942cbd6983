//! Writing a list to a file, page by page.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::columns::{Shape, Totals};
use super::delivery::Export;
use super::forms::Form;
use super::spool::Spool;
use super::{MOST_ROWS, PAGE};
use crate::platform::db::Tx;
use crate::platform::listing::{Cell, CsvLines};
use crate::platform::paging::Window;
use crate::platform::problem::{Problem, catalogue};
use crate::platform::workbook::{LongWorkbook, Sheet, SheetColumn};
use crate::platform::xml::ListAsXml;

/// Width of a column of a workbook. **Units**: characters.
const WIDTH: f64 = 20.0;

/// What is exported, and as what.
#[derive(Clone)]
pub(crate) struct Order {
    pub shape: Arc<Shape>,
    pub form: Form,
    /// Path and filter, as they were asked for.
    pub asked: String,
}

/// One writer for each form.
enum Writer {
    Ndjson(BufWriter<Spool>),
    Csv(Box<CsvLines<Spool>>),
    Xlsx(Box<LongWorkbook>, Spool),
    Xml(BufWriter<Spool>, Arc<ListAsXml>),
}

fn failed(error: impl std::fmt::Display) -> Problem {
    catalogue::INTERNAL.problem().because(error)
}

impl Writer {
    fn open(order: &Order, tx: &Tx, dir: &Path) -> Result<Self, Problem> {
        let spool = Spool::new(dir);
        let columns = &order.shape.columns;
        Ok(match order.form {
            Form::Ndjson => Self::Ndjson(BufWriter::new(spool)),
            Form::Csv(dialect) => {
                let heads: Vec<&str> = columns.iter().map(|column| column.head.as_str()).collect();
                Self::Csv(Box::new(CsvLines::new(spool, dialect, &heads)?))
            }
            Form::Xml => {
                let list = order.shape.as_xml.clone().ok_or_else(|| failed("a list without XML"))?;
                let mut writer = BufWriter::new(spool);
                writer.write_all(list.head().as_bytes()).map_err(failed)?;
                Self::Xml(writer, list)
            }
            Form::Xlsx => {
                let heads = columns.iter().map(|column| SheetColumn::new(column.head.as_str(), WIDTH)).collect();
                // Dated by the day, so that a file that is made again is the same.
                let made_at = tx.today().and_time(chrono::NaiveTime::MIN).and_utc();
                Self::Xlsx(Box::new(LongWorkbook::new(&order.shape.name, made_at, dir, heads)?), spool)
            }
        })
    }

    fn row(&mut self, shape: &Shape, record: &Value) -> Result<(), Problem> {
        let cells = || -> Vec<Cell> { shape.columns.iter().map(|column| column.cell(record)).collect() };
        match self {
            Self::Ndjson(writer) => {
                serde_json::to_writer(&mut *writer, record).map_err(failed)?;
                writer.write_all(b"\n").map_err(failed)
            }
            Self::Csv(lines) => lines.row(&cells()),
            Self::Xlsx(workbook, _) => workbook.row(&cells()),
            Self::Xml(writer, list) => writer.write_all(list.record(record)?.as_bytes()).map_err(failed),
        }
    }

    fn finish(self, order: &Order, totals: &Totals) -> Result<Spool, Problem> {
        match self {
            Self::Ndjson(writer) => writer.into_inner().map_err(failed),
            Self::Csv(lines) => lines.finish(),
            Self::Xml(mut writer, list) => {
                writer.write_all(list.foot().as_bytes()).map_err(failed)?;
                writer.into_inner().map_err(failed)
            }
            Self::Xlsx(workbook, mut spool) => {
                workbook.finish(&about(order, totals), &mut spool)?;
                Ok(spool)
            }
        }
    }
}

/// What a workbook says of its own rows.
fn about(order: &Order, totals: &Totals) -> Sheet {
    let facts = [
        (Cell::text("Zapytanie"), Cell::text(&order.asked)),
        (Cell::text("Liczba wierszy"), Cell::Whole(i64::try_from(totals.rows).unwrap_or(i64::MAX))),
    ];
    let sums = totals.sums.iter().map(|(head, sum)| (Cell::text(format!("Suma kontrolna {head}")), Cell::Exact(*sum)));
    let meanings = order.shape.columns.iter().map(|column| (Cell::text(&column.head), Cell::text(&column.meaning)));
    Sheet {
        name: "Opis",
        columns: vec![SheetColumn::new("Pozycja", 34.0), SheetColumn::new("Znaczenie", 90.0)],
        rows: facts.into_iter().chain(sums).chain(meanings).map(|(name, value)| vec![name, value]).collect(),
        totals: None,
    }
}

/// Writes all pages of a list, which are read in the snapshot of `tx`.
///
/// # Errors
/// `platform.export_too_long` beyond [`MOST_ROWS`], and whatever the list refuses.
pub(crate) fn make<V: Serialize>(
    tx: &mut Tx,
    order: &Order,
    dir: &Path,
    id: fn(&V) -> Uuid,
    page: &impl Fn(&mut Tx, Window) -> Result<Vec<V>, Problem>,
) -> Result<Export, Problem> {
    let shape = &order.shape;
    let mut writer = Writer::open(order, tx, dir)?;
    let mut totals = Totals::of(shape);
    let mut window = Window { after: Uuid::nil(), limit: PAGE };
    loop {
        let mut rows = page(tx, window)?;
        let wanted = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let goes_on = rows.len() > wanted;
        rows.truncate(wanted);
        if let Some(last) = rows.last() {
            window.after = id(last);
        }
        for row in &rows {
            if totals.rows == MOST_ROWS {
                return Err(catalogue::EXPORT_TOO_LONG.problem().with("most", MOST_ROWS));
            }
            let record = serde_json::to_value(row).map_err(failed)?;
            totals.add(shape, &record);
            writer.row(shape, &record)?;
        }
        if !goes_on {
            break;
        }
    }
    let content = writer.finish(order, &totals)?.finish().map_err(failed)?;
    let name = format!("{}-{}", shape.name, tx.today());
    Ok(Export { form: order.form, name, totals, content })
}
