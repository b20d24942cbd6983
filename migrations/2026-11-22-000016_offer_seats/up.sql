-- How an edition offers free seats: by itself or on request, and how long a candidate may think.
ALTER TABLE editions
    ADD COLUMN automatic_offers boolean NOT NULL DEFAULT false,
    ADD COLUMN offer_answer_days integer NOT NULL DEFAULT 3,
    ADD CONSTRAINT editions_offer_answer_days_check CHECK (offer_answer_days BETWEEN 1 AND 60);
COMMENT ON COLUMN editions.automatic_offers IS 'A seat that an early end or a revision of the plan frees is offered in the same transaction.';
COMMENT ON COLUMN editions.offer_answer_days IS 'Calendar days for the answer to an offer; the day of the offer is not counted.';
GRANT UPDATE (automatic_offers, offer_answer_days) ON editions TO pai_service;

-- The key that lets an offer name an application of its own edition only; it serves the lists of an edition as the index did.
ALTER TABLE applications ADD CONSTRAINT applications_edition_id_key UNIQUE (tenant_id, edition_id, id);
DROP INDEX applications_edition_idx;

CREATE TABLE offers (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    application_id uuid NOT NULL,
    cause text NOT NULL,
    freed_by_participation_id uuid,
    freed_by_revision_id uuid,
    freed_by_offer_id uuid,
    seat_from_on date NOT NULL,
    offered_on date NOT NULL,
    expires_on date NOT NULL,
    channel text,
    grounds jsonb NOT NULL,
    state text NOT NULL,
    answered_on date,
    refusal_reason text,
    withdrawn_on date,
    withdrawal_reason text,
    note text,
    participation_id uuid,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT offers_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT offers_application_fkey FOREIGN KEY (tenant_id, edition_id, application_id) REFERENCES applications (tenant_id, edition_id, id),
    CONSTRAINT offers_freed_by_participation_fkey FOREIGN KEY (tenant_id, edition_id, freed_by_participation_id)
        REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT offers_freed_by_revision_fkey FOREIGN KEY (tenant_id, freed_by_revision_id) REFERENCES plan_revisions (tenant_id, id),
    CONSTRAINT offers_freed_by_offer_fkey FOREIGN KEY (tenant_id, freed_by_offer_id) REFERENCES offers (tenant_id, id),
    CONSTRAINT offers_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    -- What freed a seat frees it once.
    CONSTRAINT offers_freed_by_participation_key UNIQUE (tenant_id, freed_by_participation_id),
    CONSTRAINT offers_freed_by_offer_key UNIQUE (tenant_id, freed_by_offer_id),
    CONSTRAINT offers_participation_key UNIQUE (tenant_id, participation_id),
    CONSTRAINT offers_cause_check CHECK (cause IN
        ('neverTaken', 'participationEnded', 'planRevised', 'offerRefused', 'offerExpired', 'offerWithdrawn')),
    CONSTRAINT offers_freed_by_check CHECK ((cause = 'participationEnded') = (freed_by_participation_id IS NOT NULL)
        AND (cause = 'planRevised') = (freed_by_revision_id IS NOT NULL)
        AND (cause IN ('offerRefused', 'offerExpired', 'offerWithdrawn')) = (freed_by_offer_id IS NOT NULL)),
    CONSTRAINT offers_channel_check CHECK (channel IN ('phone', 'letter', 'electronic', 'inPerson', 'socialWorker', 'other')),
    CONSTRAINT offers_state_check CHECK (state IN ('open', 'accepted', 'refused', 'expired', 'withdrawn')),
    CONSTRAINT offers_days_check CHECK (expires_on >= offered_on AND answered_on >= offered_on AND withdrawn_on >= offered_on),
    CONSTRAINT offers_answer_check CHECK ((state NOT IN ('accepted', 'refused') OR answered_on IS NOT NULL)
        AND (state NOT IN ('open', 'expired') OR answered_on IS NULL)),
    CONSTRAINT offers_accepted_check CHECK (state <> 'accepted' OR answered_on <= expires_on),
    CONSTRAINT offers_refusal_check CHECK ((state = 'refused') = (refusal_reason IS NOT NULL)),
    CONSTRAINT offers_refusal_reason_check CHECK (refusal_reason IN ('employed', 'education', 'health', 'care', 'notInterested', 'moved', 'other')),
    CONSTRAINT offers_withdrawal_check CHECK ((state = 'withdrawn') = (withdrawn_on IS NOT NULL)
        AND (state = 'withdrawn') = (withdrawal_reason IS NOT NULL)),
    CONSTRAINT offers_withdrawal_reason_check CHECK (withdrawal_reason IN
        ('conditionsLost', 'mistake', 'didNotCome', 'other', 'applicationWithdrawn', 'placesReduced', 'editionClosed')),
    CONSTRAINT offers_taken_check CHECK (participation_id IS NULL OR state = 'accepted')
);
COMMENT ON TABLE offers IS 'Free seats of an edition offered to candidates of its reserve list, one after the other.';
COMMENT ON COLUMN offers.cause IS 'What freed the seat; the participation, revision or earlier offer is named beside it.';
COMMENT ON COLUMN offers.seat_from_on IS 'First day of the seat, which is promised from then to the end of the edition.';
COMMENT ON COLUMN offers.expires_on IS 'Last day for an answer.';
COMMENT ON COLUMN offers.grounds IS 'Why this person: position, who stood before and why they were passed, the arithmetic of the seats. As it stood; never changed.';
COMMENT ON COLUMN offers.participation_id IS 'The participation that took the seat; none while an accepted offer waits for the admission.';
-- One seat promised to a candidate at a time.
CREATE UNIQUE INDEX offers_live_key ON offers (tenant_id, application_id) WHERE state = 'open' OR (state = 'accepted' AND participation_id IS NULL);
CREATE INDEX offers_edition_idx ON offers (tenant_id, edition_id, id);
SELECT protect_tenant_table('offers');
GRANT UPDATE (state, answered_on, refusal_reason, withdrawn_on, withdrawal_reason, note, participation_id, row_version) ON offers TO pai_service;

-- Questions whether somebody takes part in another town, with what was answered. Append-only.
CREATE TABLE elsewhere_checks (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    purpose text NOT NULL,
    legal_basis text NOT NULL,
    takes_part boolean,
    unknown_because text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT elsewhere_checks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT elsewhere_checks_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT elsewhere_checks_period_check CHECK (to_on >= from_on),
    CONSTRAINT elsewhere_checks_answer_check CHECK ((takes_part IS NULL) = (unknown_because IS NOT NULL)),
    CONSTRAINT elsewhere_checks_unknown_because_check CHECK (unknown_because IN ('noIdentifier', 'rehearsal'))
);
COMMENT ON TABLE elsewhere_checks IS 'Who asked, for what purpose and on what legal basis, whether a person takes part in another town; the answer is yes or no.';
COMMENT ON COLUMN elsewhere_checks.takes_part IS 'Nothing where it could not be told.';
CREATE INDEX elsewhere_checks_person_idx ON elsewhere_checks (tenant_id, person_id, id);
SELECT protect_tenant_table('elsewhere_checks');

-- The one question that passes the boundary between tenants about a person. It answers a single truth value, about people
-- that the asking tenant has recorded itself: the candidates must be values of that person's own deployment-wide index, so
-- that nobody can be asked about by a made-up value. Programmes that exclude each other are those of a group.
CREATE INDEX person_identities_participation_idx ON person_identities (participation_index) WHERE participation_index IS NOT NULL;
CREATE FUNCTION takes_part_elsewhere(asked_person uuid, candidates bytea[], from_day date, to_day date) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT count(*) > 0
            FROM public.person_identities known
            JOIN public.person_identities other ON other.participation_index = ANY (takes_part_elsewhere.candidates)
                 AND other.tenant_id <> known.tenant_id
            JOIN public.participations p ON p.tenant_id = other.tenant_id AND p.person_id = other.person_id
           WHERE known.tenant_id = public.app_tenant() AND known.person_id = takes_part_elsewhere.asked_person
             AND known.participation_index = ANY (takes_part_elsewhere.candidates)
             AND p.cumulative_group IS NOT NULL
             AND p.starts_on <= takes_part_elsewhere.to_day
             AND coalesce(p.ended_on, p.planned_end_on) >= takes_part_elsewhere.from_day $$;
REVOKE ALL ON FUNCTION takes_part_elsewhere(uuid, bytea[], date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION takes_part_elsewhere(uuid, bytea[], date, date) TO pai_service;
