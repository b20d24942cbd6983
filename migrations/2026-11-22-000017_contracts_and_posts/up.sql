-- Written plans with one person, staff posts of a project, family assistants of households, declarations of
-- participation, and more about the events of a project.

CREATE TABLE staff_posts (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    edition_id uuid,
    kind text NOT NULL,
    full_time numeric(5,2) NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    funding_source text,
    note text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT staff_posts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT staff_posts_programme_fkey FOREIGN KEY (tenant_id, programme_id) REFERENCES programmes (tenant_id, id),
    CONSTRAINT staff_posts_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT staff_posts_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES staff_posts (tenant_id, id),
    CONSTRAINT staff_posts_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT staff_posts_kind_check CHECK (kind IN
        ('coordinator', 'socialWorker', 'familyAssistant', 'clientAdviser', 'vocationalCounsellor', 'psychologist', 'accountant', 'administration', 'other')),
    CONSTRAINT staff_posts_funding_source_check CHECK (funding_source IN ('FP', 'FP_RESERVE', 'GMINA', 'ESF', 'OWN')),
    CONSTRAINT staff_posts_full_time_check CHECK (full_time > 0 AND full_time <= 1),
    CONSTRAINT staff_posts_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT staff_posts_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE staff_posts IS 'Posts (Polish: etaty) of a programme or of one of its editions: what share of full time, from when to when, paid from what. Nobody is named. Append-only; a correction supersedes.';
COMMENT ON COLUMN staff_posts.full_time IS 'Share of a full-time post (Polish: wymiar etatu): 0.50 is a half.';
SELECT protect_tenant_table('staff_posts');
CREATE INDEX staff_posts_programme_idx ON staff_posts (tenant_id, programme_id, id);
GRANT UPDATE (superseded_at) ON staff_posts TO pai_service;

CREATE TABLE household_assistants (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    household_id uuid NOT NULL,
    assistant text NOT NULL,
    edition_id uuid,
    valid_from_on date NOT NULL,
    valid_to_on date,
    override_reason text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT household_assistants_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT household_assistants_household_fkey FOREIGN KEY (tenant_id, household_id) REFERENCES households (tenant_id, id),
    CONSTRAINT household_assistants_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT household_assistants_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES household_assistants (tenant_id, id),
    CONSTRAINT household_assistants_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT household_assistants_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT household_assistants_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL)),
    CONSTRAINT household_assistants_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, household_id WITH =, assistant WITH =, daterange(valid_from_on, valid_to_on, '[]') WITH &&) WHERE (superseded_at IS NULL)
);
COMMENT ON TABLE household_assistants IS 'Family assistants (Polish: asystent rodziny) of households, from when to when (Act of 9 June 2011 on supporting the family, art. 12 to 15). Append-only; a correction supersedes.';
COMMENT ON COLUMN household_assistants.assistant IS 'The centre''s own code of the assistant; no name.';
COMMENT ON COLUMN household_assistants.edition_id IS 'The edition under which the assistant works; its figures count the household.';
SELECT protect_tenant_table('household_assistants');
CREATE INDEX household_assistants_household_idx ON household_assistants (tenant_id, household_id, id);
CREATE INDEX household_assistants_edition_idx ON household_assistants (tenant_id, edition_id, id);
CREATE INDEX household_assistants_assistant_idx ON household_assistants (tenant_id, assistant, id);
GRANT UPDATE (superseded_at) ON household_assistants TO pai_service;

CREATE TABLE declaration_texts (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    content text NOT NULL,
    sha256 text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT declaration_texts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT declaration_texts_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT declaration_texts_code_key UNIQUE (tenant_id, code, version),
    CONSTRAINT declaration_texts_version_check CHECK (version > 0)
);
COMMENT ON TABLE declaration_texts IS 'Versions of the texts that people sign when they join (Polish: deklaracja uczestnictwa), each stored once. Never changed: a changed text is a new version.';
COMMENT ON COLUMN declaration_texts.sha256 IS 'Hash of the text in hexadecimal digits, to compare with the paper''s template.';
SELECT protect_tenant_table('declaration_texts');

CREATE TABLE participation_declarations (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    edition_id uuid NOT NULL,
    text_id uuid NOT NULL,
    declared_on date NOT NULL,
    is_signed boolean NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT participation_declarations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT participation_declarations_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT participation_declarations_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT participation_declarations_text_fkey FOREIGN KEY (tenant_id, text_id) REFERENCES declaration_texts (tenant_id, id),
    CONSTRAINT participation_declarations_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES participation_declarations (tenant_id, id),
    CONSTRAINT participation_declarations_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT participation_declarations_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE participation_declarations IS 'Who declared to take part in an edition, when, by which text, and whether the paper is signed. Append-only; a correction supersedes.';
SELECT protect_tenant_table('participation_declarations');
CREATE INDEX participation_declarations_person_idx ON participation_declarations (tenant_id, person_id, id);
CREATE INDEX participation_declarations_edition_idx ON participation_declarations (tenant_id, edition_id, id);
GRANT UPDATE (superseded_at) ON participation_declarations TO pai_service;

CREATE TABLE individual_plans (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    contract_form text,
    edition_id uuid,
    participation_id uuid,
    fact_id uuid,
    revision integer NOT NULL,
    ended_on date,
    end_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT individual_plans_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT individual_plans_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT individual_plans_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT individual_plans_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT individual_plans_fact_fkey FOREIGN KEY (tenant_id, fact_id) REFERENCES person_facts (tenant_id, id),
    CONSTRAINT individual_plans_kind_check CHECK (kind IN
        ('socialContract', 'individualActionPlan', 'individualHelpPlan', 'selfRelianceProgramme', 'socialEmploymentProgramme')),
    CONSTRAINT individual_plans_contract_form_check CHECK (contract_form IN ('lifeSituation', 'unemployed')),
    CONSTRAINT individual_plans_contract_check CHECK ((kind = 'socialContract') = (contract_form IS NOT NULL) AND (fact_id IS NULL OR kind = 'socialContract')),
    CONSTRAINT individual_plans_end_check CHECK ((ended_on IS NULL) = (end_reason IS NULL)),
    CONSTRAINT individual_plans_end_reason_check CHECK (end_reason IN ('achieved', 'expired', 'notKept', 'replaced', 'moved', 'other')),
    CONSTRAINT individual_plans_participation_check CHECK (participation_id IS NULL OR edition_id IS NOT NULL)
);
COMMENT ON TABLE individual_plans IS 'Written plans with one person: social contract (regulation of 8 November 2010, Dz.U. 2010 nr 218 poz. 1439), individual action plan (Act of 20 April 2004, art. 34a), help plans and programmes. What a plan says stands in its revisions.';
COMMENT ON COLUMN individual_plans.contract_form IS 'Form of a social contract: parts IA and IIA (a difficult life situation) or IB and IIB (an unemployed person).';
COMMENT ON COLUMN individual_plans.fact_id IS 'The fact about the person that a social contract proves; from when to when it holds stands there alone.';
SELECT protect_tenant_table('individual_plans');
CREATE INDEX individual_plans_person_idx ON individual_plans (tenant_id, person_id, id);
CREATE INDEX individual_plans_edition_idx ON individual_plans (tenant_id, edition_id, id);
GRANT UPDATE (fact_id, revision, ended_on, end_reason, row_version) ON individual_plans TO pai_service;

CREATE TABLE individual_plan_revisions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    number integer NOT NULL,
    signed_on date NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    author text NOT NULL,
    reason text,
    parts bytea,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT individual_plan_revisions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT individual_plan_revisions_plan_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES individual_plans (tenant_id, id),
    CONSTRAINT individual_plan_revisions_number_key UNIQUE (tenant_id, plan_id, number),
    CONSTRAINT individual_plan_revisions_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT individual_plan_revisions_reason_check CHECK (number > 0 AND (number = 1 OR reason IS NOT NULL)),
    CONSTRAINT individual_plan_revisions_author_check CHECK (author IN
        ('coordinator', 'socialWorker', 'familyAssistant', 'clientAdviser', 'vocationalCounsellor', 'psychologist', 'accountant', 'administration', 'other'))
);
COMMENT ON TABLE individual_plan_revisions IS 'What a plan says, from when on; a change is a new revision with its reason, and nothing is overwritten.';
COMMENT ON COLUMN individual_plan_revisions.parts IS 'Needs, goals, actions, contacts and conditions, encrypted under the key of the person; nothing where that key was destroyed.';
SELECT protect_tenant_table('individual_plan_revisions');

CREATE TABLE individual_plan_events (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    kind text NOT NULL,
    occurred_on date NOT NULL,
    form text,
    result text,
    note bytea,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT individual_plan_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT individual_plan_events_plan_fkey FOREIGN KEY (tenant_id, plan_id) REFERENCES individual_plans (tenant_id, id),
    CONSTRAINT individual_plan_events_kind_check CHECK (kind IN ('contact', 'evaluation')),
    CONSTRAINT individual_plan_events_form_check CHECK (form IN ('visit', 'home', 'telephone', 'electronic', 'letter', 'other')),
    CONSTRAINT individual_plan_events_result_check CHECK (result IN ('achieved', 'partlyAchieved', 'notAchieved', 'toBeChanged')),
    CONSTRAINT individual_plan_events_parts_check CHECK ((kind = 'contact') = (form IS NOT NULL) AND (kind = 'evaluation') = (result IS NOT NULL))
);
COMMENT ON TABLE individual_plan_events IS 'Contacts held under a plan and its evaluations; append-only.';
COMMENT ON COLUMN individual_plan_events.note IS 'What was found, encrypted under the key of the person.';
SELECT protect_tenant_table('individual_plan_events');
CREATE INDEX individual_plan_events_plan_idx ON individual_plan_events (tenant_id, plan_id, id);

-- Events of a project: where they were and how many came.
ALTER TABLE edition_events
    ADD COLUMN place text, ADD COLUMN participant_count integer,
    ADD CONSTRAINT edition_events_participant_count_check CHECK (participant_count BETWEEN 0 AND 100000),
    DROP CONSTRAINT edition_events_kind_check,
    ADD CONSTRAINT edition_events_kind_check CHECK (kind IN
        ('planned', 'councilOpinion', 'recruitmentOpened', 'recruitmentClosed', 'listSent', 'started', 'monitoring', 'meeting', 'informationMeeting', 'fair', 'trip', 'closingMeeting', 'report', 'publication', 'followUpReferral', 'evaluation', 'cancelled', 'closed', 'other'));
COMMENT ON COLUMN edition_events.participant_count IS 'How many people came; none where it was not counted, which is not zero.';

-- What the Act of 20 April 2004 and the regulation of 14 May 2014 on help profiles (Dz.U. 2014 poz. 631, sections 7 and 8) said of individual action plans.
UPDATE regimes SET parameters = parameters || '{"actionPlan": {"contactEveryDays": 60, "longestDays": {"profileI": 180, "profileII": 540, "profileIII": 720}}}'
 WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND code = 'PAI-2014' AND version = 1;
