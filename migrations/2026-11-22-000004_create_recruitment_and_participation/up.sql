CREATE TABLE applications (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    person_id uuid NOT NULL,
    received_on date NOT NULL,
    received_precision text NOT NULL,
    channel text,
    state text NOT NULL,
    decision text,
    decided_on date,
    reserve_position integer,
    withdrawn_on date,
    withdrawal_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT applications_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT applications_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT applications_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT applications_person_key UNIQUE (tenant_id, edition_id, person_id),
    CONSTRAINT applications_participation_key UNIQUE (tenant_id, edition_id, person_id, id),
    CONSTRAINT applications_received_precision_check CHECK (received_precision IN ('day', 'month', 'year', 'derived')),
    CONSTRAINT applications_channel_check CHECK (channel IN ('counter', 'labourOffice', 'socialWorker', 'electronic', 'post', 'other')),
    CONSTRAINT applications_state_check CHECK (state IN ('applied', 'selected', 'reserve', 'rejected', 'withdrawn')),
    CONSTRAINT applications_decision_check CHECK (decision IN ('selected', 'reserve', 'rejected')
        AND (decision IS NULL) = (decided_on IS NULL)),
    CONSTRAINT applications_reserve_check CHECK (reserve_position IS NULL OR decision = 'reserve'),
    CONSTRAINT applications_withdrawal_check CHECK ((state = 'withdrawn') = (withdrawn_on IS NOT NULL)
        AND (state = 'withdrawn') = (withdrawal_reason IS NOT NULL)),
    CONSTRAINT applications_state_decision_check CHECK (state IN ('applied', 'withdrawn') OR state = decision),
    CONSTRAINT applications_withdrawal_reason_check CHECK (withdrawal_reason IN ('employed', 'refused', 'ineligible', 'health', 'noContact', 'other')),
    CONSTRAINT applications_reserve_position_check CHECK (reserve_position BETWEEN 1 AND 100000)
);
COMMENT ON TABLE applications IS 'Candidates of an edition and where their application stands; every step is in application_events.';
CREATE UNIQUE INDEX applications_reserve_position_key ON applications (tenant_id, edition_id, reserve_position) WHERE state = 'reserve';
CREATE INDEX applications_edition_idx ON applications (tenant_id, edition_id, id);
CREATE INDEX applications_person_idx ON applications (tenant_id, person_id, id);
SELECT protect_tenant_table('applications');
GRANT UPDATE (state, decision, decided_on, reserve_position, withdrawn_on, withdrawal_reason, row_version) ON applications TO pai_service;

CREATE TABLE application_events (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    kind text NOT NULL,
    effective_on date NOT NULL,
    basis text,
    reason text,
    note text,
    reserve_position integer,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT application_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT application_events_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id),
    CONSTRAINT application_events_kind_check CHECK (kind IN ('applied', 'selected', 'reserve', 'rejected', 'withdrawn')),
    CONSTRAINT application_events_basis_check CHECK (basis IN ('attested'))
);
COMMENT ON TABLE application_events IS 'Append-only history of an application: what, with effect from when, on what basis, why, by whom.';
CREATE INDEX application_events_application_idx ON application_events (tenant_id, application_id, id);
SELECT protect_tenant_table('application_events');

CREATE TABLE participations (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    person_id uuid NOT NULL,
    application_id uuid,
    replaces_id uuid,
    seat integer,
    starts_on date NOT NULL,
    planned_end_on date NOT NULL,
    ended_on date,
    end_reason text,
    end_polarity text,
    own_fault boolean,
    state text NOT NULL,
    cumulative_group text,
    override_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT participations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT participations_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT participations_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT participations_application_fkey FOREIGN KEY (tenant_id, edition_id, person_id, application_id)
        REFERENCES applications (tenant_id, edition_id, person_id, id),
    CONSTRAINT participations_edition_id_key UNIQUE (tenant_id, edition_id, id),
    CONSTRAINT participations_person_id_key UNIQUE (tenant_id, person_id, id),
    CONSTRAINT participations_replaces_fkey FOREIGN KEY (tenant_id, edition_id, replaces_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT participations_replaces_key UNIQUE (tenant_id, replaces_id),
    CONSTRAINT participations_period_check CHECK (planned_end_on >= starts_on AND ended_on >= starts_on),
    CONSTRAINT participations_state_check CHECK (state IN ('active', 'completed', 'exited')),
    CONSTRAINT participations_end_check CHECK ((state = 'active') = (ended_on IS NULL)
        AND (state = 'active') = (end_reason IS NULL) AND (state = 'active') = (end_polarity IS NULL)),
    CONSTRAINT participations_completed_check CHECK ((state = 'completed') = (end_reason IS NOT NULL AND end_reason = 'completed')),
    CONSTRAINT participations_end_reason_check CHECK (end_reason IN
        ('completed', 'employed', 'education', 'refusedUnjustified', 'interruptedOwnFault', 'interruptedJustified', 'health', 'moved', 'lostStatus', 'died', 'other')),
    CONSTRAINT participations_end_polarity_check CHECK (end_polarity IN ('positive', 'neutral', 'negative')),
    CONSTRAINT participations_seat_check CHECK (seat BETWEEN 1 AND 100000),
    CONSTRAINT participations_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, edition_id WITH =, person_id WITH =, daterange(starts_on, COALESCE(ended_on, planned_end_on), '[]') WITH &&),
    CONSTRAINT participations_group_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, person_id WITH =, cumulative_group WITH =, daterange(starts_on, COALESCE(ended_on, planned_end_on), '[]') WITH &&)
        WHERE (cumulative_group IS NOT NULL)
);
COMMENT ON TABLE participations IS 'Who took part in an edition, from when to when, in whose place and how it ended; every step is in participation_events.';
COMMENT ON COLUMN participations.ended_on IS 'The last day of participation.';
COMMENT ON COLUMN participations.cumulative_group IS 'Copied from the regime: participations of one group count together towards the limit of months (art. 62b(2)(1)).';
CREATE INDEX participations_edition_idx ON participations (tenant_id, edition_id, id);
CREATE INDEX participations_person_idx ON participations (tenant_id, person_id, id);
SELECT protect_tenant_table('participations');
GRANT UPDATE (ended_on, end_reason, end_polarity, own_fault, state, planned_end_on, row_version) ON participations TO pai_service;

CREATE TABLE participation_events (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    participation_id uuid NOT NULL,
    kind text NOT NULL,
    effective_on date NOT NULL,
    reason text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT participation_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT participation_events_participation_fkey FOREIGN KEY (tenant_id, participation_id) REFERENCES participations (tenant_id, id),
    CONSTRAINT participation_events_kind_check CHECK (kind IN ('admitted', 'suspended', 'ended', 'completed'))
);
COMMENT ON TABLE participation_events IS 'Append-only history of a participation.';
CREATE INDEX participation_events_participation_idx ON participation_events (tenant_id, participation_id, id);
SELECT protect_tenant_table('participation_events');

CREATE TABLE suspensions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    participation_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT suspensions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT suspensions_participation_fkey FOREIGN KEY (tenant_id, participation_id) REFERENCES participations (tenant_id, id),
    CONSTRAINT suspensions_period_check CHECK (to_on >= from_on),
    CONSTRAINT suspensions_reason_check CHECK (reason IN ('health', 'care', 'other')),
    CONSTRAINT suspensions_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, daterange(from_on, to_on, '[]') WITH &&)
);
COMMENT ON TABLE suspensions IS 'Days on which a participation rests: no attendance is expected and no hours may be logged.';
SELECT protect_tenant_table('suspensions');

CREATE TABLE sessions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    block_id uuid NOT NULL,
    held_on date NOT NULL,
    starts_at time,
    minutes integer NOT NULL,
    form text NOT NULL,
    theme text,
    venue text,
    facilitator_partner_id uuid,
    facilitator_profession text,
    roster_limited boolean NOT NULL,
    attendance_version integer NOT NULL DEFAULT 0,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT sessions_edition_id_key UNIQUE (tenant_id, edition_id, id),
    CONSTRAINT sessions_block_fkey FOREIGN KEY (tenant_id, edition_id, block_id) REFERENCES blocks (tenant_id, edition_id, id),
    CONSTRAINT sessions_facilitator_fkey FOREIGN KEY (tenant_id, facilitator_partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT sessions_minutes_check CHECK (minutes > 0 AND minutes % 15 = 0),
    CONSTRAINT sessions_form_check CHECK (form IN ('group', 'individual'))
);
COMMENT ON TABLE sessions IS 'Held classes and consultations of a block.';
COMMENT ON COLUMN sessions.roster_limited IS 'Only the people of session_roster are expected, not all who take part on the day.';
CREATE INDEX sessions_edition_idx ON sessions (tenant_id, edition_id, id);
SELECT protect_tenant_table('sessions');
GRANT UPDATE (attendance_version, row_version) ON sessions TO pai_service;

CREATE TABLE session_roster (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    edition_id uuid NOT NULL,
    session_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    CONSTRAINT session_roster_pkey PRIMARY KEY (tenant_id, session_id, participation_id),
    CONSTRAINT session_roster_session_fkey FOREIGN KEY (tenant_id, edition_id, session_id) REFERENCES sessions (tenant_id, edition_id, id),
    CONSTRAINT session_roster_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id)
);
COMMENT ON TABLE session_roster IS 'Who is expected at a session that is not for all.';
SELECT protect_tenant_table('session_roster');

CREATE TABLE attendance (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    session_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    status text NOT NULL,
    minutes integer NOT NULL,
    reason_class text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT attendance_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT attendance_session_fkey FOREIGN KEY (tenant_id, edition_id, session_id) REFERENCES sessions (tenant_id, edition_id, id),
    CONSTRAINT attendance_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT attendance_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES attendance (tenant_id, id),
    CONSTRAINT attendance_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT attendance_status_check CHECK (status IN ('present', 'late', 'leftEarly', 'excused', 'unexcused')),
    CONSTRAINT attendance_minutes_check CHECK (minutes >= 0 AND minutes % 15 = 0 AND (minutes = 0 OR status IN ('present', 'late', 'leftEarly'))),
    CONSTRAINT attendance_reason_check CHECK (reason_class IN ('health', 'care', 'official', 'other') AND (reason_class IS NULL OR status = 'excused'))
);
COMMENT ON TABLE attendance IS 'Who came to a session and for how long; a corrected sheet supersedes row by row.';
CREATE UNIQUE INDEX attendance_current_key ON attendance (tenant_id, session_id, participation_id) WHERE superseded_at IS NULL;
CREATE INDEX attendance_edition_idx ON attendance (tenant_id, edition_id, participation_id) INCLUDE (session_id, minutes, status) WHERE superseded_at IS NULL;
SELECT protect_tenant_table('attendance');
GRANT UPDATE (superseded_at) ON attendance TO pai_service;

CREATE TABLE psu_weeks (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    person_id uuid NOT NULL,
    week_on date NOT NULL,
    used_minutes integer NOT NULL,
    limit_minutes integer NOT NULL,
    CONSTRAINT psu_weeks_pkey PRIMARY KEY (tenant_id, person_id, week_on),
    CONSTRAINT psu_weeks_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT psu_weeks_monday_check CHECK (EXTRACT(isodow FROM week_on) = 1),
    CONSTRAINT psu_weeks_used_check CHECK (used_minutes >= 0),
    CONSTRAINT psu_weeks_limit_check CHECK (used_minutes <= limit_minutes)
);
COMMENT ON TABLE psu_weeks IS 'Hours of socially useful work used per person and ISO week, over all hosts and editions; the limit comes from the regime (art. 73a(1)).';
COMMENT ON COLUMN psu_weeks.week_on IS 'The Monday of the ISO week.';
SELECT protect_tenant_table('psu_weeks');
GRANT UPDATE (used_minutes, limit_minutes) ON psu_weeks TO pai_service;

CREATE TABLE psu_months (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    person_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    month_on date NOT NULL,
    used_minutes integer NOT NULL,
    limit_minutes integer NOT NULL,
    CONSTRAINT psu_months_pkey PRIMARY KEY (tenant_id, person_id, agreement_id, month_on),
    CONSTRAINT psu_months_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT psu_months_agreement_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreements (tenant_id, id),
    CONSTRAINT psu_months_first_day_check CHECK (EXTRACT(day FROM month_on) = 1),
    CONSTRAINT psu_months_used_check CHECK (used_minutes >= 0),
    CONSTRAINT psu_months_limit_check CHECK (used_minutes <= limit_minutes)
);
COMMENT ON TABLE psu_months IS 'Hours used per person and month under an agreement that sets a monthly cap (regulation of 21 December 2017, section 3(1)(2)).';
SELECT protect_tenant_table('psu_months');
GRANT UPDATE (used_minutes, limit_minutes) ON psu_months TO pai_service;

CREATE TABLE psu_entries (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    host_id uuid,
    worked_on date NOT NULL,
    minutes integer NOT NULL,
    kind_of_work text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT psu_entries_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT psu_entries_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT psu_entries_person_fkey FOREIGN KEY (tenant_id, person_id, participation_id) REFERENCES participations (tenant_id, person_id, id),
    CONSTRAINT psu_entries_host_fkey FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id),
    CONSTRAINT psu_entries_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES psu_entries (tenant_id, id),
    CONSTRAINT psu_entries_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT psu_entries_minutes_check CHECK (minutes % 15 = 0 AND (minutes > 0 OR (minutes = 0 AND supersedes_id IS NOT NULL))),
    CONSTRAINT psu_entries_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE psu_entries IS 'The register of socially useful work (regulation of 21 December 2017, section 6); a correction supersedes.';
CREATE INDEX psu_entries_edition_idx ON psu_entries (tenant_id, edition_id, participation_id) INCLUDE (minutes, worked_on) WHERE superseded_at IS NULL;
CREATE INDEX psu_entries_person_idx ON psu_entries (tenant_id, person_id, id);
SELECT protect_tenant_table('psu_entries');
GRANT UPDATE (superseded_at) ON psu_entries TO pai_service;
