DROP TABLE collection_statements, edition_events, edition_hosts, edition_partners, themes, blocks, plan_revisions, editions, agreements, programmes, regimes;
