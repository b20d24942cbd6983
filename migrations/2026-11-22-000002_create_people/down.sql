DROP TABLE household_members, households, person_facts, person_identities, people;
