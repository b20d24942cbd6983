//! A text with the digits that are seen, whatever script or dress they are written in.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Where the zeros of decimal digits of other scripts stand. Those that are ours in another dress (full width,
/// mathematical, raised, lowered, circled, bracketed, with a full stop or a comma) lose it by normalisation.
///
/// **Source**: Unicode 14, property `Numeric_Type=Decimal`, and the scripts that were added until Unicode 16.
const ZEROS: [u32; 67] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20, 0x1040,
    0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0,
    0xa9f0, 0xaa50, 0xabf0, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x116d0, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50,
    0x16d70, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0xa6ef,
];
/// Digits one to nine that Unicode does not take for decimal ones: on discs, in double circles, of Hangzhou, Ethiopic,
/// Rumi, Brahmi, Aegean and counting rods; the first of each row.
const ONES: [u32; 11] = [0x2776, 0x2780, 0x278a, 0x24f5, 0x3021, 0x1369, 0x10e60, 0x11052, 0x10107, 0x1d360, 0xa6e6];
/// Zeros of the same rows.
const ROUND_ZEROS: [char; 3] = ['\u{24ff}', '\u{1f10b}', '\u{1f10c}'];
/// Ideographs of zero to nine: as they are written, and as on cheques in each form.
const IDEOGRAPHS: [&str; 10] =
    ["〇零", "一壹壱弌", "二贰貳弐貮", "三叁參叄参弎", "四肆", "五伍", "六陆陸", "七柒漆", "八捌", "九玖"];

/// The text with our digits and without what cannot be seen or only stands upon another sign.
///
/// Signs are taken apart as NFKD does, one by one: their order upon each other says nothing here, and sorting it could be made slow.
pub(super) fn shown(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        decompose_compatible(sign, |part| {
            if !is_combining_mark(part) && !is_format(part) {
                shown.push(foreign_digit(part).map_or(part, |value| char::from(b'0' + value)));
            }
        });
    }
    shown
}

/// The value of a digit of another script, on a disc, or of an ideograph.
fn foreign_digit(sign: char) -> Option<u8> {
    let code = u32::from(sign);
    if code < 0x660 {
        return None;
    }
    let value = |first: u32, most: u32| code.checked_sub(first).filter(|value| *value < most);
    let of_script = ZEROS.iter().find_map(|zero| value(*zero, 10));
    let on_disc = || ONES.iter().find_map(|one| value(*one, 9)).map(|value| value + 1);
    let zero = || ROUND_ZEROS.contains(&sign).then_some(0);
    let ideograph = || IDEOGRAPHS.iter().position(|forms| forms.contains(sign)).and_then(|value| u32::try_from(value).ok());
    of_script.or_else(on_disc).or_else(zero).or_else(ideograph).and_then(|value| u8::try_from(value).ok())
}

/// Signs that are there for the writing only: joiners, fillers, marks and overrides of direction, tags, the soft hyphen.
fn is_format(sign: char) -> bool {
    matches!(sign, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_every_dress_are_shown_as_ours() {
        for (written, seen) in [
            ("８８０", "880"),
            ("⑻⑻⓪", "(8)(8)0"),
            ("⒏⒏🄁", "8.8.0,"),
            ("⑧❽➇➑⓼", "88888"),
            ("八捌八〇零", "88800"),
            ("㊇㈧〨", "8(8)8"),
            ("٨८๘᠘𞥘", "88888"),
            ("⁸₈𝟠𝟖", "8888"),
            ("8\u{fe0f}\u{20e3}8\u{336}\u{200b}8", "888"),
        ] {
            assert_eq!(shown(written), seen, "{written}");
        }
    }
}
