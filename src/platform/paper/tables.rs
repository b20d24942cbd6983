//! Lays tables on sheets.

use super::faces::Style;
use super::layout::{Flow, MARGIN};
use super::sheet::{Owner, Role, Shape};
use super::{Align, Table};

const CELL: Style = Style { bold: false, size: 8.5 };
const HEAD: Style = Style { bold: true, size: 8.5 };
const FACT: Style = Style { bold: false, size: 10.0 };
/// Between the border of a cell and its text.
const PADDING: f32 = 3.0;
/// Width of the names of facts, as a part of the whole.
const NAMES: f32 = 0.34;

/// Pairs of a name and a value, without lines.
pub(super) fn facts(flow: &mut Flow, facts: &[(String, String)]) {
    let table = flow.laid.part(Role::Table, 0);
    let names = flow.width() * NAMES;
    let values = flow.width() - names;
    for (name, value) in facts {
        let name = flow.faces.lines(name, FACT, names - 8.0);
        let value = flow.faces.lines(value, FACT, values);
        let height = lines_high(name.len().max(value.len()), FACT) + 2.0;
        flow.need(height);
        let y = flow.y;
        let row = flow.laid.part(Role::Row, table);
        let head = flow.laid.part(Role::RowHead, row);
        flow.lines(Owner::Part(head), MARGIN, y, FACT, &name);
        let cell = flow.laid.part(Role::Cell, row);
        flow.lines(Owner::Part(cell), MARGIN + names, y, FACT, &value);
        flow.y += height;
    }
    flow.skip(6.0);
}

/// Rows under heads, with lines; the heads again on each sheet.
pub(super) fn table(flow: &mut Flow, table: &Table) {
    let grid = Grid::of(flow, table);
    let heads: Vec<&str> = table.columns.iter().map(|column| column.head.as_str()).collect();
    let heads = grid.row(flow, &heads, HEAD, 0.0);
    let whole = flow.laid.part(Role::Table, 0);

    flow.need(heads.height * 3.0);
    let head = flow.laid.part(Role::Head, whole);
    grid.draw(flow, &heads, HEAD, Some((head, Role::ColumnHead)), true);
    let body = flow.laid.part(Role::Body, whole);
    let write = |flow: &mut Flow, cells: &[String], style: Style, shaded: bool| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let row = grid.row(flow, &cells, style, if shaded { 0.0 } else { table.row_height });
        if !flow.fits(row.height) && flow.y > MARGIN {
            flow.turn();
            grid.draw(flow, &heads, HEAD, None, true);
        }
        grid.draw(flow, &row, style, Some((body, Role::Cell)), shaded);
    };
    for cells in &table.rows {
        write(flow, cells, CELL, false);
    }
    if let Some(total) = &table.total {
        write(flow, total, HEAD, true);
    }
    flow.skip(8.0);
}

/// Where the columns of a table stand.
struct Grid {
    /// Left end and width of each, and where its text stands.
    columns: Vec<(f32, f32, Align)>,
}

/// A row whose text is broken into lines.
struct Row {
    cells: Vec<Vec<String>>,
    height: f32,
}

#[expect(clippy::cast_precision_loss, reason = "no cell has that many lines")]
fn lines_high(lines: usize, style: Style) -> f32 {
    lines as f32 * style.leading()
}

impl Grid {
    fn of(flow: &Flow, table: &Table) -> Self {
        let shares: f32 = table.columns.iter().map(|column| column.share).sum();
        let mut x = MARGIN;
        let place = |column: &super::Column| {
            let width = flow.width() * column.share / shares;
            x += width;
            (x - width, width, column.align)
        };
        Self { columns: table.columns.iter().map(place).collect() }
    }

    fn row(&self, flow: &Flow, cells: &[&str], style: Style, least: f32) -> Row {
        let broken = |(place, (_, width, _)): (usize, &(f32, f32, Align))| {
            flow.faces.lines(cells.get(place).unwrap_or(&""), style, width - 2.0 * PADDING)
        };
        let cells: Vec<Vec<String>> = self.columns.iter().enumerate().map(broken).collect();
        let lines = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
        Row { cells, height: (lines_high(lines, style) + 2.0 * PADDING).max(least) }
    }

    /// Draws a row; without a part it only repeats what was said before.
    fn draw(&self, flow: &mut Flow, row: &Row, style: Style, part: Option<(usize, Role)>, shaded: bool) {
        let top = flow.y;
        let (left, right) = (MARGIN, MARGIN + flow.width());
        if shaded {
            flow.laid.mark(Owner::Ornament, Shape::Ground { x: left, y: top, width: right - left, height: row.height });
        }
        let said = part.map(|(within, role)| (flow.laid.part(Role::Row, within), role));
        for ((x, width, align), lines) in self.columns.iter().zip(&row.cells) {
            let owner = said.as_ref().map_or(Owner::Ornament, |(row, role)| Owner::Part(flow.laid.part(role.clone(), *row)));
            for (place, line) in lines.iter().enumerate() {
                let x = match align {
                    Align::Left => x + PADDING,
                    Align::Right => x + width - PADDING - flow.faces.width(line.trim_end(), style),
                };
                flow.lines(owner, x, top + PADDING + lines_high(place, style), style, std::slice::from_ref(line));
            }
        }
        let bottom = top + row.height;
        for x in self.columns.iter().map(|(x, ..)| *x).chain([right]) {
            flow.laid.mark(Owner::Ornament, Shape::Rule { from: (x, top), to: (x, bottom) });
        }
        for y in [top, bottom] {
            flow.laid.mark(Owner::Ornament, Shape::Rule { from: (left, y), to: (right, y) });
        }
        flow.y = bottom;
    }
}
