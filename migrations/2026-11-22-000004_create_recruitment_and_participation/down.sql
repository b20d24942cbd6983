DROP TABLE psu_entries, psu_months, psu_weeks, attendance, session_roster, sessions, suspensions, participation_events, participations, application_events, applications;
