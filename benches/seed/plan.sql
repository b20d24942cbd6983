-- Municipalities, and every edition with its people; what hangs on them comes afterwards.
--
-- Editions 1 to {held} are the caller's and over; {held} + 1 to {held} + {open} are its, run, and have open sessions; the
-- next one is its too, with {writing} people whose hours are recorded. All further ones belong to the others, the first of
-- whom has many and the last few.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET app.client = '{client}';
SET app.now = '2026-01-01T00:00:00Z';

CREATE SCHEMA bench;
CREATE FUNCTION bench.id(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN ('00000000-' || kind || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid;
GRANT USAGE ON SCHEMA bench TO pai_service;
CREATE SEQUENCE bench.sheets START {first_pgbench_sheet} MINVALUE 0;
GRANT USAGE ON SEQUENCE bench.sheets TO pai_service;

INSERT INTO institutions (id, kind, name)
SELECT bench.id('0000', n), 'municipalCentre', 'Ośrodek ' || n FROM generate_series(2, {municipalities}) n;
INSERT INTO programmes (tenant_id, id, name, kind)
SELECT bench.id('0000', n), bench.id('0001', n), 'Aktywizacja i Integracja', 'pai' FROM generate_series(1, {municipalities}) n;
INSERT INTO agreements (tenant_id, id, kind, signed_on, signed_precision, regime_tenant_id, regime_id)
SELECT bench.id('0000', n), bench.id('0002', n), 'implementation', '2019-06-14', 'day', '00000000-0000-0000-0000-000000000000', '{regime}'
  FROM generate_series(1, {municipalities}) n;

CREATE UNLOGGED TABLE bench.editions AS
SELECT n, town, bench.id('0000', town) AS tenant, bench.id('0003', n) AS edition, starts_on, held,
       CASE WHEN held THEN (starts_on + interval '2 months')::date - 1 ELSE starts_on + {writing_days} END AS ends_on,
       CASE WHEN n = {held} + {open} + 1 THEN {writing} ELSE {group} END AS people
  FROM generate_series(1, {held} + {open} + 1 + {others}) n,
       LATERAL (SELECT n <= {held} OR n > {held} + {open} + 1 AS held) h,
       LATERAL (SELECT CASE WHEN held THEN date '2019-06-17' + 7 * (n % 280) ELSE date '{writing_from}' END AS starts_on) s,
       -- The square makes the towns unequal: of twenty thousand editions the first has four hundred, the last has four.
       LATERAL (SELECT CASE WHEN n <= {held} + {open} + 1 THEN 1
                            ELSE 2 + floor(({municipalities} - 1) * ((n - {held} - {open} - 2)::float8 / {others}) ^ 2)::bigint END AS town) t;

CREATE UNLOGGED TABLE bench.people AS
SELECT p, e.n, e.tenant, e.edition, e.starts_on, e.ends_on, e.held,
       bench.id('0004', p) AS person, bench.id('0005', p) AS participation
  FROM bench.editions e, generate_series(1, e.people) k,
       LATERAL (SELECT CASE WHEN e.people = {group} THEN (e.n - 1) * {group} + k ELSE {first_writing} - 1 + k END::bigint AS p) number;
CREATE INDEX ON bench.people (n);
ANALYZE bench.editions, bench.people;

INSERT INTO editions (tenant_id, id, programme_id, agreement_id, name, starts_on, starts_precision, ends_on, ends_precision)
SELECT tenant, edition, bench.id('0001', town), bench.id('0002', town), 'Edycja ' || n, starts_on, 'day', ends_on, 'day' FROM bench.editions;
INSERT INTO plan_revisions (tenant_id, id, edition_id, number, effective_on, places)
SELECT tenant, bench.id('000b', n), edition, 1, starts_on, people FROM bench.editions;
INSERT INTO blocks (tenant_id, id, edition_id, kind, name, planned_minutes)
SELECT tenant, bench.id('0009', n * 2 + side), edition, (ARRAY['activation', 'integration'])[side + 1], 'Blok ' || side, 4800
  FROM bench.editions, generate_series(0, 1) side;
INSERT INTO collection_statements (tenant_id, id, edition_id, kind, completeness, stated_by, stated_on)
SELECT tenant, bench.id('000d', n * 8 + place), edition, kind, 'complete', 'koordynator', starts_on + 100
  FROM bench.editions, unnest(ARRAY['applications', 'participations', 'attendance', 'psuHours', 'employment']) WITH ORDINALITY k (kind, place)
 WHERE held;
INSERT INTO sessions (tenant_id, id, edition_id, block_id, held_on, minutes, form, roster_limited)
SELECT e.tenant, bench.id('0007', ((1 + sheet / {open})::bigint << 32) + e.n), e.edition, bench.id('0009', e.n * 2 + 1),
       e.starts_on + (sheet / {open} % {writing_days})::integer, 120, 'group', false
  FROM generate_series(0, {sheets} - 1) sheet JOIN bench.editions e ON e.n = {held} + 1 + sheet % {open};
