//! Codes of rows: what is written on a sheet by hand finds its row when it is typed in, and says nothing about anybody.

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

/// Digits that are not mistaken for one another, after Crockford.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of a code, 5 bits each: two rows of one sheet of 500 share a code once in some eight million sheets.
const LENGTH: usize = 8;

/// Code of a participation on the sheet of a session.
pub fn row_code(session: Uuid, participation: Uuid) -> String {
    let hash = digest(&SHA256, &[session.as_bytes().as_slice(), participation.as_bytes()].concat());
    let bits = hash.as_ref().iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..LENGTH).map(|place| char::from(DIGITS[(bits >> (59 - 5 * place) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_belongs_to_one_row_of_one_sheet() {
        let code = |session: u128, row: u128| row_code(Uuid::from_u128(session), Uuid::from_u128(row));
        assert_eq!(code(1, 2), code(1, 2));
        let codes: std::collections::BTreeSet<String> =
            (0..40).flat_map(|session| (0..40).map(move |row| code(session, row))).collect();
        assert_eq!(codes.len(), 1600);
        assert!(codes.iter().all(|code| code.len() == LENGTH && code.bytes().all(|digit| DIGITS.contains(&digit))));
    }
}
