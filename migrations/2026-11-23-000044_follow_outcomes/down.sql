ALTER TABLE employment_spells DROP COLUMN weekly_minutes;
DROP TABLE progress_assessments, onward_referrals, effect_results;
