//! Many callers at once in one thread, each on one kept-alive connection.
//!
//! One thread waits for all connections (epoll), because a thread for each of 128 would take the processors from those
//! that are measured.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::Outcome;
use crate::process::Process;

/// Longest time without any answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who answers.
#[derive(Clone)]
pub struct Server {
    pub name: String,
    /// `host:port`.
    pub address: String,
    pub process: Process,
    /// Another stack.
    pub is_peer: bool,
}

/// What the callers saw.
pub struct Answers {
    /// From sending to the last byte.
    pub latencies: Vec<Duration>,
    /// From the first request to the last answer.
    pub length: Duration,
}

struct Caller {
    stream: TcpStream,
    request: Vec<u8>,
    /// Bytes of the request that are sent.
    written: usize,
    answer: Vec<u8>,
    sent: Instant,
    busy: bool,
}

/// Lets all callers send requests, one after the other each, until the time is over.
///
/// `next` writes the next request.
pub fn run(address: &str, connections: usize, length: Duration, next: &mut impl FnMut(&mut Vec<u8>)) -> Outcome<Answers> {
    let address: SocketAddr = address.parse()?;
    let mut poll = Poll::new()?;
    let mut callers = Vec::with_capacity(connections);
    for place in 0..connections {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        poll.registry().register(&mut stream, Token(place), Interest::READABLE | Interest::WRITABLE)?;
        callers.push(Caller { stream, request: Vec::new(), written: 0, answer: Vec::new(), sent: Instant::now(), busy: false });
    }
    let mut events = Events::with_capacity(connections);
    let mut latencies = Vec::with_capacity(65_536);
    let began = Instant::now();
    let mut running = connections;
    while running > 0 {
        poll.poll(&mut events, Some(PATIENCE))?;
        if events.is_empty() {
            return Err(format!("{address} did not answer within {PATIENCE:?}").into());
        }
        for event in &events {
            let caller = &mut callers[event.token().0];
            if event.is_writable() && !caller.busy && caller.request.is_empty() {
                caller.send(next)?;
            }
            if caller.busy && event.is_writable() {
                caller.write()?;
            }
            if caller.busy && event.is_readable() && caller.read()? {
                latencies.push(caller.sent.elapsed());
                caller.busy = false;
                if began.elapsed() < length {
                    caller.send(next)?;
                } else {
                    running -= 1;
                }
            }
        }
    }
    Ok(Answers { latencies, length: began.elapsed() })
}

impl Caller {
    fn send(&mut self, next: &mut impl FnMut(&mut Vec<u8>)) -> Outcome<()> {
        self.request.clear();
        next(&mut self.request);
        self.answer.clear();
        self.written = 0;
        self.busy = true;
        self.sent = Instant::now();
        self.write()
    }

    fn write(&mut self) -> Outcome<()> {
        while self.written < self.request.len() {
            match self.stream.write(&self.request[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads what has come; whether the answer is complete. Anything but success ends the run.
    fn read(&mut self) -> Outcome<bool> {
        let mut part = [0_u8; 16_384];
        loop {
            match self.stream.read(&mut part) {
                Ok(0) => return Err("the server closed a connection".into()),
                Ok(count) => self.answer.extend_from_slice(&part[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            // No byte can follow the last one before the next request, so there is no need to ask.
            let Some(length) = message_length(&self.answer)? else { continue };
            if self.answer.len() >= length {
                let is_success = self.answer.starts_with(b"HTTP/1.1 20");
                return if is_success { Ok(true) } else { Err(String::from_utf8_lossy(&self.answer).into_owned().into()) };
            }
        }
    }
}

/// Length of head and body, once the head has come.
fn message_length(answer: &[u8]) -> Outcome<Option<usize>> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    for line in answer[..head].split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        if line[..colon].eq_ignore_ascii_case(b"content-length") {
            let length: usize = std::str::from_utf8(&line[colon + 1..])?.trim().parse()?;
            return Ok(Some(head + 4 + length));
        }
    }
    Err("an answer without Content-Length".into())
}
