//! The roles of clients.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ListPeople, Operation as _};

/// What a client is to its institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[clap(rename_all = "snake_case")]
pub enum Role {
    /// Manages clients and reference data.
    Administrator,
    /// Runs programmes and editions.
    Coordinator,
    /// Works with people (Polish: pracownik socjalny).
    SocialWorker,
    /// Works with families (Polish: asystent rodziny).
    FamilyAssistant,
    /// Logs the hours of socially useful work at one host.
    HostSupervisor,
    /// Leads classes; also a contractor's people.
    Facilitator,
    /// Officer of the labour office (Polish: PUP).
    PupOfficer,
    /// Reads everything but identities, and the audit log.
    Auditor,
    /// Reads figures.
    Statistician,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Administrator,
        Self::Coordinator,
        Self::SocialWorker,
        Self::FamilyAssistant,
        Self::HostSupervisor,
        Self::Facilitator,
        Self::PupOfficer,
        Self::Auditor,
        Self::Statistician,
    ];

    /// The name in tokens, tables and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Coordinator => "coordinator",
            Self::SocialWorker => "social_worker",
            Self::FamilyAssistant => "family_assistant",
            Self::HostSupervisor => "host_supervisor",
            Self::Facilitator => "facilitator",
            Self::PupOfficer => "pup_officer",
            Self::Auditor => "auditor",
            Self::Statistician => "statistician",
        }
    }

    /// Whether it may look at people; who may not reads figures without those from which a person can be told.
    pub fn sees_people(self) -> bool {
        ListPeople::RULE.roles.contains(&self)
    }

    /// The role of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}
