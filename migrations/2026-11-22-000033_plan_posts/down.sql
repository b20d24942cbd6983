ALTER TABLE settlements DROP COLUMN approved_only;
DROP TABLE psu_approved_entries, psu_approvals, post_assignments, host_posts, needs_plans;
