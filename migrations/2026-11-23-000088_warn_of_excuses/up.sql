-- A further rule of early warning: excuses from classes whose evidence was not shown in time.
ALTER TABLE warning_rules
    DROP CONSTRAINT warning_rules_code_check,
    ADD CONSTRAINT warning_rules_code_check CHECK (code IN ('consecutiveAbsences', 'lowAttendance', 'minimumAtRisk', 'minimumUnreachable', 'weekWithoutPsu', 'shortIntegrationWeek', 'factExpiring', 'emptySeat', 'dutyOverdue', 'excuseOverdue'));

SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';

INSERT INTO warning_rules (id, code, version, valid_from_on, is_active, severity, parameters, basis)
VALUES ('01900000-0000-7000-8000-00000000b010', 'excuseOverdue', 1, '2000-01-01', true, 'warning', '{}',
        'The regime''s time for excuses (art. 33(4)(4) of the Act of 20 April 2004, taken over for classes)');
