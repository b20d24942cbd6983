//! What stands on the sheets, and that it is written.

use chrono::DateTime;
use proptest::prelude::*;

use super::faces::{Faces, Style, faces};
use super::layout::{MARGIN, lay, size};
use super::sheet::{Laid, Owner, Role, Shape};
use super::{Align, Block, Column, Orientation, Paper, Table};
use crate::platform::drawing::{Anchor, Drawing, Look, Mark};

const STYLE: Style = Style { bold: false, size: 10.0 };

fn typeface() -> &'static Faces {
    faces().expect("the typeface")
}

fn paper(blocks: Vec<Block>) -> Paper {
    Paper {
        title: "Lista obecności: zażółć gęślą jaźń".to_owned(),
        issuer: vec!["Miejski Ośrodek Pomocy Społecznej".to_owned()],
        source: "sporządzono 2020-11-30".to_owned(),
        made_at: DateTime::UNIX_EPOCH,
        orientation: Orientation::Portrait,
        blocks,
    }
}

fn table(rows: usize) -> Table {
    Table {
        columns: vec![Column::words("Uczestnik", 3.0), Column::figures("Godziny", 1.0)],
        rows: (0..rows).map(|row| vec![format!("osoba nr {row}"), "2,00".to_owned()]).collect(),
        total: Some(vec!["Razem".to_owned(), format!("{},00", rows * 2)]),
        row_height: 0.0,
    }
}

/// The text of a part and of all within it.
fn said(laid: &Laid, part: usize) -> String {
    let own = laid.sheets.iter().flatten().filter(|mark| mark.owner == Owner::Part(part));
    let own: String = own.map(|mark| if let Shape::Text { text, .. } = &mark.shape { text.as_str() } else { "" }).collect();
    laid.parts[part].within.iter().fold(own, |text, within| format!("{text}{}|", said(laid, *within)))
}

#[test]
fn every_letter_of_polish_is_in_the_typeface() {
    for letter in "aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźżAĄBCĆDEĘFGHIJKLŁMNŃOÓPQRSŚTUVWXYZŹŻ0123456789§–„”%".chars()
    {
        for bold in [false, true] {
            let face = typeface().of(Style { bold, size: 10.0 });
            let unknown = face.glyphs("?")[0].glyph_id.to_u32();
            let glyph = face.glyphs(&letter.to_string())[0].glyph_id.to_u32();
            assert!(glyph != unknown && glyph != 0, "{letter}");
        }
    }
}

#[test]
fn a_table_goes_on_with_its_heads_and_ends_in_its_total() {
    let laid = lay(&paper(vec![Block::Table(table(100))]), typeface());
    assert!(laid.sheets.len() >= 2, "{} sheets", laid.sheets.len());
    for sheet in &laid.sheets {
        let heads = sheet.iter().filter(|mark| matches!(&mark.shape, Shape::Text { text, .. } if text == "Uczestnik")).count();
        assert_eq!(heads, 1, "the heads stand on each sheet once");
    }
    // Read out, they are said once.
    let whole = said(&laid, 0);
    assert_eq!(whole.matches("Uczestnik").count(), 1);
    assert!(
        whole.contains("osoba nr 0|2,00|") && whole.contains("osoba nr 99|2,00|") && whole.contains("Razem|200,00|"),
        "{whole}"
    );
    let rows = laid.parts.iter().filter(|part| part.role == Role::Row).count();
    assert_eq!(rows, 102, "heads, rows, total");
}

#[test]
fn figures_stand_at_the_right_end_of_their_column() {
    let laid = lay(&paper(vec![Block::Table(table(3))]), typeface());
    let right = size(Orientation::Portrait).0 - MARGIN;
    let ends = laid.sheets.iter().flatten().filter_map(|mark| match &mark.shape {
        Shape::Text { x, style, text, .. } if text == "2,00" => Some(x + typeface().width(text, *style)),
        _ => None,
    });
    let ends: Vec<f32> = ends.collect();
    assert_eq!(ends.len(), 3);
    assert!(ends.iter().all(|end| (end - (right - 2.0)).abs() < 0.01), "{ends:?}");
    assert_eq!(table(1).columns[1].align, Align::Right);
}

#[test]
fn the_same_paper_gives_the_same_bytes() {
    let whole = paper(vec![
        Block::Heading("Uczestnicy".to_owned()),
        Block::Text("Zażółć gęślą jaźń. 😀 \u{0007} \u{202e} 漢".to_owned()),
        Block::Facts(vec![("Edycja".to_owned(), "PAI 2020".to_owned()), ("Puste".to_owned(), String::new())]),
        Block::Table(table(60)),
        Block::Table(Table { rows: Vec::new(), total: None, ..table(0) }),
        Block::Signatures(vec!["koordynator".to_owned(), "prowadzący".to_owned()]),
    ]);
    let written = whole.to_pdf().expect("a PDF");
    assert!(written.starts_with(b"%PDF-1.7"));
    assert_eq!(written, whole.to_pdf().expect("a PDF"));
}

#[test]
fn a_drawing_stands_on_one_sheet_with_its_heading_and_says_what_it_shows() {
    let drawing = Drawing {
        width: 720.0,
        height: 300.0,
        marks: vec![
            Mark::Bar { at: (10.0, 10.0), size: (0.0, 22.0), look: Look::Bar },
            Mark::Path { points: vec![(0.0, 0.0), (720.0, 300.0), (0.0, 300.0)], look: Look::Area },
            Mark::Text { at: (720.0, 20.0), anchor: Anchor::End, is_tick: false, words: "żółć".to_owned() },
        ],
    };
    let pair = |place: usize| {
        [Block::Heading(format!("Wykres {place}")), Block::Drawing(drawing.clone(), format!("Co widać na wykresie {place}."))]
    };
    let whole = paper((0..9).flat_map(pair).collect());
    let laid = lay(&whole, typeface());
    let (width, height) = size(Orientation::Portrait);
    let mut drawn = 0;
    for sheet in &laid.sheets {
        for (place, mark) in sheet.iter().enumerate() {
            let Shape::Drawing { x, y, scale, drawing } = &mark.shape else { continue };
            let (right, bottom) = (x + scale * 720.0, y + scale * 300.0);
            assert!(*x >= MARGIN && right <= width - MARGIN + 0.01 && bottom <= height - MARGIN, "{right} {bottom}");
            assert_eq!(drawing.marks.len(), 3);
            let Some(Shape::Text { text, .. }) = place.checked_sub(1).map(|before| &sheet[before].shape) else {
                panic!("no heading")
            };
            assert!(text.starts_with("Wykres"), "{text}");
            drawn += 1;
        }
    }
    assert_eq!(drawn, 9);
    let figures: Vec<&Role> = laid.parts.iter().map(|part| &part.role).filter(|role| matches!(role, Role::Figure(_))).collect();
    assert_eq!(figures.last(), Some(&&Role::Figure("Co widać na wykresie 8.".to_owned())));
    let written = whole.to_pdf().expect("a PDF");
    assert_eq!(written, whole.to_pdf().expect("a PDF"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_text_leaves_its_sheet_and_none_is_lost(words in prop::collection::vec("[a-zżłó0-9]{1,90}", 1..200), landscape: bool) {
        let text = words.join(" ");
        let orientation = if landscape { Orientation::Landscape } else { Orientation::Portrait };
        let cells = words.chunks(3).map(<[String]>::to_vec).collect();
        let columns = vec![Column::words("a", 1.0), Column::words("b", 2.0), Column::figures("c", 1.0)];
        let blocks = vec![Block::Text(text.clone()), Block::Table(Table { columns, rows: cells, total: None, row_height: 0.0 })];
        let laid = lay(&Paper { orientation, ..paper(blocks) }, typeface());
        let (width, height) = size(orientation);
        for mark in laid.sheets.iter().flatten() {
            if let Shape::Text { x, y, style, text } = &mark.shape {
                prop_assert!(*x >= MARGIN - 0.01 && x + typeface().width(text.trim_end(), *style) <= width - MARGIN + 0.01, "{text}");
                prop_assert!(*y > 0.0 && *y < height - 20.0);
            }
        }
        let whole = said(&laid, 0);
        let squeezed = |text: &str| text.replace([' ', '|'], "");
        prop_assert_eq!(squeezed(&whole).matches(&squeezed(&text)).count(), 2);
    }

    #[test]
    fn whatever_is_written_can_be_written(text in "\\PC{0,200}", cell in any::<String>()) {
        let rows = vec![vec![cell.clone(), text.clone()], vec![]];
        let written = paper(vec![Block::Text(text), Block::Heading(cell), Block::Table(Table { rows, ..table(0) })]);
        let pdf = written.to_pdf();
        prop_assert!(pdf.is_ok(), "{:?}", pdf.err());
    }

    #[test]
    fn a_line_is_never_too_wide(text in "[ -~ąęłżź]{0,300}", width in 20.0f32..400.0) {
        for line in typeface().lines(&text, STYLE, width) {
            prop_assert!(typeface().width(line.trim_end(), STYLE) <= width || line.trim_end().chars().count() == 1);
        }
    }
}

/// The texts on the sheets, with where each stands.
fn texts(laid: &Laid) -> Vec<(usize, f32, String)> {
    let sheets = laid.sheets.iter().enumerate();
    let of_sheet = |(sheet, marks): (usize, &Vec<super::sheet::Mark>)| {
        let told = |mark: &super::sheet::Mark| match &mark.shape {
            Shape::Text { y, text, .. } => Some((sheet, *y, text.trim_end().to_owned())),
            _ => None,
        };
        marks.iter().filter_map(told).collect::<Vec<_>>()
    };
    sheets.flat_map(of_sheet).collect()
}

#[test]
fn neither_heads_nor_days_are_broken_within_a_word() {
    let heads = ["Uczestnik", "Płeć", "Wykształcenie", "Niepełnosprawność", "Data rozpoczęcia", "Obywatelstwo", "Wiek"];
    let cells = ["01900000-0000-7000-8000-000000000043", "K", "nie ustalono", "odmowa", "03.03.2014", "nie ustalono", "35"];
    let table = Table {
        columns: heads
            .iter()
            .chain(&heads)
            .map(|head| Column::words(*head, if *head == "Uczestnik" { 38.0 } else { 8.0 }))
            .collect(),
        rows: vec![cells.iter().chain(&cells).map(|cell| (*cell).to_owned()).collect()],
        total: None,
        row_height: 0.0,
    };
    let laid = lay(&paper(vec![Block::Table(table)]), typeface());
    let said: Vec<String> = texts(&laid).into_iter().map(|(_, _, text)| text).collect();
    for whole in ["Płeć", "Wykształcenie", "Niepełnosprawność", "rozpoczęcia", "Obywatelstwo", "03.03.2014", "ustalono"] {
        assert!(said.iter().any(|text| text.split_whitespace().any(|word| word == whole)), "{whole} in {said:?}");
    }
}

#[test]
fn a_heading_stands_with_the_first_row_of_its_table() {
    for lines in 0..60 {
        let mut blocks: Vec<Block> = (0..lines).map(|_| Block::Text("wiersz".to_owned())).collect();
        let mut below = table(3);
        below.rows[0][0] = "długi pierwszy wiersz tabeli ".repeat(12);
        blocks.extend([Block::Heading("Pieniądze".to_owned()), Block::Table(below)]);
        let texts = texts(&lay(&paper(blocks), typeface()));
        let sheet = |wanted: &str| texts.iter().find(|(_, _, text)| text.starts_with(wanted)).expect("a text").0;
        assert_eq!(sheet("Pieniądze"), sheet("długi pierwszy"), "after {lines} lines");
    }
}
