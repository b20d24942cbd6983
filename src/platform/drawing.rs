//! Drawings: a few simple marks in units of their own. Each format draws the same marks in its way, so that no two of them can
//! show different things.

/// Across and down from the upper left corner.
pub type Place = (f64, f64);

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Its marks, from the lowest to the topmost.
    pub marks: Vec<Mark>,
}

/// Something drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line of text.
    Text {
        /// Where it stands, on its baseline.
        at: Place,
        /// Which of its points that is.
        anchor: Anchor,
        /// Whether it belongs to a scale, which is smaller and paler.
        is_tick: bool,
        /// The text.
        words: String,
    },
    /// A straight line.
    Line {
        /// One end.
        from: Place,
        /// The other.
        to: Place,
        /// How it looks.
        look: Look,
    },
    /// A rectangle.
    Bar {
        /// Its upper left corner.
        at: Place,
        /// Width and height.
        size: (f64, f64),
        /// How it looks.
        look: Look,
    },
    /// A disc.
    Dot {
        /// Its middle.
        at: Place,
        /// From the middle to the edge.
        radius: f64,
        /// How it looks.
        look: Look,
    },
    /// Straight lines from point to point.
    Path {
        /// The points.
        points: Vec<Place>,
        /// How it looks.
        look: Look,
    },
}

/// Which point of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// Red, green and blue.
pub type Colour = [u8; 3];

/// Size of texts, in units of the drawing.
pub const TEXT: f64 = 13.0;
/// Size of texts of a scale.
pub const TICK: f64 = 12.0;
/// Colour of texts.
pub const TEXT_COLOUR: Colour = [0x1b, 0x1b, 0x1b];
/// Colour of texts of a scale.
pub const TICK_COLOUR: Colour = DIM;

const DEEP: Colour = [0x1f, 0x5f, 0x99];
const WARM: Colour = [0x8a, 0x3f, 0x00];
const DIM: Colour = [0x45, 0x45, 0x45];
const WHITE: Colour = [0xff, 0xff, 0xff];

/// How a mark looks. Marks that mean different things differ in more than colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Lines of a scale.
    Grid,
    /// The base of a scale.
    Axis,
    /// A value.
    Bar,
    /// The room of a value.
    Back,
    /// Below a curve.
    Area,
    /// A curve.
    Taken,
    /// What was planned.
    Plan,
    /// From one value to another.
    Span,
    /// An earlier value.
    Before,
    /// A later value.
    After,
}

/// How the edge of a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    /// Its colour.
    pub colour: Colour,
    /// Its width.
    pub width: f64,
    /// Lengths of strokes and gaps; none where it is not interrupted.
    pub dash: Option<[f64; 2]>,
}

impl Look {
    /// Every look.
    pub const ALL: [Self; 10] = [
        Self::Grid,
        Self::Axis,
        Self::Bar,
        Self::Back,
        Self::Area,
        Self::Taken,
        Self::Plan,
        Self::Span,
        Self::Before,
        Self::After,
    ];

    /// Its name in a style sheet.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Axis => "axis",
            Self::Bar => "bar",
            Self::Back => "back",
            Self::Area => "area",
            Self::Taken => "taken",
            Self::Plan => "plan",
            Self::Span => "span",
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// What it is filled with.
    pub const fn fill(self) -> Option<Colour> {
        match self {
            Self::Bar | Self::After => Some(DEEP),
            Self::Back => Some([0xe4, 0xe9, 0xf0]),
            Self::Area => Some([0xe0, 0xe9, 0xf1]),
            Self::Before => Some(WHITE),
            Self::Grid | Self::Axis | Self::Taken | Self::Plan | Self::Span => None,
        }
    }

    /// What its edge is drawn with.
    pub const fn pen(self) -> Option<Pen> {
        let (colour, width, dash) = match self {
            Self::Grid => ([0xd9, 0xdd, 0xe3], 1.0, None),
            Self::Axis => (DIM, 1.0, None),
            Self::Taken => (DEEP, 3.0, None),
            Self::Plan => (WARM, 2.5, Some([7.0, 5.0])),
            Self::Span => ([0x6b, 0x77, 0x85], 3.0, None),
            Self::Before => (WARM, 2.5, None),
            Self::After => (DEEP, 2.5, None),
            Self::Bar | Self::Back | Self::Area => return None,
        };
        Some(Pen { colour, width, dash })
    }
}
