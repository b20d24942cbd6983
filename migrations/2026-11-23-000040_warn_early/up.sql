-- Rules of early warning as data: which, from which day, with which parameters and how grave.

-- Rows of the nil tenant are built in and readable by all; a town's own of the same rule go before them.
CREATE TABLE warning_rules (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    valid_from_on date NOT NULL,
    is_active boolean NOT NULL,
    severity text NOT NULL,
    parameters jsonb NOT NULL,
    basis text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT warning_rules_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT warning_rules_code_check CHECK (code IN ('consecutiveAbsences', 'lowAttendance', 'minimumAtRisk', 'minimumUnreachable', 'weekWithoutPsu', 'shortIntegrationWeek', 'factExpiring', 'emptySeat', 'dutyOverdue')),
    CONSTRAINT warning_rules_version_check CHECK (version > 0),
    CONSTRAINT warning_rules_version_key UNIQUE (tenant_id, code, version),
    CONSTRAINT warning_rules_severity_check CHECK (severity IN ('notice', 'warning', 'alarm'))
);
COMMENT ON TABLE warning_rules IS 'Rules of early warning with their parameters. The nil tenant holds the built-in ones; of one rule, the highest version whose day has come holds. Append-only.';
ALTER TABLE warning_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE warning_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON warning_rules
    USING (tenant_id = app_tenant() OR tenant_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT ON warning_rules TO pai_service;

SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';

INSERT INTO warning_rules (id, code, version, valid_from_on, is_active, severity, parameters, basis)
SELECT ('01900000-0000-7000-8000-00000000b' || lpad(t.number::text, 3, '0'))::uuid, t.code, 1, '2000-01-01', true, t.severity, t.parameters::jsonb, t.basis
  FROM (VALUES
    (1, 'consecutiveAbsences', 'alarm', '{"count": 2}', 'Practice: two absences in a row without an excuse come before most interruptions'),
    (2, 'lowAttendance', 'warning', '{"percent": "80.00", "count": 2}', 'Practice: attendance so far below the share that editions commonly ask for'),
    (3, 'minimumAtRisk', 'warning', '{"hours": "5.00"}', 'The edition''s rule of completion: so few hours may still be missed'),
    (4, 'minimumUnreachable', 'alarm', '{}', 'The edition''s rule of completion'),
    (5, 'weekWithoutPsu', 'warning', '{"count": 1}', 'Art. 73a(1) of the Act of 20 April 2004: hours of socially useful work are by the week'),
    (6, 'shortIntegrationWeek', 'warning', '{}', 'Art. 62a(5) of the Act of 20 April 2004: the regime''s hours of integration a week'),
    (7, 'factExpiring', 'notice', '{"days": 14}', 'Practice: papers that expire while somebody takes part'),
    (8, 'emptySeat', 'notice', '{"days": 3}', 'Practice: a place without a participant earns nothing and helps nobody'),
    (9, 'dutyOverdue', 'alarm', '{}', 'Sections 3(1)(5) and 5(2) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447')
  ) AS t (number, code, severity, parameters, basis);
