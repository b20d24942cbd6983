\set edition random(1, {held_editions})
{begin}SELECT e.name, e.starts_on, e.ends_on, plan.places, people.started, people.completed, people.women, applied.applications, applied.selected,
       sheets.present, sheets.excused, sheets.unexcused, sheets.minutes AS attended_minutes, held.sessions, held.minutes AS delivered_minutes,
       work.entries, work.minutes AS worked_minutes, work.workers, checks.employed, checks.asked
  FROM editions e,
  LATERAL (SELECT max(places) AS places FROM plan_revisions WHERE tenant_id = e.tenant_id AND edition_id = e.id) plan,
  LATERAL (SELECT count(*) AS started, count(*) FILTER (WHERE p.state = 'completed') AS completed, count(*) FILTER (WHERE h.sex = 'female') AS women
             FROM participations p JOIN people h ON h.tenant_id = p.tenant_id AND h.id = p.person_id
            WHERE p.tenant_id = e.tenant_id AND p.edition_id = e.id) people,
  LATERAL (SELECT count(*) AS applications, count(*) FILTER (WHERE state = 'selected') AS selected
             FROM applications WHERE tenant_id = e.tenant_id AND edition_id = e.id) applied,
  LATERAL (SELECT count(*) FILTER (WHERE minutes > 0) AS present, count(*) FILTER (WHERE status = 'excused') AS excused,
                  count(*) FILTER (WHERE status = 'unexcused') AS unexcused, sum(minutes) AS minutes
             FROM attendance WHERE tenant_id = e.tenant_id AND edition_id = e.id AND superseded_at IS NULL) sheets,
  LATERAL (SELECT count(*) AS sessions, sum(minutes) AS minutes FROM sessions WHERE tenant_id = e.tenant_id AND edition_id = e.id) held,
  LATERAL (SELECT count(*) AS entries, sum(minutes) AS minutes, count(DISTINCT participation_id) AS workers
             FROM psu_entries WHERE tenant_id = e.tenant_id AND edition_id = e.id AND superseded_at IS NULL) work,
  LATERAL (SELECT count(*) FILTER (WHERE result = 'employed') AS employed, count(*) AS asked
             FROM employment_checks WHERE tenant_id = e.tenant_id AND edition_id = e.id) checks
 WHERE e.tenant_id = '{tenant}' AND e.id = bench.id('0003', :edition);
COMMIT;
