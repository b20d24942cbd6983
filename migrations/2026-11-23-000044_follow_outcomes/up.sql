-- What follows an edition: results of the agreed effects, onward referrals, progress in social areas, hours of jobs.

CREATE TABLE effect_results (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    effect_code text NOT NULL,
    result numeric(15, 6),
    finding text,
    assessed_on date NOT NULL,
    basis text NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT effect_results_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT effect_results_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT effect_results_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES effect_results (tenant_id, id),
    CONSTRAINT effect_results_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT effect_results_finding_check CHECK (finding IN ('reached', 'partlyReached', 'notReached')),
    CONSTRAINT effect_results_kind_check CHECK ((result IS NULL) <> (finding IS NULL)),
    CONSTRAINT effect_results_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE effect_results IS 'What came of the expected effects of an agreement (art. 62a(7)(3) of the Act of 20 April 2004): a number in the unit of the measure, or a finding where the effect is qualitative. A correction supersedes.';
COMMENT ON COLUMN effect_results.effect_code IS 'Code of the expected effect in the agreement of the edition.';
COMMENT ON COLUMN effect_results.basis IS 'How it was found out; no personal data.';
CREATE UNIQUE INDEX effect_results_current_key ON effect_results (tenant_id, edition_id, effect_code) WHERE superseded_at IS NULL;
CREATE INDEX effect_results_edition_idx ON effect_results (tenant_id, edition_id, id);
SELECT protect_tenant_table('effect_results');
GRANT UPDATE (superseded_at) ON effect_results TO pai_service;

CREATE TABLE onward_referrals (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    destination text NOT NULL,
    partner_id uuid,
    referred_on date NOT NULL,
    take_up text NOT NULL,
    taken_up_on date,
    note text,
    supersedes_id uuid,
    superseded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT onward_referrals_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT onward_referrals_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT onward_referrals_partner_fkey FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT onward_referrals_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES onward_referrals (tenant_id, id),
    CONSTRAINT onward_referrals_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT onward_referrals_destination_check CHECK (destination IN ('integrationClub', 'integrationCentre', 'socialAssistance', 'labourOffice', 'training', 'socialCooperative', 'supportedEmployment', 'nonGovernmental', 'other')),
    CONSTRAINT onward_referrals_take_up_check CHECK (take_up IN ('takenUp', 'notTakenUp', 'unknown')),
    CONSTRAINT onward_referrals_taken_up_on_check CHECK (taken_up_on IS NULL OR (take_up = 'takenUp' AND taken_up_on >= referred_on))
);
COMMENT ON TABLE onward_referrals IS 'Where participants were referred on: clubs and centres of integration, the labour office, others. A later answer on whether it was taken up replaces the referral.';
CREATE UNIQUE INDEX onward_referrals_current_key ON onward_referrals (tenant_id, participation_id, destination, referred_on) WHERE superseded_at IS NULL;
CREATE INDEX onward_referrals_edition_idx ON onward_referrals (tenant_id, edition_id, id);
SELECT protect_tenant_table('onward_referrals');
GRANT UPDATE (superseded_at) ON onward_referrals TO pai_service;

CREATE TABLE progress_assessments (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    area text NOT NULL,
    change text NOT NULL,
    assessed_on date NOT NULL,
    source text NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT progress_assessments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT progress_assessments_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT progress_assessments_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES progress_assessments (tenant_id, id),
    CONSTRAINT progress_assessments_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT progress_assessments_area_check CHECK (area IN ('learning', 'motivation', 'confidence', 'problemSolving', 'volunteering', 'health', 'addictions', 'functioning')),
    CONSTRAINT progress_assessments_change_check CHECK (change IN ('better', 'same', 'worse')),
    CONSTRAINT progress_assessments_source_check CHECK (source IN ('participant', 'socialWorker', 'familyAssistant', 'facilitator', 'document'))
);
COMMENT ON TABLE progress_assessments IS 'Progress of participants in the areas by which projects measure social effectiveness, within three months after leaving.';
CREATE UNIQUE INDEX progress_assessments_current_key ON progress_assessments (tenant_id, participation_id, area) WHERE superseded_at IS NULL;
CREATE INDEX progress_assessments_edition_idx ON progress_assessments (tenant_id, edition_id, id);
SELECT protect_tenant_table('progress_assessments');
GRANT UPDATE (superseded_at) ON progress_assessments TO pai_service;

ALTER TABLE employment_spells ADD COLUMN weekly_minutes integer,
    ADD CONSTRAINT employment_spells_weekly_minutes_check CHECK (weekly_minutes BETWEEN 15 AND 10080);
COMMENT ON COLUMN employment_spells.weekly_minutes IS 'Agreed working time in a week; none where the source does not tell.';
