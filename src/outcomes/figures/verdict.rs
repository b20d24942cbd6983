//! How far a value can be trusted: what was collected, and whether its time is over.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::types::text_enum;

text_enum! {
    /// Why a figure has a value, or none.
    pub enum Status {
        /// The value is known.
        Ok = "ok",
        /// The value may still change, or rests on partly collected facts.
        Provisional = "provisional",
        /// There is nothing below the line.
        Undefined = "undefined",
        /// The facts were not collected, or nobody says that they were.
        NotCollected = "notCollected",
        /// The figure does not exist here.
        NotApplicable = "notApplicable",
        /// Withheld, because it would tell something of a person.
        Suppressed = "suppressed",
    }
}

impl Status {
    /// Whether a value is shown.
    pub fn shows_value(self) -> bool {
        matches!(self, Self::Ok | Self::Provisional)
    }
}

text_enum! {
    /// Something to know about a figure.
    pub enum NoteCode {
        /// Participations past their planned end whose end was not recorded.
        PastPlannedEnd = "pastPlannedEnd",
        /// Held sessions without an attendance sheet; they are not counted.
        SessionsWithoutSheet = "sessionsWithoutSheet",
        /// People expected at a session of whom its sheet says nothing; they are not counted.
        ExpectedWithoutEntry = "expectedWithoutEntry",
        /// People with a job of whose length nothing is known.
        JobLengthUnknown = "jobLengthUnknown",
        /// Follow-up after the programme was not obtained; the value holds what is known.
        FollowUpNotCollected = "followUpNotCollected",
        /// Participations that have not yet had the time that the figure looks at; they are not counted.
        TooEarly = "tooEarly",
        /// Blocks without planned hours; their hours are not counted.
        BlocksWithoutPlan = "blocksWithoutPlan",
        /// Entries that no approved settlement holds as they are; they are counted at the rates of today.
        NotSettled = "notSettled",
        /// Entries of days without a rate; they are not counted.
        WithoutRate = "withoutRate",
        /// Settled lines that hold hours of other editions too; only the hours of these editions are counted.
        SharedLines = "sharedLines",
        /// Participations without a session to attend, where the edition asks for attendance.
        NothingScheduled = "nothingScheduled",
    }
}

/// Something to know about a figure, with how many records it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FigureNote)]
pub struct Note {
    /// What it is.
    pub code: NoteCode,
    /// How many records it concerns.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub count: i64,
}

/// Status, window and notes of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Why there is a value, or none.
    pub status: Status,
    /// Whether the time that the figure looks at is over.
    pub window_closed: bool,
    /// What to know besides.
    pub notes: Vec<Note>,
}

impl Verdict {
    /// A status over a time that is over.
    pub fn of(status: Status) -> Self {
        Self { status, window_closed: true, notes: Vec::new() }
    }

    /// At least as bad as a status.
    #[must_use]
    pub fn at_worst(mut self, status: Status) -> Self {
        self.status = self.status.max(status);
        self
    }

    /// Provisional while the time that it looks at is not over.
    #[must_use]
    pub fn within(mut self, closed: bool) -> Self {
        if !closed {
            self.window_closed = false;
            self = self.at_worst(Status::Provisional);
        }
        self
    }

    /// Provisional for a reason, where it concerns any record.
    #[must_use]
    pub fn noting(mut self, code: NoteCode, count: i64) -> Self {
        if count > 0 {
            self.notes.push(Note { code, count });
            self = self.at_worst(Status::Provisional);
        }
        self
    }

    /// Both together: the worse status, the notes of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.status = self.status.max(other.status);
        self.window_closed &= other.window_closed;
        for note in other.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self
    }
}
