//! The tables as the migrations leave them; generated, and compared with the database by a test.
#![expect(missing_docs, reason = "COMMENT ON in the migrations says what the tables are")]

diesel::table! {
    agreement_rates (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        agreement_id -> Uuid,
        kind_of_work -> Nullable<Text>,
        for_carers -> Bool,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        hourly_rate -> Nullable<Numeric>,
        refund_percent -> Nullable<Numeric>,
        refund_basis -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    agreements (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        number -> Nullable<Text>,
        signed_on -> Date,
        signed_precision -> Text,
        regime_tenant_id -> Uuid,
        regime_id -> Uuid,
        institution_id -> Nullable<Uuid>,
        partner_id -> Nullable<Uuid>,
        selection_criteria -> Nullable<Text>,
        people_count -> Nullable<Int4>,
        integration_activities -> Nullable<Text>,
        period_from_on -> Nullable<Date>,
        period_to_on -> Nullable<Date>,
        expected_effects -> Jsonb,
        financing -> Jsonb,
        control_and_monitoring -> Nullable<Text>,
        refund_percent -> Nullable<Numeric>,
        refund_percent_carers -> Nullable<Numeric>,
        hourly_benefit -> Nullable<Numeric>,
        total_minutes -> Nullable<Int4>,
        monthly_cap_minutes -> Nullable<Int4>,
        information_duties -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    application_documents (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        application_id -> Uuid,
        kind -> Text,
        label -> Nullable<Text>,
        received_on -> Nullable<Date>,
        note -> Nullable<Text>,
        superseded_at -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    application_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        application_id -> Uuid,
        kind -> Text,
        effective_on -> Date,
        basis -> Nullable<Text>,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        reserve_position -> Nullable<Int4>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        assessment_id -> Nullable<Uuid>,
        ranking_protocol_id -> Nullable<Uuid>,
        rejection_reason -> Nullable<Text>,
        override_reason -> Nullable<Text>,
        override_rules -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    applications (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        person_id -> Uuid,
        received_on -> Date,
        received_precision -> Text,
        channel -> Nullable<Text>,
        state -> Text,
        decision -> Nullable<Text>,
        decided_on -> Nullable<Date>,
        reserve_position -> Nullable<Int4>,
        withdrawn_on -> Nullable<Date>,
        withdrawal_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        referral_institution_id -> Nullable<Uuid>,
        referred_on -> Nullable<Date>,
        referral_number -> Nullable<Text>,
        outside_recruitment -> Bool,
        rejection_reason -> Nullable<Text>,
        duplicate_of_id -> Nullable<Uuid>,
        former_id -> Nullable<Uuid>,
        applied_again -> Bool,
    }
}

diesel::table! {
    attendance (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        session_id -> Uuid,
        participation_id -> Uuid,
        status -> Text,
        minutes -> Int4,
        reason_class -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        evidence -> Nullable<Text>,
        evidence_shown_on -> Nullable<Date>,
        excuse_due_on -> Nullable<Date>,
    }
}

diesel::table! {
    audit_entries (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        operation -> Text,
        client_id -> Uuid,
        role -> Text,
        on_behalf_of -> Nullable<Text>,
        purpose -> Nullable<Text>,
        record_kind -> Text,
        record_ids -> Array<Uuid>,
        fields -> Array<Text>,
        reveals_identity -> Bool,
        dry_run -> Bool,
        override_reason -> Nullable<Text>,
        request_id -> Uuid,
        recorded_at -> Timestamptz,
        position -> Int8,
    }
}

diesel::table! {
    audit_homes (number) {
        number -> Int4,
        home -> Text,
        shift -> Int8,
        begun_at -> Timestamptz,
    }
}

diesel::table! {
    audit_seals (number) {
        number -> Int8,
        form -> Int2,
        key_id -> Bytea,
        sealed_at -> Timestamptz,
        home -> Text,
        shift -> Int8,
        reach -> Int8,
        running -> Array<Int8>,
        tenant_ids -> Array<Uuid>,
        entry_ids -> Array<Uuid>,
        digests -> Bytea,
        mac -> Bytea,
    }
}

diesel::table! {
    blocks (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        kind -> Text,
        name -> Text,
        provider_kind -> Nullable<Text>,
        provider_partner_id -> Nullable<Uuid>,
        form -> Nullable<Text>,
        facilitator_professions -> Array<Text>,
        planned_minutes -> Nullable<Int4>,
        weekly_minutes -> Nullable<Int4>,
        themes -> Array<Text>,
        themes_exhaustive -> Bool,
        venue -> Nullable<Text>,
        description -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        completion_attendance_percent -> Nullable<Numeric>,
        completion_minutes -> Nullable<Int4>,
    }
}

diesel::table! {
    budget_lines (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        source -> Text,
        kind -> Text,
        purpose -> Text,
        planned -> Numeric,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    calendar_feeds (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        group_id -> Nullable<Uuid>,
        facilitator -> Nullable<Text>,
        participation_id -> Nullable<Uuid>,
        token_hash -> Bytea,
        revoked_at -> Nullable<Timestamptz>,
        revocation_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    client_calls (tenant_id, client_id, day_on) {
        tenant_id -> Uuid,
        client_id -> Uuid,
        day_on -> Date,
        calls -> Int8,
        refused -> Int8,
        failed -> Int8,
        last_call_at -> Timestamptz,
    }
}

diesel::table! {
    clients (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        role -> Text,
        issuer -> Text,
        subject -> Text,
        secret_hash -> Nullable<Text>,
        host_id -> Nullable<Uuid>,
        facilitator_partner_id -> Nullable<Uuid>,
        revoked_at -> Nullable<Timestamptz>,
        revocation_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        public_keys -> Jsonb,
        assistant -> Nullable<Text>,
    }
}

diesel::table! {
    collection_statements (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        kind -> Text,
        completeness -> Text,
        stated_by -> Text,
        stated_on -> Date,
        note -> Nullable<Text>,
        superseded_at -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    declaration_texts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        version -> Int4,
        content -> Text,
        sha256 -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    declarations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        kind -> Text,
        declared_on -> Date,
        declared_precision -> Text,
        note -> Nullable<Text>,
        superseded_at -> Nullable<Timestamptz>,
        supersedes_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    duty_notices (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        message_id -> Uuid,
        record_id -> Uuid,
        edition_id -> Uuid,
        person_id -> Uuid,
        duty -> Text,
        recipient -> Text,
        from_on -> Date,
        to_on -> Date,
        told_on -> Date,
        letter_number -> Nullable<Text>,
        revoked_on -> Nullable<Date>,
        revoked_by_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    duty_terms (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        duty -> Text,
        agreement_id -> Nullable<Uuid>,
        version -> Int4,
        valid_from_on -> Date,
        working_days -> Int4,
        legal_source -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    edition_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        kind -> Text,
        occurred_on -> Date,
        occurred_precision -> Text,
        outcome -> Nullable<Text>,
        author -> Nullable<Text>,
        note -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        place -> Nullable<Text>,
        participant_count -> Nullable<Int4>,
    }
}

diesel::table! {
    edition_groups (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        name -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    edition_hosts (tenant_id, edition_id, host_id) {
        tenant_id -> Uuid,
        edition_id -> Uuid,
        host_id -> Uuid,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    edition_partners (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        partner_id -> Uuid,
        role -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    editions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        programme_id -> Uuid,
        agreement_id -> Uuid,
        name -> Text,
        starts_on -> Date,
        starts_precision -> Text,
        ends_on -> Date,
        ends_precision -> Text,
        planned_months -> Nullable<Int4>,
        recruitment_from_on -> Nullable<Date>,
        recruitment_to_on -> Nullable<Date>,
        recruitment_precision -> Nullable<Text>,
        completion_attendance_percent -> Nullable<Numeric>,
        hosts_exhaustive -> Bool,
        source_text -> Nullable<Text>,
        interpreted -> Bool,
        closed_on -> Nullable<Date>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        selection -> Text,
        automatic_offers -> Bool,
        offer_answer_days -> Int4,
    }
}

diesel::table! {
    effect_results (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        effect_code -> Text,
        result -> Nullable<Numeric>,
        finding -> Nullable<Text>,
        assessed_on -> Date,
        basis -> Text,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    eligibility_assessments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        application_id -> Uuid,
        effective_on -> Date,
        regime_id -> Uuid,
        criteria -> Jsonb,
        home_teryt -> Nullable<Text>,
        outcome -> Text,
        facts -> Jsonb,
        exceptions -> Jsonb,
        findings -> Jsonb,
        qualifies_from_on -> Nullable<Date>,
        appeal_of_id -> Nullable<Uuid>,
        appealed_on -> Nullable<Date>,
        appeal_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    elsewhere_checks (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        person_id -> Uuid,
        from_on -> Date,
        to_on -> Date,
        purpose -> Text,
        legal_basis -> Text,
        takes_part -> Nullable<Bool>,
        unknown_because -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    employment_checks (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        time_window -> Text,
        result -> Text,
        checked_on -> Date,
        source -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    employment_spells (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        person_id -> Uuid,
        starts_on -> Date,
        starts_precision -> Text,
        ends_on -> Nullable<Date>,
        kind -> Text,
        employer_class -> Nullable<Text>,
        source -> Text,
        evidence -> Nullable<Text>,
        verified_on -> Nullable<Date>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        weekly_minutes -> Nullable<Int4>,
    }
}

diesel::table! {
    entry_windows (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        subject -> Text,
        role -> Text,
        valid_from_on -> Date,
        days -> Nullable<Int4>,
        legal_source -> Text,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    exchange_links (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        office_tenant_id -> Uuid,
        agreement_id -> Uuid,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        terms -> Jsonb,
        confirmed_by_rule -> Jsonb,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    exchange_subjects (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        counterpart_id -> Uuid,
        subject_id -> Uuid,
        person_id -> Uuid,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    expenditures (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        source -> Text,
        kind -> Text,
        purpose -> Text,
        spent_on -> Date,
        amount -> Numeric,
        document -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    external_ids (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        record_kind -> Text,
        system -> Text,
        external_id -> Text,
        record_id -> Uuid,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    group_members (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        group_id -> Uuid,
        participation_id -> Uuid,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    host_posts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        host_id -> Uuid,
        kind_of_work -> Text,
        for_carers -> Bool,
        places -> Int4,
        supervisor -> Nullable<Text>,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    hosts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        is_category -> Bool,
        partner_id -> Nullable<Uuid>,
        kinds_of_work -> Array<Text>,
        positions -> Nullable<Int4>,
        note -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    household_assistants (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        household_id -> Uuid,
        assistant -> Text,
        edition_id -> Nullable<Uuid>,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        override_reason -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    household_members (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        household_id -> Uuid,
        person_id -> Uuid,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    households (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        note -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    idempotency_keys (tenant_id, client_id, key) {
        tenant_id -> Uuid,
        client_id -> Uuid,
        key -> Text,
        request_hash -> Bytea,
        status -> Nullable<Int2>,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Nullable<Bytea>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    imports (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        format -> Text,
        state -> Text,
        plan -> Nullable<Bytea>,
        plan_hash -> Text,
        rows_created -> Int4,
        rows_changed -> Int4,
        rows_unchanged -> Int4,
        rows_conflict -> Int4,
        rows_error -> Int4,
        rows_done -> Int4,
        ended_at -> Nullable<Timestamptz>,
        cancellation_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    incidents (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        kind -> Text,
        occurred_on -> Date,
        known_on -> Date,
        reported_by -> Text,
        host_id -> Nullable<Uuid>,
        attendance_id -> Nullable<Uuid>,
        withdrawn_on -> Nullable<Date>,
        withdrawal_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    individual_plan_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        plan_id -> Uuid,
        kind -> Text,
        occurred_on -> Date,
        form -> Nullable<Text>,
        result -> Nullable<Text>,
        note -> Nullable<Bytea>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    individual_plan_revisions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        plan_id -> Uuid,
        number -> Int4,
        signed_on -> Date,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        author -> Text,
        reason -> Nullable<Text>,
        parts -> Nullable<Bytea>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    individual_plans (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        contract_form -> Nullable<Text>,
        edition_id -> Nullable<Uuid>,
        participation_id -> Nullable<Uuid>,
        fact_id -> Nullable<Uuid>,
        revision -> Int4,
        ended_on -> Nullable<Date>,
        end_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    information_duties (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        incident_id -> Nullable<Uuid>,
        duty -> Text,
        recipient -> Text,
        occurred_on -> Date,
        arisen_on -> Date,
        working_days -> Int4,
        due_on -> Date,
        legal_source -> Text,
        discharged_on -> Nullable<Date>,
        channel -> Nullable<Text>,
        letter_number -> Nullable<Text>,
        withdrawn_on -> Nullable<Date>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        notice_id -> Nullable<Uuid>,
        message_id -> Nullable<Uuid>,
        reopened_on -> Nullable<Date>,
        reopened_by_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    institutions (id) {
        id -> Uuid,
        kind -> Text,
        name -> Text,
        teryt -> Nullable<Text>,
        regon -> Nullable<Text>,
        nip -> Nullable<Text>,
        parent_id -> Nullable<Uuid>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    key_ring_readers (instance_id) {
        instance_id -> Uuid,
        ring -> Text,
        seen_at -> Timestamptz,
    }
}

diesel::table! {
    manual_points (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        application_id -> Uuid,
        criterion -> Text,
        points -> Int4,
        reason -> Text,
        given_on -> Date,
        superseded_at -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    merged_people (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        into_id -> Uuid,
        reason -> Text,
        identity_choice -> Text,
        former_identity -> Nullable<Bytea>,
        former_sex -> Text,
        former_birth_year -> Nullable<Int2>,
        former_note -> Nullable<Text>,
        moved -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        dropped_application_ids -> Nullable<Array<Uuid>>,
        dropped_membership_ids -> Nullable<Array<Uuid>>,
        discarded_other -> Nullable<Bool>,
        asked_into_id -> Nullable<Uuid>,
        former_participation_index -> Nullable<Bytea>,
        former_participation_index_key -> Nullable<Bytea>,
    }
}

diesel::table! {
    message_proposals (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        message_id -> Uuid,
        record_id -> Nullable<Uuid>,
        kind -> Text,
        person_id -> Uuid,
        edition_id -> Nullable<Uuid>,
        participation_id -> Nullable<Uuid>,
        effective_on -> Date,
        state -> Text,
        superseded_by_id -> Nullable<Uuid>,
        decided_on -> Nullable<Date>,
        by_rule -> Bool,
        decline_reason -> Nullable<Text>,
        result_id -> Nullable<Uuid>,
        offer_id -> Nullable<Uuid>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        before_start -> Bool,
    }
}

diesel::table! {
    message_records (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        office_tenant_id -> Uuid,
        message_id -> Uuid,
        position -> Int4,
        subject_id -> Uuid,
        identity -> Nullable<Bytea>,
        state -> Text,
        reject_code -> Nullable<Text>,
        person_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    message_steps (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        office_tenant_id -> Uuid,
        message_id -> Uuid,
        state -> Text,
        by_tenant_id -> Uuid,
        effective_on -> Date,
        reference -> Nullable<Text>,
        channel -> Nullable<Text>,
        letter_number -> Nullable<Text>,
        reject_code -> Nullable<Text>,
        note -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    messages (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        office_tenant_id -> Uuid,
        sender_tenant_id -> Uuid,
        link_id -> Uuid,
        kind -> Text,
        schema_version -> Int4,
        sender_reference -> Text,
        correlation_id -> Uuid,
        corrects_id -> Nullable<Uuid>,
        correction_reason -> Nullable<Text>,
        purpose -> Text,
        legal_basis -> Text,
        effective_on -> Date,
        period_on -> Nullable<Date>,
        edition_id -> Nullable<Uuid>,
        due_on -> Nullable<Date>,
        payload -> Bytea,
        digest -> Nullable<Bytea>,
        state -> Text,
        sent_on -> Nullable<Date>,
        sent_at -> Nullable<Timestamptz>,
        receiver_reference -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        copy_of_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    minimum_rates (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        valid_from_on -> Date,
        hourly_rate -> Numeric,
        standing -> Text,
        legal_source -> Text,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    month_statement_lines (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        statement_id -> Uuid,
        pseudonym -> Bytea,
        person_id -> Nullable<Uuid>,
        minutes -> Int4,
        benefit -> Numeric,
        refund -> Numeric,
    }
}

diesel::table! {
    month_statements (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        institution_id -> Uuid,
        month_on -> Date,
        key_id -> Text,
        source -> Text,
        people_count -> Int4,
        minutes -> Int4,
        benefit -> Numeric,
        refund -> Numeric,
        content_sha256 -> Text,
        left_out_people -> Array<Uuid>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    needs_plans (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        year -> Int4,
        revision -> Int4,
        submitted_on -> Date,
        eligible_people -> Int4,
        lines -> Jsonb,
        reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    offers (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        application_id -> Uuid,
        cause -> Text,
        freed_by_participation_id -> Nullable<Uuid>,
        freed_by_revision_id -> Nullable<Uuid>,
        freed_by_offer_id -> Nullable<Uuid>,
        seat_from_on -> Date,
        offered_on -> Date,
        expires_on -> Date,
        channel -> Nullable<Text>,
        grounds -> Jsonb,
        state -> Text,
        answered_on -> Nullable<Date>,
        refusal_reason -> Nullable<Text>,
        withdrawn_on -> Nullable<Date>,
        withdrawal_reason -> Nullable<Text>,
        note -> Nullable<Text>,
        participation_id -> Nullable<Uuid>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    onward_referrals (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        destination -> Text,
        partner_id -> Nullable<Uuid>,
        referred_on -> Date,
        take_up -> Text,
        taken_up_on -> Nullable<Date>,
        note -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    outbox_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        aggregate_kind -> Text,
        aggregate_id -> Uuid,
        sequence -> Int8,
        #[sql_name = "type"]
        type_ -> Text,
        schema_version -> Int2,
        data -> Jsonb,
        recorded_at -> Timestamptz,
        delivered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    outbox_sequences (tenant_id, aggregate_id) {
        tenant_id -> Uuid,
        aggregate_id -> Uuid,
        last_sequence -> Int8,
    }
}

diesel::table! {
    participation_declarations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        person_id -> Uuid,
        edition_id -> Uuid,
        text_id -> Uuid,
        declared_on -> Date,
        is_signed -> Bool,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    participation_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        participation_id -> Uuid,
        kind -> Text,
        effective_on -> Date,
        reason -> Nullable<Text>,
        note -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    participations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        person_id -> Uuid,
        application_id -> Nullable<Uuid>,
        replaces_id -> Nullable<Uuid>,
        seat -> Nullable<Int4>,
        starts_on -> Date,
        planned_end_on -> Date,
        ended_on -> Nullable<Date>,
        end_reason -> Nullable<Text>,
        end_polarity -> Nullable<Text>,
        own_fault -> Nullable<Bool>,
        state -> Text,
        cumulative_group -> Nullable<Text>,
        override_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        override_rules -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    partners (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        name -> Text,
        institution_id -> Nullable<Uuid>,
        regon -> Nullable<Text>,
        nip -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    people (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        sex -> Text,
        birth_year -> Nullable<Int2>,
        note -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    person_facts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        value -> Text,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        source -> Text,
        evidence -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        source_kind -> Nullable<Text>,
        survey_code -> Nullable<Text>,
        survey_version -> Nullable<Int4>,
        evidence_on -> Nullable<Date>,
        expires_on -> Nullable<Date>,
        withdrawn_on -> Nullable<Date>,
        withdrawal_reason -> Nullable<Text>,
    }
}

diesel::table! {
    person_identities (tenant_id, person_id) {
        tenant_id -> Uuid,
        person_id -> Uuid,
        given_names -> Nullable<Bytea>,
        surname -> Nullable<Bytea>,
        pesel -> Nullable<Bytea>,
        pesel_index -> Nullable<Bytea>,
        participation_index -> Nullable<Bytea>,
        document -> Nullable<Bytea>,
        document_index -> Nullable<Bytea>,
        birth_date -> Nullable<Bytea>,
        address -> Nullable<Bytea>,
        contact -> Nullable<Bytea>,
        missing_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        blind_index_key -> Nullable<Bytea>,
        participation_index_key -> Nullable<Bytea>,
        local_reference -> Nullable<Bytea>,
        local_reference_index -> Nullable<Bytea>,
    }
}

diesel::table! {
    plan_revisions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        number -> Int4,
        effective_on -> Date,
        places -> Int4,
        planned_cost -> Nullable<Numeric>,
        reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        override_reason -> Nullable<Text>,
        override_rules -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    post_assignments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        participation_id -> Uuid,
        post_id -> Uuid,
        from_on -> Date,
        to_on -> Date,
        is_instructed -> Bool,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        ended_on -> Nullable<Date>,
    }
}

diesel::table! {
    post_decisions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        kind -> Text,
        decided_on -> Date,
        note -> Nullable<Text>,
        superseded_at -> Nullable<Timestamptz>,
        supersedes_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    programmes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        kind -> Text,
        goals -> Array<Text>,
        description -> Nullable<Text>,
        source_text -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    progress_assessments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        area -> Text,
        change -> Text,
        assessed_on -> Date,
        source -> Text,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    prolongations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        participation_id -> Uuid,
        effective_on -> Date,
        former_end_on -> Date,
        planned_end_on -> Date,
        reason -> Text,
        override_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        override_rules -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    psu_absences (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        from_on -> Date,
        to_on -> Date,
        kind -> Text,
        reason_class -> Nullable<Text>,
        informed_on -> Nullable<Date>,
        withdrawn_on -> Nullable<Date>,
        withdrawal_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    psu_approvals (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        host_id -> Nullable<Uuid>,
        approved_on -> Date,
        entry_count -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    psu_approved_entries (tenant_id, entry_id) {
        tenant_id -> Uuid,
        entry_id -> Uuid,
        approval_id -> Uuid,
    }
}

diesel::table! {
    psu_entries (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        person_id -> Uuid,
        host_id -> Nullable<Uuid>,
        worked_on -> Date,
        minutes -> Int4,
        kind_of_work -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        started_at -> Nullable<Time>,
        ended_at -> Nullable<Time>,
    }
}

diesel::table! {
    psu_months (tenant_id, person_id, agreement_id, month_on) {
        tenant_id -> Uuid,
        person_id -> Uuid,
        agreement_id -> Uuid,
        month_on -> Date,
        used_minutes -> Int4,
        limit_minutes -> Int4,
    }
}

diesel::table! {
    psu_totals (tenant_id, agreement_id) {
        tenant_id -> Uuid,
        agreement_id -> Uuid,
        used_minutes -> Int4,
        limit_minutes -> Int4,
    }
}

diesel::table! {
    psu_weeks (tenant_id, person_id, week_on) {
        tenant_id -> Uuid,
        person_id -> Uuid,
        week_on -> Date,
        used_minutes -> Int4,
        limit_minutes -> Int4,
    }
}

diesel::table! {
    ranking_adoptions (tenant_id, protocol_id) {
        tenant_id -> Uuid,
        protocol_id -> Uuid,
        adopted_on -> Date,
        commission_members -> Int4,
        reason -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    ranking_announcements (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        protocol_id -> Uuid,
        announced_on -> Date,
        appeals_until -> Nullable<Date>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    ranking_appeal_decisions (tenant_id, appeal_id) {
        tenant_id -> Uuid,
        appeal_id -> Uuid,
        outcome -> Text,
        decided_on -> Date,
        reason -> Text,
        exceptions -> Jsonb,
        points -> Jsonb,
        found -> Jsonb,
        new_protocol_id -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        stood_before -> Nullable<Jsonb>,
        override_reason -> Nullable<Text>,
    }
}

diesel::table! {
    ranking_appeals (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        protocol_id -> Uuid,
        application_id -> Uuid,
        lodged_on -> Date,
        reason -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        restoration_reason -> Nullable<Text>,
    }
}

diesel::table! {
    ranking_protocols (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        number -> Int4,
        effective_on -> Date,
        rules_id -> Uuid,
        places -> Int4,
        reserve_places -> Nullable<Int4>,
        reopening_reason -> Nullable<Text>,
        inputs -> Json,
        inputs_sha256 -> Text,
        rows_sha256 -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        seats -> Nullable<Jsonb>,
        replaces_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    ranking_rows (tenant_id, protocol_id, application_id) {
        tenant_id -> Uuid,
        id -> Uuid,
        protocol_id -> Uuid,
        application_id -> Uuid,
        list -> Text,
        rank -> Nullable<Int4>,
        points -> Int4,
        rejection_reason -> Nullable<Text>,
        application_version -> Int4,
        explanation -> Json,
    }
}

diesel::table! {
    reconciliation_protocols (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        institution_id -> Uuid,
        month_on -> Date,
        number -> Int4,
        own_sha256 -> Text,
        other_sha256 -> Text,
        difference_count -> Int4,
        acceptance_reason -> Nullable<Text>,
        signed_on -> Date,
        superseded_at -> Nullable<Timestamptz>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    regimes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        version -> Int4,
        name_pl -> Text,
        name_en -> Text,
        legal_source -> Text,
        valid_from_on -> Nullable<Date>,
        valid_to_on -> Nullable<Date>,
        parameters -> Jsonb,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    report_files (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        report_id -> Uuid,
        format -> Text,
        dialect -> Nullable<Text>,
        sha256 -> Text,
        content -> Bytea,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    reports (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        number -> Int4,
        replaces_id -> Nullable<Uuid>,
        replacement_reason -> Nullable<Text>,
        state -> Text,
        as_of -> Timestamptz,
        document -> Bytea,
        approved_on -> Nullable<Date>,
        document_sha256 -> Nullable<Text>,
        withdrawal_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    row_versions (tenant_id, number) {
        tenant_id -> Uuid,
        number -> Int8,
        place -> Text,
        row_id -> Uuid,
        known_until -> Timestamptz,
        former -> Jsonb,
    }
}

diesel::table! {
    scoring_rules (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        version -> Int4,
        legal_source -> Text,
        content -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        appeal_days -> Nullable<Int4>,
    }
}

diesel::table! {
    session_changes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        session_id -> Uuid,
        kind -> Text,
        schedule_version -> Int4,
        effective_on -> Date,
        before -> Jsonb,
        reason -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    session_patterns (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        block_id -> Uuid,
        terms -> Jsonb,
        outcome -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    session_roster (tenant_id, session_id, participation_id) {
        tenant_id -> Uuid,
        edition_id -> Uuid,
        session_id -> Uuid,
        participation_id -> Uuid,
    }
}

diesel::table! {
    session_seats (tenant_id, session_id, participation_id) {
        tenant_id -> Uuid,
        edition_id -> Uuid,
        session_id -> Uuid,
        participation_id -> Uuid,
        held_on -> Date,
        starts_at -> Time,
        ends_at -> Time,
        person_id -> Uuid,
        clashed_before -> Bool,
    }
}

diesel::table! {
    sessions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        block_id -> Uuid,
        held_on -> Date,
        starts_at -> Nullable<Time>,
        minutes -> Int4,
        form -> Text,
        theme -> Nullable<Text>,
        venue -> Nullable<Text>,
        facilitator_partner_id -> Nullable<Uuid>,
        facilitator_profession -> Nullable<Text>,
        roster_limited -> Bool,
        attendance_version -> Int4,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        ends_at -> Nullable<Time>,
        lesson_hours -> Nullable<Int4>,
        group_id -> Nullable<Uuid>,
        room -> Nullable<Text>,
        facilitator -> Nullable<Text>,
        schedule_version -> Int4,
        rescheduled_at -> Nullable<Timestamptz>,
        cancelled_on -> Nullable<Date>,
        cancellation_reason -> Nullable<Text>,
        pattern_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    settlement_lines (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        settlement_id -> Uuid,
        number -> Int4,
        person_id -> Uuid,
        from_on -> Date,
        to_on -> Date,
        kind_of_work -> Nullable<Text>,
        for_carers -> Bool,
        minutes -> Int4,
        hourly_rate -> Numeric,
        minimum_rate -> Numeric,
        refund_percent -> Numeric,
        benefit -> Numeric,
        refund -> Numeric,
        municipal_share -> Numeric,
        entry_ids -> Array<Uuid>,
        entry_minutes -> Array<Int4>,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    settlements (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        agreement_id -> Uuid,
        edition_id -> Nullable<Uuid>,
        month_on -> Date,
        number -> Int4,
        corrects_id -> Nullable<Uuid>,
        correction_reason -> Nullable<Text>,
        state -> Text,
        people_count -> Int4,
        line_count -> Int4,
        minutes -> Int4,
        benefit -> Numeric,
        refund -> Numeric,
        municipal_share -> Numeric,
        approved_on -> Nullable<Date>,
        document -> Nullable<Bytea>,
        document_sha256 -> Nullable<Text>,
        withdrawal_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        approved_only -> Bool,
    }
}

diesel::table! {
    shared_editions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        office_tenant_id -> Uuid,
        link_id -> Uuid,
        edition_id -> Uuid,
        name -> Text,
        starts_on -> Date,
        ends_on -> Date,
        row_version -> Int4,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    sheet_templates (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        version -> Int4,
        name -> Text,
        scale -> Jsonb,
        competences -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    sheets (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        template_id -> Uuid,
        rater -> Text,
        observer_role -> Nullable<Text>,
        moment -> Text,
        filled_on -> Date,
        scores -> Jsonb,
        remarks -> Nullable<Bytea>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    staff_posts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        programme_id -> Uuid,
        edition_id -> Nullable<Uuid>,
        kind -> Text,
        full_time -> Numeric,
        valid_from_on -> Date,
        valid_to_on -> Nullable<Date>,
        funding_source -> Nullable<Text>,
        note -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    support_item_costs (tenant_id, item_id, source) {
        tenant_id -> Uuid,
        item_id -> Uuid,
        source -> Text,
        amount -> Numeric,
    }
}

diesel::table! {
    support_items (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        edition_id -> Uuid,
        participation_id -> Uuid,
        type_code -> Text,
        title -> Nullable<Text>,
        from_on -> Date,
        to_on -> Date,
        minutes -> Nullable<Int4>,
        provider_partner_id -> Nullable<Uuid>,
        provider -> Nullable<Text>,
        plan_event_id -> Nullable<Uuid>,
        result -> Nullable<Text>,
        certificate_number -> Nullable<Text>,
        supersedes_id -> Nullable<Uuid>,
        superseded_at -> Nullable<Timestamptz>,
        correction_reason -> Nullable<Text>,
        cancelled_on -> Nullable<Date>,
        cancellation_reason -> Nullable<Text>,
        row_version -> Int4,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    support_types (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        name_pl -> Text,
        name_en -> Text,
        is_course -> Bool,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    survey_forms (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        version -> Int4,
        kind -> Text,
        title -> Text,
        questions -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    survey_responses (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        person_id -> Uuid,
        form_id -> Uuid,
        application_id -> Nullable<Uuid>,
        answered_on -> Date,
        answered_by -> Text,
        answers -> Nullable<Bytea>,
        effects -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        supersedes_id -> Nullable<Uuid>,
        correction_reason -> Nullable<Text>,
        superseded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    suspensions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        participation_id -> Uuid,
        from_on -> Date,
        to_on -> Date,
        reason -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    themes (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
    }
}

diesel::table! {
    used_assertions (tenant_id, client_id, id_hash) {
        tenant_id -> Uuid,
        client_id -> Uuid,
        id_hash -> Bytea,
        expires_at -> Timestamptz,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    version_starts (kept_from) {
        kept_from -> Timestamptz,
    }
}

diesel::table! {
    warning_rules (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        version -> Int4,
        valid_from_on -> Date,
        is_active -> Bool,
        severity -> Text,
        parameters -> Jsonb,
        basis -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(agreement_rates, agreements);
diesel::allow_tables_to_appear_in_same_query!(agreements, duty_terms);
diesel::allow_tables_to_appear_in_same_query!(agreements, editions);
diesel::allow_tables_to_appear_in_same_query!(agreements, exchange_links);
diesel::allow_tables_to_appear_in_same_query!(agreements, institutions);
diesel::allow_tables_to_appear_in_same_query!(agreements, participations);
diesel::allow_tables_to_appear_in_same_query!(agreements, partners);
diesel::allow_tables_to_appear_in_same_query!(agreements, plan_revisions);
diesel::allow_tables_to_appear_in_same_query!(agreements, psu_months);
diesel::allow_tables_to_appear_in_same_query!(agreements, psu_totals);
diesel::allow_tables_to_appear_in_same_query!(agreements, regimes);
diesel::allow_tables_to_appear_in_same_query!(agreements, settlements);
diesel::allow_tables_to_appear_in_same_query!(application_documents, applications);
diesel::allow_tables_to_appear_in_same_query!(application_events, applications);
diesel::allow_tables_to_appear_in_same_query!(application_events, eligibility_assessments);
diesel::allow_tables_to_appear_in_same_query!(application_events, ranking_rows);
diesel::allow_tables_to_appear_in_same_query!(applications, editions);
diesel::allow_tables_to_appear_in_same_query!(applications, eligibility_assessments);
diesel::allow_tables_to_appear_in_same_query!(applications, employment_spells);
diesel::allow_tables_to_appear_in_same_query!(applications, institutions);
diesel::allow_tables_to_appear_in_same_query!(applications, manual_points);
diesel::allow_tables_to_appear_in_same_query!(applications, offers);
diesel::allow_tables_to_appear_in_same_query!(applications, participations);
diesel::allow_tables_to_appear_in_same_query!(applications, people);
diesel::allow_tables_to_appear_in_same_query!(applications, ranking_rows);
diesel::allow_tables_to_appear_in_same_query!(applications, survey_responses);
diesel::allow_tables_to_appear_in_same_query!(applications, suspensions);
diesel::allow_tables_to_appear_in_same_query!(attendance, incidents);
diesel::allow_tables_to_appear_in_same_query!(attendance, participations);
diesel::allow_tables_to_appear_in_same_query!(attendance, sessions);
diesel::allow_tables_to_appear_in_same_query!(blocks, editions);
diesel::allow_tables_to_appear_in_same_query!(blocks, partners);
diesel::allow_tables_to_appear_in_same_query!(blocks, session_patterns);
diesel::allow_tables_to_appear_in_same_query!(blocks, sessions);
diesel::allow_tables_to_appear_in_same_query!(budget_lines, editions);
diesel::allow_tables_to_appear_in_same_query!(calendar_feeds, edition_groups);
diesel::allow_tables_to_appear_in_same_query!(calendar_feeds, participations);
diesel::allow_tables_to_appear_in_same_query!(client_calls, clients);
diesel::allow_tables_to_appear_in_same_query!(clients, hosts);
diesel::allow_tables_to_appear_in_same_query!(clients, institutions);
diesel::allow_tables_to_appear_in_same_query!(clients, partners);
diesel::allow_tables_to_appear_in_same_query!(clients, used_assertions);
diesel::allow_tables_to_appear_in_same_query!(collection_statements, editions);
diesel::allow_tables_to_appear_in_same_query!(declaration_texts, institutions);
diesel::allow_tables_to_appear_in_same_query!(declaration_texts, participation_declarations);
diesel::allow_tables_to_appear_in_same_query!(declarations, participations);
diesel::allow_tables_to_appear_in_same_query!(duty_notices, editions);
diesel::allow_tables_to_appear_in_same_query!(duty_notices, information_duties);
diesel::allow_tables_to_appear_in_same_query!(duty_notices, message_records);
diesel::allow_tables_to_appear_in_same_query!(duty_notices, messages);
diesel::allow_tables_to_appear_in_same_query!(duty_notices, people);
diesel::allow_tables_to_appear_in_same_query!(edition_events, editions);
diesel::allow_tables_to_appear_in_same_query!(edition_groups, editions);
diesel::allow_tables_to_appear_in_same_query!(edition_groups, group_members);
diesel::allow_tables_to_appear_in_same_query!(edition_groups, sessions);
diesel::allow_tables_to_appear_in_same_query!(edition_hosts, editions);
diesel::allow_tables_to_appear_in_same_query!(edition_hosts, hosts);
diesel::allow_tables_to_appear_in_same_query!(edition_partners, editions);
diesel::allow_tables_to_appear_in_same_query!(edition_partners, partners);
diesel::allow_tables_to_appear_in_same_query!(editions, effect_results);
diesel::allow_tables_to_appear_in_same_query!(editions, expenditures);
diesel::allow_tables_to_appear_in_same_query!(editions, household_assistants);
diesel::allow_tables_to_appear_in_same_query!(editions, individual_plans);
diesel::allow_tables_to_appear_in_same_query!(editions, participation_declarations);
diesel::allow_tables_to_appear_in_same_query!(editions, participations);
diesel::allow_tables_to_appear_in_same_query!(editions, plan_revisions);
diesel::allow_tables_to_appear_in_same_query!(editions, programmes);
diesel::allow_tables_to_appear_in_same_query!(editions, psu_entries);
diesel::allow_tables_to_appear_in_same_query!(editions, psu_months);
diesel::allow_tables_to_appear_in_same_query!(editions, psu_totals);
diesel::allow_tables_to_appear_in_same_query!(editions, ranking_protocols);
diesel::allow_tables_to_appear_in_same_query!(editions, regimes);
diesel::allow_tables_to_appear_in_same_query!(editions, reports);
diesel::allow_tables_to_appear_in_same_query!(editions, scoring_rules);
diesel::allow_tables_to_appear_in_same_query!(editions, settlements);
diesel::allow_tables_to_appear_in_same_query!(editions, shared_editions);
diesel::allow_tables_to_appear_in_same_query!(editions, staff_posts);
diesel::allow_tables_to_appear_in_same_query!(elsewhere_checks, people);
diesel::allow_tables_to_appear_in_same_query!(employment_checks, participations);
diesel::allow_tables_to_appear_in_same_query!(employment_spells, participations);
diesel::allow_tables_to_appear_in_same_query!(employment_spells, people);
diesel::allow_tables_to_appear_in_same_query!(exchange_links, institutions);
diesel::allow_tables_to_appear_in_same_query!(exchange_links, messages);
diesel::allow_tables_to_appear_in_same_query!(exchange_links, shared_editions);
diesel::allow_tables_to_appear_in_same_query!(exchange_subjects, institutions);
diesel::allow_tables_to_appear_in_same_query!(exchange_subjects, people);
diesel::allow_tables_to_appear_in_same_query!(group_members, participations);
diesel::allow_tables_to_appear_in_same_query!(group_members, sessions);
diesel::allow_tables_to_appear_in_same_query!(host_posts, hosts);
diesel::allow_tables_to_appear_in_same_query!(host_posts, post_assignments);
diesel::allow_tables_to_appear_in_same_query!(hosts, incidents);
diesel::allow_tables_to_appear_in_same_query!(hosts, institutions);
diesel::allow_tables_to_appear_in_same_query!(hosts, partners);
diesel::allow_tables_to_appear_in_same_query!(hosts, psu_approvals);
diesel::allow_tables_to_appear_in_same_query!(hosts, psu_entries);
diesel::allow_tables_to_appear_in_same_query!(household_assistants, households);
diesel::allow_tables_to_appear_in_same_query!(household_members, households);
diesel::allow_tables_to_appear_in_same_query!(household_members, people);
diesel::allow_tables_to_appear_in_same_query!(households, institutions);
diesel::allow_tables_to_appear_in_same_query!(imports, institutions);
diesel::allow_tables_to_appear_in_same_query!(incidents, information_duties);
diesel::allow_tables_to_appear_in_same_query!(incidents, participations);
diesel::allow_tables_to_appear_in_same_query!(individual_plan_events, individual_plans);
diesel::allow_tables_to_appear_in_same_query!(individual_plan_events, support_items);
diesel::allow_tables_to_appear_in_same_query!(individual_plan_revisions, individual_plans);
diesel::allow_tables_to_appear_in_same_query!(individual_plans, participations);
diesel::allow_tables_to_appear_in_same_query!(individual_plans, people);
diesel::allow_tables_to_appear_in_same_query!(individual_plans, person_facts);
diesel::allow_tables_to_appear_in_same_query!(information_duties, messages);
diesel::allow_tables_to_appear_in_same_query!(information_duties, participations);
diesel::allow_tables_to_appear_in_same_query!(institutions, month_statements);
diesel::allow_tables_to_appear_in_same_query!(institutions, needs_plans);
diesel::allow_tables_to_appear_in_same_query!(institutions, partners);
diesel::allow_tables_to_appear_in_same_query!(institutions, people);
diesel::allow_tables_to_appear_in_same_query!(institutions, programmes);
diesel::allow_tables_to_appear_in_same_query!(institutions, reconciliation_protocols);
diesel::allow_tables_to_appear_in_same_query!(institutions, sheet_templates);
diesel::allow_tables_to_appear_in_same_query!(institutions, survey_forms);
diesel::allow_tables_to_appear_in_same_query!(institutions, themes);
diesel::allow_tables_to_appear_in_same_query!(merged_people, people);
diesel::allow_tables_to_appear_in_same_query!(message_proposals, message_records);
diesel::allow_tables_to_appear_in_same_query!(message_proposals, messages);
diesel::allow_tables_to_appear_in_same_query!(message_proposals, participations);
diesel::allow_tables_to_appear_in_same_query!(message_proposals, people);
diesel::allow_tables_to_appear_in_same_query!(message_records, messages);
diesel::allow_tables_to_appear_in_same_query!(message_records, people);
diesel::allow_tables_to_appear_in_same_query!(message_steps, messages);
diesel::allow_tables_to_appear_in_same_query!(month_statement_lines, month_statements);
diesel::allow_tables_to_appear_in_same_query!(month_statement_lines, people);
diesel::allow_tables_to_appear_in_same_query!(offers, participations);
diesel::allow_tables_to_appear_in_same_query!(offers, plan_revisions);
diesel::allow_tables_to_appear_in_same_query!(onward_referrals, participations);
diesel::allow_tables_to_appear_in_same_query!(onward_referrals, partners);
diesel::allow_tables_to_appear_in_same_query!(participation_declarations, people);
diesel::allow_tables_to_appear_in_same_query!(participation_events, participations);
diesel::allow_tables_to_appear_in_same_query!(participations, people);
diesel::allow_tables_to_appear_in_same_query!(participations, post_assignments);
diesel::allow_tables_to_appear_in_same_query!(participations, post_decisions);
diesel::allow_tables_to_appear_in_same_query!(participations, progress_assessments);
diesel::allow_tables_to_appear_in_same_query!(participations, prolongations);
diesel::allow_tables_to_appear_in_same_query!(participations, psu_absences);
diesel::allow_tables_to_appear_in_same_query!(participations, psu_entries);
diesel::allow_tables_to_appear_in_same_query!(participations, psu_months);
diesel::allow_tables_to_appear_in_same_query!(participations, psu_totals);
diesel::allow_tables_to_appear_in_same_query!(participations, regimes);
diesel::allow_tables_to_appear_in_same_query!(participations, session_roster);
diesel::allow_tables_to_appear_in_same_query!(participations, session_seats);
diesel::allow_tables_to_appear_in_same_query!(participations, sessions);
diesel::allow_tables_to_appear_in_same_query!(participations, sheets);
diesel::allow_tables_to_appear_in_same_query!(participations, support_items);
diesel::allow_tables_to_appear_in_same_query!(participations, suspensions);
diesel::allow_tables_to_appear_in_same_query!(partners, sessions);
diesel::allow_tables_to_appear_in_same_query!(partners, support_items);
diesel::allow_tables_to_appear_in_same_query!(people, person_facts);
diesel::allow_tables_to_appear_in_same_query!(people, person_identities);
diesel::allow_tables_to_appear_in_same_query!(people, psu_months);
diesel::allow_tables_to_appear_in_same_query!(people, psu_weeks);
diesel::allow_tables_to_appear_in_same_query!(people, settlement_lines);
diesel::allow_tables_to_appear_in_same_query!(people, survey_responses);
diesel::allow_tables_to_appear_in_same_query!(plan_revisions, regimes);
diesel::allow_tables_to_appear_in_same_query!(programmes, staff_posts);
diesel::allow_tables_to_appear_in_same_query!(psu_absences, psu_entries);
diesel::allow_tables_to_appear_in_same_query!(psu_approvals, psu_approved_entries);
diesel::allow_tables_to_appear_in_same_query!(psu_approved_entries, psu_entries);
diesel::allow_tables_to_appear_in_same_query!(psu_entries, suspensions);
diesel::allow_tables_to_appear_in_same_query!(psu_months, psu_totals);
diesel::allow_tables_to_appear_in_same_query!(psu_months, regimes);
diesel::allow_tables_to_appear_in_same_query!(psu_totals, regimes);
diesel::allow_tables_to_appear_in_same_query!(ranking_adoptions, ranking_protocols);
diesel::allow_tables_to_appear_in_same_query!(ranking_announcements, ranking_protocols);
diesel::allow_tables_to_appear_in_same_query!(ranking_appeal_decisions, ranking_appeals);
diesel::allow_tables_to_appear_in_same_query!(ranking_appeal_decisions, ranking_protocols);
diesel::allow_tables_to_appear_in_same_query!(ranking_appeals, ranking_rows);
diesel::allow_tables_to_appear_in_same_query!(ranking_protocols, ranking_rows);
diesel::allow_tables_to_appear_in_same_query!(ranking_protocols, scoring_rules);
diesel::allow_tables_to_appear_in_same_query!(report_files, reports);
diesel::allow_tables_to_appear_in_same_query!(session_changes, sessions);
diesel::allow_tables_to_appear_in_same_query!(session_patterns, sessions);
diesel::allow_tables_to_appear_in_same_query!(session_roster, sessions);
diesel::allow_tables_to_appear_in_same_query!(session_seats, sessions);
diesel::allow_tables_to_appear_in_same_query!(settlement_lines, settlements);
diesel::allow_tables_to_appear_in_same_query!(sheet_templates, sheets);
diesel::allow_tables_to_appear_in_same_query!(support_item_costs, support_items);
diesel::allow_tables_to_appear_in_same_query!(survey_forms, survey_responses);
