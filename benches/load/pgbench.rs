//! The peer: the SQL of the service, sent by `pgbench` over as many connections.

use std::process::Command;

use pai::platform::embedded::Role;

use crate::Outcome;
use crate::client::Load;
use crate::seed::{DAYS, PEOPLE};
use crate::service::Service;

/// Runs the script of one endpoint; answers transactions a second.
pub fn run(service: &Service, load: &Load, is_write: bool) -> Outcome<f64> {
    let script = std::env::temp_dir().join(format!("pai-bench-{}.sql", std::process::id()));
    std::fs::write(&script, if is_write { write_script(load) } else { read_script(load) })?;
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-c", &load.connections.to_string(), "-j", "4"])
        .args(["-T", &load.length.as_secs().to_string(), "-f"])
        .arg(&script)
        .arg(service.url(Role::Service))
        .output()?;
    std::fs::remove_file(&script)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = || format!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(failed().into());
    }
    let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).ok_or_else(failed)?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

/// The pipeline makes one round trip of what the service sends as one string, which `-M prepared` does not take.
fn begin(load: &Load, mode: &str) -> String {
    let (tenant, client) = (load.seeded.tenant, load.seeded.client);
    format!(
        "\\startpipeline
BEGIN READ {mode};
SELECT set_config('app.tenant', '{tenant}', true), set_config('app.client', '{client}', true), set_config('app.now', '2026-06-15T10:00:00.000000Z', true);
\\endpipeline
"
    )
}

fn read_script(load: &Load) -> String {
    format!(
        "\\set entry random(1, {rows})
{begin}SELECT id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, superseded_at, correction_reason, recorded_at
  FROM psu_entries WHERE tenant_id = '{tenant}' AND id = ('00000000-0006-7000-8000-' || lpad(to_hex(:entry::bigint), 12, '0'))::uuid LIMIT 1;
COMMIT;
",
        rows = load.seeded.rows,
        begin = begin(load, "ONLY"),
        tenant = load.seeded.tenant,
    )
}

/// The statements of `record_psu_entry` in their order, with keys and ids that never repeat.
fn write_script(load: &Load) -> String {
    format!(
        "\\set person random(1, {PEOPLE})
\\set day random(0, {last})
{begin}INSERT INTO idempotency_keys (key, request_hash) VALUES (gen_random_uuid()::text, '\\x00') ON CONFLICT DO NOTHING RETURNING key AS first \\gset
SELECT p.id, p.person_id, p.edition_id, a.id, p.starts_on, p.planned_end_on, p.ended_on, a.monthly_cap_minutes,
       EXISTS (SELECT 1 FROM psu_months m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.person_id AND m.agreement_id = a.id
                  AND m.month_on = date_trunc('month', date '2020-01-01' + :day::integer)::date),
       (SELECT r.parameters FROM regimes r WHERE r.tenant_id = a.regime_tenant_id AND r.id = a.regime_id LIMIT 1)
  FROM participations p
  JOIN editions e ON e.tenant_id = p.tenant_id AND e.id = p.edition_id
  JOIN agreements a ON a.tenant_id = e.tenant_id AND a.id = e.agreement_id
 WHERE p.tenant_id = '{tenant}' AND p.id = ('00000000-0005-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid
   FOR KEY SHARE;
INSERT INTO psu_weeks (person_id, week_on, used_minutes, limit_minutes)
  VALUES (('00000000-0004-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid, date_trunc('week', date '2020-01-01' + :day::integer)::date, 15, 600)
  ON CONFLICT (tenant_id, person_id, week_on) DO UPDATE
     SET used_minutes = psu_weeks.used_minutes + 15, limit_minutes = least(psu_weeks.limit_minutes, 600)
   WHERE psu_weeks.used_minutes + 15 <= least(psu_weeks.limit_minutes, 600);
INSERT INTO psu_entries (id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, correction_reason)
  VALUES (gen_random_uuid(), '00000000-0003-7000-8000-000000000001', ('00000000-0005-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid,
          ('00000000-0004-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid, NULL, date '2020-01-01' + :day::integer, 15, 'porządkowe', NULL, NULL)
  RETURNING id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, superseded_at, correction_reason, recorded_at,
            EXISTS (SELECT 1 FROM suspensions s WHERE s.tenant_id = '{tenant}'
                       AND s.participation_id = ('00000000-0005-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid
                       AND s.from_on <= date '2020-01-01' + :day::integer AND s.to_on >= date '2020-01-01' + :day::integer);
SELECT finish_write(gen_random_uuid(), 'record_psu_entry', 'coordinator', NULL, NULL, 'psuEntry', ARRAY[gen_random_uuid()],
  ARRAY['participationId', 'workedOn', 'hours', 'kindOfWork'], false, false, NULL, gen_random_uuid(),
  ARRAY[gen_random_uuid()], ARRAY['participation'], ARRAY[('00000000-0005-7000-8000-' || lpad(to_hex(:person::bigint), 12, '0'))::uuid],
  ARRAY['psu_entry.recorded'], '[{{\"psuEntryId\": \"00000000-0006-7000-8000-000000000001\", \"participationId\": \"00000000-0005-7000-8000-000000000001\", \"editionId\": \"00000000-0003-7000-8000-000000000001\", \"workedOn\": \"2026-06-15\", \"supersedesId\": null}}]'::jsonb,
  :first, 201::smallint, '/api/v1/psu-entries/00000000-0006-7000-8000-000000000001', NULL, decode(repeat('00', 480), 'hex'));
COMMIT;
",
        last = DAYS - 1,
        begin = begin(load, "WRITE"),
        tenant = load.seeded.tenant,
    )
}
