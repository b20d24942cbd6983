//! The endpoints that are measured, and over how many connections.

use crate::client::Server;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /psu-entries`: one entry of the work register.
    RecordEntry,
    /// `GET /psu-entries/{id}`.
    Entry,
    /// `GET /psu-entries?editionId=…&limit=50`.
    Page,
    /// `PUT /sessions/{id}/attendance`: a sheet of 15 people.
    Sheet,
    /// `POST /imports?kind=people` and its commit: a file of 500 people.
    Batch,
    /// `GET /editions/{id}/figures`.
    Figures,
    /// `POST /oauth/token`.
    Token,
}

/// A row of the table.
pub struct Case {
    /// Name on the command line.
    pub name: &'static str,
    /// What is asked for, as people read it.
    pub title: &'static str,
    pub endpoint: Endpoint,
    /// Connections of each side.
    pub connections: usize,
    /// Whether the other stacks take part.
    pub for_peers: bool,
    /// Whether it is measured on little and on much data.
    pub compares_sizes: bool,
    /// Whether pgbench may choose its number of connections.
    pub against_best: bool,
}

const PLAIN: Case = Case {
    name: "",
    title: "",
    endpoint: Endpoint::Entry,
    connections: 32,
    for_peers: true,
    compares_sizes: false,
    against_best: false,
};

/// All cases.
pub static CASES: &[Case] = &[
    Case { name: "psu-entry", title: "one entry", endpoint: Endpoint::RecordEntry, compares_sizes: true, ..PLAIN },
    Case {
        name: "psu-entry-128",
        title: "one entry",
        endpoint: Endpoint::RecordEntry,
        connections: 128,
        against_best: true,
        for_peers: false,
        ..PLAIN
    },
    Case { name: "record", title: "one record", endpoint: Endpoint::Entry, compares_sizes: true, ..PLAIN },
    Case { name: "record-128", title: "one record", endpoint: Endpoint::Entry, connections: 128, for_peers: false, ..PLAIN },
    Case { name: "page", title: "page of 50", endpoint: Endpoint::Page, compares_sizes: true, ..PLAIN },
    Case { name: "sheet", title: "attendance sheet of 15", endpoint: Endpoint::Sheet, ..PLAIN },
    // One file after the other: a town sends one, and its people are locked while they are recorded.
    Case {
        name: "batch",
        title: "batch of 500 rows, planned and committed",
        endpoint: Endpoint::Batch,
        connections: 1,
        for_peers: false,
        ..PLAIN
    },
    Case { name: "figures", title: "figures of an edition", endpoint: Endpoint::Figures, compares_sizes: true, ..PLAIN },
    // A client has at most ten logins at a time that have not succeeded yet.
    Case { name: "token", title: "access token", endpoint: Endpoint::Token, connections: 8, for_peers: false, ..PLAIN },
];

impl Case {
    /// Whether a server takes part.
    pub fn is_for(&self, server: &Server) -> bool {
        self.for_peers || !server.is_peer
    }
}
