//! A collector of traces: takes OTLP over HTTP and reads what the tests need of the protobuf.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A span as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub kind: u64,
    pub attributes: BTreeMap<String, String>,
    pub status: u64,
}

/// What has arrived.
#[derive(Clone, Default)]
pub struct Collector {
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
    pub address: String,
}

impl Collector {
    /// Listens on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let collector = Self { address: format!("http://{}", listener.local_addr().expect("address")), ..Self::default() };
        let bodies = Arc::clone(&collector.bodies);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let bodies = Arc::clone(&bodies);
                thread::spawn(move || take(&stream, &bodies));
            }
        });
        collector
    }

    /// Everything that arrived, undecoded.
    pub fn bytes(&self) -> Vec<u8> {
        self.bodies.lock().expect("bodies").concat()
    }

    /// The spans that arrived.
    pub fn spans(&self) -> Vec<Span> {
        let bodies = self.bodies.lock().expect("bodies");
        let resources = bodies.iter().flat_map(|body| children(body, 1));
        resources.flat_map(|resource| children(resource, 2)).flat_map(|scope| children(scope, 2)).map(span).collect()
    }
}

/// Answers the requests of a connection.
fn take(stream: &TcpStream, bodies: &Mutex<Vec<Vec<u8>>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut head = String::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        assert!(head.starts_with("POST /v1/traces "), "{head}");
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        bodies.lock().expect("bodies").push(body);
        let mut stream = stream;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")
            .expect("an answer");
    }
}

/// A field of a protobuf message.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first().expect("a number");
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    value
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            kind => {
                let length = match kind {
                    1 => 8,
                    2 => usize::try_from(varint(&mut bytes)).expect("a length"),
                    5 => 4,
                    other => panic!("wire type {other}"),
                };
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(value)
            }
        };
        found.push((key >> 3, field));
    }
    found
}

fn children(bytes: &[u8], number: u64) -> Vec<&[u8]> {
    let of = |(found, field)| match field {
        Field::Bytes(value) if found == number => Some(value),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(of).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn span(bytes: &[u8]) -> Span {
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let mut span = Span::default();
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(value)) => span.trace = hex(value),
            (2, Field::Bytes(value)) => span.id = hex(value),
            (4, Field::Bytes(value)) => span.parent = hex(value),
            (5, Field::Bytes(value)) => span.name = text(value),
            (6, Field::Number(value)) => span.kind = value,
            (9, Field::Bytes(value)) => {
                let key = text(children(value, 1)[0]);
                let value = children(value, 2).first().map_or_else(String::new, |value| {
                    fields(value).into_iter().next().map_or_else(String::new, |(_, value)| match value {
                        Field::Number(number) => number.to_string(),
                        Field::Bytes(bytes) => text(bytes),
                    })
                });
                span.attributes.insert(key, value);
            }
            (15, Field::Bytes(value)) => {
                span.status = fields(value)
                    .into_iter()
                    .find_map(|(number, field)| match field {
                        Field::Number(code) if number == 3 => Some(code),
                        _ => None,
                    })
                    .unwrap_or(0);
            }
            _ => {}
        }
    }
    span
}
