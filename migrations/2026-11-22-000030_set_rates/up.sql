-- Minimum benefits of socially useful work by the day of work, and what agreements agree on above them.

-- Rows of the nil tenant are built in and readable by all; a town's own stand beside them, or in the place of one of the same day.
CREATE TABLE minimum_rates (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    valid_from_on date NOT NULL,
    hourly_rate numeric(12,2) NOT NULL,
    standing text NOT NULL,
    legal_source text NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT minimum_rates_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT minimum_rates_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES minimum_rates (tenant_id, id),
    CONSTRAINT minimum_rates_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT minimum_rates_hourly_rate_check CHECK (hourly_rate > 0),
    CONSTRAINT minimum_rates_standing_check CHECK (standing IN ('verified', 'interpreted', 'disputed')),
    CONSTRAINT minimum_rates_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE minimum_rates IS 'Lowest benefit for an hour of socially useful work (art. 73a(3) of the Act of 20 April 2004), by the day of work from which it holds. The nil tenant holds the built-in ones. Append-only; a correction supersedes.';
COMMENT ON COLUMN minimum_rates.standing IS 'Whether the amount was read in its source, calculated by the rule of indexation, or is disputed.';
CREATE UNIQUE INDEX minimum_rates_from_key ON minimum_rates (tenant_id, valid_from_on) WHERE superseded_at IS NULL;
ALTER TABLE minimum_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE minimum_rates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON minimum_rates
    USING (tenant_id = app_tenant() OR tenant_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT ON minimum_rates TO pai_service;
GRANT UPDATE (superseded_at) ON minimum_rates TO pai_service;

CREATE TABLE agreement_rates (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    kind_of_work text,
    for_carers boolean NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    hourly_rate numeric(12,2),
    refund_percent numeric(5,2),
    refund_basis text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT agreement_rates_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT agreement_rates_agreement_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreements (tenant_id, id),
    CONSTRAINT agreement_rates_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES agreement_rates (tenant_id, id),
    CONSTRAINT agreement_rates_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT agreement_rates_hourly_rate_check CHECK (hourly_rate > 0),
    CONSTRAINT agreement_rates_refund_percent_check CHECK (refund_percent BETWEEN 0 AND 100),
    CONSTRAINT agreement_rates_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT agreement_rates_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL)),
    CONSTRAINT agreement_rates_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, agreement_id WITH =, coalesce(kind_of_work, '') WITH =, daterange(valid_from_on, valid_to_on, '[]') WITH &&)
        WHERE (superseded_at IS NULL)
);
COMMENT ON TABLE agreement_rates IS 'Benefit per hour and refund that an agreement sets for a kind of work from a day on (sections 3(1) and 6(2) of the regulation of 21 December 2017). Append-only; a correction supersedes.';
COMMENT ON COLUMN agreement_rates.kind_of_work IS 'Nothing stands for every kind without a rate of its own.';
COMMENT ON COLUMN agreement_rates.hourly_rate IS 'Nothing stands for the minimum of the day of work.';
SELECT protect_tenant_table('agreement_rates');
CREATE INDEX agreement_rates_agreement_idx ON agreement_rates (tenant_id, agreement_id, id);
GRANT UPDATE (superseded_at) ON agreement_rates TO pai_service;

SET LOCAL app.tenant = '00000000-0000-0000-0000-000000000000';

INSERT INTO minimum_rates (id, valid_from_on, hourly_rate, standing, legal_source)
SELECT ('01900000-0000-7000-8000-00000000e' || lpad(row_number() OVER (ORDER BY r.day)::text, 3, '0'))::uuid, r.day, r.rate, r.standing,
       CASE WHEN r.day = '2005-11-01' THEN 'Art. 73a(3) of the Act of 20 April 2004 on employment promotion, added by the Act of 28 July 2005, Dz.U. 2005 nr 164 poz. 1366: not lower than 6 zł'
            ELSE 'Art. 73a(3) with art. 72(6) of the Act of 20 April 2004 on employment promotion: indexed on 1 June by the consumer prices of the year before; '
                 || CASE r.standing WHEN 'interpreted' THEN 'calculated, rounded up to 0.10 zł; not read in an announcement' ELSE r.note END
       END
  FROM (VALUES
    ('2005-11-01'::date, 6.00, 'verified', ''),
    ('2006-06-01', 6.20, 'interpreted', ''),
    ('2007-06-01', 6.30, 'interpreted', ''),
    ('2008-06-01', 6.50, 'verified', 'amount as published by a labour office'),
    ('2009-06-01', 6.80, 'interpreted', ''),
    ('2010-06-01', 7.10, 'verified', 'amount as published by a labour office'),
    ('2011-06-01', 7.30, 'interpreted', ''),
    ('2012-06-01', 7.70, 'interpreted', ''),
    ('2013-06-01', 8.00, 'interpreted', ''),
    ('2014-06-01', 8.10, 'verified', 'amount as published for 2017 by social-assistance centres, with no rise of prices in 2014 to 2016; its first day is calculated'),
    ('2018-06-01', 8.30, 'verified', 'amount as published by a labour office'),
    ('2019-06-01', 8.50, 'interpreted', ''),
    ('2020-06-01', 8.70, 'verified', 'amount and day as published by a social-assistance centre'),
    ('2021-06-01', 9.00, 'verified', 'amount as published by a labour office'),
    ('2022-06-01', 9.50, 'interpreted', ''),
    ('2023-06-01', 10.90, 'verified', 'amount and day as published by a social-assistance centre'),
    ('2024-06-01', 12.20, 'interpreted', ''),
    ('2025-06-01', 12.20, 'disputed', 'not indexed for agreements made before 1 June 2025, as the ministry reads the Act of 20 March 2025, Dz.U. 2025 poz. 620; it would be 12.70 zł if it were, by art. 435(1) as others read it')
  ) AS r (day, rate, standing, note);
