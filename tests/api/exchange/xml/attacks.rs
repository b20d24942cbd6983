//! Documents that are made to do harm, and slips of the pen: refused at once, with a place.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::spelling::to_xml;
use super::{judged, post_xml, schema};
use crate::exchange::{Exchange, items};
use crate::support::TestApp;

/// A document type whose entities would be a thousand million laughs.
fn laughs() -> String {
    let entities: String = (1..10).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    format!("<!DOCTYPE newMessage [<!ENTITY l0 \"lol\">{entities}]>")
}

#[test]
fn a_document_that_is_made_to_do_harm_is_refused_at_once() {
    let app = TestApp::start();
    let exchange = Exchange::of(&app, 1, 0);
    let subject = &exchange.introduce()[0];
    let officer = exchange.office.officer();
    let good = to_xml("newMessage", &exchange.status_change("CAZ.1", subject, "2020-11-06"));
    let purpose = |text: &str| good.replace("realizacja porozumienia", text);
    let many = |count: usize| (0..count).map(|number| format!(" xmlns:n{number}=\"urn:{number}\"")).collect::<String>();
    let deep = format!("{}{}", "<payload>".repeat(50_000), "</payload>".repeat(50_000));
    let declared = |document_type: &str, text: &str| format!("{document_type}{}", purpose(text));
    let (plain, parseable) = ("platform.xml_not_plain", "platform.xml_not_parseable");
    for (document, status, code) in [
        (declared(&laughs(), "&l9;"), 400, plain),
        (declared("<!DOCTYPE newMessage [<!ENTITY file SYSTEM \"file:///etc/passwd\">]>", "&file;"), 400, plain),
        (declared("<!DOCTYPE newMessage SYSTEM \"http://127.0.0.1:9/x.dtd\">", "porozumienie"), 400, plain),
        (declared("<!DOCTYPE newMessage [<!ENTITY % outside SYSTEM \"http://127.0.0.1:9/x\"> %outside;]>", "porozumienie"), 400, plain),
        (purpose("&file;"), 400, plain),
        (declared("<?php system('id'); ?>", "porozumienie"), 400, plain),
        (declared("<?xml-stylesheet href=\"http://127.0.0.1:9/\"?>", "porozumienie"), 400, plain),
        (good.replacen(" xmlns=", &format!("{} xmlns=", many(9)), 1), 400, plain),
        (good.replacen(" xmlns=", &format!("{} xmlns=", many(30_000)), 1), 400, parseable),
        (purpose(&deep), 422, "platform.invalid_body"),
        (good.replace("<payload>", &format!("<payload>{deep}")), 422, "platform.invalid_body"),
        (purpose(&"x".repeat(1 << 20)), 413, "platform.payload_too_large"),
        (purpose("bad &#0; sign"), 400, parseable),
        (purpose("bad &#xFFFF; sign"), 400, parseable),
        (purpose("bad \u{1} sign"), 400, parseable),
        (purpose("bad & sign"), 400, parseable),
        (purpose("<![CDATA[without end"), 400, parseable),
        (good.replace("</newMessage>", ""), 400, parseable),
        (good.replace("</payload>", ""), 422, "platform.invalid_body"),
        (format!("{good}{good}"), 400, parseable),
        (format!("{good}rest"), 400, parseable),
        ("<?xml version=\"1.1\"?>".to_owned() + &good, 400, parseable),
        ("<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>".to_owned() + &good, 400, parseable),
        (String::new(), 400, parseable),
        ("{}".to_owned(), 400, parseable),
    ] {
        let begun = Instant::now();
        let refused = post_xml(officer, "/messages", &document).refused(status, code);
        assert!(begun.elapsed() < Duration::from_secs(3), "{code} after {:?}", begun.elapsed());
        assert!(!refused.to_string().contains("root:"), "nothing of this machine");
        if code == plain || code == parseable {
            assert!(refused["line"].as_u64().is_some_and(|line| line >= 1), "{refused}");
        }
    }
    let not_utf8 = [good.as_bytes(), b"\xff"].concat();
    officer.upload("/messages", "application/xml", &not_utf8).refused(400, parseable);
    assert_eq!(items(officer, "/messages?box=outgoing"), Vec::<Value>::new(), "nothing was written");
}

#[test]
fn a_slip_of_the_pen_is_pointed_at() {
    let app = TestApp::start();
    let schema = schema(&app);
    let exchange = Exchange::of(&app, 1, 0);
    let subject = &exchange.introduce()[0];
    let officer = exchange.office.officer();
    let good = to_xml("newMessage", &exchange.status_change("CAZ.1", subject, "2020-11-06"));
    judged(&schema, &good).expect("a good one");
    let field = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    for (document, pointer, code) in [
        (field("<since>2020-11-06</since>", "<sinse>2020-11-06</sinse>"), "/payload/records/0/sinse", "platform.unknown_field"),
        (field("<since>2020-11-06</since>", ""), "/payload/records/0/since", "platform.invalid_field"),
        (field("<since>2020-11-06</since>", "<since>6.11.2020</since>"), "/payload/records/0/since", "platform.invalid_field"),
        (field("<since>2020-11-06</since>", "<since><on>2020-11-06</on></since>"), "/payload/records/0/since/on", "platform.unknown_field"),
        (field("<change>", "<change>moved</change><change>"), "/payload/records/0/change", "platform.invalid_field"),
        (field("<change>jobTaken", "<change>jobtaken"), "/payload/records/0/change", "platform.invalid_field"),
        (field("<records>", "<records>text"), "/payload/records", "platform.invalid_field"),
        (field("<record>", "<record id=\"1\">"), "/payload/records/@id", "platform.unknown_field"),
        (field("<record>", "<entry>").replace("</record>", "</entry>"), "/payload/records/entry", "platform.unknown_field"),
        (field("<payload>", "<payload xmlns=\"urn:other\">"), "/payload", "platform.invalid_field"),
        (field("<statusChange>", "<refundClaim>").replace("</statusChange>", "</refundClaim>"), "/payload/records", "platform.unknown_field"),
        (field("<kind>statusChange", "<kind>referral"), "/payload", "platform.invalid_field"),
        (field("<statusChange>", "<moved/><statusChange>"), "/payload/moved", "platform.unknown_field"),
        (field("newMessage", "message"), "", "platform.invalid_field"),
        (field("<purpose>realizacja porozumienia</purpose>", "<purpose/>"), "/purpose", "platform.invalid_field"),
    ] {
        let refused = post_xml(officer, "/messages", &document).refused(422, "platform.invalid_body");
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{document}");
        // A kind that is not the payload's is beyond what XML Schema 1.0 can say.
        if !document.contains("<kind>referral") {
            judged(&schema, &document).expect_err(&document);
        }
    }
    // What XML lets be spelt in many ways is one and the same.
    let spelt = good
        .replace("<newMessage xmlns=\"urn:pai:exchange:1\">", "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- & --><m:newMessage xmlns:m=\"urn:pai:exchange:1\" xmlns=\"urn:pai:exchange:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:pai:exchange:1 exchange-1.xsd\">")
        .replace("</newMessage>", "</m:newMessage >\n")
        .replace("<since>2020-11-06", "<since>\n  <![CDATA[2020]]>-&#49;1-06 ")
        .replace("realizacja porozumienia", "realizacja <!-- --><![CDATA[porozumienia]]>");
    let written = post_xml(officer, "/messages", &spelt);
    assert_eq!(written.status, 201, "{}", written.text);
    assert_eq!(post_xml(officer, "/messages", &good).text, written.text, "the same message");
}
