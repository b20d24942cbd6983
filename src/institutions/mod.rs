//! Who takes part on the side of the offices: municipal centres (the tenants),
//! labour offices and other institutions as shared reference data, and a
//! tenant's own partners, hosts and clients.
//!
//! It holds no person and no programme. Identifiers (TERYT, REGON, NIP) are
//! checked when parsed; see `platform::types`.

mod client_keys;
pub mod clients;
mod host_posts;
mod hosts;
mod partners;
mod registry;
mod stored_role;

pub use host_posts::{HostPostView, find_host_post, lock_host_post};
pub use registry::{is_labour_office, is_own_centre, labour_offices, own_territory};

use crate::platform::problem::{Constraint, catalogue};
use crate::platform::routes::ServiceConfig;
use crate::problems;

problems! {
    REGON_TAKEN = "institutions.regon_taken", 409,
        pl: "Instytucja o tym numerze REGON już istnieje", en: "An institution with this REGON already exists",
        fix_pl: "Użyj istniejącej instytucji.", fix_en: "Use the existing institution.";
    NAME_TAKEN = "institutions.name_taken", 409,
        pl: "Ta nazwa jest już zajęta", en: "This name is already taken",
        fix_pl: "Użyj istniejącego zapisu albo innej nazwy.", fix_en: "Use the existing record or another name.";
    NOT_OWN = "institutions.not_own", 403,
        pl: "Zmieniać można tylko własną instytucję", en: "Only the client's own institution can be changed",
        fix_pl: "Poproś administratora tej instytucji.", fix_en: "Ask that institution's administrator.";
    SCOPE_MISMATCH = "institutions.scope_mismatch", 422,
        pl: "Zawężenie nie pasuje do roli", en: "The narrowing does not fit the role",
        fix_pl: "hostId tylko dla host_supervisor, facilitatorPartnerId tylko dla facilitator.",
        fix_en: "hostId only for host_supervisor, facilitatorPartnerId only for facilitator.";
    ALREADY_REVOKED = "institutions.already_revoked", 409,
        pl: "Klient jest już unieważniony", en: "The client is already revoked",
        fix_pl: "Utwórz nowego klienta.", fix_en: "Create a new client.";
    LAST_ADMINISTRATOR = "institutions.last_administrator", 409,
        pl: "To ostatni administrator instytucji", en: "This is the institution's last administrator",
        fix_pl: "Utwórz najpierw innego klienta o roli administrator.", fix_en: "Create another client with the role administrator first.";
    SUBJECT_TAKEN = "institutions.subject_taken", 409,
        pl: "Ten wystawca i podmiot mają już klienta", en: "This issuer and subject already have a client",
        fix_pl: "Użyj innego podmiotu u wystawcy tokenów.", fix_en: "Use another subject at the token issuer.";
    OUTSIDE_SUBJECT = "institutions.outside_subject", 422,
        pl: "Niepełne wskazanie zewnętrznego wystawcy tokenów", en: "The outside token issuer is named incompletely",
        fix_pl: "Podaj issuer i subject razem albo pomiń oba; wystawcy built-in nie podaje się.",
        fix_en: "Give issuer and subject together or leave both out; the issuer built-in is not given.";
    UNKNOWN_ISSUER = "institutions.unknown_issuer", 422,
        pl: "Usługa nie zna tego wystawcy tokenów", en: "The service does not know this issuer of tokens",
        fix_pl: "Podaj jednego z wystawców, których administrator wpisał w ustawieniach: {issuers}.",
        fix_en: "Name one of the issuers in the operator's settings: {issuers}.";
    KEY_NOT_USABLE = "institutions.key_not_usable", 422,
        pl: "Klucza publicznego nie można użyć", en: "The public key is not usable",
        fix_pl: "Podaj klucz RSA (co najmniej 2048 bitów), EC na P-256 albo OKP na Ed25519, z własnym kid i bez części prywatnej.",
        fix_en: "Give an RSA key (at least 2048 bits), an EC key on P-256 or an OKP key on Ed25519, with a kid of its own and without its private part.";
    POST_REVERSED = "institutions.post_reversed", 422,
        pl: "Koniec stanowiska poprzedza jego początek", en: "The end of the post is before its beginning",
        fix_pl: "Popraw from albo to.", fix_en: "Correct from or to.";
    KEYS_OF_OUTSIDE = "institutions.keys_of_outside", 422,
        pl: "Klient zewnętrznego wystawcy nie ma tu kluczy", en: "A client of an outside issuer has no keys here",
        fix_pl: "Klucze tego klienta rejestruje się u jego wystawcy.", fix_en: "Register the keys of this client at its issuer.";
}

/// Constraints of this slice and the codes they mean.
pub const CONSTRAINTS: &[Constraint] = &[
    ("institutions_regon_key", &REGON_TAKEN, "/regon"),
    ("institutions_parent_fkey", &catalogue::REFERENCE_NOT_FOUND, "/parentId"),
    ("partners_institution_fkey", &catalogue::REFERENCE_NOT_FOUND, "/institutionId"),
    ("partners_name_key", &NAME_TAKEN, "/name"),
    ("hosts_name_key", &NAME_TAKEN, "/name"),
    ("hosts_positions_check", &catalogue::INVALID_BODY, "/positions"),
    ("hosts_partner_fkey", &catalogue::REFERENCE_NOT_FOUND, "/partnerId"),
    ("host_posts_period_check", &POST_REVERSED, "/to"),
    ("clients_subject_key", &SUBJECT_TAKEN, "/subject"),
    ("clients_host_fkey", &catalogue::REFERENCE_NOT_FOUND, "/hostId"),
    ("clients_facilitator_fkey", &catalogue::REFERENCE_NOT_FOUND, "/facilitatorPartnerId"),
    ("clients_host_scope_check", &SCOPE_MISMATCH, "/hostId"),
    ("clients_facilitator_scope_check", &SCOPE_MISMATCH, "/facilitatorPartnerId"),
];

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    registry::routes(config);
    partners::routes(config);
    host_posts::routes(config);
    hosts::routes(config);
    clients::routes(config);
    client_keys::routes(config);
}
