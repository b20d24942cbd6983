ALTER TABLE participation_events
    DROP CONSTRAINT participation_events_kind_check,
    ADD CONSTRAINT participation_events_kind_check
        CHECK (kind IN ('admitted', 'suspended', 'prolonged', 'groupMoved', 'postMoved', 'ended', 'completed'));
ALTER TABLE message_proposals
    DROP CONSTRAINT message_proposals_kind_check,
    ADD CONSTRAINT message_proposals_kind_check CHECK (kind IN ('endParticipation', 'admit', 'recordEmployment', 'recordPostDecision'));
