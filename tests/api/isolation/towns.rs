//! More towns beside the one that calls, made of its own rows past the API.
//!
//! The *twin* has the same ids; the *neighbour* has ids of its own for the same
//! records, so that for every record of the calling town there is a foreign one
//! in exactly the same state; the *namesake* has one record of each kind, all
//! with the same id. What they say of themselves carries a mark.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use crate::support::DOCUMENT;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use pai::platform::examples;
use pai::platform::migrations::connect;
use pai::platform::policy::Role;
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::database::{TENANT_TABLES, names, rows};

/// Who sees a part of the town only: the role, the records, what they must share with the client.
const NARROWED: &[(Role, &str, &str, &str)] = &[
    (Role::HostSupervisor, "hosts", "id", "host_id"),
    (Role::HostSupervisor, "psu_entries", "host_id", "host_id"),
    (Role::HostSupervisor, "host_posts", "host_id", "host_id"),
    (Role::HostSupervisor, "psu_approvals", "host_id", "host_id"),
    (Role::Facilitator, "sessions", "facilitator_partner_id", "facilitator_partner_id"),
];
const TWIN: &str = "01900000-0000-7000-8000-0000000000e1";
const NEIGHBOUR: &str = "01900000-0000-7000-8000-0000000000e2";
const NAMESAKE: &str = "01900000-0000-7000-8000-0000000000e3";
const MADE_UP: [&str; 3] = [TWIN, NEIGHBOUR, NAMESAKE];
/// The id of every record of the namesake.
pub const EVERYTHING: &str = "01900000-0000-7000-8000-0000000000ee";
/// Stands in every text of these towns that may be any text.
const MARK: &str = "~of another town~";
/// How many versions the foreign records are ahead, so that their `ETag`s are none of the calling town's.
pub const VERSIONS_AHEAD: i32 = 100;
/// A key that every client of the foreign towns has used, the twins of the calling town's clients among them.
pub const USED_KEY: &str = "used-in-another-town";
/// Shorter texts of the other town may occur anywhere.
const SHORTEST_TELLING: usize = 6;

/// The foreign towns and what nobody else may learn of them.
pub struct Towns {
    conn: Mutex<PgConnection>,
    tables: Vec<String>,
    calling: Uuid,
    own: HashSet<Uuid>,
    known: HashSet<Uuid>,
    from_calling: Secrets,
    from_other: Secrets,
    /// Records of the calling town that its narrowed clients must not see, of each kind.
    hidden: BTreeMap<Role, Vec<Vec<Uuid>>>,
    hosts: HashSet<Uuid>,
}

/// What a town must not learn.
struct Secrets {
    ids: HashSet<Uuid>,
    texts: Vec<String>,
}

impl Secrets {
    /// What tenants have, and one of them and all together have not.
    fn of(conn: &mut PgConnection, tables: &[String], tenants: &str, from: Uuid) -> Self {
        let shared = format!("'{from}', '{}'", Uuid::nil());
        let mut open = ids(conn, tables, &shared);
        open.extend(institutions(conn));
        let open_texts: HashSet<String> = texts(conn, tables, &shared).collect();
        let contract = DOCUMENT.to_string();
        let texts = texts(conn, tables, tenants)
            .filter(|text| text.len() >= SHORTEST_TELLING && !text.contains(MARK))
            .filter(|text| !open_texts.contains(text) && !contract.contains(text.as_str()))
            .chain([MARK.to_owned()])
            .collect();
        Self { ids: ids(conn, tables, tenants).difference(&open).copied().collect(), texts }
    }
}

/// The neighbour's record that is what the calling town's is.
pub fn moved(id: Uuid) -> Uuid {
    let text = id.to_string();
    let (head, tail) = text.split_at(24);
    format!("{head}{}", tail.chars().rev().collect::<String>()).parse().expect("an id")
}

/// An id of the same form that no town has.
pub fn missing(id: Uuid) -> Uuid {
    format!("0190dead{}", &id.to_string()[8..]).parse().expect("an id")
}

impl Towns {
    /// Makes the foreign towns out of the calling town as it stands.
    pub fn found(app: &TestApp) -> Self {
        let mut conn = connect(&app.superuser_url).expect("superuser connection");
        let tables = names(&mut conn, TENANT_TABLES);
        let town = app.town.id;
        use_assertions(&mut conn, town);
        let hidden = hidden(&mut conn, town);
        // No trigger and no foreign key: the rows are consistent because the calling town's are.
        conn.batch_execute("SET session_replication_role = replica; CREATE TEMP TABLE own_ids (id uuid PRIMARY KEY)")
            .expect("set-up");
        for table in &tables {
            if columns(&mut conn, table).iter().all(|(name, _)| name != "id") {
                continue;
            }
            let ids = format!("INSERT INTO own_ids SELECT id FROM {table} WHERE tenant_id = '{town}' ON CONFLICT DO NOTHING");
            conn.batch_execute(&ids).expect("ids");
        }
        conn.batch_execute(
            "CREATE FUNCTION pg_temp.moved(given uuid) RETURNS uuid LANGUAGE sql AS
                 $$ SELECT CASE WHEN given IN (SELECT id FROM own_ids)
                    THEN overlay(given::text PLACING reverse(right(given::text, 12)) FROM 25)::uuid ELSE given END $$",
        )
        .expect("the move");
        for table in &tables {
            settle(&mut conn, table, town);
        }
        use_key(&mut conn, town);
        let other = app.other_town.id;
        let made_up = format!("'{}'", MADE_UP.join("', '"));
        let from_calling = Secrets::of(&mut conn, &tables, &format!("{made_up}, '{other}'"), town);
        let from_other = Secrets::of(&mut conn, &tables, &format!("{made_up}, '{town}'"), other);
        let own = ids(&mut conn, &tables, &format!("'{town}'"));
        let hosts =
            names(&mut conn, "SELECT ARRAY[id::text] AS row FROM hosts").iter().filter_map(|id| id.parse().ok()).collect();
        let mut known = ids(&mut conn, &tables, &format!("'{}'", Uuid::nil()));
        known.extend(institutions(&mut conn));
        known.extend(own.iter().chain(&from_calling.ids));
        Self { conn: Mutex::new(conn), tables, calling: town, own, known, from_calling, from_other, hidden, hosts }
    }

    /// Takes rows away from the calling town that were entered only for the others to have them too.
    pub fn forget(&self, table: &str, id: Uuid) {
        self.run(&format!("DELETE FROM {table} WHERE tenant_id = '{}' AND id = '{id}'", self.calling));
    }

    /// Tables of which the neighbour has no row.
    pub fn empty_tables(&self) -> Vec<String> {
        let Self { conn, tables, .. } = self;
        let is_empty = |table: &&String| {
            rows(
                &mut conn.lock().expect("connection"),
                &format!("SELECT ARRAY['x'] AS row FROM {table} WHERE tenant_id = '{NEIGHBOUR}' LIMIT 1"),
            )
            .is_empty()
        };
        tables.iter().filter(is_empty).cloned().collect()
    }

    /// Whether the calling town has a record of this id, and so the neighbour one of the moved id.
    pub fn is_own_record(&self, id: Uuid) -> bool {
        self.own.contains(&id) && self.from_calling.ids.contains(&moved(id))
    }

    /// Whether any town, or all together, have something of this id.
    pub fn knows(&self, id: Uuid) -> bool {
        self.known.contains(&id)
    }

    /// A record of each kind that a narrowed client must not see.
    pub fn hidden_from(&self, role: Role) -> impl Iterator<Item = Uuid> + '_ {
        self.hidden.get(&role).into_iter().flatten().filter_map(|ids| ids.first().copied())
    }

    /// What an answer tells a narrowed client (but for the hosts of an edition, whose plan it may read) of the rest of its town, apart from what was sent.
    pub fn narrow_leaks(&self, role: Role, said: &str, sent: &str) -> Vec<String> {
        let Some(hidden) = self.hidden.get(&role) else { return Vec::new() };
        let told = uuids(said)
            .filter(|id| hidden.iter().any(|ids| ids.contains(id)) && !self.hosts.contains(id))
            .map(|id| id.to_string());
        told.filter(|told| !sent.contains(told.as_str())).collect()
    }

    /// What an answer tells a town of the others, apart from what was sent.
    pub fn leaks(&self, to_calling: bool, said: &str, sent: &str) -> Vec<String> {
        let secrets = if to_calling { &self.from_calling } else { &self.from_other };
        let ids = uuids(said).filter(|id| secrets.ids.contains(id)).map(|id| id.to_string());
        let texts = secrets.texts.iter().filter(|text| said.contains(text.as_str())).cloned();
        ids.chain(texts).filter(|told| !sent.contains(told.as_str())).collect()
    }

    /// Everything that the foreign towns have, to see that it stays as it is.
    pub fn contents(&self) -> Vec<Vec<String>> {
        let Self { conn, tables, calling, .. } = self;
        // Each call lengthens the register and is counted.
        let kept = tables.iter().filter(|table| !["audit_entries", "client_calls"].contains(&table.as_str()));
        kept.map(|table| {
            let all = format!(
                "SELECT ARRAY['{table}', count(*)::text, coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '')] AS row
                 FROM {table} t WHERE tenant_id <> '{calling}'"
            );
            rows(&mut conn.lock().expect("connection"), &all).remove(0)
        })
        .collect()
    }

    /// Remembers the calling town's register of accesses, which calls lengthen.
    pub fn remember_register(&self) {
        self.run("CREATE TEMP TABLE kept AS SELECT tenant_id, id FROM audit_entries");
    }

    /// Takes every foreign town away and the calling town's register back to where it was.
    pub fn abandon(&self) {
        let (calling, nil) = (self.calling, Uuid::nil());
        for table in &self.tables {
            self.run(&format!("DELETE FROM {table} WHERE tenant_id NOT IN ('{calling}', '{nil}')"));
        }
        self.run("DELETE FROM audit_entries WHERE (tenant_id, id) NOT IN (SELECT tenant_id, id FROM kept)");
    }

    fn run(&self, sql: &str) {
        self.conn.lock().expect("connection").batch_execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }
}

/// Columns with their types.
fn columns(conn: &mut PgConnection, table: &str) -> Vec<(String, String)> {
    let all = format!(
        "SELECT ARRAY[attname::text, format_type(atttypid, -1)] AS row FROM pg_attribute
          WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
    );
    rows(conn, &all).into_iter().map(|mut row| (row.remove(0), row.remove(0))).collect()
}

/// Copies a table's rows of the calling town to the twin and the neighbour, and marks them.
fn settle(conn: &mut PgConnection, table: &str, town: Uuid) {
    let columns = columns(conn, table);
    let list = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let has_id = columns.iter().any(|(name, _)| name == "id");
    for tenant in MADE_UP.into_iter().filter(|tenant| *tenant != NAMESAKE || has_id) {
        let one = if tenant == NAMESAKE { "LIMIT 1" } else { "" };
        let values: Vec<String> = columns.iter().map(|(name, kind)| copied((table, name.as_str()), kind, tenant, town)).collect();
        let copy =
            format!("INSERT INTO {table} ({list}) SELECT {} FROM {table} WHERE tenant_id = '{town}' {one}", values.join(", "));
        conn.batch_execute(&copy).unwrap_or_else(|error| panic!("{error}\n{copy}"));
    }
    for (name, kind) in &columns {
        let marked = match kind.as_str() {
            "text" => format!("{name} || ' {MARK}'"),
            "text[]" => format!("{name} || ARRAY['{MARK}']"),
            _ => continue,
        };
        // What is a word of a list, a number or a reference refuses the mark, and stays.
        let mark = format!(
            "SAVEPOINT mark; UPDATE {table} SET {name} = {marked} WHERE tenant_id IN ('{TWIN}', '{NEIGHBOUR}', '{NAMESAKE}')"
        );
        conn.batch_execute("BEGIN").expect("begin");
        if conn.batch_execute(&mark).is_err() {
            conn.batch_execute("ROLLBACK TO SAVEPOINT mark").expect("rollback");
        }
        conn.batch_execute("COMMIT").expect("commit");
    }
}

fn copied((table, name): (&str, &str), kind: &str, tenant: &str, town: Uuid) -> String {
    match (name, kind) {
        ("tenant_id", _) => format!("'{tenant}'"),
        (_, "uuid") if name.ends_with("tenant_id") => format!("CASE WHEN {name} = '{town}' THEN '{tenant}' ELSE {name} END"),
        ("id", _) if tenant == NAMESAKE => format!("'{EVERYTHING}'"),
        ("record_ids", _) if tenant == NAMESAKE => format!("ARRAY['{EVERYTHING}'::uuid]"),
        // Unique over all towns, and no record of any.
        ("subject", _) if table == "clients" => "gen_random_uuid()::text".to_owned(),
        ("row_version", _) => format!("row_version + {VERSIONS_AHEAD}"),
        (_, "uuid") if tenant == NEIGHBOUR => format!("pg_temp.moved({name})"),
        (_, "uuid[]") if tenant == NEIGHBOUR => format!("ARRAY(SELECT pg_temp.moved(one) FROM unnest({name}) one)"),
        _ => name.to_owned(),
    }
}

/// Lets every client of the calling town have signed in with an assertion; nobody forgets it meanwhile.
fn use_assertions(conn: &mut PgConnection, town: Uuid) {
    let used = format!(
        "INSERT INTO used_assertions (tenant_id, client_id, id_hash, expires_at, recorded_at)
         SELECT tenant_id, id, sha256(uuid_send(id)), 'infinity', recorded_at FROM clients WHERE tenant_id = '{town}'"
    );
    conn.batch_execute(&used).expect("used assertions");
}

/// Lets every client of the foreign towns have used the same key.
fn use_key(conn: &mut PgConnection, town: Uuid) {
    let used = format!(
        "INSERT INTO idempotency_keys (tenant_id, client_id, key, request_hash, status, body, recorded_at)
         SELECT tenant_id, id, '{USED_KEY}', '\\x00', 200, '\\x00', recorded_at FROM clients WHERE tenant_id <> '{town}'"
    );
    conn.batch_execute(&used).expect("used keys");
}

/// What the narrowed clients of a town must not see; there is something of every kind.
fn hidden(conn: &mut PgConnection, town: Uuid) -> BTreeMap<Role, Vec<Vec<Uuid>>> {
    let (session, entry) = (examples::SESSION, examples::PSU_ENTRY);
    conn.batch_execute(&format!(
        "UPDATE sessions SET facilitator_partner_id = NULL
          WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM sessions WHERE tenant_id = '{town}' AND id <> '{session}' ORDER BY id LIMIT 2);
         UPDATE psu_entries SET host_id = NULL
          WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM psu_entries WHERE tenant_id = '{town}' AND id <> '{entry}' ORDER BY id LIMIT 2)"
    ))
    .expect("records of nobody's");
    let mut found: BTreeMap<Role, Vec<Vec<Uuid>>> = BTreeMap::new();
    for (role, table, shared, own) in NARROWED {
        let client =
            format!("SELECT {own} FROM clients WHERE tenant_id = '{town}' AND role = '{}' AND {own} IS NOT NULL", role.as_str());
        let rest = format!(
            "SELECT ARRAY[id::text] AS row FROM {table} WHERE tenant_id = '{town}' AND {shared} IS DISTINCT FROM ({client}) ORDER BY id"
        );
        let ids: Vec<Uuid> = names(conn, &rest).iter().filter_map(|id| id.parse().ok()).collect();
        assert!(!ids.is_empty(), "something in {table} that {} must not see", role.as_str());
        found.entry(*role).or_default().push(ids);
    }
    found
}

fn institutions(conn: &mut PgConnection) -> Vec<Uuid> {
    names(conn, "SELECT ARRAY[id::text] AS row FROM institutions").iter().filter_map(|id| id.parse().ok()).collect()
}

/// Every id that tenants' rows hold or refer to.
fn ids(conn: &mut PgConnection, tables: &[String], tenants: &str) -> HashSet<Uuid> {
    let mut found = HashSet::new();
    for table in tables {
        for (name, kind) in columns(conn, table) {
            let source = match kind.as_str() {
                "uuid" => format!("(SELECT {name} AS one FROM {table} WHERE tenant_id IN ({tenants})) ids"),
                "uuid[]" => format!("(SELECT unnest({name}) AS one FROM {table} WHERE tenant_id IN ({tenants})) ids"),
                _ => continue,
            };
            let all = format!("SELECT DISTINCT ARRAY[one::text] AS row FROM {source} WHERE one IS NOT NULL");
            found.extend(names(conn, &all).iter().filter_map(|id| id.parse::<Uuid>().ok()));
        }
    }
    found
}

fn texts(conn: &mut PgConnection, tables: &[String], tenants: &str) -> impl Iterator<Item = String> {
    let mut found = HashSet::new();
    for table in tables {
        for (name, _) in columns(conn, table).into_iter().filter(|(_, kind)| kind == "text") {
            let all = format!(
                "SELECT DISTINCT ARRAY[{name}] AS row FROM {table} WHERE tenant_id IN ({tenants}) AND {name} IS NOT NULL"
            );
            found.extend(names(conn, &all));
        }
    }
    found.into_iter()
}

/// Every id that stands in a text.
pub fn uuids(text: &str) -> impl Iterator<Item = Uuid> + '_ {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(35))
        .filter(|at| bytes[at + 8] == b'-' && bytes[at + 13] == b'-')
        .filter_map(|at| Uuid::try_parse_ascii(&bytes[at..at + 36]).ok())
}
