//! Data to measure on, put in by SQL over several connections; the statements are in `benches/seed`.

use std::ops::Range;
use std::time::Instant;

use chrono::NaiveDate;
use pai::institutions::clients::{FirstInstitution, create_as_operator, register_institution};
use pai::platform::clock::Clock;
use pai::platform::examples;
use pai::platform::policy::Role;
use pai::platform::types::ShortText;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::database::Database;
use crate::options::Options;
use crate::{Outcome, progress};

/// All municipalities of Poland.
const MUNICIPALITIES: u64 = 2_477;
/// People of an edition, and of its sheets.
const GROUP: u64 = 15;
/// Sessions of an edition that is over: two months, four times a week.
const SESSIONS: u64 = 34;
/// Entries of everybody in the work register: two months, twice a week.
const ENTRIES: u64 = 17;
/// Editions of the caller that are over, and those with open sessions.
const HELD: u64 = 100;
const OPEN: u64 = 100;
/// People whose hours are recorded; enough that two connections rarely meet in one person's week.
const WRITING: u64 = 10_000;
/// Days on which they are recorded: enough that no week fills up during a run, and all of them past.
const WRITING_DAYS: u64 = 1_800;
const FIRST_WRITING: u64 = 1 << 30;
/// Sheets a second that a side may need.
const SHEETS_PER_SECOND: u64 = 4_000;
/// Bytes on disk for a row of attendance with its share of everything else, and what an empty run needs besides.
const BYTES_PER_ROW: u64 = 700;
const BYTES_BESIDES: u64 = 3 << 30;
/// Connections that put in data at the same time.
const HANDS: u64 = 4;
/// Tables whose indexes are made when the rows are there.
const LARGE: [&str; 7] =
    ["attendance", "psu_entries", "psu_weeks", "participations", "applications", "people", "employment_checks"];

/// What the number of a record counts.
#[derive(Clone, Copy)]
pub enum Kind {
    Institution = 0,
    Edition = 3,
    Participation = 5,
    Entry = 6,
    Session = 7,
}

/// The id of the record of that number, as `bench.id` makes it.
pub fn id(kind: Kind, number: u64) -> Uuid {
    Uuid::from_u128((kind as u128) << 80 | 0x7000_8000_u128 << 48 | u128::from(number))
}

/// The caller and what it may ask for.
#[derive(Clone)]
pub struct Town {
    pub tenant: Uuid,
    pub client: Uuid,
    pub secret: String,
    pub held_editions: u64,
    pub held_people: u64,
    /// People of a sheet.
    pub group: u64,
    pub writing_people: Range<u64>,
    pub writing_from: NaiveDate,
    pub writing_days: u64,
}

impl Town {
    /// Number of an entry: entries of the same week of different people follow one another.
    pub fn nth(entry: u64, person: u64) -> u64 {
        ((entry % ENTRIES) << 32) + person
    }

    /// The session of that number with the first of the people it expects.
    pub fn open_session(number: u64) -> (Uuid, u64) {
        let edition = HELD + 1 + number % OPEN;
        (id(Kind::Session, ((1 + number / OPEN) << 32) + edition), (edition - 1) * GROUP + 1)
    }

    /// Puts the numbers of the data into a text of SQL.
    pub fn fill_in(&self, text: &str) -> String {
        let numbers = [
            ("{tenant}", self.tenant.to_string()),
            ("{client}", self.client.to_string()),
            ("{held_people}", self.held_people.to_string()),
            ("{held_editions}", self.held_editions.to_string()),
            ("{last_entry}", (ENTRIES - 1).to_string()),
            ("{first_open}", (HELD + 1).to_string()),
            ("{open}", OPEN.to_string()),
            ("{first_writing}", self.writing_people.start.to_string()),
            ("{last_writing}", (self.writing_people.end - 1).to_string()),
            ("{writing_edition}", id(Kind::Edition, HELD + OPEN + 1).to_string()),
            ("{writing_from}", self.writing_from.to_string()),
            ("{writing_days}", self.writing_days.to_string()),
            ("{last_day}", (self.writing_days - 1).to_string()),
            ("{held}", HELD.to_string()),
            ("{writing}", WRITING.to_string()),
            ("{group}", GROUP.to_string()),
            ("{municipalities}", MUNICIPALITIES.to_string()),
            ("{sessions}", SESSIONS.to_string()),
            ("{entries}", ENTRIES.to_string()),
            ("{regime}", examples::REGIME.to_string()),
        ];
        numbers.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// Registers the municipalities with one client, and seeds as many rows as the options say.
pub fn fill(database: &Database, options: &Options) -> Outcome<Town> {
    let began = Instant::now();
    let town = register(database)?;
    let others = (options.rows / (GROUP * SESSIONS)).saturating_sub(HELD).max(1);
    let last = HELD + OPEN + 1 + others;
    let per_side = (u64::from(options.rounds) * options.seconds + 2) * SHEETS_PER_SECOND;
    // The service, one with other settings, three other stacks; then pgbench.
    let by_callers = (per_side * if options.peers { 5 } else { 2 }).next_multiple_of(OPEN);
    let plan = town
        .fill_in(include_str!("../seed/plan.sql"))
        .replace("{others}", &others.to_string())
        .replace("{first_pgbench_sheet}", &by_callers.to_string())
        .replace("{sheets}", &(by_callers + per_side).to_string());
    progress(&format!("seeding {} rows of attendance in {last} editions of {MUNICIPALITIES} municipalities", options.rows));
    let mut superuser = database.superuser()?;
    superuser.set("max_wal_size", "2GB")?;
    superuser.run(&plan)?;
    skip_indexes(database, true)?;
    by_many_hands(last, |hand, range| fill_range(database, &town, hand, &range))?;
    progress(&format!("rows are in after {} s; making indexes", began.elapsed().as_secs()));
    skip_indexes(database, false)?;
    superuser.run("DROP TABLE bench.people, bench.editions")?;
    superuser.reset("max_wal_size")?;
    superuser.checkpoint()?;
    progress(&format!("seeded after {} s", began.elapsed().as_secs()));
    Ok(town)
}

fn register(database: &Database) -> Outcome<Town> {
    let mut owner = database.owner()?;
    let (name, now): (ShortText, _) = ("Ośrodek 1".parse()?, Clock::system().now());
    let tenant = id(Kind::Institution, 1);
    let first = FirstInstitution { id: Some(tenant), kind: "municipalCentre", name: &name, teryt: None, regon: None, nip: None };
    register_institution(&mut owner, &first, now)?;
    let made = create_as_operator(&mut owner, tenant, None, &name, Role::Coordinator, now)?;
    Ok(Town {
        tenant,
        client: made.client_id,
        secret: made.client_secret.expose_secret().to_owned(),
        held_editions: HELD,
        held_people: HELD * GROUP,
        group: GROUP,
        writing_people: FIRST_WRITING..FIRST_WRITING + WRITING,
        // A Monday.
        writing_from: NaiveDate::from_ymd_opt(2020, 1, 6).ok_or("no such day")?,
        writing_days: WRITING_DAYS,
    })
}

/// Does some work for contiguous parts of the editions on several connections at once.
fn by_many_hands(last: u64, work: impl Fn(u64, Range<u64>) -> Outcome<()> + Sync) -> Outcome<()> {
    std::thread::scope(|scope| {
        let hands: Vec<_> = (0..HANDS)
            .map(|hand| {
                let range = 1 + last * hand / HANDS..1 + last * (hand + 1) / HANDS;
                let work = &work;
                scope.spawn(move || work(hand, range))
            })
            .collect();
        hands.into_iter().try_for_each(|hand| hand.join().unwrap_or_else(|_| Err("a seeding thread failed".into())))
    })
}

/// Seeds the people of some editions and their registers.
fn fill_range(database: &Database, town: &Town, hand: u64, range: &Range<u64>) -> Outcome<()> {
    let mut superuser = database.superuser()?;
    superuser.run(&format!(
        "SET session_replication_role = replica; SET synchronous_commit = off; SET app.client = '{}'; SET app.now = '2026-01-01T00:00:00Z'",
        town.client
    ))?;
    let mut run = |text: &str, number: u64| {
        let (from, to) = (range.start.to_string(), (range.end - 1).to_string());
        superuser.run(&town.fill_in(text).replace("{from}", &from).replace("{to}", &to).replace("{number}", &number.to_string()))
    };
    run(include_str!("../seed/people.sql"), 0)?;
    for number in 0..SESSIONS {
        run(include_str!("../seed/session.sql"), number)?;
        if number % 2 == 0 {
            run(include_str!("../seed/entry.sql"), number / 2)?;
        }
        if hand == 0 && number % 8 == 7 {
            progress(&format!("{} % of the rows", 100 * (number + 1) / SESSIONS));
        }
    }
    Ok(())
}

/// Leaves the indexes of the large tables alone while rows come, then makes them in one go.
fn skip_indexes(database: &Database, skip: bool) -> Outcome<()> {
    if skip {
        let tables = LARGE.map(|table| format!("'{table}'::regclass")).join(", ");
        return database
            .superuser()?
            .run(&format!("UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid IN ({tables})"));
    }
    std::thread::scope(|scope| {
        let tables: Vec<_> = LARGE
            .iter()
            .map(|table| {
                scope.spawn(move || {
                    let mut superuser = database.superuser()?;
                    superuser.run("SET maintenance_work_mem = '256MB'")?;
                    superuser.run(&format!("REINDEX TABLE {table}"))?;
                    superuser.run(&format!("VACUUM (ANALYZE) {table}"))
                })
            })
            .collect();
        tables.into_iter().try_for_each(|table| table.join().unwrap_or_else(|_| Err("an index was not made".into())))
    })?;
    database.superuser()?.run("VACUUM (ANALYZE)")
}

/// Refuses what would fill the disk.
pub fn check_room(directory: &std::path::Path, rows: u64) -> Outcome<()> {
    let output = std::process::Command::new("df").args(["-Pk"]).arg(directory).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let free =
        text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok()).ok_or("df says nothing")?;
    let needed = (rows * BYTES_PER_ROW + BYTES_BESIDES) / 1024;
    if free > needed {
        return Ok(());
    }
    Err(format!(
        "{} has {} MB free and {} MB are needed; --dir names another directory",
        directory.display(),
        free / 1024,
        needed / 1024
    )
    .into())
}
