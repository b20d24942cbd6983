//! What family assistants may call, who see their own families only.

use super::{Role, Rule};

impl Rule {
    /// Whether a client of the role is let in: a family assistant's only to what is narrowed to its families.
    pub fn admits(&self, role: Role) -> bool {
        self.roles.contains(&role) && (role != Role::FamilyAssistant || FOR_FAMILIES.contains(&self.operation))
    }

    /// The roles whose clients are let in.
    pub fn admitted(&self) -> impl Iterator<Item = Role> {
        self.roles.iter().copied().filter(|role| self.admits(*role))
    }
}

/// What a family assistant's client may do: read what concerns nobody by itself, and what is narrowed to the families of
/// the assistant. All else that its role allows tells of people out of sight.
pub static FOR_FAMILIES: &[&str] = &[
    // concerns nobody by itself
    "list_institutions",
    "get_institution",
    "list_partners",
    "list_hosts",
    "get_host",
    "list_regimes",
    "get_regime",
    "list_programmes",
    "get_programme",
    "list_agreements",
    "get_agreement",
    "list_editions",
    "get_edition",
    "list_plan_revisions",
    "list_blocks",
    "get_block",
    "list_themes",
    "list_entry_windows",
    "list_edition_partners",
    "get_edition_hosts",
    "list_edition_events",
    "list_staff_posts",
    "get_full_time_equivalents",
    "list_collection_statements",
    "list_survey_forms",
    "get_survey_form",
    "list_declaration_texts",
    "get_declaration_text",
    "list_sheet_templates",
    "get_sheet_template",
    "list_definitions",
    "get_definition",
    "get_edition_figures",
    "get_programme_figures",
    "get_figures",
    "list_effect_results",
    "list_import_kinds",
    "get_import_sample",
    "get_message_kinds",
    // narrowed
    "list_people",
    "get_person",
    "list_person_facts",
    "list_survey_responses",
    "list_merges",
    "list_households",
    "get_household",
    "add_household_member",
    "list_household_assistants",
    "list_participations",
    "get_participation",
    "list_participation_events",
    "get_participation_history",
    "list_individual_plans",
    "get_individual_plan",
    "list_individual_plan_events",
    "record_individual_plan_event",
    "record_sheet",
    "list_sheets",
    "get_sheet",
];
