//! Competence sheets as a file: one row is one filled sheet, with all its scores in one cell.
//!
//! A sheet is found again by the id that a system has for it, or by who filled it in, about whom and for which moment.
//! What differs becomes a correction that supersedes; its remarks stay.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::super::scoring::{RaterFault, check_rater, is_in_order, score_faults};
use super::super::sheet_templates::SheetTemplateView;
use super::super::sheets::{ObserverRole, Rater, Score, Scores, SheetMoment, fault_at};
use super::super::{NOT_OWN_OBSERVATION, OBSERVER_ROLE_MISMATCH, SHEET_BEFORE_PARTICIPATION, SHEET_EXISTS, SHEET_OF_OTHER};
use super::correction_reason;
use crate::platform::db::{Tx, own};
use crate::platform::imports::{
    CellKind, Cells, Change, Column, EXTERNAL_ID, ExternalId, Finding, Key, Kind, SYSTEM, Verdict, each_at, find_external,
    hand_on_external, remember_external,
};
use crate::platform::policy::{GetSheet, Operation as _, RecordSheet, Rule};
use crate::platform::problem::{Locale, Problem, catalogue};
use crate::platform::types::{Code, Day, LongText, ShortText};
use crate::schema::{participations, sheet_templates, sheets};

const RATERS: &[(&str, &[&str])] = &[("self", &["uczestnik", "samoocena"]), ("observer", &["obserwator"])];
const OBSERVERS: &[(&str, &[&str])] =
    &[("social_worker", &["pracownik socjalny"]), ("family_assistant", &["asystent rodziny"]), ("facilitator", &["prowadzący"])];
const MOMENTS: &[(&str, &[&str])] = &[
    ("before", &["początek", "przed"]),
    ("mid", &["w trakcie"]),
    ("after", &["koniec", "po"]),
    ("followUp", &["po zakończeniu"]),
];

/// Sheets: whose, by whom, for which moment, with which scores.
pub struct SheetIntake;

/// A row of the file.
pub struct SheetRow {
    external: Option<ExternalId>,
    participation: Uuid,
    template: ShortText,
    told: Told,
    reason: Option<LongText>,
    /// Edition, person and template, once they are found.
    parties: OnceCell<Parties>,
}

/// What is told of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    rater: Rater,
    observer_role: Option<ObserverRole>,
    moment: SheetMoment,
    filled_on: Day,
    scores: Vec<Score>,
}

#[derive(Clone)]
struct Parties {
    edition: Uuid,
    template: Arc<SheetTemplateView>,
}

impl Kind for SheetIntake {
    type Command = SheetRow;
    const NAME: &'static str = "sheets";
    const TITLE: &'static str = "Arkusze kompetencji";
    const RECORD: &'static str = "sheet";
    const RULE: &'static Rule = RecordSheet::RULE;
    const READ: &'static Rule = GetSheet::RULE;
    const COLUMNS: &'static [Column] = &[
        SYSTEM,
        EXTERNAL_ID,
        Column::new(
            "participationId",
            "Identyfikator uczestnictwa",
            CellKind::Text,
            "Kogo dotyczy arkusz.",
            "01900000-0000-7000-8000-000000000043",
        )
        .required(),
        Column::new(
            "template",
            "Szablon",
            CellKind::Text,
            "Kod szablonu (jego najnowsza wersja) lub identyfikator wersji.",
            "competences",
        )
        .required(),
        Column::new("rater", "Kto ocenia", CellKind::Word(RATERS), "Uczestnik lub obserwator.", "uczestnik").required(),
        Column::new("observerRole", "Rola obserwatora", CellKind::Word(OBSERVERS), "Tylko gdy ocenia obserwator.", ""),
        Column::new("moment", "Moment", CellKind::Word(MOMENTS), "Początek, w trakcie, koniec lub po zakończeniu.", "początek")
            .required(),
        Column::new("filledOn", "Dzień wypełnienia", CellKind::Day, "Dzień wypełnienia.", "2026-05-29").required(),
        Column::new(
            "scores",
            "Oceny",
            CellKind::Text,
            "Oceny oddzielone średnikami: kompetencja=ocena lub kompetencja/pytanie=ocena.",
            "jobSearch=3; workSkills=3; teamwork=4; motivation=4",
        )
        .required(),
        Column::new(
            "correctionReason",
            "Powód zmiany",
            CellKind::Text,
            "Dlaczego zmieniono arkusz już zapisany; bez danych osobowych.",
            "",
        ),
    ];

    fn read(cells: &mut Cells) -> Option<SheetRow> {
        let (external, participation, template) =
            (ExternalId::read(cells), cells.text("participationId"), cells.words("template"));
        let (rater, observer_role) = (cells.word("rater"), cells.word("observerRole"));
        let (moment, filled_on) = (cells.word("moment"), cells.day("filledOn"));
        let (scores, reason) = (scores(cells), cells.words("correctionReason"));
        let told = Told { rater: rater?, observer_role, moment: moment?, filled_on: filled_on?, scores: scores? };
        Some(SheetRow { external, participation: participation?, template: template?, told, reason, parties: OnceCell::new() })
    }

    fn keys(row: &SheetRow) -> Vec<Key> {
        let external = row.external.iter().map(|external| Key { column: "externalId", value: external.key() });
        let (told, of) = (&row.told, (row.participation, row.template.as_str()));
        let day = told.day_of_several(told.filled_on);
        let itself = format!("{of:?} {:?} {:?} {:?} {day:?}", told.rater, told.observer_role, told.moment);
        external.chain([Key { column: "participationId", value: itself }]).collect()
    }

    fn compare(tx: &mut Tx, rows: &[&SheetRow]) -> Result<Vec<Verdict>, Problem> {
        let known = Known::load(tx, rows)?;
        let found: Vec<Option<Finding>> = rows.iter().map(|row| known.check(tx, row).err()).collect();
        let recorded = Recorded::load(tx, rows)?;
        // A template may be named by its code and by its id.
        let mut seen = HashMap::new();
        let mut repeated = |at: usize, row: &SheetRow| row.itself().and_then(|itself| seen.insert(itself, at));
        let verdict = |(at, (row, fault)): (usize, (&&SheetRow, Option<Finding>))| match (fault, repeated(at, row)) {
            (Some(fault), _) => Verdict::Error(fault),
            (None, Some(earlier)) => Verdict::Repeats(earlier),
            (None, None) => recorded.verdict(row),
        };
        Ok(rows.iter().zip(found).enumerate().map(verdict).collect())
    }

    fn create(tx: &mut Tx, rows: &[&SheetRow]) -> Result<Vec<Uuid>, Problem> {
        let mut new = Vec::with_capacity(rows.len());
        for row in rows {
            new.push(NewSheet::of(tx.id_or_new(None), row, None)?);
        }
        insert_many(tx, &new)?;
        let named = rows.iter().zip(&new).filter_map(|(row, sheet)| Some((row.external.as_ref()?, sheet.id)));
        remember_external(tx, Self::RECORD, &named.collect::<Vec<_>>())?;
        Ok(new.into_iter().map(|sheet| sheet.id).collect())
    }

    fn change(tx: &mut Tx, changes: &[Change<SheetRow>]) -> Result<Vec<Option<Uuid>>, Problem> {
        let ids: Vec<Uuid> = changes.iter().map(|change| change.record).collect();
        let current: HashMap<Uuid, Earlier> = sheets::table
            .filter(own(tx, sheets::tenant_id))
            .filter(sheets::id.eq_any(&ids))
            .filter(sheets::superseded_at.is_null())
            .order(sheets::id)
            .select(Earlier::as_select())
            .for_update()
            .load(tx.conn)?
            .into_iter()
            .map(|earlier: Earlier| (earlier.id, earlier))
            .collect();
        let mut held: Vec<Option<Uuid>> = ids.into_iter().map(|id| Some(id).filter(|id| current.contains_key(id))).collect();
        if held.iter().any(Option::is_none) {
            return Ok(held);
        }
        held.clear();
        let (mut corrections, mut named) = (Vec::new(), Vec::new());
        for change in changes {
            let mut holds = change.record;
            if let Some(earlier) = current.get(&change.record).filter(|earlier| !earlier.says(change.command)) {
                holds = tx.id_or_new(None);
                corrections.push(NewSheet::of(holds, change.command, Some(earlier))?);
                hand_on_external(tx, change.record, holds)?;
            }
            named.extend(change.command.external.as_ref().map(|external| (external, holds)));
            held.push(Some(holds));
        }
        let earlier: Vec<Uuid> = corrections.iter().filter_map(|sheet| sheet.supersedes_id).collect();
        let now = tx.now();
        diesel::update(sheets::table.filter(own(tx, sheets::tenant_id)).filter(sheets::id.eq_any(earlier)))
            .set(sheets::superseded_at.eq(now))
            .execute(tx.conn)?;
        insert_many(tx, &corrections)?;
        tx.touch_too(corrections.iter().map(|sheet| sheet.id));
        remember_external(tx, Self::RECORD, &named)?;
        Ok(held)
    }

    fn addresses(_: &mut Tx, records: &[Uuid]) -> Result<HashMap<Uuid, String>, Problem> {
        Ok(each_at("sheets", records))
    }
}

/// Reads `competence=score; competence/item=score`.
fn scores(cells: &mut Cells) -> Option<Vec<Score>> {
    let score = |part: &str| {
        let (what, score) = part.split_once('=')?;
        let (competence, item) = what.split_once('/').map_or((what, None), |(competence, item)| (competence, Some(item)));
        let item: Option<Code> = item.map(|item| item.trim().parse()).transpose().ok()?;
        Some(Score { competence: competence.trim().parse().ok()?, item, score: score.trim().replace(',', ".").parse().ok()? })
    };
    let text = cells.raw("scores")?;
    let parts = text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let scores: Option<Vec<Score>> = parts.map(score).collect();
    if scores.is_none() {
        cells.refuse_form("scores", "oceny oddzielone średnikami: kompetencja=ocena lub kompetencja/pytanie=ocena");
    }
    scores
}

/// What tells a sheet from others: participation, template, who rates, and the moment with its day where it may come again.
type SheetItself = (Uuid, Uuid, Rater, Option<ObserverRole>, SheetMoment, Option<Day>);

impl SheetRow {
    fn itself(&self) -> Option<SheetItself> {
        let Told { rater, observer_role, moment, filled_on, .. } = &self.told;
        let day = self.told.day_of_several(*filled_on);
        Some((self.participation, self.parties.get()?.template.id, *rater, *observer_role, *moment, day))
    }
}

impl Told {
    /// The day, where somebody may fill in several sheets for that moment.
    fn day_of_several(&self, day: Day) -> Option<Day> {
        matches!(self.moment, SheetMoment::Mid | SheetMoment::FollowUp).then_some(day)
    }
}

/// Participations and templates that rows may name.
struct Known {
    participations: HashMap<Uuid, (Uuid, NaiveDate)>,
    templates: Vec<Arc<SheetTemplateView>>,
}

impl Known {
    fn load(tx: &mut Tx, rows: &[&SheetRow]) -> Result<Self, Problem> {
        let wanted: HashSet<Uuid> = rows.iter().map(|row| row.participation).collect();
        let found: Vec<(Uuid, Uuid, NaiveDate)> = participations::table
            .filter(own(tx, participations::tenant_id))
            .filter(participations::id.eq_any(wanted))
            .select((participations::id, participations::edition_id, participations::starts_on))
            // Held as for a single sheet, so that nobody is merged away meanwhile.
            .for_key_share()
            .load(tx.conn)?;
        let templates: Vec<SheetTemplateView> = sheet_templates::table
            .filter(own(tx, sheet_templates::tenant_id))
            .order((sheet_templates::code, sheet_templates::version.desc()))
            .select(SheetTemplateView::as_select())
            .load(tx.conn)?;
        Ok(Self {
            participations: found.into_iter().map(|(id, edition, starts_on)| (id, (edition, starts_on))).collect(),
            templates: templates.into_iter().map(Arc::new).collect(),
        })
    }

    /// The version of that id, or the newest of that code.
    fn template(&self, wanted: &str) -> Option<&Arc<SheetTemplateView>> {
        let id = Uuid::try_parse(wanted).ok();
        self.templates.iter().find(|template| Some(template.id) == id || (id.is_none() && template.code.as_str() == wanted))
    }

    /// What is wrong with a row; what it refers to is held in it.
    fn check(&self, tx: &Tx, row: &SheetRow) -> Result<(), Finding> {
        let at = |column, definition| Err(Finding::new(Some(column), definition));
        let Some((edition, starts_on)) = self.participations.get(&row.participation) else {
            return at("participationId", &catalogue::REFERENCE_NOT_FOUND);
        };
        let Some(template) = self.template(row.template.as_str()) else {
            return at("template", &catalogue::REFERENCE_NOT_FOUND);
        };
        let told = &row.told;
        match check_rater(tx.caller.role, told.rater, told.observer_role) {
            Err(RaterFault::RoleMismatch) => return at("observerRole", &OBSERVER_ROLE_MISMATCH),
            Err(RaterFault::NotOwn) => return at("observerRole", &NOT_OWN_OBSERVATION),
            Ok(()) => {}
        }
        if told.filled_on.date() > tx.today() {
            return at("filledOn", &catalogue::IN_FUTURE);
        }
        if !is_in_order(told.moment, told.filled_on.date(), *starts_on) {
            let hint = format!("Udział zaczął się {starts_on}.");
            return Err(Finding::because(Some("filledOn"), &SHEET_BEFORE_PARTICIPATION, &hint));
        }
        if let Some(fault) = score_faults(&template.scale, &template.competences.0, &told.scores).first() {
            return Err(Finding::because(Some("scores"), fault_at(fault).0, fault.hint().text(Locale::Polish)));
        }
        let _ = row.parties.set(Parties { edition: *edition, template: Arc::clone(template) });
        Ok(())
    }
}

/// A sheet that holds, as far as a row can say otherwise.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sheets)]
struct Earlier {
    id: Uuid,
    participation_id: Uuid,
    template_id: Uuid,
    rater: Rater,
    observer_role: Option<ObserverRole>,
    moment: SheetMoment,
    filled_on: Day,
    scores: Scores,
    remarks: Option<Vec<u8>>,
}

impl Earlier {
    /// Columns in which the row says something else.
    fn differing(&self, row: &SheetRow) -> Vec<&'static str> {
        let told = &row.told;
        let template = row.parties.get().map(|parties| parties.template.id);
        let pairs = [
            ("template", template != Some(self.template_id)),
            ("rater", self.rater != told.rater),
            ("observerRole", self.observer_role != told.observer_role),
            ("moment", self.moment != told.moment),
            ("filledOn", self.filled_on != told.filled_on),
            ("scores", self.scores.0 != told.scores),
        ];
        pairs.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column).collect()
    }

    fn says(&self, row: &SheetRow) -> bool {
        self.differing(row).is_empty()
    }

    /// Whether it is the sheet that the row means, where no id tells.
    fn is_meant(&self, row: &SheetRow) -> bool {
        let day = row.told.day_of_several(self.filled_on);
        row.itself() == Some((self.participation_id, self.template_id, self.rater, self.observer_role, self.moment, day))
    }
}

/// Sheets that are there already and hold.
struct Recorded {
    by_external: HashMap<ExternalId, Uuid>,
    sheets: HashMap<Uuid, Earlier>,
}

impl Recorded {
    fn load(tx: &mut Tx, rows: &[&SheetRow]) -> Result<Self, Problem> {
        let external: Vec<&ExternalId> = rows.iter().filter_map(|row| row.external.as_ref()).collect();
        let by_external = find_external(tx, SheetIntake::RECORD, &external)?;
        let ids: Vec<Uuid> = by_external.values().copied().collect();
        let wanted: HashSet<Uuid> = rows.iter().map(|row| row.participation).collect();
        let found: Vec<Earlier> = sheets::table
            .filter(own(tx, sheets::tenant_id))
            .filter(sheets::superseded_at.is_null())
            .filter(sheets::participation_id.eq_any(wanted).or(sheets::id.eq_any(ids)))
            .order(sheets::id)
            .select(Earlier::as_select())
            .load(tx.conn)?;
        Ok(Self { by_external, sheets: found.into_iter().map(|sheet| (sheet.id, sheet)).collect() })
    }

    fn verdict(&self, row: &SheetRow) -> Verdict {
        let named = row.external.as_ref().and_then(|external| self.by_external.get(external));
        if let Some(sheet) = named.and_then(|id| self.sheets.get(id)) {
            if sheet.participation_id != row.participation {
                return Verdict::Conflict(Some(sheet.id), Finding::new(Some("externalId"), &SHEET_OF_OTHER));
            }
            return planned(sheet, sheet.differing(row));
        }
        let mut meant: Vec<&Earlier> = self.sheets.values().filter(|sheet| sheet.is_meant(row)).collect();
        meant.sort_unstable_by_key(|sheet| sheet.id);
        let Some(sheet) = meant.iter().find(|sheet| sheet.says(row)).or(meant.first()) else {
            return Verdict::Create(Vec::new());
        };
        let mut columns = sheet.differing(row);
        if !columns.is_empty() && row.external.is_none() && row.reason.is_none() {
            return Verdict::Conflict(Some(sheet.id), Finding::new(Some(columns[0]), &SHEET_EXISTS));
        }
        if row.external.is_some() {
            columns.insert(0, "externalId");
        }
        planned(sheet, columns)
    }
}

fn planned(sheet: &Earlier, columns: Vec<&'static str>) -> Verdict {
    if columns.is_empty() {
        return Verdict::Unchanged(sheet.id);
    }
    // A sheet that holds never changes: it is its own state until it is superseded.
    Verdict::Change { record: sheet.id, base: sheet.id.to_string(), columns, findings: Vec::new() }
}

/// A row of the table of sheets.
#[derive(Insertable)]
#[diesel(table_name = sheets)]
struct NewSheet {
    id: Uuid,
    edition_id: Uuid,
    participation_id: Uuid,
    template_id: Uuid,
    rater: Rater,
    observer_role: Option<ObserverRole>,
    moment: SheetMoment,
    filled_on: Day,
    scores: Scores,
    remarks: Option<Vec<u8>>,
    supersedes_id: Option<Uuid>,
    correction_reason: Option<LongText>,
}

impl NewSheet {
    fn of(id: Uuid, row: &SheetRow, corrects: Option<&Earlier>) -> Result<Self, Problem> {
        let parties = row.parties.get().ok_or_else(|| catalogue::INTERNAL.problem().because("a row that was not compared"))?;
        let Told { rater, observer_role, moment, filled_on, scores } = row.told.clone();
        let correction_reason = correction_reason(corrects.is_some(), row.reason.as_ref())?;
        Ok(Self {
            id,
            edition_id: parties.edition,
            participation_id: row.participation,
            template_id: parties.template.id,
            rater,
            observer_role,
            moment,
            filled_on,
            scores: Scores(scores),
            remarks: corrects.and_then(|earlier| earlier.remarks.clone()),
            supersedes_id: corrects.map(|earlier| earlier.id),
            correction_reason,
        })
    }
}

/// Records sheets in one statement, and announces them as single ones are.
fn insert_many(tx: &mut Tx, new: &[NewSheet]) -> Result<(), Problem> {
    diesel::insert_into(sheets::table).values(new).execute(tx.conn)?;
    for sheet in new {
        let data = json!({ "sheetId": sheet.id, "participationId": sheet.participation_id, "editionId": sheet.edition_id,
            "moment": sheet.moment, "filledOn": sheet.filled_on, "supersedesId": sheet.supersedes_id });
        tx.announce("participation", sheet.participation_id, "sheet.recorded", data);
    }
    Ok(())
}
