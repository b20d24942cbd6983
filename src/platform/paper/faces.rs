//! The typeface: Liberation Sans, in the proportions of Arial, which offices know; with its licence beside it.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

const REGULAR: &[u8] = include_bytes!("fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/LiberationSans-Bold.ttf");
/// Stands for a character that the typeface lacks.
const UNKNOWN: char = '?';
/// The first character after the letters of Polish and its neighbours.
const USUAL: char = '\u{180}';

static FACES: LazyLock<Option<Faces>> = LazyLock::new(|| Some(Faces { regular: Face::read(REGULAR)?, bold: Face::read(BOLD)? }));

/// Both weights, read once.
pub(super) fn faces() -> Option<&'static Faces> {
    FACES.as_ref()
}

/// Both weights.
pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub bold: bool,
    /// In points.
    pub size: f32,
}

impl Style {
    /// From one line to the next.
    pub fn leading(self) -> f32 {
        self.size * 1.25
    }

    /// From the top of a line to its baseline.
    pub fn ascent(self) -> f32 {
        self.size * 0.95
    }
}

/// One weight.
pub(super) struct Face {
    pub font: Font,
    source: FontRef<'static>,
    units_per_em: f32,
    /// What most texts consist of, looked up once.
    usual: Vec<Option<(u32, f32)>>,
}

impl Face {
    fn read(data: &'static [u8]) -> Option<Self> {
        let font = Font::new(data.into(), 0)?;
        let units_per_em = font.units_per_em();
        let source = FontRef::new(data).ok()?;
        let usual = ('\0'..USUAL).map(|character| Self::look_up(&source, units_per_em, character)).collect();
        Some(Self { font, source, units_per_em, usual })
    }

    /// The glyph of a character and its width for a size of one point.
    fn look_up(source: &FontRef, units_per_em: f32, character: char) -> Option<(u32, f32)> {
        let charmap = source.charmap();
        let glyph = charmap.map(character).or_else(|| charmap.map(UNKNOWN))?;
        let width = source.glyph_metrics(Size::unscaled(), LocationRef::default()).advance_width(glyph).unwrap_or_default();
        Some((glyph.to_u32(), width / units_per_em))
    }

    fn glyph(&self, character: char) -> Option<(u32, f32)> {
        match self.usual.get(character as usize) {
            Some(known) => *known,
            None => Self::look_up(&self.source, self.units_per_em, character),
        }
    }

    /// The glyphs of a text, with widths for a size of one point.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        text.char_indices()
            .filter_map(|(start, character)| {
                let (glyph, width) = self.glyph(character)?;
                let range = start..start + character.len_utf8();
                Some(KrillaGlyph::new(GlyphId::new(glyph), width, 0.0, 0.0, 0.0, range, None))
            })
            .collect()
    }

    /// Width of a text for a size of one point; letters do not move together, so that it is the sum of theirs.
    fn width(&self, text: &str) -> f32 {
        text.chars().filter_map(|character| self.glyph(character)).map(|(_, width)| width).sum()
    }
}

impl Faces {
    pub fn of(&self, style: Style) -> &Face {
        if style.bold { &self.bold } else { &self.regular }
    }

    /// Width of a text in points.
    pub fn width(&self, text: &str, style: Style) -> f32 {
        self.of(style).width(text) * style.size
    }

    /// Breaks a text between words, and a word that is too long within it, so that no line is wider than `width` points.
    pub fn lines(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        let space = self.width(" ", style);
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let (mut line, mut filled) = (String::new(), 0.0);
            for word in paragraph.split_whitespace() {
                let wide = self.width(word, style);
                if line.is_empty() && wide <= width {
                    (line, filled) = (word.to_owned(), wide);
                } else if !line.is_empty() && filled + space + wide <= width {
                    line.push(' ');
                    line.push_str(word);
                    filled += space + wide;
                } else {
                    if !line.is_empty() {
                        // The space stays at the end: whoever copies or hears the text needs it.
                        lines.push(line + " ");
                    }
                    line = self.cut(word, style, width, &mut lines);
                    filled = self.width(&line, style);
                }
            }
            lines.push(line);
        }
        lines
    }

    /// Cuts what is wider than a line into lines, after its hyphens where these are near enough; answers the rest.
    fn cut(&self, word: &str, style: Style, width: f32, lines: &mut Vec<String>) -> String {
        let (mut rest, mut filled) = (String::new(), 0.0);
        for part in word.split_inclusive('-') {
            let wide = self.width(part, style);
            if !rest.is_empty() && filled + wide > width {
                lines.push(std::mem::take(&mut rest));
                filled = 0.0;
            }
            if wide <= width {
                rest.push_str(part);
                filled += wide;
            } else {
                rest = self.cut_within(part, style, width, lines);
                filled = self.width(&rest, style);
            }
        }
        rest
    }

    fn cut_within(&self, word: &str, style: Style, width: f32, lines: &mut Vec<String>) -> String {
        let (mut rest, mut filled) = (String::new(), 0.0);
        for character in word.chars() {
            let wide = self.of(style).glyph(character).map_or(0.0, |(_, width)| width * style.size);
            if !rest.is_empty() && filled + wide > width {
                lines.push(std::mem::take(&mut rest));
                filled = 0.0;
            }
            rest.push(character);
            filled += wide;
        }
        rest
    }
}
