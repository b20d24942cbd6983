//! What a caller sees of a protocol, its rows and its inputs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::announcements::AppealTermView;
use super::inputs::RankingInputs;
use super::replacing::{promised_below_the_line, replacement_of};
use super::rows::{RankedRow, RankingList};
use super::rules::ScoringContent;
use super::wording;
use crate::platform::clock::least_id;
use crate::platform::db::{Tx, own};
use crate::platform::problem::{Locale, Problem};
use crate::platform::reply::View;
use crate::platform::secrets::digest_hex;
use crate::platform::types::{Day, Points, Stored};
use crate::recruitment::Reason;
use crate::recruitment::decisions::RejectionReason;
use crate::recruitment::offers::SeatCount;
use crate::schema::{ranking_adoptions, ranking_protocols, ranking_rows, scoring_rules};

/// Rows that a protocol shows itself; the others are listed.
const ROWS_SHOWN: i64 = 200;
/// Hexadecimal digits of a pseudonym; enough that no two of a list are alike.
const LABEL_LENGTH: usize = 12;

/// A protocol without its documents.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = ranking_protocols)]
pub(super) struct Protocol {
    pub id: Uuid,
    pub edition_id: Uuid,
    pub effective_on: Day,
    pub rules_id: Uuid,
    pub inputs_sha256: String,
    pub rows_sha256: String,
    pub replaces_id: Option<Uuid>,
    pub recorded_at: DateTime<Utc>,
}

impl Protocol {
    /// Reads a protocol.
    pub(super) fn find(tx: &mut Tx, id: Uuid) -> Result<Self, Problem> {
        Ok(ranking_protocols::table
            .filter(own(tx, ranking_protocols::tenant_id))
            .filter(ranking_protocols::id.eq(id))
            .select(Self::as_select())
            .first(tx.conn)?)
    }

    /// The scoring rules that it was made by.
    pub(super) fn rules(&self, tx: &mut Tx) -> Result<ScoringContent, Problem> {
        let content: Stored<ScoringContent> = scoring_rules::table
            .filter(own(tx, scoring_rules::tenant_id))
            .filter(scoring_rules::id.eq(self.rules_id))
            .select(scoring_rules::content)
            .first(tx.conn)?;
        Ok(content.0)
    }

    /// The document that it was made of, as it is kept.
    pub(super) fn inputs(&self, tx: &mut Tx) -> Result<Value, Problem> {
        Ok(ranking_protocols::table
            .filter(own(tx, ranking_protocols::tenant_id))
            .filter(ranking_protocols::id.eq(self.id))
            .select(ranking_protocols::inputs)
            .first(tx.conn)?)
    }
}

/// A ranking protocol in a list.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = ranking_protocols)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolBriefView {
    /// Id.
    pub id: Uuid,
    /// The edition.
    pub edition_id: Uuid,
    /// Number within the edition.
    #[schema(minimum = 1)]
    pub number: i32,
    /// The day on which facts and conditions were looked at.
    pub effective_on: Day,
    /// Version of the scoring rules, by its id.
    pub rules_id: Uuid,
    /// Places of the basic list.
    #[schema(minimum = 0, maximum = 100_000)]
    pub places: i32,
    /// Most people on the reserve list; none where it is open.
    #[schema(minimum = 0, maximum = 100_000)]
    pub reserve_places: Option<i32>,
    /// The seats of the edition from the day of the ranking on, by the plan of that day, on the day on which they are scarcest;
    /// none where the edition was over, and in protocols made before it was kept.
    #[schema(value_type = Option<SeatCount>)]
    pub seats: Option<Stored<SeatCount>>,
    /// Why applications that were decided are ranked again.
    pub reopening_reason: Option<Reason>,
    /// The protocol in whose place it was made upon an appeal.
    pub replaces_id: Option<Uuid>,
    /// SHA-256 of what it was made of, in canonical form.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub inputs_sha256: String,
    /// SHA-256 of all rows, in canonical form.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub rows_sha256: String,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// Client that made it.
    pub recorded_by: Uuid,
}

/// How many candidates stand on each list.
#[derive(Debug, Default, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListCounts {
    /// There is a place.
    #[schema(minimum = 0)]
    pub basic: i64,
    /// Waits for a place.
    #[schema(minimum = 0)]
    pub reserve: i64,
    /// Not eligible, too few points or no room.
    #[schema(minimum = 0)]
    pub rejected: i64,
    /// Not enough is known.
    #[schema(minimum = 0)]
    pub undetermined: i64,
}

/// How a commission adopted a protocol.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = ranking_adoptions)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionView {
    /// Day from which the decisions hold.
    pub adopted_on: Day,
    /// Members of the commission.
    #[schema(minimum = 1, maximum = 100)]
    pub commission_members: i32,
    /// Why.
    pub reason: Reason,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Client that recorded it.
    pub recorded_by: Uuid,
}

/// A row without its reasons.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = ranking_rows)]
#[serde(rename_all = "camelCase")]
pub struct RankingRowBriefView {
    /// The application.
    pub application_id: Uuid,
    /// On which list.
    pub list: RankingList,
    /// Place in the order, from 1; none where the candidate is not ranked.
    #[schema(minimum = 1, maximum = 100_000)]
    pub rank: Option<i32>,
    /// Points that count.
    pub points: Points,
    /// Why rejected.
    pub rejection_reason: Option<RejectionReason>,
}

/// What should be looked at before a protocol is adopted; `code` says what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "code")]
pub enum RankingWarning {
    /// The basic list has more places than nobody has, was offered or was selected for.
    #[serde(rename = "recruitment.more_places_than_free", rename_all = "camelCase")]
    MorePlacesThanFree {
        /// Places of the basic list.
        #[schema(minimum = 1, maximum = 100_000)]
        places: i32,
        /// Free seats.
        #[schema(minimum = 0, maximum = 100_000)]
        free: i32,
    },
    /// Some who have been selected stand below the line of a protocol that was made upon an appeal; they keep their places.
    #[serde(rename = "recruitment.promised_places_kept", rename_all = "camelCase")]
    PromisedPlacesKept {
        /// How many.
        #[schema(minimum = 1, maximum = 100_000)]
        applications: i64,
    },
}

impl RankingWarning {
    fn of(protocol: &ProtocolBriefView) -> Vec<Self> {
        let free = protocol.seats.as_ref().map(|seats| seats.0.free().max(0));
        let too_few = free.filter(|free| *free < protocol.places);
        too_few.map(|free| Self::MorePlacesThanFree { places: protocol.places, free }).into_iter().collect()
    }
}

/// A ranking protocol.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolView {
    /// The protocol.
    #[serde(flatten)]
    pub protocol: ProtocolBriefView,
    /// How many candidates stand on each list.
    pub counts: ListCounts,
    /// What should be looked at before it is adopted.
    #[schema(max_items = 2)]
    pub warnings: Vec<RankingWarning>,
    /// The protocol that was made in its place upon an appeal.
    pub replaced_by_id: Option<Uuid>,
    /// How a commission adopted it; none before.
    pub adoption: Option<AdoptionView>,
    /// Until when it may be appealed against.
    pub appeals: AppealTermView,
    /// Its first rows; all of them, with their reasons, are at `/rows`.
    #[schema(max_items = 200)]
    pub rows: Vec<RankingRowBriefView>,
}

impl View for ProtocolView {}

impl ProtocolView {
    /// Reads a protocol with the first of its rows.
    pub(super) fn read(tx: &mut Tx, id: Uuid) -> Result<Self, Problem> {
        let protocol: ProtocolBriefView = ranking_protocols::table
            .filter(own(tx, ranking_protocols::tenant_id))
            .filter(ranking_protocols::id.eq(id))
            .select(ProtocolBriefView::as_select())
            .first(tx.conn)?;
        let rows = ranking_rows::table
            .filter(own(tx, ranking_rows::tenant_id))
            .filter(ranking_rows::protocol_id.eq(id))
            .filter(ranking_rows::id.gt(least_id(protocol.recorded_at)))
            .order(ranking_rows::id)
            .limit(ROWS_SHOWN)
            .select(RankingRowBriefView::as_select())
            .load(tx.conn)?;
        let mut warnings = RankingWarning::of(&protocol);
        if protocol.replaces_id.is_some() {
            let applications = promised_below_the_line(tx, id)?;
            warnings.extend((applications > 0).then_some(RankingWarning::PromisedPlacesKept { applications }));
        }
        Ok(Self {
            counts: ListCounts::of(tx, id)?,
            warnings,
            replaced_by_id: replacement_of(tx, id)?,
            adoption: find_adoption(tx, id)?,
            appeals: AppealTermView::read(tx, id, protocol.rules_id)?,
            rows,
            protocol,
        })
    }
}

impl ListCounts {
    /// Counts the rows of a protocol.
    pub(super) fn of(tx: &mut Tx, protocol: Uuid) -> Result<Self, Problem> {
        let counted: Vec<(RankingList, i64)> = ranking_rows::table
            .filter(own(tx, ranking_rows::tenant_id))
            .filter(ranking_rows::protocol_id.eq(protocol))
            .group_by(ranking_rows::list)
            .select((ranking_rows::list, diesel::dsl::count_star()))
            .load(tx.conn)?;
        let on = |list| counted.iter().find(|(counted, _)| *counted == list).map_or(0, |(_, number)| *number);
        Ok(Self {
            basic: on(RankingList::Basic),
            reserve: on(RankingList::Reserve),
            rejected: on(RankingList::Rejected),
            undetermined: on(RankingList::Undetermined),
        })
    }
}

/// The adoption of a protocol.
pub(super) fn find_adoption(tx: &mut Tx, protocol: Uuid) -> Result<Option<AdoptionView>, Problem> {
    Ok(ranking_adoptions::table
        .filter(own(tx, ranking_adoptions::tenant_id))
        .filter(ranking_adoptions::protocol_id.eq(protocol))
        .select(AdoptionView::as_select())
        .first(tx.conn)
        .optional()?)
}

/// A row of a protocol, with its reasons.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RankingRowView {
    /// Id of the row.
    pub id: Uuid,
    /// Pseudonym under which the candidate stands in the publication.
    #[schema(min_length = 12, max_length = 12, pattern = "^[0-9a-f]{12}$")]
    pub label: String,
    /// Where the candidate stands, and what led there.
    #[serde(flatten)]
    pub row: RankedRow,
    /// The same in words, a line for each part.
    #[schema(max_length = 1_000_000)]
    pub explanation: String,
    /// Language of the words, by Accept-Language: `pl` or `en`.
    #[schema(min_length = 2, max_length = 2, pattern = "^(pl|en)$")]
    pub language: &'static str,
}

impl View for RankingRowView {}

impl RankingRowView {
    pub(super) fn of(locale: Locale, protocol: Uuid, id: Uuid, row: RankedRow, rules: &ScoringContent) -> Self {
        let explanation = wording::explain(locale, &row, rules).join("\n");
        Self { id, label: label(protocol, row.application_id), row, explanation, language: locale.tag() }
    }
}

/// The pseudonym of a candidate in the publication of a protocol; another in each protocol.
pub(super) fn label(protocol: Uuid, application: Uuid) -> String {
    let mut label = digest_hex(format!("{protocol}:{application}").as_bytes());
    label.truncate(LABEL_LENGTH);
    label
}

/// What a protocol was made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InputsView {
    /// The document.
    #[schema(value_type = RankingInputs)]
    pub inputs: Value,
    /// SHA-256 of its canonical form.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
}

impl View for InputsView {}
