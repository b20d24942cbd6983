//! What an hour of socially useful work costs on a day: the minimum of that day and the rate that was agreed.
//!
//! Both follow the day of the work (art. 73a(3) and (5) of the Act of 20 April 2004), so a month may have several rates.

use std::collections::BTreeMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::minimum_rates::current_minimums;
use crate::platform::db::{Tx, own};
use crate::platform::problem::Problem;
use crate::platform::types::{Day, LongText, Money, Month, Percent, ShortText, folded};
use crate::schema::{agreement_rates, agreements};

/// A minimum with the day from which it holds.
#[derive(Clone, Debug, Queryable)]
pub struct MinimumRate {
    /// First day of work that it is for.
    pub from: Day,
    /// Lowest benefit per hour, in zł.
    pub hourly_rate: Money,
    /// Act and article, and how the amount is known.
    pub legal_source: LongText,
}

/// The minimums that hold, first to last.
#[derive(Clone, Debug)]
pub struct MinimumRates(Vec<MinimumRate>);

impl MinimumRates {
    /// Of all rates that count, one for each first day.
    pub fn new(mut rates: Vec<MinimumRate>) -> Self {
        rates.sort_by_key(|rate| rate.from);
        Self(rates)
    }

    /// The minimum of a day of work; none before the first one.
    pub fn on(&self, day: Day) -> Option<&MinimumRate> {
        self.0.iter().rev().find(|rate| rate.from <= day)
    }

    /// The first minimum within the days that an hourly rate does not reach; days without an end reach to all known minimums.
    pub fn above(&self, hourly_rate: Money, from: Day, to: Option<Day>) -> Option<&MinimumRate> {
        let last_before = self.0.iter().rposition(|rate| rate.from <= from).unwrap_or(0);
        self.0[last_before.min(self.0.len())..]
            .iter()
            .take_while(|rate| to.is_none_or(|to| rate.from <= to))
            .find(|rate| rate.hourly_rate > hourly_rate)
    }

    /// The last day of the minimum that holds on a day, where another follows.
    fn last_day_of(&self, rate: &MinimumRate) -> Option<Day> {
        let next = self.0.iter().find(|other| other.from > rate.from)?;
        next.from.date().pred_opt().and_then(|day| Day::try_from(day).ok())
    }
}

/// What an agreement agrees on for a kind of work.
#[derive(Clone, Debug, Queryable)]
pub struct AgreedRate {
    /// Kind of work; none stands for all that have no rate of their own.
    pub kind_of_work: Option<ShortText>,
    /// Whether the work is done for carers of disabled persons.
    pub for_carers: bool,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Option<Day>,
    /// Benefit per hour; none is the minimum of the day.
    pub hourly_rate: Option<Money>,
    /// Share of the minimum that is refunded; none is that of the agreement.
    pub refund_percent: Option<Percent>,
}

impl AgreedRate {
    fn holds_on(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// The rates of one agreement.
#[derive(Clone, Debug)]
pub struct BenefitRates {
    /// Minimums by the day of work.
    pub minimums: MinimumRates,
    /// Agreed rates that hold.
    pub agreed: Vec<AgreedRate>,
    /// The agreement's own rate, for kinds and days without an agreed one.
    pub hourly_benefit: Option<Money>,
    /// The agreement's refund.
    pub refund_percent: Option<Percent>,
    /// The agreement's refund for carers of disabled persons.
    pub refund_percent_carers: Option<Percent>,
}

/// What an hour costs, and on which days of the month at the same rates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price {
    /// First day of the month at these rates.
    pub from: Day,
    /// Last day of the month at these rates.
    pub to: Day,
    /// Kind of work that the rate was agreed for; none where it is for all.
    pub kind_of_work: Option<ShortText>,
    /// Whether the work is done for carers of disabled persons.
    pub for_carers: bool,
    /// Benefit per hour.
    pub hourly_rate: Money,
    /// Minimum per hour, of which a share is refunded.
    pub minimum_rate: Money,
    /// That share.
    pub refund_percent: Percent,
}

/// Why an hour has no price.
#[derive(Clone, Debug)]
pub enum Unpriced {
    /// No minimum is known for the day.
    NoMinimum,
    /// The agreement sets no rate for the kind of work on that day.
    NotAgreed,
    /// The agreement sets no refund for it.
    NoRefund,
    /// What was agreed does not reach the minimum.
    BelowMinimum {
        /// What was agreed.
        agreed: Money,
        /// What is the least.
        minimum: MinimumRate,
    },
}

impl BenefitRates {
    /// The price of an hour on a day: the agreed rate, which never lies below the minimum of that day.
    ///
    /// # Errors
    /// [`Unpriced`].
    pub fn price(&self, day: Day, kind: Option<&ShortText>) -> Result<Price, Unpriced> {
        let minimum = self.minimums.on(day).ok_or(Unpriced::NoMinimum)?;
        let agreed = self.agreed_on(day, kind);
        let hourly_rate = match agreed {
            Some(agreed) => agreed.hourly_rate.unwrap_or(minimum.hourly_rate),
            None => self.hourly_benefit.ok_or(Unpriced::NotAgreed)?,
        };
        if hourly_rate < minimum.hourly_rate {
            return Err(Unpriced::BelowMinimum { agreed: hourly_rate, minimum: minimum.clone() });
        }
        let for_carers = agreed.is_some_and(|agreed| agreed.for_carers);
        let of_agreement = if for_carers { self.refund_percent_carers } else { self.refund_percent };
        let refund_percent = agreed.and_then(|agreed| agreed.refund_percent).or(of_agreement).ok_or(Unpriced::NoRefund)?;
        let month = Month::of(day);
        let first = [Day::try_from(month.first_day()).ok(), Some(minimum.from), agreed.map(|agreed| agreed.from)];
        let last =
            [Day::try_from(month.last_day()).ok(), self.minimums.last_day_of(minimum), agreed.and_then(|agreed| agreed.to)];
        Ok(Price {
            from: first.into_iter().flatten().max().unwrap_or(day),
            to: last.into_iter().flatten().min().unwrap_or(day),
            kind_of_work: agreed.and_then(|agreed| agreed.kind_of_work.clone()),
            for_carers,
            hourly_rate,
            minimum_rate: minimum.hourly_rate,
            refund_percent,
        })
    }

    /// The rate of that kind of work, or else the one for all kinds.
    fn agreed_on(&self, day: Day, kind: Option<&ShortText>) -> Option<&AgreedRate> {
        let word = kind.map(|kind| folded(kind.as_str()));
        let of_kind = |rate: &&AgreedRate| {
            rate.holds_on(day) && word.is_some() && rate.kind_of_work.as_ref().map(|kind| folded(kind.as_str())) == word
        };
        let for_all = |rate: &&AgreedRate| rate.holds_on(day) && rate.kind_of_work.is_none();
        self.agreed.iter().find(of_kind).or_else(|| self.agreed.iter().find(for_all))
    }
}

/// What an agreement itself says of money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub struct AgreementTerms {
    /// Benefit per hour, for kinds and days without an agreed rate.
    pub hourly_benefit: Option<Money>,
    /// Share of the minimum that is refunded.
    pub refund_percent: Option<Percent>,
    /// That share for carers of disabled persons.
    pub refund_percent_carers: Option<Percent>,
}

impl BenefitRates {
    fn of(terms: AgreementTerms, agreed: Vec<AgreedRate>, minimums: MinimumRates) -> Self {
        let AgreementTerms { hourly_benefit, refund_percent, refund_percent_carers } = terms;
        Self { minimums, agreed, hourly_benefit, refund_percent, refund_percent_carers }
    }
}

/// The rates of an agreement, whose row is kept as it is until the end of the transaction.
///
/// The lock puts settlements of one agreement in a row; it leaves the key of the row alone, so hours do not wait for it.
///
/// # Errors
/// `platform.not_found` when the tenant has no such agreement.
pub fn lock_benefit_rates(tx: &mut Tx, agreement: Uuid) -> Result<BenefitRates, Problem> {
    let terms: AgreementTerms = agreements::table
        .filter(own(tx, agreements::tenant_id))
        .filter(agreements::id.eq(agreement))
        .select((agreements::hourly_benefit, agreements::refund_percent, agreements::refund_percent_carers))
        .for_no_key_update()
        .first(tx.conn)?;
    let agreed = agreed_rates(tx, &[agreement])?.into_iter().map(|(_, rate)| rate).collect();
    Ok(BenefitRates::of(terms, agreed, current_minimums(tx)?))
}

/// The rates of agreements whose terms are known, without a lock: for figures, which nobody is paid by.
///
/// # Errors
/// When the store fails.
pub fn benefit_rates(tx: &mut Tx, of: &BTreeMap<Uuid, AgreementTerms>) -> Result<BTreeMap<Uuid, BenefitRates>, Problem> {
    let ids: Vec<Uuid> = of.keys().copied().collect();
    let mut agreed: BTreeMap<Uuid, Vec<AgreedRate>> = BTreeMap::new();
    for (agreement, rate) in agreed_rates(tx, &ids)? {
        agreed.entry(agreement).or_default().push(rate);
    }
    let minimums = current_minimums(tx)?;
    let rates = |(agreement, terms): (&Uuid, &AgreementTerms)| {
        (*agreement, BenefitRates::of(*terms, agreed.remove(agreement).unwrap_or_default(), minimums.clone()))
    };
    Ok(of.iter().map(rates).collect())
}

fn agreed_rates(tx: &mut Tx, agreements: &[Uuid]) -> Result<Vec<(Uuid, AgreedRate)>, Problem> {
    Ok(agreement_rates::table
        .filter(own(tx, agreement_rates::tenant_id))
        .filter(agreement_rates::agreement_id.eq_any(agreements))
        .filter(agreement_rates::superseded_at.is_null())
        .order((agreement_rates::valid_from_on, agreement_rates::id))
        .select((
            agreement_rates::agreement_id,
            (
                agreement_rates::kind_of_work,
                agreement_rates::for_carers,
                agreement_rates::valid_from_on,
                agreement_rates::valid_to_on,
                agreement_rates::hourly_rate,
                agreement_rates::refund_percent,
            ),
        ))
        .load(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn zloty(text: &str) -> Money {
        text.parse().expect("an amount")
    }

    fn minimums() -> MinimumRates {
        let rate = |(from, amount): (&str, &str)| MinimumRate {
            from: day(from),
            hourly_rate: zloty(amount),
            legal_source: "art. 73a(3)".parse().expect("text"),
        };
        MinimumRates::new([("2018-06-01", "8.30"), ("2014-06-01", "8.10"), ("2019-06-01", "8.50")].map(rate).to_vec())
    }

    fn agreed(kind: Option<&str>, from: &str, to: Option<&str>, hourly_rate: Option<&str>) -> AgreedRate {
        AgreedRate {
            kind_of_work: kind.map(|kind| kind.parse().expect("text")),
            for_carers: false,
            from: day(from),
            to: to.map(day),
            hourly_rate: hourly_rate.map(zloty),
            refund_percent: None,
        }
    }

    fn rates(agreed: Vec<AgreedRate>, hourly_benefit: Option<&str>) -> BenefitRates {
        BenefitRates {
            minimums: minimums(),
            agreed,
            hourly_benefit: hourly_benefit.map(zloty),
            refund_percent: "60".parse().ok(),
            refund_percent_carers: None,
        }
    }

    #[test]
    fn the_minimum_follows_the_day_of_work() {
        let minimums = minimums();
        for (on, amount) in [("2014-06-01", "8.10"), ("2018-05-31", "8.10"), ("2018-06-01", "8.30"), ("2030-01-01", "8.50")] {
            assert_eq!(minimums.on(day(on)).map(|rate| rate.hourly_rate), Some(zloty(amount)), "{on}");
        }
        assert!(minimums.on(day("2014-05-31")).is_none());
    }

    #[test]
    fn a_rate_must_reach_every_minimum_of_its_days() {
        for (rate, from, to, above) in [
            ("8.10", "2018-05-07", Some("2018-05-31"), None),
            ("8.10", "2018-05-07", Some("2018-06-01"), Some("2018-06-01")),
            ("8.10", "2018-05-07", None, Some("2018-06-01")),
            ("8.30", "2018-05-07", None, Some("2019-06-01")),
            ("8.50", "2018-05-07", None, None),
            ("8.00", "2018-05-07", Some("2018-05-07"), Some("2014-06-01")),
            ("8.00", "2013-01-01", Some("2014-05-31"), None),
        ] {
            let minimums = minimums();
            let found = minimums.above(zloty(rate), day(from), to.map(day)).map(|rate| rate.from);
            assert_eq!(found, above.map(day), "{rate} from {from} to {to:?}");
        }
        assert!(MinimumRates::new(Vec::new()).above(zloty("1"), day("2020-01-01"), None).is_none());
    }

    #[test]
    fn a_month_is_split_where_a_rate_changes() {
        let minimum = rates(vec![agreed(None, "2018-05-07", Some("2018-06-29"), None)], None);
        for (on, from, to, amount) in
            [("2018-05-20", "2018-05-07", "2018-05-31", "8.10"), ("2018-06-10", "2018-06-01", "2018-06-29", "8.30")]
        {
            let price = minimum.price(day(on), None).expect("a price");
            assert_eq!((price.from, price.to, price.hourly_rate), (day(from), day(to), zloty(amount)));
            assert_eq!(price.minimum_rate, zloty(amount));
        }
        assert!(matches!(minimum.price(day("2018-06-30"), None), Err(Unpriced::NotAgreed)));
    }

    #[test]
    fn a_kind_of_work_has_its_own_rate_before_the_common_one() {
        let all =
            vec![agreed(None, "2018-01-01", None, Some("9.00")), agreed(Some("Opiekuńcze"), "2018-06-01", None, Some("10.00"))];
        let rates = rates(all, Some("8.50"));
        let kind = |text: &str| text.parse::<ShortText>().expect("text");
        for (on, of, amount) in [
            ("2018-06-02", Some("opiekuńcze"), "10.00"),
            ("2018-05-31", Some("opiekuńcze"), "9.00"),
            ("2018-06-02", Some("porządkowe"), "9.00"),
            ("2018-06-02", None, "9.00"),
            ("2017-12-31", None, "8.50"),
        ] {
            let price = rates.price(day(on), of.map(kind).as_ref()).expect("a price");
            assert_eq!(price.hourly_rate, zloty(amount), "{on} {of:?}");
        }
    }

    #[test]
    fn a_rate_that_the_minimum_has_overtaken_is_no_price() {
        let rates = rates(vec![agreed(None, "2018-05-01", None, Some("8.10"))], None);
        assert!(rates.price(day("2018-05-31"), None).is_ok());
        let refused = rates.price(day("2018-06-01"), None);
        assert!(matches!(refused, Err(Unpriced::BelowMinimum { minimum, .. }) if minimum.from == day("2018-06-01")));
        assert!(matches!(rates.price(day("2010-01-01"), None), Err(Unpriced::NoMinimum)));
        let unrefunded = BenefitRates { refund_percent: None, ..rates };
        assert!(matches!(unrefunded.price(day("2018-05-31"), None), Err(Unpriced::NoRefund)));
    }
}
