CREATE TABLE people (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    sex text NOT NULL,
    birth_year smallint,
    note text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT people_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT people_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT people_sex_check CHECK (sex IN ('female', 'male', 'unknown')),
    CONSTRAINT people_birth_year_check CHECK (birth_year BETWEEN 1900 AND 2200)
);
COMMENT ON TABLE people IS 'People of one tenant, known everywhere else by this id only.';
SELECT protect_tenant_table('people');
GRANT UPDATE (sex, birth_year, note, row_version) ON people TO pai_service;

CREATE TABLE person_identities (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    person_id uuid NOT NULL,
    given_names bytea,
    surname bytea,
    pesel bytea,
    pesel_index bytea,
    participation_index bytea,
    document bytea,
    document_index bytea,
    birth_date bytea,
    address bytea,
    contact bytea,
    missing_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT person_identities_pkey PRIMARY KEY (tenant_id, person_id),
    CONSTRAINT person_identities_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT person_identities_pesel_key UNIQUE (tenant_id, pesel_index),
    CONSTRAINT person_identities_document_key UNIQUE (tenant_id, document_index),
    CONSTRAINT person_identities_pesel_check CHECK ((pesel IS NULL) = (pesel_index IS NULL) AND (pesel IS NULL) = (participation_index IS NULL)),
    CONSTRAINT person_identities_document_check CHECK ((document IS NULL) = (document_index IS NULL)),
    CONSTRAINT person_identities_missing_check CHECK
        (missing_reason IS NOT NULL OR (surname IS NOT NULL AND given_names IS NOT NULL AND (pesel IS NOT NULL OR document IS NOT NULL)))
);
COMMENT ON TABLE person_identities IS 'The one home of names, identifiers, address and contact; every value is encrypted under the key of the person.';
COMMENT ON COLUMN person_identities.pesel_index IS 'Keyed hash for look-ups within the tenant.';
COMMENT ON COLUMN person_identities.participation_index IS 'Keyed hash under a deployment-wide key, for the audited yes/no question about other tenants only.';
SELECT protect_tenant_table('person_identities');
GRANT UPDATE (given_names, surname, pesel, pesel_index, participation_index, document, document_index, birth_date, address, contact, missing_reason, row_version)
    ON person_identities TO pai_service;

CREATE TABLE person_facts (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    source text NOT NULL,
    evidence text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT person_facts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT person_facts_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT person_facts_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES person_facts (tenant_id, id),
    CONSTRAINT person_facts_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'education', 'employmentStatus', 'socialContract', 'residence')),
    CONSTRAINT person_facts_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL)),
    CONSTRAINT person_facts_period_check CHECK (valid_to_on >= valid_from_on)
);
COMMENT ON TABLE person_facts IS 'What was true of a person, from when to when, and who says so. Append-only; a correction supersedes.';
SELECT protect_tenant_table('person_facts');
CREATE INDEX person_facts_person_idx ON person_facts (tenant_id, person_id, id);
GRANT UPDATE (superseded_at) ON person_facts TO pai_service;

CREATE TABLE households (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    note text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT households_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT households_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id)
);
COMMENT ON TABLE households IS 'Households (Polish: rodziny / gospodarstwa domowe), counted apart from people.';
SELECT protect_tenant_table('households');
GRANT UPDATE (note, row_version) ON households TO pai_service;

CREATE TABLE household_members (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    household_id uuid NOT NULL,
    person_id uuid NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT household_members_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT household_members_household_fkey FOREIGN KEY (tenant_id, household_id) REFERENCES households (tenant_id, id),
    CONSTRAINT household_members_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT household_members_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES household_members (tenant_id, id),
    CONSTRAINT household_members_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT household_members_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL)),
    CONSTRAINT household_members_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT household_members_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, person_id WITH =, daterange(valid_from_on, valid_to_on, '[]') WITH &&) WHERE (superseded_at IS NULL)
);
COMMENT ON TABLE household_members IS 'Who lived in which household, from when to when; a person belongs to one household at a time.';
SELECT protect_tenant_table('household_members');
CREATE INDEX household_members_household_idx ON household_members (tenant_id, household_id, id);
GRANT UPDATE (superseded_at) ON household_members TO pai_service;
