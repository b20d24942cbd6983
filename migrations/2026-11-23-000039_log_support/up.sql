-- Other support of participants beside classes and socially useful work: what, from whom, for how long and at whose cost.

-- Rows of the nil tenant are built in and readable by all; a town adds its own beside them.
CREATE TABLE support_types (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    code text NOT NULL,
    name_pl text NOT NULL,
    name_en text NOT NULL,
    is_course boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT support_types_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT support_types_code_key UNIQUE (tenant_id, code)
);
COMMENT ON TABLE support_types IS 'Catalogue of the kinds of support. The nil tenant holds the built-in ones. Append-only.';
COMMENT ON COLUMN support_types.is_course IS 'Whether it has a result and may have a certificate.';
ALTER TABLE support_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE support_types FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON support_types
    USING (tenant_id = app_tenant() OR tenant_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT ON support_types TO pai_service;

CREATE TABLE support_items (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    type_code text NOT NULL,
    title text,
    from_on date NOT NULL,
    to_on date NOT NULL,
    minutes integer,
    provider_partner_id uuid,
    provider text,
    plan_event_id uuid,
    result text,
    certificate_number text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    cancelled_on date,
    cancellation_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT support_items_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT support_items_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT support_items_provider_fkey FOREIGN KEY (tenant_id, provider_partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT support_items_plan_event_fkey FOREIGN KEY (tenant_id, plan_event_id) REFERENCES individual_plan_events (tenant_id, id),
    CONSTRAINT support_items_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES support_items (tenant_id, id),
    CONSTRAINT support_items_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT support_items_period_check CHECK (to_on >= from_on),
    CONSTRAINT support_items_minutes_check CHECK (minutes > 0 AND minutes % 15 = 0),
    CONSTRAINT support_items_result_check CHECK (result IN ('passed', 'completed', 'notPassed', 'interrupted')),
    CONSTRAINT support_items_certificate_check CHECK (certificate_number IS NULL OR result IN ('passed', 'completed')),
    CONSTRAINT support_items_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL)),
    CONSTRAINT support_items_cancellation_check CHECK ((cancelled_on IS NULL) = (cancellation_reason IS NULL))
);
COMMENT ON TABLE support_items IS 'Support that a participant had beside classes and socially useful work. A correction supersedes; what did not take place is cancelled.';
COMMENT ON COLUMN support_items.plan_event_id IS 'Contact or evaluation of an individual plan after which a course was chosen.';
SELECT protect_tenant_table('support_items');
CREATE INDEX support_items_participation_idx ON support_items (tenant_id, participation_id, id);
CREATE INDEX support_items_edition_idx ON support_items (tenant_id, edition_id, id);
GRANT UPDATE (superseded_at, cancelled_on, cancellation_reason, row_version) ON support_items TO pai_service;

CREATE TABLE support_item_costs (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    item_id uuid NOT NULL,
    source text NOT NULL,
    amount numeric(12,2) NOT NULL,
    CONSTRAINT support_item_costs_pkey PRIMARY KEY (tenant_id, item_id, source),
    CONSTRAINT support_item_costs_item_fkey FOREIGN KEY (tenant_id, item_id) REFERENCES support_items (tenant_id, id),
    CONSTRAINT support_item_costs_source_check CHECK (source IN ('FP', 'FP_RESERVE', 'GMINA', 'ESF', 'OWN')),
    CONSTRAINT support_item_costs_amount_check CHECK (amount >= 0)
);
COMMENT ON TABLE support_item_costs IS 'What a support item cost, to the grosz, by source of financing. Append-only, with its item.';
SELECT protect_tenant_table('support_item_costs');

SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';

INSERT INTO support_types (id, code, name_pl, name_en, is_course)
SELECT ('01900000-0000-7000-8000-00000000c' || lpad(t.number::text, 3, '0'))::uuid, t.code, t.name_pl, t.name_en, t.is_course
  FROM (VALUES
    (1, 'course', 'Kurs zawodowy', 'Vocational course', true),
    (2, 'training', 'Szkolenie lub trening', 'Training', true),
    (3, 'careerCounselling', 'Poradnictwo zawodowe', 'Career counselling', false),
    (4, 'psychologicalCounselling', 'Poradnictwo psychologiczne', 'Psychological counselling', false),
    (5, 'legalCounselling', 'Poradnictwo prawne', 'Legal counselling', false),
    (6, 'socialWork', 'Praca socjalna', 'Social work', false),
    (7, 'materialHelp', 'Pomoc materialna', 'Material help', false),
    (8, 'familyAssistant', 'Wsparcie asystenta rodziny', 'Support by a family assistant', false),
    (9, 'other', 'Inne wsparcie', 'Other support', false)
  ) AS t (number, code, name_pl, name_en, is_course);
