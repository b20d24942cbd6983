-- Incidents of socially useful work and absences, and the duties to inform that come of them.

-- Rows of the nil tenant are built in and readable by all; a town's own, or those of one of its agreements, go before them.
CREATE TABLE duty_terms (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    duty text NOT NULL,
    agreement_id uuid,
    version integer NOT NULL,
    valid_from_on date NOT NULL,
    working_days integer NOT NULL,
    legal_source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT duty_terms_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT duty_terms_agreement_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreements (tenant_id, id),
    CONSTRAINT duty_terms_duty_check CHECK (duty IN ('notReported', 'notTakenUp', 'leftPlace', 'discipline', 'absence', 'refusal', 'interruption')),
    CONSTRAINT duty_terms_version_check CHECK (version > 0),
    CONSTRAINT duty_terms_working_days_check CHECK (working_days BETWEEN 0 AND 60)
);
COMMENT ON TABLE duty_terms IS 'Within how many working days offices have to be informed, by kind of duty and from a day on. The nil tenant holds the built-in terms; of one kind, the highest version whose day has come holds.';
COMMENT ON COLUMN duty_terms.working_days IS 'Working days after the day on which the duty arises; zero is the same working day.';
CREATE UNIQUE INDEX duty_terms_version_key ON duty_terms (tenant_id, duty, coalesce(agreement_id, '00000000-0000-0000-0000-000000000000'), version);
ALTER TABLE duty_terms ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_terms FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON duty_terms
    USING (tenant_id = app_tenant() OR tenant_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT ON duty_terms TO pai_service;

CREATE TABLE incidents (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    kind text NOT NULL,
    occurred_on date NOT NULL,
    known_on date NOT NULL,
    reported_by text NOT NULL,
    host_id uuid,
    attendance_id uuid,
    withdrawn_on date,
    withdrawal_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT incidents_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT incidents_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT incidents_host_fkey FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id),
    CONSTRAINT incidents_attendance_fkey FOREIGN KEY (tenant_id, attendance_id) REFERENCES attendance (tenant_id, id),
    CONSTRAINT incidents_kind_check CHECK (kind IN ('notReported', 'notTakenUp', 'leftPlace', 'discipline', 'absence', 'refusal')),
    CONSTRAINT incidents_reported_by_check CHECK (reported_by IN ('host', 'carer', 'facilitator', 'centre')),
    CONSTRAINT incidents_known_check CHECK (known_on >= occurred_on),
    CONSTRAINT incidents_attendance_check CHECK (attendance_id IS NULL OR kind = 'absence'),
    CONSTRAINT incidents_withdrawal_reason_check CHECK (withdrawal_reason IN ('mistake', 'justified')),
    CONSTRAINT incidents_withdrawal_check CHECK ((withdrawn_on IS NULL) = (withdrawal_reason IS NULL))
);
COMMENT ON TABLE incidents IS 'What the offices have to be told of: incidents of socially useful work (regulation of 21 December 2017, section 5(2)), absences and refusals (section 3(1)(5)). No description, so nothing of health.';
COMMENT ON COLUMN incidents.known_on IS 'Day on which it became known to who has to inform.';
COMMENT ON COLUMN incidents.attendance_id IS 'Row of the attendance sheet, where the absence was one from a session.';
SELECT protect_tenant_table('incidents');
CREATE UNIQUE INDEX incidents_current_key ON incidents (tenant_id, participation_id, kind, occurred_on) WHERE withdrawn_on IS NULL;
CREATE UNIQUE INDEX incidents_attendance_key ON incidents (tenant_id, attendance_id) WHERE withdrawn_on IS NULL;
CREATE INDEX incidents_participation_idx ON incidents (tenant_id, participation_id, id);
GRANT UPDATE (withdrawn_on, withdrawal_reason) ON incidents TO pai_service;

CREATE TABLE information_duties (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    incident_id uuid,
    duty text NOT NULL,
    recipient text NOT NULL,
    occurred_on date NOT NULL,
    arisen_on date NOT NULL,
    working_days integer NOT NULL,
    due_on date NOT NULL,
    legal_source text NOT NULL,
    discharged_on date,
    channel text,
    letter_number text,
    withdrawn_on date,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT information_duties_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT information_duties_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT information_duties_incident_fkey FOREIGN KEY (tenant_id, incident_id) REFERENCES incidents (tenant_id, id),
    CONSTRAINT information_duties_duty_check CHECK (duty IN ('notReported', 'notTakenUp', 'leftPlace', 'discipline', 'absence', 'refusal', 'interruption')),
    CONSTRAINT information_duties_recipient_check CHECK (recipient IN ('starost', 'labourOffice', 'welfareCentre')),
    CONSTRAINT information_duties_channel_check CHECK (channel IN ('ePuap', 'eDelivery', 'email', 'letter', 'phone', 'inPerson')),
    CONSTRAINT information_duties_due_check CHECK (due_on >= arisen_on AND arisen_on >= occurred_on),
    CONSTRAINT information_duties_discharge_check CHECK ((discharged_on IS NULL) = (channel IS NULL) AND (discharged_on IS NOT NULL OR letter_number IS NULL))
);
COMMENT ON TABLE information_duties IS 'Duties to inform an office, each with its deadline; open until it is discharged, or withdrawn with its incident.';
COMMENT ON COLUMN information_duties.working_days IS 'The term as it stood when the duty arose.';
SELECT protect_tenant_table('information_duties');
CREATE UNIQUE INDEX information_duties_current_key ON information_duties (tenant_id, participation_id, duty, recipient, occurred_on)
    WHERE withdrawn_on IS NULL;
CREATE INDEX information_duties_edition_idx ON information_duties (tenant_id, edition_id, id);
CREATE INDEX information_duties_incident_idx ON information_duties (tenant_id, incident_id);
CREATE INDEX information_duties_open_idx ON information_duties (tenant_id, id) WHERE discharged_on IS NULL AND withdrawn_on IS NULL;
GRANT UPDATE (discharged_on, channel, letter_number, withdrawn_on, row_version) ON information_duties TO pai_service;

SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';

INSERT INTO duty_terms (id, duty, version, valid_from_on, working_days, legal_source)
SELECT ('01900000-0000-7000-8000-00000000d' || lpad(t.number::text, 3, '0'))::uuid, t.duty, 1, t.valid_from_on, t.working_days, t.legal_source
  FROM (VALUES
    (1, 'notReported', '2005-11-01'::date, 1, 'Section 5(2)(1) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447: immediately; read as by the next working day, and for days before 2018 alike'),
    (2, 'notTakenUp', '2005-11-01', 1, 'Section 5(2)(2) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447: immediately; read as by the next working day, and for days before 2018 alike'),
    (3, 'leftPlace', '2005-11-01', 1, 'Section 5(2)(3) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447: immediately; read as by the next working day, and for days before 2018 alike'),
    (4, 'discipline', '2005-11-01', 1, 'Section 5(2)(4) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447: immediately; read as by the next working day, and for days before 2018 alike'),
    (5, 'absence', '2005-11-01', 7, 'Section 3(1)(5) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447: as the agreement says; seven working days where it says nothing, and for days before 2018 alike'),
    (6, 'refusal', '2005-11-01', 7, 'Section 3(1)(5) of the regulation of 21 December 2017, Dz.U. 2017 poz. 2447: as the agreement says; seven working days where it says nothing, and for days before 2018 alike'),
    (7, 'interruption', '2014-05-27', 7, 'Art. 33(4)(12) of the Act of 20 April 2004 on employment promotion: the labour office decides about the status; seven working days where the agreement says nothing')
  ) AS t (number, duty, valid_from_on, working_days, legal_source);
