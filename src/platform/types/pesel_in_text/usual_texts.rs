//! How often a usual text is taken for one with a PESEL.

use super::holds_pesel;

/// Texts of each kind; as many for every kind, so that rare ones weigh as much as common ones.
const OF_A_KIND: usize = 4_000;
/// Most texts in ten thousand that may be refused although they hold no PESEL.
const MOST_REFUSED: usize = 10;

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn of(&mut self, from: u32, to: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from + u32::try_from(self.0 >> 33).unwrap_or_default() % (to - from + 1)
    }

    fn time(&mut self, sign: char) -> String {
        let minutes = self.of(0, 3) * 15;
        format!("{}{sign}{minutes:02}", self.of(7, 18))
    }

    fn times(&mut self, sign: char, dash: char, count: usize) -> String {
        (0..count).map(|_| format!("{}{dash}{}", self.time(sign), self.time(sign))).collect::<Vec<_>>().join(", ")
    }

    fn date(&mut self) -> String {
        format!("{:02}.{:02}.{}", self.of(1, 28), self.of(1, 12), self.of(2018, 2026))
    }

    fn amount(&mut self) -> String {
        match self.of(0, 2) {
            0 => format!("{},{:02}", self.of(1, 999), self.of(0, 99)),
            1 => format!("{} {:03},{:02}", self.of(1, 99), self.of(0, 999), self.of(0, 99)),
            _ => format!("{}.{:02}", self.of(1, 9999), self.of(0, 99)),
        }
    }

    fn telephone(&mut self) -> String {
        let (area, first, second, third) = (self.of(12, 95), self.of(200, 999), self.of(0, 99), self.of(0, 99));
        match self.of(0, 4) {
            0 => format!("{} {:03} {:03}", self.of(500, 899), self.of(0, 999), self.of(0, 999)),
            1 => format!("{area} {first} {second:02} {third:02}"),
            2 => format!("({area}) {first}-{second:02}-{third:02}"),
            3 => format!("+48 {area} {first} {second:02} {third:02}"),
            _ => format!("+48 {} {:03} {:03}", self.of(500, 899), self.of(0, 999), self.of(0, 999)),
        }
    }

    fn case(&mut self) -> String {
        let year = self.of(2018, 2026);
        match self.of(0, 3) {
            0 => format!("OPS.{}.{}.{year}", self.of(4000, 5999), self.of(1, 999)),
            1 => format!("{}/{year}", self.of(1, 999)),
            2 => format!("PAI/{}/{}/{year}", self.of(1, 12), self.of(1, 99)),
            _ => format!("CAZ.{}.{}.{year}.AB", self.of(100, 999), self.of(1, 99)),
        }
    }

    fn days(&mut self) -> String {
        let mut days: Vec<u32> = (0..self.of(2, 9)).map(|_| self.of(1, 31)).collect();
        days.sort_unstable();
        days.dedup();
        days.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
    }

    fn list(&mut self, most: usize, from: u32, to: u32) -> String {
        let count = 2 + self.of(0, u32::try_from(most).unwrap_or_default());
        (0..count).map(|_| self.of(from, to).to_string()).collect::<Vec<_>>().join(", ")
    }

    fn account(&mut self) -> String {
        let groups: Vec<String> = (0..6).map(|_| format!("{:04}", self.of(0, 9999))).collect();
        format!("{} {}", self.of(10, 99), groups.join(" "))
    }

    /// A text of a kind.
    fn text(&mut self, kind: u32) -> String {
        match kind {
            0 => format!("Zajęcia {}, sala {}", self.times(':', '-', 2), self.of(1, 30)),
            1 => format!("{} {}, {}", self.date(), self.times(':', '-', 2), self.of(1, 30)),
            2 => format!("godz. {}", self.times('.', '–', 3)),
            3 => format!("kwoty: {}; {}; {} zł", self.amount(), self.amount(), self.amount()),
            4 => format!("wypłacono {} zł dnia {}, {}", self.amount(), self.date(), self.amount()),
            5 => format!("tel. {}, {}", self.telephone(), self.telephone()),
            6 => format!("tel. {} / {}, pok. {}", self.telephone(), self.telephone(), self.of(1, 300)),
            7 => format!("tel. {} ({})", self.telephone(), self.of(10, 99)),
            8 => format!("decyzje {}, {}, {} z {}", self.case(), self.case(), self.case(), self.date()),
            9 => format!("znak {}; poz. {}", self.case(), self.list(3, 1, 2000)),
            10 => format!("nieobecności: {} (razem {})", self.days(), self.of(1, 12)),
            11 => format!("{} maja, {} czerwca", self.days(), self.days()),
            12 => format!("oceny {}", self.list(11, 1, 5)),
            13 => format!("godziny: {}", self.list(7, 1, 8)),
            14 => format!("konto {}, kwota {}", self.account(), self.amount()),
            15 => format!("NIP {:03}-{:03}-{:02}-{:02}", self.of(100, 999), self.of(0, 999), self.of(0, 99), self.of(0, 99)),
            16 => format!("{} - {}, {} osób, {} h", self.date(), self.date(), self.of(5, 20), self.of(2, 8)),
            17 => format!("{}% ({}/{})", self.of(1, 99), self.of(1, 99), self.of(1, 99)),
            18 => format!("lokale {}", self.list(5, 1, 400)),
            19 => format!("karty {}", self.list(2, 10_000, 999_999)),
            20 => format!("ul. Zmyślona {}/{}, tel. {}", self.of(1, 200), self.of(1, 90), self.telephone()),
            _ => format!("umowa {} z {}, aneks {}, {}", self.case(), self.date(), self.of(1, 5), self.amount()),
        }
    }
}

#[test]
fn of_usual_texts_fewer_than_one_in_a_thousand_is_refused() {
    let mut numbers = Numbers(20_261_123);
    let (mut texts, mut refused) = (0, Vec::new());
    for kind in 0..22 {
        for _ in 0..OF_A_KIND {
            let text = numbers.text(kind);
            texts += 1;
            refused.extend(holds_pesel(&text).then_some(text));
        }
    }
    let most = texts * MOST_REFUSED / 10_000;
    assert!(refused.len() <= most, "{} of {texts} texts, such as {:?}", refused.len(), refused.first());
}
