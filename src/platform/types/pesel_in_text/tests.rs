//! What is noticed, and what is not taken for a PESEL.

use crate::platform::types::{Day, Sex, fictitious_pesel};

use super::*;
use proptest::prelude::*;

/// Texts that people write, with numbers of every kind but a PESEL.
const USUAL: &[&str] = &[
    "12.05.2020 44/051",
    "z dnia 2021-05-12 145",
    "decyzja OPS.4012.123.2021 z 12.05.2021 r.",
    "rachunek 12 1020 5558 1111 1234 5678 9012",
    "PL12102055581111123456789012",
    "tel. +48 12 234 56 78, +48 501 234 567, 22 621 30 05",
    "tel. +48 440 514 013 (59), +48440514013 / 59",
    "+49 440 514 013 59",
    "kwota 1 234 567,89 zł, 656.40 zł i 12 345.00",
    "umowa 20261122-001, klucz 2026-11-22-000021",
    "REGON 000331501, NIP 525-000-12-34, TERYT 0211011",
    "od 2020-11-02 do 2020-12-31, 8:00-10:00, sala 12",
    "01.03.2020-31.05.2020, 15 osób, 8 h/tydz.",
    "Dz.U. 2025 poz. 620, art. 62a ust. 7 pkt 3",
    "00-950 Warszawa, ul. Marszałkowska 10/12 m. 44",
];

fn sample(serial: u16) -> String {
    fictitious_pesel(Day::from_ymd(1975, 6, 15).expect("in range"), Sex::Male, serial).expose().to_owned()
}

#[test]
fn usual_texts_pass() {
    for text in USUAL {
        assert!(!holds_pesel(text), "{text}");
    }
}

#[test]
fn a_long_text_of_marks_is_answered_at_once() {
    let start = std::time::Instant::now();
    for part in ["1 ", "4\u{336}\u{301}", "\u{fdfa}", "\u{202e}1 / "] {
        assert!(!holds_pesel(&part.chars().cycle().take(4000).collect::<String>()), "{part}");
    }
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
}

#[test]
fn a_disguised_number_is_noticed() {
    for text in [
        "x44051401359y",
        "440514 01359",
        "44 05 14 01359",
        "4 4 0 5 1 4 0 1 3 5 9",
        "440514-01359",
        "440514/01359",
        "440514 / 01359",
        "440514  01359",
        "440514 - 01359",
        "44\u{202e}051401359",
        "\u{202e}95310415044",
        "\u{2067}95310 415044\u{2069}",
        "4\u{336}4\u{336}0\u{336}5\u{336}1\u{336}4\u{336}0\u{336}1\u{336}3\u{336}5\u{336}9\u{336}",
        "4\u{20e3}4\u{fe0f}051401359",
        "₄₄₀₅₁₄₀₁₃₅₉",
        "⁴⁴⁰⁵¹⁴⁰¹³⁵⁹",
        "④④⓪⑤①④⓪①③⑤⑨",
        "❹❹⓿❺❶❹⓿❶❸❺❾",
        "४४०५१४०१३५९",
        "44.05.14.013.59",
        "44051 401359",
        "４４０５１４０１３５９",
        "440514\u{200b}01359",
        "4\u{200d}4051401359",
        "٤٤٠٥١٤٠١٣٥٩",
        "PESEL: 440514 01359 2020",
        "4*4*0*5*1*4*0*1*3*5*9",
        "4***4***0***5***1***4***0***1***3***5***9",
        "440514,01359",
        "440514 : 01359",
        "440514;01359",
        "4+4+0+5+1+4+0+1+3+5+9",
        "440'514'013'59",
        "44|05|14|01359",
        "#440514#01359#",
        "(440514) (01359)",
        "440 -- 514 -- 013 -- 59",
        "4*4-0/5.1|4#0:1;3,5 9",
        "nr 5: 4*4-0/5*1*4*0*1*3*5*9, pok. 2",
        "5, 440 514 013 59; 12",
        "44:05:14:01:35:9",
        "⑷⑷⓪⑸⑴⑷⓪⑴⑶⑸⑼",
        "⒋⒋🄁⒌⒈⒋🄁⒈⒊⒌⒐",
        "四四〇五一四〇一三五九",
        "肆肆零伍壹肆零壹叁伍玖",
        "八 八 〇 七 〇 九 一 二 三 〇 〇",
        "4😀4😀0😀5😀1😀4😀0😀1😀3😀5😀9",
        "12.05.2020 440514-01359",
        "pani 44051401359 tel. 600 100 200",
        "+4844051401359",
        "+48 44051401359",
        "+48 440514 01359",
        "tel. +48 440 514 013 59",
        "+48-440-514-013-59",
    ] {
        assert!(holds_pesel(text), "{text}");
    }
}

proptest! {
    #[test]
    fn a_pesel_within_a_text_is_noticed(serial: u16, before in "[a-z /:]{0,9}", after in "([a-z ,;:-]\\PC{0,9})?") {
        let pesel = sample(serial);
        let text = format!("{before}{pesel}{after}");
        prop_assert!(holds_pesel(&text), "{}", text);
        prop_assert!(!holds_pesel(&format!("{before}7{pesel}")), "a longer number is another");
    }

    #[test]
    fn a_pesel_in_a_usual_text_is_noticed_however_it_is_grouped(
        serial in 300..900_u16, usual in prop::sample::select(USUAL), sign in prop::sample::select(&[" ", ".", "-", "/", "\u{a0}"][..]),
        breaks in prop::collection::btree_set(1..11_usize, 0..10),
    ) {
        let pesel = sample(serial);
        let mut grouped = String::new();
        for (place, digit) in pesel.chars().enumerate() {
            if breaks.contains(&place) {
                grouped.push_str(sign);
            }
            grouped.push(digit);
        }
        // What ends like the number of a case is taken for one.
        prop_assume!(!(breaks.len() > 1 && breaks.last() == Some(&7)));
        let text = format!("{usual}; p. {grouped}, {usual}");
        prop_assert!(holds_pesel(&text), "{}", text);
    }

    #[test]
    fn within_a_uuid_eleven_digits_are_nobodys(serial: u16, before in "[a-z/:]{0,4}", after in "[a-z/:]{0,4}") {
        let key = format!("{before}0190a5c1-7d3e-4f2a-9b1c-a{}{after}", sample(serial));
        prop_assert!(!holds_pesel(&key), "{}", key);
        let beside = format!("{key}:{}", sample(serial));
        prop_assert!(holds_pesel(&beside), "{}", beside);
    }

    #[test]
    fn within_a_hexadecimal_id_eleven_digits_are_nobodys(serial: u16, before in "[a-z]{0,3}[/: .-]", after in "([/: .-][a-z]{0,3})?") {
        let pesel = sample(serial);
        for id in [format!("c0ffee{pesel}"), format!("A1B2{pesel}F"), format!("9f86d081884c7d65{pesel}9a2feaa0c55ad015")] {
            let text = format!("{before}{id}{after}");
            prop_assert!(!holds_pesel(&text), "{}", text);
            prop_assert!(holds_pesel(&format!("{text} {pesel}")), "beside it");
        }
        prop_assert!(holds_pesel(&format!("{before}pani{pesel}abcdef{after}")), "letters of a name are no id");
    }

    #[test]
    fn parts_of_a_key_are_no_pesel(serial: u16, place in 1..11_usize, sign in "[-_.:/]") {
        let pesel = sample(serial);
        let key = format!("import-{}{sign}{}", &pesel[..place], &pesel[place..]);
        prop_assert!(!holds_whole_pesel(&key), "{}", key);
        for key in [pesel.clone(), format!("psu-{pesel}-2026-07-01"), format!("osoba{pesel}"), format!("{key}:{pesel}")] {
            prop_assert!(holds_whole_pesel(&key), "{}", key);
        }
    }

    #[test]
    fn dates_amounts_and_accounts_pass(
        year in 1990..2040_u32, month in 1..13_u32, day in 1..29_u32, number in 1..1000_u32, whole in 1..100_000_u32,
        account in "[0-9]{26}",
    ) {
        for text in [
            format!("{year}-{month:02}-{day:02} {number}"),
            format!("{day:02}.{month:02}.{year} {number}/{whole}"),
            format!("{whole},{day:02} zł za {month:02}/{year}"),
            format!("{year}{month:02}{day:02}-{number:03}"),
            account.clone(),
            account.as_bytes().chunks(4).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join(" "),
        ] {
            prop_assert!(!holds_pesel(&text), "{}", text);
        }
    }

    #[test]
    fn a_dressed_number_is_noticed(serial: u16, dress in prop::sample::select(&['\u{ff10}', '\u{1d7d8}', '\u{2080}', '\u{966}'][..]), mark in "[\u{300}-\u{36f}\u{200b}-\u{200f}\u{202a}-\u{202d}]{0,3}") {
        let pesel = sample(serial);
        let dressed = pesel.chars().filter_map(|digit| char::from_u32(u32::from(dress) + digit.to_digit(10)?));
        let text: String = dressed.flat_map(|digit| [digit.to_string(), mark.clone()]).collect();
        prop_assert!(holds_pesel(&text), "{}", text);
    }

    #[test]
    fn any_text_is_answered_without_panic(text in "\\PC{0,60}|[0-9 ./-]{0,60}") {
        let _ = holds_pesel(&text);
    }
}
