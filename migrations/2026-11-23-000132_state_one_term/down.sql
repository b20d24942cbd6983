UPDATE exchange_links l
   SET terms = l.terms || jsonb_build_array(jsonb_build_object('kind', 'absenceOrRefusal', 'workingDays', k.working_days))
  FROM duty_terms k
 WHERE k.tenant_id = l.tenant_id AND k.agreement_id = l.agreement_id AND k.duty = 'absence'
   AND k.legal_source = 'Terms of the exchange under the agreement';
DELETE FROM duty_terms WHERE legal_source = 'Terms of the exchange under the agreement';
