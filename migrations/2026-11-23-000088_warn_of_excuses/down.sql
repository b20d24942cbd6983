-- Towns may have versions of their own.
ALTER TABLE warning_rules NO FORCE ROW LEVEL SECURITY;
DELETE FROM warning_rules WHERE code = 'excuseOverdue';
ALTER TABLE warning_rules FORCE ROW LEVEL SECURITY;
ALTER TABLE warning_rules
    DROP CONSTRAINT warning_rules_code_check,
    ADD CONSTRAINT warning_rules_code_check CHECK (code IN ('consecutiveAbsences', 'lowAttendance', 'minimumAtRisk', 'minimumUnreachable', 'weekWithoutPsu', 'shortIntegrationWeek', 'factExpiring', 'emptySeat', 'dutyOverdue'));
