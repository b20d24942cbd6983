-- Exchange of a town with a labour office: messages of the kinds that the law knows, record by record.
--
-- Rows of these tables belong to a town (tenant_id) and are seen by one office beside it (office_tenant_id).

CREATE FUNCTION protect_shared_table(target regclass, beside text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY two_parties ON %s USING ((tenant_id = app_tenant() OR office_tenant_id = app_tenant()) AND (%s))
                                    WITH CHECK ((tenant_id = app_tenant() OR office_tenant_id = app_tenant()))', target, beside);
    EXECUTE format('GRANT SELECT, INSERT ON %s TO pai_service', target);
    IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = target AND attname = 'row_version' AND NOT attisdropped) THEN
        EXECUTE format('CREATE TRIGGER bump_row_version BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION bump_row_version()', target);
    END IF;
END $$;

CREATE TABLE exchange_links (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    office_tenant_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    terms jsonb NOT NULL,
    confirmed_by_rule jsonb NOT NULL,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT exchange_links_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT exchange_links_parties_key UNIQUE (tenant_id, id, office_tenant_id),
    CONSTRAINT exchange_links_office_fkey FOREIGN KEY (office_tenant_id) REFERENCES institutions (id),
    CONSTRAINT exchange_links_agreement_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreements (tenant_id, id),
    CONSTRAINT exchange_links_agreement_key UNIQUE (tenant_id, agreement_id),
    CONSTRAINT exchange_links_parties_check CHECK (office_tenant_id <> tenant_id),
    CONSTRAINT exchange_links_period_check CHECK (valid_to_on >= valid_from_on)
);
COMMENT ON TABLE exchange_links IS 'With which labour office a town exchanges messages, on the ground of which agreement (art. 62a(7) and (12) of the Act of 20 April 2004: scope and manner of exchanging information).';
COMMENT ON COLUMN exchange_links.terms IS 'Working days after the day of the event within which messages of a kind are sent, where the agreement says so.';
COMMENT ON COLUMN exchange_links.confirmed_by_rule IS 'Consequences that the town lets follow from an accepted record by themselves.';
SELECT protect_shared_table('exchange_links', 'true');
CREATE INDEX exchange_links_office_idx ON exchange_links (office_tenant_id, id);
GRANT UPDATE (valid_from_on, valid_to_on, terms, confirmed_by_rule, row_version) ON exchange_links TO pai_service;

CREATE TABLE shared_editions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    office_tenant_id uuid NOT NULL,
    link_id uuid NOT NULL,
    edition_id uuid NOT NULL,
    name text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT shared_editions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT shared_editions_edition_key UNIQUE (tenant_id, link_id, edition_id),
    CONSTRAINT shared_editions_link_fkey FOREIGN KEY (tenant_id, link_id, office_tenant_id) REFERENCES exchange_links (tenant_id, id, office_tenant_id),
    CONSTRAINT shared_editions_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id)
);
COMMENT ON TABLE shared_editions IS 'Editions under the agreement that the town has let the office see: name and days as they stood when they were last shared.';
SELECT protect_shared_table('shared_editions', 'true');
CREATE INDEX shared_editions_office_idx ON shared_editions (office_tenant_id, id);
GRANT UPDATE (name, starts_on, ends_on, row_version) ON shared_editions TO pai_service;

CREATE TABLE messages (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    office_tenant_id uuid NOT NULL,
    sender_tenant_id uuid NOT NULL DEFAULT app_tenant(),
    link_id uuid NOT NULL,
    kind text NOT NULL,
    schema_version integer NOT NULL,
    sender_reference text NOT NULL,
    correlation_id uuid NOT NULL,
    corrects_id uuid,
    correction_reason text,
    purpose text NOT NULL,
    legal_basis text NOT NULL,
    effective_on date NOT NULL,
    period_on date,
    edition_id uuid,
    due_on date,
    payload bytea NOT NULL,
    digest bytea NOT NULL,
    state text NOT NULL,
    sent_on date,
    sent_at timestamptz,
    receiver_reference text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT messages_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT messages_parties_key UNIQUE (tenant_id, id, office_tenant_id),
    CONSTRAINT messages_reference_key UNIQUE (tenant_id, sender_tenant_id, sender_reference),
    CONSTRAINT messages_link_fkey FOREIGN KEY (tenant_id, link_id, office_tenant_id) REFERENCES exchange_links (tenant_id, id, office_tenant_id),
    CONSTRAINT messages_corrects_fkey FOREIGN KEY (tenant_id, corrects_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT messages_sender_check CHECK (sender_tenant_id IN (tenant_id, office_tenant_id)),
    CONSTRAINT messages_correction_check CHECK ((corrects_id IS NULL) = (correction_reason IS NULL) AND corrects_id <> id),
    CONSTRAINT messages_kind_check CHECK (kind IN ('psuPlan', 'eligibleList', 'referral', 'referredOrRefused', 'incident', 'absenceOrRefusal',
        'statusChange', 'participationStart', 'participationEnd', 'participantReplacement', 'employmentVerification', 'postDecision',
        'refundClaim', 'refundDecision', 'finalReport')),
    CONSTRAINT messages_state_check CHECK (state IN ('draft', 'discarded', 'sent', 'received', 'accepted', 'acceptedInPart', 'refused', 'settled')),
    CONSTRAINT messages_sent_check CHECK ((state IN ('draft', 'discarded')) = (sent_on IS NULL) AND (sent_on IS NULL) = (sent_at IS NULL))
);
COMMENT ON TABLE messages IS 'A message between a town and a labour office. Content never changes; what becomes of it is told by its steps.';
COMMENT ON COLUMN messages.tenant_id IS 'The town, whoever of the two sent the message.';
COMMENT ON COLUMN messages.payload IS 'Typed content, sealed under the key of the sender; names and identifiers stand in the records.';
COMMENT ON COLUMN messages.digest IS 'Keyed digest of what was sent to the service, by which a repetition is told from another message under the same reference.';
COMMENT ON COLUMN messages.period_on IS 'First day of the month or year that the message is about, where its deadline follows from that.';
SELECT protect_shared_table('messages', $$state NOT IN ('draft', 'discarded') OR sender_tenant_id = app_tenant()$$);
CREATE UNIQUE INDEX messages_corrects_key ON messages (tenant_id, corrects_id) WHERE state <> 'discarded';
CREATE INDEX messages_office_idx ON messages (office_tenant_id, id);
CREATE INDEX messages_due_idx ON messages (tenant_id, due_on) WHERE state = 'draft';
GRANT UPDATE (state, sent_on, sent_at, receiver_reference, row_version) ON messages TO pai_service;

CREATE TABLE message_records (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    office_tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    position integer NOT NULL,
    subject_id uuid NOT NULL,
    identity bytea,
    state text NOT NULL DEFAULT 'open',
    reject_code text,
    CONSTRAINT message_records_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_records_position_key UNIQUE (tenant_id, message_id, position),
    CONSTRAINT message_records_message_fkey FOREIGN KEY (tenant_id, message_id, office_tenant_id) REFERENCES messages (tenant_id, id, office_tenant_id),
    CONSTRAINT message_records_position_check CHECK (position >= 0),
    CONSTRAINT message_records_state_check CHECK (state IN ('open', 'accepted', 'refused')),
    CONSTRAINT message_records_reject_check CHECK ((state = 'refused') = (reject_code IS NOT NULL)),
    CONSTRAINT message_records_reject_code_check CHECK (reject_code IN ('unknownPerson', 'outsideJurisdiction', 'notAParticipant', 'alreadyEnded',
        'duplicate', 'noFreeSeat', 'wrongPeriod', 'wrongAmount', 'incomplete', 'noAgreement', 'other'))
);
COMMENT ON TABLE message_records IS 'Whom a message is about, one row each, and what the receiver made of it.';
COMMENT ON COLUMN message_records.subject_id IS 'The person as both sides know them: made with the first record about them, used by all later messages of the two.';
COMMENT ON COLUMN message_records.identity IS 'Names, residence and PESEL or document, sealed; only in the lists for which the law demands them.';
SELECT protect_shared_table('message_records', 'EXISTS (SELECT FROM messages m WHERE m.tenant_id = message_records.tenant_id AND m.id = message_records.message_id)');
CREATE INDEX message_records_subject_idx ON message_records (tenant_id, subject_id);
CREATE INDEX message_records_office_idx ON message_records (office_tenant_id, message_id);
GRANT UPDATE (state, reject_code) ON message_records TO pai_service;

CREATE TABLE message_steps (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    office_tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    state text NOT NULL,
    by_tenant_id uuid NOT NULL DEFAULT app_tenant(),
    effective_on date NOT NULL,
    reference text,
    channel text,
    letter_number text,
    reject_code text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT message_steps_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_steps_message_fkey FOREIGN KEY (tenant_id, message_id, office_tenant_id) REFERENCES messages (tenant_id, id, office_tenant_id),
    CONSTRAINT message_steps_state_key UNIQUE (tenant_id, message_id, state),
    CONSTRAINT message_steps_by_check CHECK (by_tenant_id IN (tenant_id, office_tenant_id)),
    CONSTRAINT message_steps_state_check CHECK (state IN ('draft', 'discarded', 'sent', 'received', 'accepted', 'acceptedInPart', 'refused', 'settled')),
    CONSTRAINT message_steps_channel_check CHECK (channel IN ('api', 'file', 'ePuap', 'eDelivery', 'email', 'letter', 'phone', 'inPerson'))
);
COMMENT ON TABLE message_steps IS 'What became of a message, who did it, when, and under which official letter: append-only.';
SELECT protect_shared_table('message_steps', 'EXISTS (SELECT FROM messages m WHERE m.tenant_id = message_steps.tenant_id AND m.id = message_steps.message_id)');
CREATE INDEX message_steps_message_idx ON message_steps (tenant_id, message_id, id);
CREATE INDEX message_steps_office_idx ON message_steps (office_tenant_id, message_id);

CREATE TABLE exchange_subjects (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    counterpart_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    person_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT exchange_subjects_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT exchange_subjects_subject_key UNIQUE (tenant_id, counterpart_id, subject_id),
    CONSTRAINT exchange_subjects_counterpart_fkey FOREIGN KEY (counterpart_id) REFERENCES institutions (id),
    CONSTRAINT exchange_subjects_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE
);
COMMENT ON TABLE exchange_subjects IS 'Which of one''s own people a subject of messages is: known to that side only.';
SELECT protect_tenant_table('exchange_subjects');
CREATE INDEX exchange_subjects_person_idx ON exchange_subjects (tenant_id, person_id, counterpart_id);

CREATE TABLE message_proposals (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    edition_id uuid,
    participation_id uuid,
    effective_on date NOT NULL,
    state text NOT NULL,
    superseded_by_id uuid,
    decided_on date,
    by_rule boolean NOT NULL DEFAULT false,
    decline_reason text,
    result_id uuid,
    offer_id uuid,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT message_proposals_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT message_proposals_record_key UNIQUE (tenant_id, record_id),
    CONSTRAINT message_proposals_message_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT message_proposals_record_fkey FOREIGN KEY (tenant_id, record_id) REFERENCES message_records (tenant_id, id),
    CONSTRAINT message_proposals_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT message_proposals_participation_fkey FOREIGN KEY (tenant_id, participation_id) REFERENCES participations (tenant_id, id),
    CONSTRAINT message_proposals_superseded_fkey FOREIGN KEY (tenant_id, superseded_by_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT message_proposals_kind_check CHECK (kind IN ('endParticipation', 'admit', 'recordEmployment', 'recordPostDecision')),
    CONSTRAINT message_proposals_state_check CHECK (state IN ('open', 'confirmed', 'declined', 'superseded')),
    CONSTRAINT message_proposals_superseded_check CHECK ((state = 'superseded') = (superseded_by_id IS NOT NULL)),
    CONSTRAINT message_proposals_decided_check CHECK ((state IN ('confirmed', 'declined')) = (decided_on IS NOT NULL)),
    CONSTRAINT message_proposals_declined_check CHECK ((state = 'declined') = (decline_reason IS NOT NULL)),
    CONSTRAINT message_proposals_result_check CHECK ((state = 'confirmed') = (result_id IS NOT NULL))
);
COMMENT ON TABLE message_proposals IS 'What follows from an accepted record for the town''s own data, once a person, or a rule that the town switched on, confirms it.';
COMMENT ON COLUMN message_proposals.result_id IS 'What the confirmation changed or made: a participation, a job or a decision.';
SELECT protect_tenant_table('message_proposals');
CREATE INDEX message_proposals_message_idx ON message_proposals (tenant_id, message_id);
CREATE INDEX message_proposals_person_idx ON message_proposals (tenant_id, person_id, kind);
GRANT UPDATE (state, superseded_by_id, decided_on, by_rule, decline_reason, result_id, offer_id, row_version) ON message_proposals TO pai_service;
