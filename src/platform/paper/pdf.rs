//! Writes laid sheets as PDF.

use std::num::NonZeroU16;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use krilla::color::luma;
use krilla::configure::validate::{Accessibility, Archival};
use krilla::configure::{Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{self, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};

use super::Paper;
use super::faces::Faces;
use super::layout::size;
use super::marks;
use super::sheet::{Laid, Mark, Owner, Role, Shape};

const BLACK: u8 = 0;
const GROUND: u8 = 235;
const RULE: u8 = 110;
const RULE_WIDTH: f32 = 0.5;
const LANGUAGE: &str = "pl-PL";

/// Writes the sheets.
pub(super) fn write(paper: &Paper, faces: &Faces, laid: &Laid) -> Result<Vec<u8>, String> {
    let mut document = Document::new_with(settings()?);
    let (width, height) = size(paper.orientation);
    let mut said: Vec<Vec<Identifier>> = laid.parts.iter().map(|_| Vec::new()).collect();
    for sheet in &laid.sheets {
        let settings = PageSettings::from_wh(width, height).ok_or("a sheet without size")?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in sheet {
            let identifier = surface.start_tagged(tag(mark));
            draw(&mut surface, faces, &mark.shape);
            surface.end_tagged();
            if let Owner::Part(part) = mark.owner {
                said[part].push(identifier);
            }
        }
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(LANGUAGE.to_owned()));
    for part in &laid.parts[0].within {
        tree.push(group(laid, &mut said, *part));
    }
    document.set_tag_tree(tree);
    document.set_outline(outline(laid));
    document.set_metadata(metadata(paper));
    document.finish().map_err(|error: KrillaError| format!("{error:?}"))
}

fn metadata(paper: &Paper) -> Metadata {
    Metadata::new()
        .title(paper.title.clone())
        .language(LANGUAGE.to_owned())
        .authors(paper.issuer.clone())
        .creator("pai".to_owned())
        .creation_date(moment(paper.made_at))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no paper is made before year 0 or after 9999")]
fn moment(at: DateTime<Utc>) -> metadata::DateTime {
    metadata::DateTime::new(at.year() as u16)
        .month(at.month() as u8)
        .day(at.day() as u8)
        .hour(at.hour() as u8)
        .minute(at.minute() as u8)
        .second(at.second() as u8)
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn settings() -> Result<SerializeSettings, String> {
    let configuration: Configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| format!("{error:?}"))?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

fn tag(mark: &Mark) -> ContentTag<'static> {
    match mark.owner {
        Owner::Part(_) => ContentTag::Span(SpanTag::empty()),
        Owner::Ornament => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        Owner::Footer => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
    }
}

fn draw(surface: &mut Surface, faces: &Faces, shape: &Shape) {
    match shape {
        Shape::Text { x, y, style, text } => {
            let face = faces.of(*style);
            surface.set_fill(Some(ink(BLACK)));
            surface.draw_glyphs(Point::from_xy(*x, *y), &face.glyphs(text), face.font.clone(), text, style.size, false);
        }
        Shape::Rule { from, to } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint: luma::Color::new(RULE).into(), width: RULE_WIDTH, ..Stroke::default() }));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
            surface.set_stroke(None);
        }
        Shape::Drawing { x, y, scale, drawing } => marks::draw(surface, faces, (*x, *y), *scale, drawing),
        Shape::Ground { x, y, width, height } => {
            surface.set_fill(Some(ink(GROUND)));
            let mut path = PathBuilder::new();
            if let Some(area) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(area);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn ink(lightness: u8) -> Fill {
    Fill { paint: luma::Color::new(lightness).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn group(laid: &Laid, said: &mut [Vec<Identifier>], part: usize) -> TagGroup {
    let Some(own) = laid.parts.get(part) else { return TagGroup::new(Tag::P) };
    let mut group = TagGroup::new(kind(&own.role));
    for identifier in said[part].drain(..) {
        group.push(identifier);
    }
    for within in &own.within {
        group.push(self::group(laid, said, *within));
    }
    group
}

fn kind(role: &Role) -> TagKind {
    match role {
        Role::Whole => Tag::Div.into(),
        Role::Heading(level, title) => Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into(),
        Role::Paragraph => Tag::P.into(),
        Role::Figure(told) => Tag::Figure(Some(told.clone())).into(),
        Role::Table => Tag::Table.into(),
        Role::Head => Tag::THead.into(),
        Role::Body => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
    }
}

fn outline(laid: &Laid) -> Outline {
    let mut outline = Outline::new();
    for (text, sheet, y) in &laid.outline {
        outline.push_child(OutlineNode::new(text.clone(), XyzDestination::new(*sheet, Point::from_xy(0.0, *y))));
    }
    outline
}
