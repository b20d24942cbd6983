//! What everybody may load: compressed once, asked for once.

use std::io::Read as _;

use flate2::read::GzDecoder;
use ureq::Agent;

use crate::support::TestApp;

const DOWNLOADS: &[&str] =
    &["/openapi.json", "/swagger-ui/", "/swagger-ui/swagger-ui-bundle.js", "/swagger-ui/swagger-initializer.js"];

/// A caller that takes bytes as they come.
struct Visitor {
    agent: Agent,
    base: String,
}

struct Download {
    status: u16,
    encoding: String,
    tag: String,
    kept: String,
    varies: String,
    bytes: Vec<u8>,
}

impl Visitor {
    fn of(app: &TestApp) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), base: app.address.clone() }
    }

    fn load(&self, path: &str, headers: &[(&str, &str)]) -> Download {
        let request = self.agent.get(format!("{}{path}", self.base));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut answer = request.call().expect("the service answers");
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let (encoding, tag) = (header("content-encoding"), header("etag"));
        let (kept, varies) = (header("cache-control"), header("vary"));
        let bytes = answer.body_mut().read_to_vec().expect("bytes");
        Download { status: answer.status().as_u16(), encoding, tag, kept, varies, bytes }
    }
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).expect("gzip");
    plain
}

#[test]
fn downloads_come_compressed_to_whoever_takes_that() {
    let app = TestApp::start();
    let visitor = Visitor::of(&app);
    for path in DOWNLOADS {
        let plain = visitor.load(path, &[("Accept-Encoding", "identity")]);
        assert_eq!((plain.status, plain.encoding.as_str(), plain.varies.as_str()), (200, "", "accept-encoding"), "{path}");
        for accepted in ["gzip", "gzip, deflate, br, zstd", "br;q=1, gzip;q=0.5, *;q=0"] {
            let packed = visitor.load(path, &[("Accept-Encoding", accepted)]);
            assert_eq!((packed.status, packed.encoding.as_str()), (200, "gzip"), "{path} for {accepted}");
            assert!(unpacked(&packed.bytes) == plain.bytes, "{path} for {accepted} is another document");
            assert_ne!(packed.tag, plain.tag, "{path}: other bytes, another tag");
            assert_eq!(packed.varies, "accept-encoding", "{path}");
        }
        for refused in ["", "gzip;q=0", "br", "identity, gzip;q=0.1"] {
            let same = visitor.load(path, &[("Accept-Encoding", refused)]);
            assert_eq!((same.status, same.encoding.as_str(), &same.tag), (200, "", &plain.tag), "{path} for {refused:?}");
            assert!(same.bytes == plain.bytes, "{path} for {refused:?} is another document");
        }
    }
    let [contract, program] = [DOWNLOADS[0], DOWNLOADS[2]].map(|path| {
        let sizes = ["gzip", "identity"].map(|form| visitor.load(path, &[("Accept-Encoding", form)]).bytes.len());
        sizes[1] / sizes[0]
    });
    assert!(contract >= 8 && program >= 3, "compressed {contract} and {program} times");
}

#[test]
fn a_second_visit_loads_nothing_again() {
    let app = TestApp::start();
    let visitor = Visitor::of(&app);
    for path in DOWNLOADS {
        for form in ["gzip", "identity"] {
            let first = visitor.load(path, &[("Accept-Encoding", form)]);
            assert_eq!(first.kept, "no-cache", "{path}");
            for known in [first.tag.clone(), format!("W/{}", first.tag), format!("\"other\", {}", first.tag), "*".to_owned()] {
                let again = visitor.load(path, &[("Accept-Encoding", form), ("If-None-Match", &known)]);
                assert_eq!((again.status, again.bytes.len(), &again.tag), (304, 0, &first.tag), "{path} known as {known}");
                assert_eq!((again.kept.as_str(), again.varies.as_str()), ("no-cache", "accept-encoding"), "{path}");
            }
            let changed = visitor.load(path, &[("Accept-Encoding", form), ("If-None-Match", "\"other\"")]);
            assert_eq!((changed.status, changed.bytes.len()), (200, first.bytes.len()), "{path}");
        }
    }
}

#[test]
fn the_page_names_its_files_by_their_content_so_that_they_are_kept() {
    let app = TestApp::start();
    let visitor = Visitor::of(&app);
    let page = String::from_utf8(visitor.load("/swagger-ui/", &[]).bytes).expect("text");
    assert!(!page.contains("{{"), "{page}");
    let addresses: Vec<&str> = page.split('"').filter(|part| part.contains("?v=")).collect();
    assert_eq!(addresses.len(), 5, "{addresses:?}");
    for address in addresses {
        let file = visitor.load(&format!("/swagger-ui/{address}"), &[]);
        assert_eq!((file.status, file.kept.as_str()), (200, "public, max-age=31536000, immutable"), "{address}");
        // An address of another release must not keep this content for ever.
        let other = visitor.load(&format!("/swagger-ui/{address}0"), &[]);
        assert_eq!((other.status, other.kept.as_str()), (200, "no-cache"), "{address}");
    }
    app.anonymous().get("/swagger-ui/nothing.js").refused(404, "platform.not_found");
    app.anonymous().get("/swagger-ui/..%2fCargo.toml").refused(404, "platform.not_found");
}
