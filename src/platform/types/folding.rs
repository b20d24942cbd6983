//! Comparing texts as people do: without case and diacritics.

/// Lower case without diacritics, so that "Żółć" and "zolc" are equal.
pub fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter_map(without_diacritic).collect()
}

fn without_diacritic(letter: char) -> Option<char> {
    Some(match letter {
        // Combining marks, as some systems send letters taken apart.
        '\u{300}'..='\u{36f}' => return None,
        'ą' | 'á' | 'à' | 'â' | 'ä' | 'ă' | 'ã' | 'å' => 'a',
        'ć' | 'č' | 'ç' => 'c',
        'ď' | 'đ' => 'd',
        'ę' | 'é' | 'è' | 'ê' | 'ë' | 'ě' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ł' | 'ľ' | 'ĺ' => 'l',
        'ń' | 'ň' | 'ñ' => 'n',
        'ó' | 'ò' | 'ô' | 'ö' | 'ő' | 'õ' | 'ø' => 'o',
        'ř' | 'ŕ' => 'r',
        'ś' | 'š' | 'ş' => 's',
        'ť' | 'ţ' => 't',
        'ú' | 'ù' | 'û' | 'ü' | 'ů' | 'ű' => 'u',
        'ý' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    })
}
