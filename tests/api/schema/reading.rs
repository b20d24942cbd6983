//! The catalogue of a database, read as text.

use diesel::PgConnection;

use crate::support::database::rows;

/// The name that a type of PostgreSQL has in diesel.
pub fn diesel_type(sql: &str) -> &str {
    match sql {
        "uuid" => "Uuid",
        "text" => "Text",
        "integer" => "Int4",
        "smallint" => "Int2",
        "bigint" => "Int8",
        "timestamp with time zone" => "Timestamptz",
        "date" => "Date",
        "boolean" => "Bool",
        "bytea" => "Bytea",
        "json" => "Json",
        "jsonb" => "Jsonb",
        "numeric" => "Numeric",
        "time without time zone" => "Time",
        "text[]" => "Array<Text>",
        "uuid[]" => "Array<Uuid>",
        "integer[]" => "Array<Int4>",
        "bigint[]" => "Array<Int8>",
        "date[]" => "Array<Date>",
        other => panic!("no diesel type is named for {other}"),
    }
}

/// Everything of ours in the catalogue, as text.
pub fn catalogue(conn: &mut PgConnection) -> Vec<Vec<String>> {
    rows(
        conn,
        "SELECT ARRAY[what, name, definition] AS row FROM (
             SELECT 'constraint' AS what, conname::text AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE connamespace = 'public'::regnamespace
             UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT 'policy', tablename || '.' || policyname, qual || ' / ' || with_check FROM pg_policies
             UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
             UNION ALL SELECT 'function', p.proname, md5(pg_get_functiondef(p.oid)) || coalesce(p.proacl::text, '') FROM pg_proc p
                  JOIN pg_roles r ON r.oid = p.proowner WHERE p.pronamespace = 'public'::regnamespace AND r.rolname = 'pai_owner'
             UNION ALL SELECT 'rights', relname::text, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
             UNION ALL SELECT 'column rights', attrelid::regclass || '.' || attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid > 16383
             UNION ALL SELECT 'comment', c.relname || '.' || d.objsubid, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
                 WHERE c.relnamespace = 'public'::regnamespace
         ) things (what, name, definition) WHERE name IS NOT NULL ORDER BY what, name, definition",
    )
}
