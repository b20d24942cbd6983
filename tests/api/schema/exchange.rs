//! Constraints of the exchange that no caller can hit, with why.

/// As those of the other slices.
pub const NEVER_HIT: &[(&str, &[&str])] = &[
    (
        "read, and locked where it matters, before the row is written; or written with the row above",
        &[
            "exchange_links_office_fkey",
            "exchange_subjects_counterpart_fkey",
            "message_proposals_message_fkey",
            "message_proposals_participation_fkey",
            "message_proposals_person_fkey",
            "message_proposals_record_fkey",
            "message_proposals_superseded_fkey",
            "message_records_message_fkey",
            "message_steps_message_fkey",
            "messages_corrects_fkey",
            "messages_link_fkey",
            "shared_editions_edition_fkey",
            "shared_editions_link_fkey",
        ],
    ),
    (
        "what the service writes by its own rules, under the lock of the row",
        &[
            "exchange_links_parties_key",
            "message_proposals_decided_check",
            "message_proposals_declined_check",
            "message_proposals_record_key",
            "message_proposals_result_check",
            "message_proposals_superseded_check",
            "message_records_position_check",
            "message_records_position_key",
            "message_records_reject_check",
            "message_steps_by_check",
            "message_steps_state_key",
            "messages_correction_check",
            "messages_parties_key",
            "messages_sender_check",
            "messages_sent_check",
            "shared_editions_edition_key",
        ],
    ),
];
