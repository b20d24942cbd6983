//! `pai client`: the first clients, before any exists that could make others through the API.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{CliError, Common, output};
use crate::institutions::clients::{
    CreateError, FirstInstitution, MOST_KEYS, OperatorClient, Proof, insert_as_operator, register_institution,
};
use crate::platform::clock::Clock;
use crate::platform::identity::jwk::{Jwk, PublicKey};
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
    /// File with a public key or a set of them (JWK, JWKS): the client signs assertions and gets no secret
    #[arg(long, value_name = "FILE", conflicts_with_all = ["issuer", "subject"])]
    public_key: Option<PathBuf>,
    /// Outside issuer (iss) of the client's tokens, one of the settings
    #[arg(long, value_name = "URL", requires = "subject")]
    issuer: Option<ShortText>,
    /// Subject (sub) of the client's tokens at the outside issuer
    #[arg(long, requires = "issuer")]
    subject: Option<ShortText>,
    /// Print one JSON object: tenant, role, clientId, clientSecret (null without one)
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
    let settings = create.common.settings()?;
    if let Some(issuer) = create.issuer.as_ref().map(ShortText::as_str)
        && !settings.issuers.values().any(|known| known.issuer == issuer)
    {
        return Err(CliError::UnknownIssuer(issuer.to_owned()));
    }
    let database = join_database(&settings)?;
    prepare_database(&database)?;
    let keys = create.public_key.as_deref().map(read_keys).transpose()?.unwrap_or_default();
    let (tenant, made) = make(create, &keys, database.owner_url.as_deref().ok_or(StartError::NoOwner)?)?;
    output::print(&text(create, tenant, &made))?;
    if let Some(cluster) = database.cluster {
        cluster.stop()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Id and, where it has one, secret of a new client.
type Made = (Uuid, Option<SecretString>);

/// The keys of a file that holds one or a set, each of them checked.
fn read_keys(file: &Path) -> Result<Vec<Jwk>, CliError> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Keys {
        Set { keys: Vec<Jwk> },
        One(Box<Jwk>),
    }
    let refuse = |why: String| CliError::PublicKey(file.display().to_string(), why);
    let text = std::fs::read_to_string(file).map_err(|error| refuse(error.to_string()))?;
    let keys = match serde_json::from_str(&text).map_err(|_| refuse("is neither a key nor a set of keys in JSON".to_owned()))? {
        Keys::Set { keys } => keys,
        Keys::One(key) => vec![*key],
    };
    let usable = keys.iter().all(|key| key.kid.is_some() && PublicKey::of(key).is_ok());
    if keys.is_empty() || keys.len() > MOST_KEYS || !usable {
        return Err(refuse(format!(
            "must hold 1 to {MOST_KEYS} keys with a kid: RSA of at least 2048 bits, EC on P-256, OKP on Ed25519"
        )));
    }
    Ok(keys)
}

fn make(create: &Create, keys: &[Jwk], owner_url: &str) -> Result<(Uuid, Made), CliError> {
    let proof = || match (&create.issuer, &create.subject) {
        (Some(issuer), Some(subject)) => Proof::Outside { issuer, subject },
        _ if keys.is_empty() => Proof::Secret,
        _ => Proof::Keys(keys),
    };
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
        let client = OperatorClient { tenant, id: None, name: &create.name, role: create.role, proof: proof() };
        Ok((tenant, insert_as_operator(owner, &client, now)?))
    })?;
    Ok(made)
}

fn text(create: &Create, tenant: Uuid, (id, secret): &Made) -> String {
    let (role, secret) = (create.role.as_str(), secret.as_ref().map(SecretString::expose_secret));
    if create.json {
        return format!("{}\n", json!({ "tenant": tenant, "role": role, "clientId": id, "clientSecret": secret }));
    }
    let head = format!("institution    {tenant}\nrole           {role}\nclient_id      {id}\n");
    match (secret, &create.issuer) {
        (Some(secret), _) => {
            format!("{head}client_secret  {secret}\n\nThe secret is shown this once; only a hash of it is kept.\n")
        }
        (None, Some(_)) => format!("{head}\nIt calls with tokens of its own issuer.\n"),
        (None, None) => format!("{head}\nIt signs in with an assertion (private_key_jwt).\n"),
    }
}
