//! The error codes of the platform; those of a slice stand with the slice.

use crate::problems;

problems! {
    NOT_PARSEABLE = "platform.not_parseable", 400,
        pl: "Treści żądania nie można odczytać", en: "The request cannot be read",
        fix_pl: "Wyślij poprawny dokument JSON w UTF-8.", fix_en: "Send well-formed JSON in UTF-8.";
    XML_NOT_PARSEABLE = "platform.xml_not_parseable", 400,
        pl: "Dokumentu XML nie można odczytać", en: "The XML document cannot be read",
        fix_pl: "Wyślij poprawnie zbudowany dokument XML 1.0 w UTF-8; błąd jest w wierszu {line}.",
        fix_en: "Send a well-formed XML 1.0 document in UTF-8; the fault is in line {line}.";
    XML_NOT_PLAIN = "platform.xml_not_plain", 400,
        pl: "Dokument XML zawiera to, czego się nie przyjmuje", en: "The XML document holds what is not taken",
        fix_pl: "Wyślij same elementy i tekst: bez DOCTYPE, encji innych niż pięć wbudowanych i instrukcji przetwarzania, z najwyżej 8 atrybutami elementu; wiersz {line}.",
        fix_en: "Send elements and text only: no DOCTYPE, no entities beside the five built in, no processing instructions, 8 attributes of an element at most; line {line}.";
    UNKNOWN_PARAMETER = "platform.unknown_parameter", 400,
        pl: "Nieznany parametr zapytania", en: "Unknown query parameter",
        fix_pl: "Usuń lub popraw nazwę parametru; pominięty po cichu filtr ujawniłby więcej danych, niż żądano.",
        fix_en: "Remove or correct the parameter; a filter that is silently dropped would reveal more than was asked for.";
    INVALID_PARAMETER = "platform.invalid_parameter", 400,
        pl: "Niepoprawna wartość parametru", en: "Invalid parameter value",
        fix_pl: "Popraw wskazany parametr.", fix_en: "Correct the parameter named.";
    INVALID_HEADER = "platform.invalid_header", 400,
        pl: "Niepoprawny nagłówek", en: "Invalid header",
        fix_pl: "Popraw wskazany nagłówek.", fix_en: "Correct the header named.";
    PURPOSE_REQUIRED = "platform.purpose_required", 400,
        pl: "Wymagany jest cel dostępu do danych osobowych", en: "The purpose of the access to personal data is required",
        fix_pl: "Podaj cel w nagłówku Pai-Purpose; trafia on do rejestru dostępu (art. 33 ust. 8).",
        fix_en: "State the purpose in the header Pai-Purpose; it goes into the access register (art. 33(8)).";
    UNAUTHENTICATED = "platform.unauthenticated", 401,
        pl: "Brak ważnego tokenu dostępu", en: "No valid access token",
        fix_pl: "Pobierz token z /oauth/token i wyślij go w nagłówku Authorization: Bearer.",
        fix_en: "Get a token from /oauth/token and send it as Authorization: Bearer.";
    INVALID_CLAIM = "platform.invalid_claim", 401,
        pl: "Token ma niepoprawną wartość claim {claim}", en: "The token has an invalid value of the claim {claim}",
        fix_pl: "Ustaw u wystawcy tokenów, żeby {claim} był tekstem od 1 do 200 znaków, bez znaków sterujących, albo go pomiń.",
        fix_en: "Have the issuer of the tokens make {claim} a text of 1 to 200 characters without control characters, or leave it out.";
    FORBIDDEN = "platform.forbidden", 403,
        pl: "Rola nie pozwala na tę operację", en: "The role does not allow this operation",
        fix_pl: "Użyj klienta o jednej z ról: {roles}.", fix_en: "Use a client with one of the roles: {roles}.";
    FAMILIES_ONLY = "platform.families_only", 403,
        pl: "Klient asystenta rodziny widzi tylko rodziny tego asystenta", en: "The client of a family assistant sees only that assistant's families",
        fix_pl: "Ta operacja mówi o innych osobach: użyj klienta pracownika socjalnego albo koordynatora.",
        fix_en: "This operation tells of other people: use the client of a social worker or a coordinator.";
    CONTRADICTS_TOKEN = "platform.contradicts_token", 403,
        pl: "Nagłówek przeczy tokenowi", en: "A header contradicts the token",
        fix_pl: "Pomiń nagłówek {header} albo podaj w nim to samo, co mówi token.",
        fix_en: "Leave the header {header} out, or say in it what the token says.";
    NOT_FOUND = "platform.not_found", 404,
        pl: "Nie ma takiego zasobu w zasięgu klienta", en: "No such resource within the client's scope",
        fix_pl: "Sprawdź identyfikator i instytucję klienta.", fix_en: "Check the id and the client's institution.";
    METHOD_NOT_ALLOWED = "platform.method_not_allowed", 405,
        pl: "Niedozwolona metoda", en: "Method not allowed",
        fix_pl: "Użyj metody z nagłówka Allow.", fix_en: "Use a method named in the Allow header.";
    NOT_ACCEPTABLE = "platform.not_acceptable", 406,
        pl: "Brak odpowiedzi w żądanym formacie", en: "No answer in the format asked for",
        fix_pl: "Zażądaj application/json.", fix_en: "Ask for application/json.";
    CONFLICT = "platform.conflict", 409,
        pl: "Sprzeczne z obecnym stanem", en: "Contradicts the current state",
        fix_pl: "Odczytaj zasób ponownie.", fix_en: "Read the resource again.";
    ID_TAKEN = "platform.id_taken", 409,
        pl: "Identyfikator jest już zajęty", en: "The id is already taken",
        fix_pl: "Wybierz nowy UUIDv7 albo pomiń pole id.", fix_en: "Choose a new UUIDv7 or leave the id out.";
    IN_PROGRESS = "platform.request_in_progress", 409,
        pl: "To samo żądanie jest właśnie wykonywane", en: "The same request is being carried out",
        fix_pl: "Powtórz z tym samym Idempotency-Key za chwilę.", fix_en: "Repeat with the same Idempotency-Key in a moment.";
    PRECONDITION_FAILED = "platform.precondition_failed", 412,
        pl: "Zasób zmienił się w międzyczasie", en: "The resource has changed meanwhile",
        fix_pl: "Obecna wersja to {currentVersion}: odczytaj zasób i powtórz zmianę z If-Match \"{currentVersion}\".",
        fix_en: "The current version is {currentVersion}: read the resource and repeat the change with If-Match \"{currentVersion}\".";
    NOTHING_TO_MATCH = "platform.nothing_to_match", 412,
        pl: "Nie ma wersji, z którą można porównać If-Match", en: "There is no version to compare If-Match with",
        fix_pl: "Operacja tworzy nowy zapis: pomiń If-Match, a powtórzenie zabezpiecz przez Idempotency-Key.",
        fix_en: "The operation makes a new record: leave If-Match out, and guard a repetition with Idempotency-Key.";
    PAYLOAD_TOO_LARGE = "platform.payload_too_large", 413,
        pl: "Treść żądania jest za duża", en: "The request body is too large",
        fix_pl: "Wyślij mniej danych w jednym żądaniu.", fix_en: "Send less in one request.";
    UNSUPPORTED_MEDIA_TYPE = "platform.unsupported_media_type", 415,
        pl: "Nieobsługiwany typ treści", en: "Unsupported media type",
        fix_pl: "Wyślij Content-Type: application/json.", fix_en: "Send Content-Type: application/json.";
    INVALID_BODY = "platform.invalid_body", 422,
        pl: "Treść żądania zawiera błędy", en: "The body has errors",
        fix_pl: "Popraw pola wskazane w errors.", fix_en: "Correct the fields named in errors.";
    INVALID_FIELD = "platform.invalid_field", 422,
        pl: "Niepoprawna wartość pola", en: "Invalid field value",
        fix_pl: "Popraw wskazane pole.", fix_en: "Correct the field named.";
    PESEL_IN_TEXT = "platform.pesel_in_text", 422,
        pl: "Tekst zawiera numer PESEL", en: "A text holds a PESEL number",
        fix_pl: "Usuń numer z tekstu: PESEL podaje się tylko w tożsamości osoby, a gdzie indziej osobę wskazuje jej identyfikator.",
        fix_en: "Take the number out of the text: a PESEL stands in a person's identity only, elsewhere the person's id names them.";
    IN_FUTURE = "platform.in_future", 422,
        pl: "Ten dzień jeszcze nie nadszedł", en: "That day has not come yet",
        fix_pl: "Co się jeszcze nie stało, nie może być zapisane: podaj dzień nie późniejszy niż dzisiejszy.",
        fix_en: "What has not happened cannot be recorded: give a day that is not after today's.";
    UNKNOWN_FIELD = "platform.unknown_field", 422,
        pl: "Nieznane pole", en: "Unknown field",
        fix_pl: "Usuń pole lub popraw jego nazwę.", fix_en: "Remove the field or correct its name.";
    REFERENCE_NOT_FOUND = "platform.reference_not_found", 422,
        pl: "Wskazany zasób nie istnieje w zasięgu klienta", en: "The resource referred to does not exist within the client's scope",
        fix_pl: "Sprawdź wskazany identyfikator.", fix_en: "Check the id named.";
    ALREADY_SUPERSEDED = "platform.already_superseded", 409,
        pl: "Ten zapis został już skorygowany", en: "This record has already been corrected",
        fix_pl: "Skoryguj najnowszy zapis.", fix_en: "Correct the newest record instead.";
    EXPORT_TOO_LONG = "platform.export_too_long", 422,
        pl: "Wykaz jest za długi na jeden plik", en: "The list is too long for one file",
        fix_pl: "Plik ma najwyżej {most} wierszy: zawęź filtr.", fix_en: "A file has at most {most} rows: narrow the filter.";
    EXPORT_CELL_TOO_LONG = "platform.export_cell_too_long", 422,
        pl: "Tekst nie mieści się w komórce skoroszytu", en: "A text does not fit into a cell of a workbook",
        fix_pl: "Pobierz wykaz jako CSV lub NDJSON.", fix_en: "Ask for the list as CSV or NDJSON.";
    IDEMPOTENCY_KEY_REUSED = "platform.idempotency_key_reused", 422,
        pl: "Ten Idempotency-Key należy do innego żądania", en: "This Idempotency-Key belongs to another request",
        fix_pl: "Użyj nowego klucza dla nowej treści.", fix_en: "Use a new key for a new payload.";
    PRECONDITION_REQUIRED = "platform.precondition_required", 428,
        pl: "Wymagany jest nagłówek If-Match", en: "If-Match is required",
        fix_pl: "Odczytaj zasób i wyślij jego ETag w If-Match; czego jeszcze nie zapisano (404), to ma wersję \"0\". '*' nie jest przyjmowane.",
        fix_en: "Read the resource and send its ETag as If-Match; what has not been recorded yet (404) has the version \"0\". '*' is not accepted.";
    TOO_MANY_REQUESTS = "platform.too_many_requests", 429,
        pl: "Zbyt wiele żądań", en: "Too many requests",
        fix_pl: "Odczekaj czas z Retry-After.", fix_en: "Wait as Retry-After says.";
    INTERNAL = "platform.internal", 500,
        pl: "Błąd wewnętrzny", en: "Internal error",
        fix_pl: "Podaj administratorowi requestId.", fix_en: "Give the requestId to the operator.";
    UNAVAILABLE = "platform.unavailable", 503,
        pl: "Usługa chwilowo niedostępna", en: "The service is unavailable for the moment",
        fix_pl: "Powtórz żądanie po czasie z Retry-After; zapis z Idempotency-Key – z tym samym kluczem.",
        fix_en: "Repeat the request after the time in Retry-After, a write that had an Idempotency-Key with the same key.";
}
