//! What stands where: sheets of marks, and the structure that the marks belong to.

use super::faces::Style;
use crate::platform::drawing::Drawing;

/// A paper whose every mark has its place.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub sheets: Vec<Vec<Mark>>,
    /// What is said, as a tree; the first part is the whole.
    pub parts: Vec<Part>,
    /// Headings, with sheet and height, for the list of contents.
    pub outline: Vec<(String, usize, f32)>,
}

/// A part of the structure.
#[derive(Debug)]
pub(super) struct Part {
    pub role: Role,
    pub within: Vec<usize>,
}

/// What a part is to somebody who hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Whole,
    Heading(u16, String),
    Paragraph,
    /// A drawing, by what it shows.
    Figure(String),
    Table,
    Head,
    Body,
    Row,
    ColumnHead,
    RowHead,
    Cell,
}

/// Something drawn; lengths in points from the upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub owner: Owner,
    pub shape: Shape,
}

/// Whether a mark says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// It belongs to this part.
    Part(usize),
    /// It is repeated or only ornament, and is not read out.
    Ornament,
    /// It is read on each page by eye only.
    Footer,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// A line of text from the left end of its baseline.
    Text { x: f32, y: f32, style: Style, text: String },
    /// A straight line.
    Rule { from: (f32, f32), to: (f32, f32) },
    /// Marks in units of their own, from the upper left corner of their drawing.
    Drawing { x: f32, y: f32, scale: f32, drawing: Drawing },
    /// A grey ground.
    Ground { x: f32, y: f32, width: f32, height: f32 },
}

impl Laid {
    /// Adds a part within another.
    pub fn part(&mut self, role: Role, within: usize) -> usize {
        self.parts.push(Part { role, within: Vec::new() });
        let part = self.parts.len() - 1;
        if part != within {
            self.parts[within].within.push(part);
        }
        part
    }

    /// Draws on the last sheet.
    pub fn mark(&mut self, owner: Owner, shape: Shape) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(Mark { owner, shape });
        }
    }
}
