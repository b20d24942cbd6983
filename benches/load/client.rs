//! Many callers at once, each on one kept-alive connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::measure::Answers;
use crate::seed::{DAYS, PEOPLE, Seeded};

/// What is sent, by how many, for how long.
pub struct Load {
    pub address: String,
    pub token: String,
    pub seeded: Seeded,
    pub connections: usize,
    pub length: Duration,
}

/// Never the same twice in a run, so that no idempotency key is met again.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// Spreads consecutive numbers evenly (splitmix64).
fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Load {
    fn request(&self, is_write: bool) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let random = scattered(number);
        let head = format!("HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n", self.address, self.token);
        if !is_write {
            let entry = 1 + random % u64::from(self.seeded.rows);
            return format!("GET /api/v1/psu-entries/00000000-0006-7000-8000-{entry:012x} {head}\r\n");
        }
        let person = 1 + random % u64::from(PEOPLE);
        let day = chrono::NaiveDate::default() + chrono::TimeDelta::days(18_262 + (random >> 32).cast_signed() % i64::from(DAYS));
        let body = format!(
            r#"{{"participationId":"00000000-0005-7000-8000-{person:012x}","workedOn":"{day}","hours":"0.25","kindOfWork":"porządkowe"}}"#
        );
        format!(
            "POST /api/v1/psu-entries {head}Idempotency-Key: bench-{number}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// One call on a connection of its own.
    pub fn once(&self, is_write: bool) -> Outcome<()> {
        let mut connection = BufReader::new(TcpStream::connect(&self.address)?);
        call(&mut connection, &self.request(is_write))
    }

    /// All callers for the whole length.
    pub fn run(&self, is_write: bool) -> Outcome<Answers> {
        let end = Instant::now() + self.length;
        let began = Instant::now();
        let latencies: Vec<Outcome<Vec<Duration>>> = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..self.connections).map(|_| scope.spawn(move || self.call_until(end, is_write))).collect();
            callers.into_iter().map(|caller| caller.join().unwrap_or_else(|_| Err("a caller failed".into()))).collect()
        });
        let mut all = Vec::new();
        for caller in latencies {
            all.extend(caller?);
        }
        Ok(Answers::new(all, began.elapsed()))
    }

    fn call_until(&self, end: Instant, is_write: bool) -> Outcome<Vec<Duration>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        let mut connection = BufReader::new(stream);
        let mut latencies = Vec::with_capacity(16_384);
        while Instant::now() < end {
            let request = self.request(is_write);
            let sent = Instant::now();
            call(&mut connection, &request)?;
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    }
}

/// Sends one request and reads its answer to the end; anything but success ends the run.
fn call(connection: &mut BufReader<TcpStream>, request: &str) -> Outcome<()> {
    connection.get_mut().write_all(request.as_bytes())?;
    let (mut line, mut status, mut length) = (String::new(), String::new(), 0);
    loop {
        line.clear();
        if connection.read_line(&mut line)? == 0 {
            return Err("the service closed a connection".into());
        }
        let text = line.trim_end();
        if status.is_empty() {
            text.clone_into(&mut status);
        } else if text.is_empty() {
            break;
        } else if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    if status.starts_with("HTTP/1.1 20") { Ok(()) } else { Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into()) }
}
