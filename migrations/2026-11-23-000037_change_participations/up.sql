-- Changes of a running participation: prolonged, moved to another group or post. What stood before stays readable.

ALTER TABLE participation_events
    DROP CONSTRAINT participation_events_kind_check,
    ADD CONSTRAINT participation_events_kind_check
        CHECK (kind IN ('admitted', 'suspended', 'prolonged', 'groupMoved', 'postMoved', 'ended', 'completed'));

CREATE TABLE prolongations (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    participation_id uuid NOT NULL,
    effective_on date NOT NULL,
    former_end_on date NOT NULL,
    planned_end_on date NOT NULL,
    reason text NOT NULL,
    override_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT prolongations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT prolongations_participation_fkey FOREIGN KEY (tenant_id, participation_id) REFERENCES participations (tenant_id, id),
    CONSTRAINT prolongations_period_check CHECK (planned_end_on > former_end_on AND effective_on <= former_end_on)
);
COMMENT ON TABLE prolongations IS 'Planned ends of participations that were put off, with the end before and the reason. Append-only.';
COMMENT ON COLUMN prolongations.effective_on IS 'Day on which it was decided.';
SELECT protect_tenant_table('prolongations');
CREATE INDEX prolongations_participation_idx ON prolongations (tenant_id, participation_id, id);

-- An assignment that somebody leaves before its last day keeps that day and gets an end.
ALTER TABLE post_assignments
    ADD COLUMN ended_on date,
    ADD CONSTRAINT post_assignments_ended_check CHECK (ended_on >= from_on AND ended_on < to_on),
    DROP CONSTRAINT post_assignments_overlap_excl,
    ADD CONSTRAINT post_assignments_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, post_id WITH =, daterange(from_on, coalesce(ended_on, to_on), '[]') WITH &&);
COMMENT ON COLUMN post_assignments.to_on IS 'Last day as assigned.';
COMMENT ON COLUMN post_assignments.ended_on IS 'Last day, where the participant moved to another post before.';
GRANT UPDATE (ended_on) ON post_assignments TO pai_service;
