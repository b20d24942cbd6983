//! Why this candidate, in the words of people, Polish and English. Codes say the same to machines.

use std::fmt::Write as _;

use serde::Serialize;
use utoipa::ToSchema;

use super::grounds::{Grounds, PassedCandidate, SeatCount};
use super::offer::{OfferCause, OfferView};
use super::turns::Passed;
use crate::platform::problem::Locale;
use crate::platform::reply::View;
use crate::recruitment::eligibility::{choose, day};

/// An offer with why it went to this candidate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfferDetailView {
    /// The offer.
    #[serde(flatten)]
    pub offer: OfferView,
    /// Why it went to this candidate, as it stood when it was made.
    pub grounds: Grounds,
    /// The same in words.
    #[schema(max_length = 10_000_000)]
    pub explanation: String,
    /// Language of the words, by Accept-Language: `pl` or `en`.
    #[schema(min_length = 2, max_length = 2, pattern = "^(pl|en)$")]
    pub language: &'static str,
}

impl View for OfferDetailView {
    fn version(&self) -> Option<i32> {
        self.offer.version()
    }
}

impl OfferDetailView {
    /// An offer in words.
    pub(super) fn of(locale: Locale, offer: OfferView, grounds: Grounds) -> Self {
        let explanation = explanation(locale, &offer, &grounds);
        Self { offer, grounds, explanation, language: locale.tag() }
    }
}

fn explanation(locale: Locale, offer: &OfferView, grounds: &Grounds) -> String {
    let (free, from) = (choose(locale, "Miejsce jest wolne od", "A seat is free from"), day(locale, offer.seat_from));
    let mut text = format!("{free} {from}: {}.", cause(locale, offer.cause));
    let _ = write!(text, " {}", arithmetic(locale, &grounds.seats));
    let _ = match (locale, grounds.position) {
        (Locale::Polish, Some(position)) => write!(text, " Kandydat znajduje się na liście rezerwowej na pozycji {position}."),
        (Locale::Polish, None) => write!(text, " Kandydat znajduje się na końcu listy rezerwowej, bez numeru."),
        (Locale::English, Some(position)) => write!(text, " The candidate stands on the reserve list at position {position}."),
        (Locale::English, None) => write!(text, " The candidate stands at the end of the reserve list, without a number."),
    };
    if grounds.passed.is_empty() {
        let _ = write!(text, " {}", choose(locale, "Nikt nie stał wcześniej.", "Nobody stood before."));
    } else {
        let before: Vec<String> = grounds.passed.iter().map(|candidate| stood_before(locale, candidate)).collect();
        let _ = write!(text, " {} {}.", choose(locale, "Wcześniej stali:", "Before stood:"), before.join("; "));
    }
    text
}

fn arithmetic(locale: Locale, seats: &SeatCount) -> String {
    let SeatCount { day: scarcest, places, occupied, offered, awaiting } = seats;
    let on = day(locale, *scarcest);
    let free = seats.free();
    match locale {
        Locale::Polish => format!(
            "W dniu {on}, gdy wolnych jest najmniej: miejsc {places}, zajętych {occupied}, zaoferowanych {offered}, \
             dla zakwalifikowanych i jeszcze nieprzyjętych {awaiting}, wolnych {free}."
        ),
        Locale::English => format!(
            "On {on}, when fewest are free: places {places}, taken {occupied}, offered {offered}, \
             for those selected and not admitted yet {awaiting}, free {free}."
        ),
    }
}

fn cause(locale: Locale, cause: OfferCause) -> &'static str {
    let (polish, english) = match cause {
        OfferCause::NeverTaken => ("nie było dotąd obsadzone", "it has not been taken yet"),
        OfferCause::ParticipationEnded => {
            ("uczestnik zakończył udział przed terminem", "a participant left before the planned end")
        }
        OfferCause::PlanRevised => ("zmiana planu zwiększyła liczbę miejsc", "a revision of the plan added it"),
        OfferCause::OfferRefused => ("poprzedni kandydat odmówił", "the candidate before refused it"),
        OfferCause::OfferExpired => {
            ("poprzedni kandydat nie odpowiedział w terminie", "the candidate before did not answer in time")
        }
        OfferCause::OfferWithdrawn => ("poprzednia oferta została cofnięta", "the offer before was taken back"),
    };
    choose(locale, polish, english)
}

fn stood_before(locale: Locale, candidate: &PassedCandidate) -> String {
    let (polish, english) = match candidate.reason {
        Passed::Withdrawn => ("zgłoszenie wycofane", "withdrew the application"),
        Passed::Placed => ("ma lub miał już miejsce w edycji", "has, or had, a place in the edition"),
        Passed::Selected => ("zakwalifikowany", "was selected"),
        Passed::Rejected => ("odrzucony", "was rejected"),
        Passed::HasOffer => ("ma już ofertę", "has an offer already"),
        Passed::Refused => ("odmówił wcześniejszej oferty", "refused an earlier offer"),
        Passed::DidNotAnswer => ("nie odpowiedział na wcześniejszą ofertę", "did not answer an earlier offer"),
        Passed::OfferWithdrawn => ("wcześniejsza oferta cofnięta", "an earlier offer was taken back"),
        Passed::ListedLater => ("na liście dopiero później", "on the list only later"),
        Passed::NotAssessed => ("brak aktualnej pozytywnej oceny kwalifikowalności", "no current assessment of eligibility"),
        Passed::WouldExceedMonths => {
            ("przekroczyłby łączny limit miesięcy uczestnictwa", "would exceed the limit of months in total")
        }
        Passed::TakesPart => ("uczestniczy w tym czasie w innej edycji", "takes part in another edition at that time"),
    };
    let mut text = match candidate.position {
        Some(position) => format!("{} {position} – ", choose(locale, "pozycja", "position")),
        None => choose(locale, "bez numeru – ", "without a number – ").to_owned(),
    };
    text.push_str(choose(locale, polish, english));
    if let Some(since) = candidate.since {
        let _ = write!(text, " ({})", day(locale, since));
    }
    text
}
