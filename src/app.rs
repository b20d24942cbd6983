//! The one file that knows all slices: routes, error codes and constraints joined.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, dev::Server};
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_actix_web::{AppExt, scope, service_config};

use crate::participation::psu::fast::Register;
use crate::platform::audit::lag::SealLag;
use crate::platform::caller::Gate;
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::contract::Contract;
use crate::platform::db::Db;
use crate::platform::errors::Catalogue;
use crate::platform::health::{self, Limits, Readiness, Standing};
use crate::platform::housekeeping::Backlog;
use crate::platform::imports::{Kinds, Registered};
use crate::platform::keys::KeyList;
use crate::platform::live_keys::LiveKeys;
use crate::platform::oauth::{self, TokenEndpoint};
use crate::platform::permit::{Exporter, Service};
use crate::platform::problem::{Constraint, Definition, catalogue, method_not_allowed};
use crate::platform::remembered::Remembered;
use crate::platform::resealing::{PayloadTable, SealedTable};
use crate::platform::routes::ServiceConfig;
use crate::platform::sign_in::SignIns;
use crate::platform::swagger_ui::{self, Shown};
use crate::platform::{audit, config, errors, examples, http, imports, openapi, public_holidays, telemetry, turns, xml};
use crate::{
    connected_systems, exchange, institutions, outcomes, participation, people, programmes, reconciliation, recruitment, reports,
};

/// Error codes of all slices.
const PROBLEMS: &[&[&Definition]] = &[
    catalogue::PROBLEMS,
    imports::PROBLEMS,
    institutions::PROBLEMS,
    people::PROBLEMS,
    programmes::PROBLEMS,
    recruitment::PROBLEMS,
    participation::PROBLEMS,
    participation::entry_problems::PROBLEMS,
    participation::change_problems::PROBLEMS,
    outcomes::PROBLEMS,
    reconciliation::PROBLEMS,
    exchange::PROBLEMS,
    reports::PROBLEMS,
];
/// Database constraints of all slices, with the codes they mean.
pub const CONSTRAINTS: &[&[Constraint]] = &[
    institutions::CONSTRAINTS,
    people::CONSTRAINTS,
    programmes::CONSTRAINTS,
    recruitment::CONSTRAINTS,
    participation::CONSTRAINTS,
    outcomes::CONSTRAINTS,
    reconciliation::CONSTRAINTS,
    exchange::CONSTRAINTS,
    reports::CONSTRAINTS,
];

/// Tables of all slices whose columns are sealed, for a rotation of the keys.
pub const SEALED: &[&[SealedTable]] = &[people::SEALED, participation::SEALED, outcomes::SEALED, exchange::SEALED];

/// Tables of all slices with columns that are sealed under keys of institutions, stored answers apart.
pub const SEALED_FOR_INSTITUTIONS: &[&[PayloadTable]] = &[imports::SEALED_FOR_INSTITUTIONS, exchange::SEALED_FOR_INSTITUTIONS];

/// Kinds of bulk intake of all slices.
pub const IMPORT_KINDS: Kinds = Kinds(&[
    Registered::of::<people::intake::PeopleIntake>(),
    Registered::of::<people::facts_intake::FactsIntake>(),
    Registered::of::<recruitment::intake::ApplicationsIntake>(),
    Registered::of::<participation::attendance::intake::AttendanceIntake>(),
    Registered::of::<participation::psu::intake::PsuIntake>(),
    Registered::of::<participation::SessionIntake>(),
    Registered::of::<outcomes::intake::employment::EmploymentIntake>(),
    Registered::of::<outcomes::intake::sheets::SheetIntake>(),
]);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "pai",
        description = r#"Recruitment, participation and outcomes of activation-and-integration programmes (Polish: *Program Aktywizacja i Integracja*, PAI) of social-assistance centres.

**Begin** with *Authorize*: enter id and secret of a client. A demonstration has written a client of every role to `demo-credentials.json` in its data directory; a coordinator's may do most. Every operation comes with an example that can be executed as it stands: writes have `dryRun=true`, which does everything and keeps nothing.

- **Money and hours** are decimal strings: `"656.40"` zł, `"2.00"` h in quarters. Days are `YYYY-MM-DD` in Europe/Warsaw, instants RFC 3339 in UTC. `null` is unknown, never 0.
- **Changes** need the `ETag` that was read, as `If-Match`. An `Idempotency-Key` makes any write happen once.
- **Facts** that count are not overwritten: a correction is a new record that supersedes the old one, with its reason.
- **Identities** are answered only for a stated `Pai-Purpose`, and every such answer is written to the access register.
- **Lists** have `limit` and `cursor`; `nextCursor` and `Link` lead to the next page. A parameter or field that the contract does not know is refused.
- **Refusals** are problem documents (RFC 9457) in Polish, or in English with `Accept-Language: en`; their `type` leads to an explanation, all of them are at [/api/v1/errors](/api/v1/errors)."#,
        contact(name = "The operator of this service"),
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    servers((url = "/", description = "This service")),
    components(schemas(crate::platform::problem::ProblemView)),
    tags(
        (name = "institutions", description = "Municipal centres, labour offices and a tenant's partners."),
        (name = "hosts", description = "Where socially useful work is done."),
        (name = "clients", description = "Systems that may call the service."),
        (name = "people", description = "People, their identities (for a stated purpose only) and facts about them."),
        (name = "survey-forms", description = "Forms of surveys, interviews and diagnoses of needs, with the facts that their answers give."),
        (name = "survey-responses", description = "Answers to forms (for a stated purpose only)."),
        (name = "households", description = "Households, their members and their family assistants."),
        (name = "regimes", description = "The legal rules of a kind of programme, as data."),
        (name = "programmes", description = "Programmes and projects."),
        (name = "staff-posts", description = "Posts of programmes and editions, and their sum in full-time equivalents."),
        (name = "agreements", description = "Agreements (Polish: porozumienia), on whose regime the rules hang."),
        (name = "needs-plans", description = "Yearly plans of needs of socially useful work."),
        (name = "minimum-rates", description = "Lowest benefits of an hour of socially useful work, by the day of work, with their legal sources."),
        (name = "editions", description = "Runs of a programme with their plan, partners, hosts and completeness of data."),
        (name = "blocks", description = "Parts of an edition: activation, integration and others."),
        (name = "themes", description = "The catalogue of themes of classes."),
        (name = "applications", description = "Candidates of an edition and what was decided about them."),
        (name = "eligibility-assessments", description = "Whether a candidate meets the conditions of the regime, and why."),
        (name = "ranking-protocols", description = "Rankings of candidates by points, explained, verifiable and adopted by a commission."),
        (name = "ranking-appeals", description = "Appeals of candidates against rankings, decided by computing the same document again."),
        (name = "offers", description = "Free seats offered to the reserve list, and why to whom."),
        (name = "declaration-texts", description = "Versions of the texts that people sign when they join."),
        (name = "participation-declarations", description = "Who declared to take part, when and by which text."),
        (name = "individual-plans", description = "Written plans with one person: social contract, individual action plan, help plans and programmes."),
        (name = "participations", description = "Who takes part, from when to when, in whose place and how it ended."),
        (name = "incidents", description = "Incidents of socially useful work, absences and refusals, of which offices have to be told."),
        (name = "information-duties", description = "Duties to inform an office, with their deadlines, from arising to discharge."),
        (name = "duty-terms", description = "Within how many working days offices have to be informed: by law, by a town's reading, by agreement."),
        (name = "support-types", description = "The catalogue of kinds of support."),
        (name = "support-items", description = "Support beside classes and socially useful work: courses, counselling, material help."),
        (name = "warning-rules", description = "Rules of early warning with their parameters and versions."),
        (name = "public-holidays", description = "Days off work, computed for any year."),
        (name = "groups", description = "Groups of an edition and who belongs to them."),
        (name = "group-members", description = "Memberships in groups."),
        (name = "session-patterns", description = "Weekly patterns that sessions were made from."),
        (name = "sessions", description = "Planned and held classes and consultations, with their attendance sheets."),
        (name = "calendar-feeds", description = "Calendars of groups, leaders and participants for programs that read iCalendar."),
        (name = "psu-entries", description = "The register of socially useful work."),
        (name = "psu-absences", description = "Days of absence from socially useful work, and refusals."),
        (name = "entry-windows", description = "Until when which role may still enter what happened on a day."),
        (name = "psu-approvals", description = "Entries of the register, approved by who supervises the work."),
        (name = "psu-ledger", description = "Hours of socially useful work used and left, per week and month."),
        (name = "settlements", description = "Months of socially useful work settled: benefits, refund, share of the municipality, lists and claims."),
        (name = "sheet-templates", description = "Versioned templates of self-assessment and observation sheets."),
        (name = "sheets", description = "Filled sheets."),
        (name = "budget-lines", description = "Planned money of editions, by source and kind."),
        (name = "expenditures", description = "Money spent on editions, by source and kind."),
        (name = "effect-results", description = "What came of the expected effects of an agreement."),
        (name = "employment-spells", description = "Jobs of people."),
        (name = "employment-checks", description = "Follow-up answers on whether somebody works."),
        (name = "follow-ups", description = "Whom to ask whether they work, 4 weeks, 3 and 6 months after."),
        (name = "declarations", description = "What participants want to do next."),
        (name = "post-decisions", description = "What the labour office decided after the programme."),
        (name = "onward-referrals", description = "Where participants were referred on, and whether they took it up."),
        (name = "progress-assessments", description = "Progress of participants in social areas, for social effectiveness."),
        (name = "figures", description = "Figures of the whole centre, or of a year, and of groups of people."),
        (name = "yearly-tables", description = "The yearly table of the statistics of labour offices (MRPiPS-01, annex 8)."),
        (name = "metric-definitions", description = "What each figure counts, over what, and by whose rule."),
        (name = "connected-systems", description = "How each calling system gets on: last call, error rate, open messages, overdue duties."),
        (name = "reconciliation-keys", description = "Keys of two institutions, with which they make pseudonyms of their people."),
        (name = "month-statements", description = "What an institution states of a month to another one, by pseudonyms."),
        (name = "reconciliations", description = "Where the statements of two institutions differ."),
        (name = "reconciliation-protocols", description = "Signatures under the protocol that closes a month."),
        (name = "exchange-links", description = "With which labour office a town exchanges messages, on the ground of which agreement."),
        (name = "shared-editions", description = "Editions that a town lets the labour office of their agreement see."),
        (name = "message-kinds", description = "The catalogue of messages: direction, legal basis, deadline and version of each kind."),
        (name = "exchange-schemas", description = "The messages as XML: the published schema."),
        (name = "messages", description = "Messages between a town and a labour office, from draft to settlement, record by record."),
        (name = "message-proposals", description = "What follows from accepted records, until a person or a rule of the town confirms it."),
        (name = "exchange-subjects", description = "Which of one's own people a subject of messages is."),
        (name = "exchange-deadlines", description = "What is due and overdue in an exchange."),
        (name = "reports", description = "Final reports of editions: drawn up, approved for good, handed out as page, paper, workbook and CSV."),
        (name = "import-kinds", description = "What can be taken in as a file, with columns, limits and sample files."),
        (name = "imports", description = "Files taken in: planned, looked at, and committed exactly as planned."),
        (name = "external-ids", description = "What other systems call records of this service."),
        (name = "audit-entries", description = "The access register."),
        (name = "errors", description = "The error catalogue.")
    )
)]
struct Described;

/// The slices that have routes. They are tried in this order, those with parameters by a regular expression each: the
/// hottest come first.
const ROUTES: [fn(&mut ServiceConfig); 14] = [
    participation::routes,
    outcomes::routes,
    institutions::routes,
    people::routes,
    programmes::routes,
    recruitment::routes,
    reconciliation::routes,
    connected_systems::routes,
    exchange::routes,
    reports::routes,
    imports::routes,
    public_holidays::routes,
    audit::routes,
    errors::routes,
];

fn describe_slices(config: &mut service_config::ServiceConfig) {
    for slice in ROUTES {
        slice(&mut ServiceConfig::describing(config));
    }
}

fn serve_slices(config: &mut actix_web::web::ServiceConfig) {
    for slice in ROUTES {
        slice(&mut ServiceConfig::serving(config));
    }
}

/// The OpenAPI document.
pub fn document() -> Value {
    let (_, document) = App::new()
        .into_utoipa_app()
        .openapi(Described::openapi())
        .service(scope("/api/v1").configure(describe_slices))
        .split_for_parts();
    let mut document = openapi::complete(&document);
    openapi::enumerate_parameter(&mut document, ["plan_import", "get_import_sample"], "kind", &IMPORT_KINDS.list());
    openapi::show_refusal(&mut document, &people::merged::merged_into(examples::PERSON));
    xml::document_xml(&mut document, &exchange::XML);
    document
}

/// What the service reads off the contract.
static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::of(&document(), &exchange::XML));

/// What the workers share.
#[derive(Clone)]
pub struct Shared {
    service: Data<Service>,
    clock: Data<Clock>,
    endpoint: Data<TokenEndpoint>,
    sign_ins: Data<SignIns>,
    search_limit: Data<people::search::SearchLimit>,
    elsewhere_limit: Data<participation::elsewhere::ElsewhereLimit>,
    duplicate_limit: Data<people::duplicates::DuplicateLimit>,
    calendar_limit: Data<participation::calendar::CalendarLimit>,
    register: Data<Register>,
    shown: Data<Shown>,
    /// Whether requests are wanted.
    pub readiness: Readiness,
    /// How far the sealer of the access register is.
    pub seal_lag: SealLag,
    /// How much waits for delivery.
    pub outbox: Backlog,
    limits: Limits,
}

/// Joins store and gate with the contract.
pub fn service(db: Db, gate: Gate, cursor_keys: &KeyList, exporter: Exporter, remembered: Option<Remembered>) -> Service {
    Service::new(db, gate, cursor_keys, &CONTRACT, exporter, remembered)
}

impl Shared {
    /// Joins the service with what single operations need besides.
    pub fn new(service: Service, endpoint: TokenEndpoint, sign_ins: SignIns, register: Register) -> Self {
        let clock = Data::new(service.db.clock.clone());
        Self {
            service: Data::new(service),
            endpoint: Data::new(endpoint),
            sign_ins: Data::new(sign_ins),
            register: Data::new(register),
            elsewhere_limit: Data::new(participation::elsewhere::ElsewhereLimit::new(clock.get_ref().clone())),
            search_limit: Data::new(people::search::SearchLimit::new(clock.get_ref().clone())),
            duplicate_limit: Data::new(people::duplicates::DuplicateLimit::new(clock.get_ref().clone())),
            calendar_limit: Data::new(participation::calendar::CalendarLimit::new(clock.get_ref().clone())),
            clock,
            shown: CONTRACT.shown.clone(),
            readiness: Readiness::default(),
            seal_lag: SealLag::default(),
            outbox: Backlog::default(),
            limits: Limits::default(),
        }
    }

    /// Sets the lags beyond which the service is not ready.
    #[must_use]
    pub fn ready_within(self, settings: &config::Readiness) -> Self {
        Self { limits: Limits::of(settings), ..self }
    }

    /// Shows another edition of the contract, such as one whose examples fit the data.
    #[must_use]
    pub fn showing(self, document: &Value) -> Self {
        Self { shown: Data::new(Shown::new(document)), ..self }
    }

    /// Store, gate and cursors.
    pub fn service(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    /// What readiness and metrics look at.
    fn standing(&self) -> Standing {
        Standing {
            readiness: self.readiness.clone(),
            seal_lag: self.seal_lag.clone(),
            outbox: self.outbox.clone(),
            limits: self.limits,
        }
    }

    /// The store.
    pub fn db(&self) -> &Db {
        &self.service.db
    }
}

/// Opens the store with the constraints of all slices.
///
/// # Errors
/// When no connection can be made.
pub fn open_store(url: &str, size: u32, clock: Clock, keys: Arc<LiveKeys>) -> Result<Db, r2d2::Error> {
    Db::open(url, size, CONSTRAINTS, clock, keys)
}

/// Answers what no route took: 405 where the path is known, else 404.
async fn unmatched(request: HttpRequest) -> HttpResponse {
    let allowed = CONTRACT.methods.allowed(request.path());
    allowed.map_or_else(|| catalogue::NOT_FOUND.problem().error_response(), |methods| method_not_allowed(&methods))
}

/// Binds and starts the HTTP server.
///
/// # Errors
/// When the address cannot be bound.
pub fn serve(shared: Shared, listener: std::net::TcpListener, settings: &Settings) -> std::io::Result<Server> {
    let workers = match settings.server.workers {
        0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
        workers => workers,
    };
    // A blocking thread without a connection would only wait for one.
    let blocking = usize::try_from(settings.database.pool_size).unwrap_or(8).div_ceil(workers).max(1);
    telemetry::metrics_handle();
    shared.service.gate.issuers.prepare();
    let server = HttpServer::new(move || {
        // Runs in the thread of each worker.
        turns::share(blocking);
        App::new()
            .app_data(shared.service.clone())
            .app_data(shared.clock.clone())
            .app_data(shared.endpoint.clone())
            .app_data(shared.sign_ins.clone())
            .app_data(shared.search_limit.clone())
            .app_data(shared.elsewhere_limit.clone())
            .app_data(shared.duplicate_limit.clone())
            .app_data(shared.calendar_limit.clone())
            .app_data(Data::new(people::merging::SealedElsewhere(SEALED)))
            .app_data(Data::new(programmes::Measures(outcomes::figures::definitions::measures_effects)))
            .app_data(Data::new(people::merged::AfterMerge(participation::history::warnings_after_merge)))
            .app_data(shared.register.clone())
            .app_data(shared.shown.clone())
            .app_data(CONTRACT.other_media.clone())
            .app_data(CONTRACT.interchange.clone())
            .app_data(Data::new(shared.standing()))
            .app_data(Data::new(IMPORT_KINDS))
            .app_data(Data::new(Catalogue(PROBLEMS.iter().flat_map(|list| list.iter().copied()).collect())))
            .service(actix_web::web::scope("/api/v1").configure(serve_slices))
            .service(participation::calendar::read_calendar)
            .configure(health::routes)
            .configure(oauth::routes)
            .configure(swagger_ui::routes)
            .default_service(actix_web::web::to(unmatched))
            .wrap(from_fn(http::wrap))
    })
    .workers(workers)
    .worker_max_blocking_threads(blocking)
    .shutdown_timeout(settings.server.drain_limit_s)
    .client_request_timeout(Duration::from_secs(5))
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}
