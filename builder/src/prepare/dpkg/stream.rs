//! Package files, decompressed by several threads and read by one, in the order they were given. A few packages are
//! worked on ahead; memory stays bounded whatever their size.

use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};

use crate::error::BuildError;
use crate::packages::deb;

/// Bytes of one piece.
const PIECE: usize = 256 << 10;
/// Pieces of one package that wait at most.
const PIECES: usize = 24;

/// A package file as the reader gets it.
pub struct Opened {
    /// Files of its control part.
    pub control: Vec<(String, Vec<u8>)>,
    /// Its data tar.
    pub data: Data,
}

enum Message {
    Control(Vec<(String, Vec<u8>)>),
    Piece(Vec<u8>, usize),
    Failed(BuildError),
    Broken(io::Error),
}

/// The decompressed data tar of a package.
pub struct Data {
    receiver: Receiver<Message>,
    piece: Vec<u8>,
    at: usize,
    filled: usize,
}

impl Read for Data {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.filled {
            match self.receiver.recv() {
                Ok(Message::Piece(piece, filled)) => {
                    self.piece = piece;
                    self.filled = filled.min(self.piece.len());
                    self.at = 0;
                }
                Ok(Message::Broken(error)) => return Err(error),
                Ok(_) => return Err(io::ErrorKind::InvalidData.into()),
                Err(_) => return Ok(0),
            }
        }
        let from = self.piece.get(self.at..self.filled).unwrap_or(&[]);
        let count = from.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), from.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

struct Progress {
    taken: usize,
    reading: usize,
    over: bool,
}

struct Shared {
    progress: Mutex<Progress>,
    moved: Condvar,
    senders: Vec<Mutex<Option<SyncSender<Message>>>>,
}

impl Shared {
    fn set(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
        self.moved.notify_all();
    }

    /// The next package to decompress; none when all are taken or the reader gave up.
    fn take(&self, ahead: usize) -> Option<(usize, SyncSender<Message>)> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if progress.over || progress.taken >= self.senders.len() {
                return None;
            }
            if progress.taken < progress.reading + ahead {
                break;
            }
            progress = self.moved.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        let index = progress.taken;
        progress.taken += 1;
        let sender = self
            .senders
            .get(index)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        Some((index, sender))
    }
}

/// Calls `read` for each package of `paths` in turn, with its index, while further ones are decompressed by `threads`
/// threads.
pub fn each(
    paths: &[&Path],
    threads: usize,
    mut read: impl FnMut(usize, Opened) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let (senders, receivers): (Vec<_>, Vec<_>) = paths.iter().map(|_| sync_channel(PIECES)).unzip();
    let shared = Shared {
        progress: Mutex::new(Progress {
            taken: 0,
            reading: 0,
            over: false,
        }),
        moved: Condvar::new(),
        senders: senders
            .into_iter()
            .map(|sender| Mutex::new(Some(sender)))
            .collect(),
    };
    let ahead = 4 * threads.max(1) + 4;
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, sender)) = shared.take(ahead) {
                    if let Some(path) = paths.get(index) {
                        send(path, &sender);
                    }
                }
            });
        }
        let mut result = Ok(());
        for (index, receiver) in receivers.into_iter().enumerate() {
            shared.set(|progress| progress.reading = index);
            result = open(receiver).and_then(|opened| read(index, opened));
            if result.is_err() {
                break;
            }
        }
        // The other receivers are gone by now, so that no thread waits for them.
        shared.set(|progress| progress.over = true);
        result
    })
}

fn open(receiver: Receiver<Message>) -> Result<Opened, BuildError> {
    match receiver.recv() {
        Ok(Message::Control(control)) => Ok(Opened {
            control,
            data: Data {
                receiver,
                piece: Vec::new(),
                at: 0,
                filled: 0,
            },
        }),
        Ok(Message::Failed(error)) => Err(error),
        _ => Err(BuildError::Internal {
            message: "a package was not decompressed".to_owned(),
        }),
    }
}

/// Decompresses one package. Where nobody listens any more, it stops.
fn send(path: &Path, sender: &SyncSender<Message>) {
    let reader = match deb::open(path) {
        Ok(reader) => reader,
        Err(error) => {
            let _ = sender.send(Message::Failed(error));
            return;
        }
    };
    if sender.send(Message::Control(reader.control().to_vec())).is_err() {
        return;
    }
    let mut data = reader.into_data();
    loop {
        let mut piece = vec![0; PIECE];
        let mut filled = 0;
        let mut ended = false;
        while let Some(rest) = piece.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match data.read(rest) {
                Ok(0) => {
                    ended = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let _ = sender.send(Message::Broken(error));
                    return;
                }
            }
        }
        if (filled > 0 && sender.send(Message::Piece(piece, filled)).is_err()) || ended {
            return;
        }
    }
}
