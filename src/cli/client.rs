//! `pai client`: the first clients, before any exists that could make others through the API.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use secrecy::ExposeSecret as _;
use serde_json::json;
use uuid::Uuid;

use super::{CliError, Common, output};
use crate::institutions::clients::{CreateError, Credentials, FirstInstitution, create_as_operator, register_institution};
use crate::platform::clock::Clock;
use crate::platform::migrations::connect;
use crate::platform::policy::Role;
use crate::platform::types::{Nip, Regon, ShortText, Teryt};
use crate::startup::{StartError, join_database, prepare_database};

#[derive(Args, Debug)]
pub(super) struct Client {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a client and print its secret, once
    ///
    /// Works beside a running service on the same data directory. Name an
    /// institution that exists with --tenant, or register a new one with
    /// --institution-name and --institution-kind. Further clients can be made
    /// through the API by a client of role administrator.
    #[command(verbatim_doc_comment)]
    Create(Create),
}

#[derive(Args, Debug)]
struct Create {
    #[command(flatten)]
    common: Common,
    /// Id of the institution the client acts for
    #[arg(long, value_name = "ID", required_unless_present = "institution_name", conflicts_with = "institution_name")]
    tenant: Option<Uuid>,
    /// Name of a new institution to register
    #[arg(long, value_name = "NAME", requires = "institution_kind")]
    institution_name: Option<ShortText>,
    /// What the new institution is
    #[arg(long, value_name = "KIND", requires = "institution_name", value_parser = KINDS)]
    institution_kind: Option<String>,
    /// TERYT code of the new institution
    #[arg(long, requires = "institution_name")]
    teryt: Option<Teryt>,
    /// REGON number of the new institution
    #[arg(long, requires = "institution_name")]
    regon: Option<Regon>,
    /// NIP number of the new institution
    #[arg(long, requires = "institution_name")]
    nip: Option<Nip>,
    /// What the client may do
    #[arg(long, value_enum)]
    role: Role,
    /// Name of the calling system, for people
    #[arg(long)]
    name: ShortText,
    /// Print one JSON object: tenant, role, clientId, clientSecret
    #[arg(long)]
    json: bool,
}

const KINDS: [&str; 9] = [
    "municipalCentre",
    "labourOffice",
    "municipality",
    "county",
    "integrationClub",
    "integrationCentre",
    "labourCorps",
    "nonGovernmental",
    "other",
];

pub(super) fn run(client: &Client) -> Result<ExitCode, CliError> {
    let Command::Create(create) = &client.command;
    let database = join_database(&create.common.settings()?)?;
    prepare_database(&database)?;
    let (tenant, made) = make(create, database.owner_url.as_deref().ok_or(StartError::NoOwner)?)?;
    output::print(&text(create, tenant, &made))?;
    if let Some(cluster) = database.cluster {
        cluster.stop()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn make(create: &Create, owner_url: &str) -> Result<(Uuid, Credentials), CliError> {
    let now = Clock::system().now();
    let mut owner = connect(owner_url)?;
    let made = diesel::Connection::transaction(&mut owner, |owner| {
        let tenant = match (create.tenant, &create.institution_name, &create.institution_kind) {
            (Some(tenant), _, _) => tenant,
            (None, Some(name), Some(kind)) => register_institution(
                owner,
                &FirstInstitution {
                    id: None,
                    kind,
                    name,
                    teryt: create.teryt.as_ref(),
                    regon: create.regon.as_ref(),
                    nip: create.nip.as_ref(),
                },
                now,
            )?,
            // The command line asks for one of them.
            (None, _, _) => return Err(CreateError::NoInstitution),
        };
        Ok((tenant, create_as_operator(owner, tenant, None, &create.name, create.role, now)?))
    })?;
    Ok(made)
}

fn text(create: &Create, tenant: Uuid, made: &Credentials) -> String {
    let (role, id, secret) = (create.role.as_str(), made.client_id, made.client_secret.expose_secret());
    if create.json {
        return format!("{}\n", json!({ "tenant": tenant, "role": role, "clientId": id, "clientSecret": secret }));
    }
    format!(
        "institution    {tenant}\nrole           {role}\nclient_id      {id}\nclient_secret  {secret}\n\nThe secret is shown this once; only a hash of it is kept.\n"
    )
}
