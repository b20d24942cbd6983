//! Draws the marks of drawings.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Transform};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;

use super::faces::{Faces, Style};
use crate::platform::drawing::{Anchor, Colour, Drawing, Look, Mark, Place, TEXT, TEXT_COLOUR, TICK, TICK_COLOUR};

/// How far the handles of four curves stand from their ends so that they make a circle, by its radius.
const ROUND: f32 = 0.552_285;

/// Draws a drawing with its upper left corner at a place, in points.
pub(super) fn draw(surface: &mut Surface, faces: &Faces, (x, y): (f32, f32), scale: f32, drawing: &Drawing) {
    surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, x, y));
    for mark in &drawing.marks {
        match mark {
            Mark::Text { at, anchor, is_tick, words } => text(surface, faces, *at, *anchor, *is_tick, words),
            Mark::Line { from, to, look } => trace(surface, &[*from, *to], *look),
            Mark::Path { points, look } => trace(surface, points, *look),
            Mark::Bar { at, size, look } => bar(surface, *at, *size, *look),
            Mark::Dot { at, radius, look } => dot(surface, *at, *radius, *look),
        }
    }
    surface.set_stroke(None);
    surface.pop();
}

#[expect(clippy::cast_possible_truncation, reason = "drawings are hundreds of units wide, and a tenth of one is not seen")]
fn narrow(number: f64) -> f32 {
    number as f32
}

fn point((x, y): Place) -> (f32, f32) {
    (narrow(x), narrow(y))
}

fn paint([red, green, blue]: Colour) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn take_up(surface: &mut Surface, look: Look) {
    surface.set_fill(look.fill().map(paint));
    surface.set_stroke(look.pen().map(|pen| {
        let [red, green, blue] = pen.colour;
        Stroke {
            paint: rgb::Color::new(red, green, blue).into(),
            width: narrow(pen.width),
            dash: pen.dash.map(|lengths| StrokeDash { array: lengths.map(narrow).to_vec(), offset: 0.0 }),
            ..Stroke::default()
        }
    }));
}

fn text(surface: &mut Surface, faces: &Faces, at: Place, anchor: Anchor, is_tick: bool, words: &str) {
    let (size, colour) = if is_tick { (TICK, TICK_COLOUR) } else { (TEXT, TEXT_COLOUR) };
    let style = Style { bold: false, size: narrow(size) };
    let (x, y) = point(at);
    let before = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => 0.5,
        Anchor::End => 1.0,
    };
    let face = faces.of(style);
    surface.set_stroke(None);
    surface.set_fill(Some(paint(colour)));
    let start = Point::from_xy(x - before * faces.width(words, style), y);
    surface.draw_glyphs(start, &face.glyphs(words), face.font.clone(), words, style.size, false);
}

/// Lines from point to point; what is filled is closed.
fn trace(surface: &mut Surface, points: &[Place], look: Look) {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().copied().map(point).enumerate() {
        if place == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    if look.fill().is_some() {
        path.close();
    }
    finish(surface, path, look);
}

fn bar(surface: &mut Surface, at: Place, (width, height): (f64, f64), look: Look) {
    let (x, y) = point(at);
    let mut path = PathBuilder::new();
    // Nothing has no area.
    if let Some(area) = Rect::from_xywh(x, y, narrow(width), narrow(height)) {
        path.push_rect(area);
    }
    finish(surface, path, look);
}

fn dot(surface: &mut Surface, at: Place, radius: f64, look: Look) {
    let ((x, y), r) = (point(at), narrow(radius));
    let handle = r * ROUND;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + handle, x + handle, y + r, x, y + r);
    path.cubic_to(x - handle, y + r, x - r, y + handle, x - r, y);
    path.cubic_to(x - r, y - handle, x - handle, y - r, x, y - r);
    path.cubic_to(x + handle, y - r, x + r, y - handle, x + r, y);
    path.close();
    finish(surface, path, look);
}

fn finish(surface: &mut Surface, path: PathBuilder, look: Look) {
    take_up(surface, look);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
