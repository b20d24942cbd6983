ALTER TABLE participations DROP CONSTRAINT participations_overlap_excl;
ALTER TABLE participations ADD CONSTRAINT participations_overlap_excl EXCLUDE USING gist (
    tenant_id WITH =, edition_id WITH =, person_id WITH =,
    daterange(starts_on, coalesce(ended_on, planned_end_on), '[]') WITH &&
);
