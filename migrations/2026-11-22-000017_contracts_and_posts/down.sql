UPDATE regimes SET parameters = parameters - 'actionPlan'
 WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND code = 'PAI-2014' AND version = 1;
ALTER TABLE edition_events
    DROP COLUMN place, DROP COLUMN participant_count,
    DROP CONSTRAINT edition_events_kind_check,
    ADD CONSTRAINT edition_events_kind_check CHECK (kind IN
        ('planned', 'councilOpinion', 'recruitmentOpened', 'recruitmentClosed', 'listSent', 'started', 'monitoring', 'meeting', 'report', 'publication', 'followUpReferral', 'evaluation', 'cancelled', 'closed', 'other'));
DROP TABLE individual_plan_events, individual_plan_revisions, individual_plans, participation_declarations, declaration_texts, household_assistants, staff_posts;
