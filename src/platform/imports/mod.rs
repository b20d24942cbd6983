//! Bulk intake: a file becomes a plan, the plan is looked at, and exactly that plan is carried out.
//!
//! A file (CSV, XLSX, NDJSON) of a *kind* is read row by row; each row is one
//! command of the slice that the kind belongs to. The plan says of every row
//! whether it would create, change or leave a record, or why it cannot. The
//! plan is stored sealed; committing it plans the same rows again in the
//! transaction that carries them out, and refuses where anything has come out
//! differently. One transaction holds all rows: after a crash there is the plan,
//! untouched, or the whole of its effect. Plans are forgotten after a time.
//!
//! A slice adds a kind by implementing [`Kind`] and listing it in `app`. This
//! module knows no kind.

mod annotated;
mod cells;
mod csv_file;
mod external;
mod kind;
mod kinds;
mod ndjson_file;
mod planning;
mod routes;
mod rows;
mod slips;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod upload;
mod views;
mod xlsx_file;

pub use cells::{Cells, day as written_day};
pub use external::{
    EXTERNAL_ID, ExternalId, SYSTEM, find_external, hand_on_all_external, hand_on_external, named_by_systems, remember_external,
};
pub use kind::{CellKind, Change, Column, Finding, Key, Kind, Verdict, each_at};
pub use kinds::{Kinds, Registered};
pub use store::forget_before;
pub use table::{MOST_CELL_CHARACTERS, MOST_COLUMNS, MOST_ROWS};
pub use upload::FILE_LIMIT;

use crate::platform::resealing::PayloadTable;
use crate::platform::routes::ServiceConfig;
use crate::problems;

/// What is sealed under the key of the institution that sent a file.
pub const SEALED_FOR_INSTITUTIONS: &[PayloadTable] = &[PayloadTable {
    table: "imports",
    column: "plan",
    owner: "t.tenant_id",
    joins: "",
    only: "true",
    sealed_as: store::sealed_as,
}];

problems! {
    UNKNOWN_FORMAT = "imports.unknown_format", 415,
        pl: "Nieobsługiwany format pliku", en: "Unsupported format of the file",
        fix_pl: "Wyślij Content-Type: text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet lub application/x-ndjson.",
        fix_en: "Send Content-Type: text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet or application/x-ndjson.";
    FILE_BROKEN = "imports.file_broken", 422,
        pl: "Pliku nie można odczytać", en: "The file cannot be read",
        fix_pl: "Zapisz plik ponownie w jego formacie i wyślij go z właściwym Content-Type.",
        fix_en: "Save the file again in its format and send it with its Content-Type.";
    QUOTE_OPEN = "imports.quote_open", 422,
        pl: "Cudzysłów otwarty w wierszu {line} nie zamyka się z końcem komórki", en: "The quotation mark opened in line {line} does not close with its cell",
        fix_pl: "Zamknij cudzysłów na końcu komórki; cudzysłów w tekście ujętym w cudzysłów zapisz podwójnie.",
        fix_en: "Close it at the end of the cell; write a quotation mark within quoted text twice.";
    FILE_ENCODING = "imports.file_encoding", 422,
        pl: "Plik nie jest zapisany w UTF-8", en: "The file is not UTF-8",
        fix_pl: "Zapisz go jako CSV UTF-8 albo podaj kodowanie: Content-Type: text/csv; charset=windows-1250.",
        fix_en: "Save it as CSV UTF-8, or state the encoding: Content-Type: text/csv; charset=windows-1250.";
    FILE_TOO_LARGE = "imports.file_too_large", 422,
        pl: "Plik ma za dużo wierszy, kolumn lub tekstu", en: "The file has too many rows, columns or too much text",
        fix_pl: "Podziel plik; granice podaje GET /import-kinds.", fix_en: "Split the file; GET /import-kinds states the limits.";
    FILE_EMPTY = "imports.file_empty", 422,
        pl: "Plik nie ma wierszy z danymi", en: "The file has no rows of data",
        fix_pl: "Pierwszy wiersz to nagłówki kolumn, pod nim po jednym wierszu na zapis.",
        fix_en: "The first row holds the column heads, below it stands one row for each record.";
    COLUMN_UNKNOWN = "imports.column_unknown", 422,
        pl: "Plik ma kolumnę, której ten rodzaj nie zna", en: "The file has a column that this kind does not know",
        fix_pl: "Usuń kolumnę nr {column} lub popraw jej nagłówek; znane: {known}.",
        fix_en: "Remove column {column} or correct its head; known are: {known}.";
    MEMBER_UNKNOWN = "imports.member_unknown", 422,
        pl: "Plik ma pole, którego ten rodzaj nie zna", en: "The file has a member that this kind does not know",
        fix_pl: "Usuń pole „{name}” (wiersz {line}) lub popraw jego nazwę; znane: {known}.",
        fix_en: "Remove the member \"{name}\" (line {line}) or correct its name; known are: {known}.";
    COLUMN_REPEATED = "imports.column_repeated", 422,
        pl: "Ta sama kolumna występuje dwa razy", en: "The same column occurs twice",
        fix_pl: "Zostaw jedną kolumnę {name}.", fix_en: "Leave one column {name}.";
    COLUMN_MISSING = "imports.column_missing", 422,
        pl: "Brakuje wymaganej kolumny", en: "A required column is missing",
        fix_pl: "Dodaj kolumnę {name}.", fix_en: "Add the column {name}.";
    VALUE_MISSING = "imports.value_missing", 422,
        pl: "Brak wymaganej wartości", en: "A required value is missing",
        fix_pl: "Uzupełnij komórkę.", fix_en: "Fill the cell in.";
    VALUE_INVALID = "imports.value_invalid", 422,
        pl: "Niepoprawna wartość", en: "Invalid value",
        fix_pl: "Popraw komórkę; dozwoloną postać podaje podpowiedź.", fix_en: "Correct the cell; the hint states the form allowed.";
    ROW_TOO_LONG = "imports.row_too_long", 422,
        pl: "Wiersz ma więcej komórek niż nagłówek", en: "The row has more cells than the head",
        fix_pl: "Sprawdź, czy tekst ze znakiem rozdzielającym jest ujęty w cudzysłów.", fix_en: "Check that text with a separator stands in quotes.";
    ROW_REPEATED = "imports.row_repeated", 422,
        pl: "Ten sam zapis występuje w pliku dwa razy", en: "The same record occurs twice in the file",
        fix_pl: "Zostaw jeden z wierszy.", fix_en: "Leave one of the rows.";
    FAULTY_ROWS = "imports.faulty_rows", 409,
        pl: "Plan ma wiersze z błędem lub konfliktem", en: "The plan has rows with an error or a conflict",
        fix_pl: "Takich wierszy jest {faulty}. Popraw plik i zaplanuj go na nowo albo zatwierdź pozostałe wiersze z leaveOutFaulty.",
        fix_en: "There are {faulty} of them. Correct the file and plan it anew, or commit the other rows with leaveOutFaulty.";
    BASE_CHANGED = "imports.base_changed", 409,
        pl: "Dane zmieniły się od czasu zaplanowania", en: "The data have changed since the plan was made",
        fix_pl: "Wiersze {rows} wypadłyby teraz inaczej: zaplanuj plik na nowo.",
        fix_en: "Rows {rows} would come out differently now: plan the file anew.";
    PLAN_DIFFERS = "imports.plan_differs", 409,
        pl: "To nie jest plan, który obejrzano", en: "This is not the plan that was looked at",
        fix_pl: "Odczytaj import i podaj jego planHash.", fix_en: "Read the import and give its planHash.";
    NOT_PLANNED = "imports.not_planned", 409,
        pl: "Import jest już zatwierdzony lub anulowany", en: "The import is committed or cancelled already",
        fix_pl: "Stan to {state}; nowy plik wymaga nowego planu.", fix_en: "Its state is {state}; a new file needs a new plan.";
    BEING_COMMITTED = "imports.being_committed", 409,
        pl: "Import jest właśnie zatwierdzany", en: "The import is being committed",
        fix_pl: "Poczekaj i odczytaj import ponownie.", fix_en: "Wait, and read the import again.";
    CANCELLED = "imports.cancelled", 409,
        pl: "Import anulowano w trakcie zatwierdzania; nic nie zapisano", en: "The import was cancelled while it was committed; nothing was recorded",
        fix_pl: "Nowy plik wymaga nowego planu.", fix_en: "A new file needs a new plan.";
}

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig) {
    routes::routes(config);
    external::routes(config);
}
