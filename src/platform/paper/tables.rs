//! Lays tables on sheets.

use super::faces::Style;
use super::layout::{Flow, MARGIN};
use super::sheet::{Owner, Role, Shape};
use super::{Align, Table};

const SIZE: f32 = 8.5;
/// What can still be read; words that are too wide for it are broken.
const LEAST_SIZE: f32 = 5.0;
const FACT: Style = Style { bold: false, size: 10.0 };
/// Between the border of a cell and its text.
const PADDING: f32 = 2.0;
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
    let heads = grid.heads(flow, table);
    let whole = flow.laid.part(Role::Table, 0);

    flow.need(grid.beginning(flow, table));
    let head = flow.laid.part(Role::Head, whole);
    grid.draw(flow, &heads, grid.head(), Some((head, Role::ColumnHead)), true);
    let body = flow.laid.part(Role::Body, whole);
    let write = |flow: &mut Flow, cells: &[String], style: Style, shaded: bool| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let row = grid.row(flow, &cells, style, if shaded { 0.0 } else { table.row_height });
        if !flow.fits(row.height) && flow.y > MARGIN {
            flow.turn();
            grid.draw(flow, &heads, grid.head(), None, true);
        }
        grid.draw(flow, &row, style, Some((body, Role::Cell)), shaded);
    };
    for cells in &table.rows {
        write(flow, cells, grid.cell(), false);
    }
    if let Some(total) = &table.total {
        write(flow, total, grid.head(), true);
    }
    flow.skip(8.0);
}

/// How high a table is up to its first row, of which neither the heads nor what names the table stand without.
pub(super) fn beginning(flow: &Flow, table: &Table) -> f32 {
    Grid::of(flow, table).beginning(flow, table)
}

/// Where the columns of a table stand, and how large its words are.
struct Grid {
    size: f32,
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

/// Widths are summed up in another order than letters.
const ROUNDING: f32 = 0.1;

#[expect(clippy::cast_precision_loss, reason = "no table has that many columns")]
fn counted(columns: usize) -> f32 {
    columns as f32
}

/// Width of the widest word of a column, its head and a total included. An id may be broken where it has its hyphens.
fn widest_word(flow: &Flow, table: &Table, place: usize, size: f32) -> f32 {
    let width = |text: &str, bold: bool| {
        let words = text.split_whitespace().flat_map(|word| word.split_inclusive('-'));
        words.map(|word| flow.faces.width(word, Style { bold, size })).fold(0.0, f32::max)
    };
    let cells = table.rows.iter().filter_map(|row| row.get(place)).map(|cell| width(cell, false));
    let bold = [
        table.columns.get(place).map(|column| column.head.as_str()),
        table.total.as_ref().and_then(|row| Some(row.get(place)?.as_str())),
    ];
    bold.into_iter().flatten().map(|text| width(text, true)).chain(cells).fold(0.0, f32::max)
}

/// Shares of a width out, none less than its least; where these are too much together, in their proportion.
fn shared(whole: f32, shares: &[f32], least: &[f32]) -> Vec<f32> {
    let wanted: f32 = least.iter().sum();
    if wanted >= whole {
        return least.iter().map(|width| width * whole / wanted).collect();
    }
    let mut is_least = vec![false; shares.len()];
    loop {
        let of = |numbers: &[f32], kept: bool| -> f32 {
            numbers.iter().zip(&is_least).filter(|(_, least)| **least == kept).map(|(number, _)| *number).sum()
        };
        let unit = (whole - of(least, true)) / of(shares, false);
        let tight = |place: usize| !is_least[place] && shares[place] * unit < least[place];
        let more: Vec<usize> = (0..shares.len()).filter(|place| tight(*place)).collect();
        if more.is_empty() {
            return (0..shares.len()).map(|place| if is_least[place] { least[place] } else { shares[place] * unit }).collect();
        }
        for place in more {
            is_least[place] = true;
        }
    }
}

impl Grid {
    /// Shares of the width, but none narrower than the widest word of the column; where there is no room, smaller words.
    fn of(flow: &Flow, table: &Table) -> Self {
        let padding = (2.0 * PADDING + ROUNDING) * counted(table.columns.len());
        let least: f32 = (0..table.columns.len()).map(|place| widest_word(flow, table, place, SIZE)).sum();
        let size = (SIZE * (flow.width() - padding) / least.max(1.0)).clamp(LEAST_SIZE, SIZE);
        let least: Vec<f32> =
            (0..table.columns.len()).map(|place| widest_word(flow, table, place, size) + 2.0 * PADDING + ROUNDING).collect();
        let shares: Vec<f32> = table.columns.iter().map(|column| column.share).collect();
        let mut x = MARGIN;
        let place = |(column, width): (&super::Column, f32)| {
            x += width;
            (x - width, width, column.align)
        };
        Self { size, columns: table.columns.iter().zip(shared(flow.width(), &shares, &least)).map(place).collect() }
    }

    fn head(&self) -> Style {
        Style { bold: true, size: self.size }
    }

    fn cell(&self) -> Style {
        Style { bold: false, size: self.size }
    }

    fn heads(&self, flow: &Flow, table: &Table) -> Row {
        let heads: Vec<&str> = table.columns.iter().map(|column| column.head.as_str()).collect();
        self.row(flow, &heads, self.head(), 0.0)
    }

    fn beginning(&self, flow: &Flow, table: &Table) -> f32 {
        let heads = self.heads(flow, table).height;
        let cells: Vec<&str> = table.rows.first().into_iter().flatten().map(String::as_str).collect();
        heads + self.row(flow, &cells, self.cell(), table.row_height).height.max(heads)
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
