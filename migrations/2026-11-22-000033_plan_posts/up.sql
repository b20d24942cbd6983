-- Socially useful work from the plan of needs to the approved entry: needs of a year, posts at hosts, who works at which, approvals.

CREATE TABLE needs_plans (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    year integer NOT NULL,
    revision integer NOT NULL,
    submitted_on date NOT NULL,
    eligible_people integer NOT NULL,
    lines jsonb NOT NULL,
    reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT needs_plans_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT needs_plans_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT needs_plans_revision_key UNIQUE (tenant_id, year, revision),
    CONSTRAINT needs_plans_revision_check CHECK (revision > 0 AND (revision = 1) = (reason IS NULL)),
    CONSTRAINT needs_plans_counts_check CHECK (year BETWEEN 2005 AND 2200 AND eligible_people >= 0)
);
COMMENT ON TABLE needs_plans IS 'Yearly plans of needs of socially useful work, sent to the starost and to the head of the centre by 31 January (regulation of 21 December 2017, section 2). A change is a new revision with its reason.';
COMMENT ON COLUMN needs_plans.lines IS 'Kind and place of the work, places and hours; read and replaced as a whole.';
SELECT protect_tenant_table('needs_plans');

CREATE TABLE host_posts (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    host_id uuid NOT NULL,
    kind_of_work text NOT NULL,
    for_carers boolean NOT NULL,
    places integer NOT NULL,
    supervisor text,
    valid_from_on date NOT NULL,
    valid_to_on date,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT host_posts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT host_posts_host_fkey FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id),
    CONSTRAINT host_posts_places_check CHECK (places > 0),
    CONSTRAINT host_posts_period_check CHECK (valid_to_on >= valid_from_on)
);
COMMENT ON TABLE host_posts IS 'Posts of socially useful work at a host: kind of work, places, and the function of who supervises.';
COMMENT ON COLUMN host_posts.supervisor IS 'Function of the supervisor at the host; no name.';
SELECT protect_tenant_table('host_posts');
CREATE INDEX host_posts_host_idx ON host_posts (tenant_id, host_id, id);
-- For the lock under which places are counted; nothing of a post is changed.
GRANT UPDATE (valid_to_on) ON host_posts TO pai_service;

CREATE TABLE post_assignments (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    participation_id uuid NOT NULL,
    post_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    is_instructed boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT post_assignments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT post_assignments_participation_fkey FOREIGN KEY (tenant_id, participation_id) REFERENCES participations (tenant_id, id),
    CONSTRAINT post_assignments_post_fkey FOREIGN KEY (tenant_id, post_id) REFERENCES host_posts (tenant_id, id),
    CONSTRAINT post_assignments_period_check CHECK (to_on >= from_on),
    CONSTRAINT post_assignments_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, post_id WITH =, daterange(from_on, to_on, '[]') WITH &&)
);
COMMENT ON TABLE post_assignments IS 'Who works at which post, from when to when (regulation of 21 December 2017, section 4). Append-only.';
COMMENT ON COLUMN post_assignments.is_instructed IS 'Instructed on order, discipline and safety at work.';
SELECT protect_tenant_table('post_assignments');
CREATE INDEX post_assignments_participation_idx ON post_assignments (tenant_id, participation_id, id);
CREATE INDEX post_assignments_post_idx ON post_assignments (tenant_id, post_id, id);

CREATE TABLE psu_approvals (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    host_id uuid,
    approved_on date NOT NULL,
    entry_count integer NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT psu_approvals_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT psu_approvals_host_fkey FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id),
    CONSTRAINT psu_approvals_entry_count_check CHECK (entry_count > 0)
);
COMMENT ON TABLE psu_approvals IS 'Approvals of entries of the register by who supervises the work at a host. Append-only; a corrected entry is approved anew.';
SELECT protect_tenant_table('psu_approvals');

CREATE TABLE psu_approved_entries (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    entry_id uuid NOT NULL,
    approval_id uuid NOT NULL,
    CONSTRAINT psu_approved_entries_pkey PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT psu_approved_entries_entry_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES psu_entries (tenant_id, id),
    CONSTRAINT psu_approved_entries_approval_fkey FOREIGN KEY (tenant_id, approval_id) REFERENCES psu_approvals (tenant_id, id)
);
COMMENT ON TABLE psu_approved_entries IS 'Which entry was approved by which approval; each once.';
SELECT protect_tenant_table('psu_approved_entries');
CREATE INDEX psu_approved_entries_approval_idx ON psu_approved_entries (tenant_id, approval_id);

-- Whether a settlement, and its corrections, count approved entries only.
ALTER TABLE settlements ADD COLUMN approved_only boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN settlements.approved_only IS 'Only entries that were approved count; others do when they are, by a correction.';
