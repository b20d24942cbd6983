//! The catalogue of errors as people read it.

use crate::support::TestApp;
use pai::platform::policy::Role;

#[test]
fn a_browser_reads_the_error_catalogue_as_a_page() {
    let app = TestApp::start();
    let browser = app.anonymous().with("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    for (language, heading, remedy) in [
        ("pl", "<h1>Zasób zmienił się w międzyczasie</h1>", "Obecna wersja to <var>⟨currentVersion⟩</var>"),
        ("en-GB,en;q=0.9", "<h1>The resource has changed meanwhile</h1>", "The current version is <var>⟨currentVersion⟩</var>"),
    ] {
        let page = browser.with("Accept-Language", language).get("/errors/platform.precondition_failed");
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert_eq!(page.header("content-language"), &language[..2]);
        assert!(page.text.contains(heading) && page.text.contains(remedy), "{}", page.text);
        assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    }
    let all = browser.get("/errors").text;
    let known = app.anonymous().get("/errors").expect(200)["items"].as_array().map_or(0, Vec::len);
    assert_eq!(all.matches("<li>").count(), known);
    app.anonymous().with("Accept", "application/json, text/html").get("/errors/platform.not_found").expect(200);
    let page = app.anonymous().with("Accept", "text/html").get("/errors");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    app.anonymous().with("Accept", "text/plain").get("/errors").refused(406, "platform.not_acceptable");
    app.api(Role::Coordinator).with("Accept", "text/html").get("/hosts").refused(406, "platform.not_acceptable");
    browser.get("/errors/platform.unheard_of").refused(404, "platform.not_found");
}
