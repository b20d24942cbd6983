-- An office corrects what it told of a participation that has ended by it: the end is changed, or taken back.

ALTER TABLE message_proposals
    DROP CONSTRAINT message_proposals_kind_check,
    ADD CONSTRAINT message_proposals_kind_check
        CHECK (kind IN ('endParticipation', 'changeEnd', 'takeBackEnd', 'admit', 'recordEmployment', 'recordPostDecision'));
ALTER TABLE participation_events
    DROP CONSTRAINT participation_events_kind_check,
    ADD CONSTRAINT participation_events_kind_check
        CHECK (kind IN ('admitted', 'suspended', 'prolonged', 'groupMoved', 'postMoved', 'ended', 'completed', 'endChanged', 'endTakenBack'));
