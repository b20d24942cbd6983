-- What an agreement says of the notice of absences and refusals is a term of the duty, and of nothing else: message and duty
-- have one last day.

INSERT INTO duty_terms (tenant_id, id, duty, agreement_id, version, valid_from_on, working_days, legal_source)
SELECT DISTINCT ON (l.tenant_id, l.agreement_id, d.duty)
       l.tenant_id, ('01900000-0000-7000-8000-' || right(replace(gen_random_uuid()::text, '-', ''), 12))::uuid, d.duty, l.agreement_id, 1,
       l.valid_from_on, (t.term ->> 'workingDays')::integer, 'Terms of the exchange under the agreement'
  FROM exchange_links l
 CROSS JOIN LATERAL jsonb_array_elements(l.terms) AS t (term)
 CROSS JOIN (VALUES ('absence'), ('refusal')) AS d (duty)
 WHERE t.term ->> 'kind' = 'absenceOrRefusal'
   AND NOT EXISTS (SELECT FROM duty_terms k WHERE k.tenant_id = l.tenant_id AND k.agreement_id = l.agreement_id AND k.duty = d.duty)
 ORDER BY l.tenant_id, l.agreement_id, d.duty, l.id;

UPDATE exchange_links l
   SET terms = coalesce((SELECT jsonb_agg(t.term) FROM jsonb_array_elements(l.terms) AS t (term) WHERE t.term ->> 'kind' <> 'absenceOrRefusal'), '[]')
 WHERE l.terms @> '[{"kind": "absenceOrRefusal"}]';
