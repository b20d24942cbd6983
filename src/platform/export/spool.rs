//! A file that is written before it is sent: in memory while it is short, else nameless in a private directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use aws_lc_rs::digest;

use crate::platform::private_files::create_private_dir;

/// Longest file that is kept in memory. **Units**: bytes.
const IN_MEMORY: usize = 2 << 20;
/// What is read and sent at a time. **Units**: bytes.
const PIECE: usize = 64 << 10;

/// Where a file is written.
pub(super) struct Spool {
    dir: PathBuf,
    memory: io::Cursor<Vec<u8>>,
    file: Option<File>,
}

impl Spool {
    /// An empty one, whose directory is made when it is needed.
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), memory: io::Cursor::default(), file: None }
    }

    /// Goes on in a file that has no name any more: it ends with the process, and nobody else can open it.
    fn leave_memory(&mut self) -> io::Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        create_private_dir(&self.dir)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{}-{number}", std::process::id()));
        // A file of that name could only be left by a process that ended between these two steps.
        let _ = fs::remove_file(&path);
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        fs::remove_file(&path)?;
        let written = std::mem::take(&mut self.memory);
        file.write_all(written.get_ref())?;
        file.seek(SeekFrom::Start(written.position()))?;
        self.file = Some(file);
        Ok(())
    }

    /// The written file with its length and SHA-256.
    pub(super) fn finish(self) -> io::Result<Content> {
        let mut hash = digest::Context::new(&digest::SHA256);
        let (source, length) = match self.file {
            None => {
                let bytes = self.memory.into_inner();
                hash.update(&bytes);
                let length = bytes.len() as u64;
                (Source::Memory(bytes.into()), length)
            }
            Some(file) => {
                let (mut piece, mut at) = (vec![0; PIECE], 0);
                loop {
                    let count = file.read_at(&mut piece, at)?;
                    if count == 0 {
                        break;
                    }
                    hash.update(&piece[..count]);
                    at += count as u64;
                }
                (Source::File(file), at)
            }
        };
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(hash.finish().as_ref());
        Ok(Content { source, length, sha256, at: 0, end: length })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.file.is_none() && self.memory.get_ref().len() + bytes.len() > IN_MEMORY {
            self.leave_memory()?;
        }
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => self.memory.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Spool {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.file {
            Some(file) => file.seek(to),
            None => self.memory.seek(to),
        }
    }
}

#[derive(Debug)]
enum Source {
    Memory(Bytes),
    File(File),
}

/// A finished file, or the part of it that is wanted; sent piece by piece.
#[derive(Debug)]
pub(crate) struct Content {
    source: Source,
    /// Length of the whole. **Units**: bytes.
    pub length: u64,
    /// Hash of the whole.
    pub sha256: [u8; 32],
    at: u64,
    end: u64,
}

impl Content {
    /// The part from `first` to `last`, both included, which lie within the whole.
    pub(super) fn part(self, first: u64, last: u64) -> Self {
        Self { at: first, end: last + 1, ..self }
    }

    /// The next piece; an empty one after the end.
    fn piece(&self) -> io::Result<Bytes> {
        let wanted = usize::try_from(self.end - self.at).unwrap_or(PIECE).min(PIECE);
        match &self.source {
            Source::Memory(bytes) => {
                let from = usize::try_from(self.at).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(from..from + wanted))
            }
            Source::File(file) => {
                let mut piece = vec![0; wanted];
                file.read_exact_at(&mut piece, self.at)?;
                Ok(piece.into())
            }
        }
    }
}

impl MessageBody for Content {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.end - self.at)
    }

    /// Reads on the thread that sends: what was written a moment ago lies in the memory of the system.
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.at >= self.end {
            return Poll::Ready(None);
        }
        let piece = self.piece();
        if let Ok(piece) = &piece {
            self.at += piece.len() as u64;
        }
        Poll::Ready(Some(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::secrets::digest;

    fn read(mut content: Content) -> Vec<u8> {
        let mut all = Vec::new();
        while content.at < content.end {
            let piece = content.piece().expect("a piece");
            content.at += piece.len() as u64;
            all.extend_from_slice(&piece);
        }
        all
    }

    fn spooled(dir: &Path, bytes: &[u8], step: usize) -> Spool {
        let mut spool = Spool::new(dir);
        for step in bytes.chunks(step) {
            spool.write_all(step).expect("room");
        }
        spool
    }

    #[test]
    fn short_and_long_files_are_read_as_they_were_written() {
        let dir = std::env::temp_dir().join(format!("pai-spool-{}", std::process::id()));
        for (length, in_file) in [(0, false), (1000, false), (IN_MEMORY, false), (IN_MEMORY + 1, true), (3 * IN_MEMORY + 7, true)]
        {
            let bytes: Vec<u8> = (0..length).map(|place| u8::try_from(place % 251).unwrap_or_default()).collect();
            let spool = spooled(&dir, &bytes, 100_000);
            assert_eq!(spool.file.is_some(), in_file, "{length}");
            let content = spool.finish().expect("a file");
            assert_eq!((content.length, content.sha256), (length as u64, digest(&bytes)));
            assert!(read(content) == bytes, "{length}");
            if length > 500 {
                let part = spooled(&dir, &bytes, 70_000).finish().expect("a file").part(400, length as u64 - 1);
                assert_eq!(part.size(), BodySize::Sized(length as u64 - 400));
                assert!(read(part) == bytes[400..], "the part of {length}");
            }
        }
        assert_eq!(fs::read_dir(&dir).expect("the directory").count(), 0, "files have no name");
        fs::remove_dir(&dir).expect("an empty directory");
    }

    #[test]
    fn writing_may_go_back() {
        let dir = std::env::temp_dir();
        for length in [10, IN_MEMORY + 10] {
            let mut spool = spooled(&dir, &vec![1; length], length);
            spool.seek(SeekFrom::Start(3)).expect("a place");
            spool.write_all(&[2]).expect("room");
            let content = read(spool.finish().expect("a file"));
            assert_eq!((content.len(), content[2], content[3], content[4]), (length, 1, 2, 1));
        }
    }
}
