//! Lays the blocks of a paper on sheets.

use super::faces::{Faces, Style};
use super::sheet::{Laid, Owner, Role, Shape};
use super::{Block, Orientation, Paper, tables};
use crate::platform::drawing::Drawing;

/// A4 in points.
const SHORT: f32 = 595.28;
const LONG: f32 = 841.89;
/// Around what is written.
pub(super) const MARGIN: f32 = 45.0;
/// Height of the foot within the lower margin.
const FOOT: f32 = 22.0;

const TITLE: Style = Style { bold: true, size: 15.0 };
const HEADING: Style = Style { bold: true, size: 11.5 };
const BODY: Style = Style { bold: false, size: 10.0 };
const SMALL: Style = Style { bold: false, size: 8.0 };
/// Above a place to sign.
const ROOM_TO_SIGN: f32 = 42.0;

/// Width and height of a sheet.
pub(super) fn size(orientation: Orientation) -> (f32, f32) {
    match orientation {
        Orientation::Portrait => (SHORT, LONG),
        Orientation::Landscape => (LONG, SHORT),
    }
}

/// Gives every mark its place.
pub(super) fn lay(paper: &Paper, faces: &Faces) -> Laid {
    let mut flow = Flow::begin(paper, faces);
    for line in &paper.issuer {
        flow.text(line, BODY);
    }
    if !paper.issuer.is_empty() {
        flow.skip(14.0);
    }
    flow.heading(&paper.title, TITLE, 1);
    for (place, block) in paper.blocks.iter().enumerate() {
        match block {
            Block::Heading(text) => {
                flow.skip(8.0);
                match paper.blocks.get(place + 1) {
                    Some(Block::Drawing(drawing, _)) => flow.need(HEADING.leading() * 2.0 + flow.height_of(drawing)),
                    Some(Block::Table(table)) => flow.need(HEADING.leading() * 2.0 + tables::beginning(&flow, table)),
                    _ => {}
                }
                flow.heading(text, HEADING, 2);
            }
            Block::Drawing(drawing, told) => flow.drawing(drawing, told),
            Block::Text(text) => {
                flow.text(text, BODY);
                flow.skip(5.0);
            }
            Block::Facts(pairs) => tables::facts(&mut flow, pairs),
            Block::Table(table) => tables::table(&mut flow, table),
            Block::Signatures(signatures) => flow.signatures(signatures),
        }
    }
    flow.end(paper)
}

/// Writes from the top to the bottom, and on the next sheet.
pub(super) struct Flow<'f> {
    pub faces: &'f Faces,
    pub laid: Laid,
    /// Width and height of a sheet.
    size: (f32, f32),
    /// How far the last sheet is filled.
    pub y: f32,
}

impl<'f> Flow<'f> {
    fn begin(paper: &Paper, faces: &'f Faces) -> Self {
        let mut flow = Self { faces, laid: Laid::default(), size: size(paper.orientation), y: MARGIN };
        flow.laid.part(Role::Whole, 0);
        flow.turn();
        flow
    }

    /// Width of what is written.
    pub fn width(&self) -> f32 {
        self.size.0 - 2.0 * MARGIN
    }

    fn bottom(&self) -> f32 {
        self.size.1 - MARGIN - FOOT
    }

    /// Whether this height is left on the sheet.
    pub fn fits(&self, height: f32) -> bool {
        self.y + height <= self.bottom()
    }

    /// Begins the next sheet.
    pub fn turn(&mut self) {
        self.laid.sheets.push(Vec::new());
        self.y = MARGIN;
    }

    /// Begins the next sheet unless this height is left, or the sheet is empty anyway.
    pub fn need(&mut self, height: f32) {
        if !self.fits(height) && self.y > MARGIN {
            self.turn();
        }
    }

    /// Leaves room; none on top of a sheet.
    pub fn skip(&mut self, height: f32) {
        if self.y > MARGIN {
            self.y += height;
        }
    }

    /// Writes lines from `x` on, `y` being the top of the first.
    pub fn lines(&mut self, owner: Owner, x: f32, y: f32, style: Style, lines: &[String]) {
        let mut top = y;
        for text in lines {
            self.laid.mark(owner, Shape::Text { x, y: top + style.ascent(), style, text: text.clone() });
            top += style.leading();
        }
    }

    fn heading(&mut self, text: &str, style: Style, level: u16) {
        if text.trim().is_empty() {
            return;
        }
        // A heading alone at the bottom names nothing.
        self.need(style.leading() * 4.0);
        let part = self.laid.part(Role::Heading(level, text.to_owned()), 0);
        self.laid.outline.push((text.to_owned(), self.laid.sheets.len() - 1, self.y));
        self.paragraph(part, text, style);
        self.skip(style.size * 0.6);
    }

    fn text(&mut self, text: &str, style: Style) {
        let part = self.laid.part(Role::Paragraph, 0);
        self.paragraph(part, text, style);
    }

    fn paragraph(&mut self, part: usize, text: &str, style: Style) {
        for line in self.faces.lines(text, style, self.width()) {
            self.need(style.leading());
            let y = self.y;
            self.lines(Owner::Part(part), MARGIN, y, style, &[line]);
            self.y += style.leading();
        }
    }

    /// Points to a unit of a drawing that is as wide as the text, unless it would be higher than a sheet then.
    #[expect(clippy::cast_possible_truncation, reason = "drawings are hundreds of units wide")]
    fn scale_of(&self, drawing: &Drawing) -> f32 {
        let highest = self.bottom() - MARGIN - HEADING.leading() * 3.0;
        (self.width() / drawing.width as f32).min(highest / drawing.height.max(1.0) as f32)
    }

    #[expect(clippy::cast_possible_truncation, reason = "drawings are hundreds of units high")]
    fn height_of(&self, drawing: &Drawing) -> f32 {
        self.scale_of(drawing) * drawing.height as f32
    }

    fn drawing(&mut self, drawing: &Drawing, told: &str) {
        let height = self.height_of(drawing);
        self.need(height);
        let part = self.laid.part(Role::Figure(told.to_owned()), 0);
        let shape = Shape::Drawing { x: MARGIN, y: self.y, scale: self.scale_of(drawing), drawing: drawing.clone() };
        self.laid.mark(Owner::Part(part), shape);
        self.y += height;
        self.skip(6.0);
    }

    #[expect(clippy::cast_precision_loss, reason = "few people sign one paper")]
    fn signatures(&mut self, signatures: &[String]) {
        if signatures.is_empty() {
            return;
        }
        let gap = 24.0;
        let width = (self.width() - gap * (signatures.len() - 1) as f32) / signatures.len() as f32;
        let words: Vec<Vec<String>> = signatures.iter().map(|text| self.faces.lines(text, SMALL, width)).collect();
        let height = words.iter().map(Vec::len).max().unwrap_or_default() as f32 * SMALL.leading();
        self.need(ROOM_TO_SIGN + height);
        let y = self.y + ROOM_TO_SIGN;
        for (place, lines) in words.iter().enumerate() {
            let x = MARGIN + place as f32 * (width + gap);
            self.laid.mark(Owner::Ornament, Shape::Rule { from: (x, y - 2.0), to: (x + width, y - 2.0) });
            let part = self.laid.part(Role::Paragraph, 0);
            self.lines(Owner::Part(part), x, y, SMALL, lines);
        }
        self.y = y + height;
    }

    /// Numbers the sheets.
    fn end(mut self, paper: &Paper) -> Laid {
        let count = self.laid.sheets.len();
        let y = self.size.1 - MARGIN - FOOT + SMALL.leading() + 4.0;
        let right = self.size.0 - MARGIN;
        for (place, sheet) in self.laid.sheets.iter_mut().enumerate() {
            let number = format!("strona {} z {count}", place + 1);
            let width = self.faces.width(&number, SMALL);
            let source =
                self.faces.lines(&paper.source, SMALL, right - MARGIN - width - 20.0).into_iter().next().unwrap_or_default();
            for (x, text) in [(MARGIN, source), (right - width, number)] {
                sheet.push(super::sheet::Mark { owner: Owner::Footer, shape: Shape::Text { x, y, style: SMALL, text } });
            }
        }
        self.laid
    }
}
