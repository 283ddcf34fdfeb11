//! Event log: the events of one stream, kept so that a client can resume it after its connection was cut.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::transport::pending_requests::PendingRequest;

/// The events of one stream that are kept: an answer, and the progress before it.
const MAX_EVENTS: usize = 64;

/// One stream from the server to its client. Several connections can read it: a cut one may look open for a while.
#[derive(Debug, Default)]
pub(super) struct EventLog {
    /// The number of the oldest event that is kept.
    first: u64,
    events: VecDeque<Arc<str>>,
    /// The number after the newest event that a connection has taken.
    taken: u64,
    /// The connections that read it, the newest last.
    readers: Vec<u64>,
    next_reader: u64,
    ended: Option<Instant>,
    /// The requests whose answers are here. They stay pending while a connection can still take the answer.
    answered: Vec<PendingRequest>,
}

/// Where a connection is in a stream.
#[derive(Debug)]
pub(super) struct Cursor {
    reader: u64,
    next: u64,
    /// Events before this one were taken by an earlier connection, and are repeated for this one.
    repeats_until: u64,
}

/// What a connection gets next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextEvent {
    /// An event and its number.
    Event(u64, Arc<str>),
    /// Nothing for now.
    Wait,
    /// Nothing any more.
    End,
}

impl EventLog {
    /// Adds an event, unless the stream has ended.
    pub(super) fn push(&mut self, event: Arc<str>) {
        if self.ended.is_some() {
            return;
        }
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
            self.first += 1;
        }
        self.events.push_back(event);
    }

    /// Ends the stream; what is in it can still be read.
    pub(super) fn end(&mut self) {
        self.ended.get_or_insert_with(Instant::now);
    }

    /// A request whose answer was added; without a connection that could take the answer, it is not pending any more.
    pub(super) fn note_answered(&mut self, request: Option<PendingRequest>) {
        if !self.readers.is_empty() {
            self.answered.extend(request);
        }
    }

    /// Begins to read what no connection has taken.
    pub(super) fn read(&mut self) -> Cursor {
        self.cursor(self.taken)
    }

    /// Begins to read after the event of this number; nothing where there is no such event.
    pub(super) fn read_after(&mut self, number: u64) -> Option<Cursor> {
        let next = number.checked_add(1)?;
        let kept = self.first..=self.first + self.events.len() as u64;
        kept.contains(&next).then(|| self.cursor(next))
    }

    fn cursor(&mut self, next: u64) -> Cursor {
        let reader = self.next_reader;
        self.next_reader += 1;
        self.readers.push(reader);
        Cursor {
            reader,
            next,
            repeats_until: self.taken,
        }
    }

    /// The next event. Each goes to one connection, the newest, since a client would take a second one for another message.
    pub(super) fn next(&mut self, cursor: &mut Cursor) -> NextEvent {
        let repeats = cursor.next < cursor.repeats_until;
        let is_newest = self.readers.last() == Some(&cursor.reader);
        if repeats || is_newest {
            if !repeats {
                cursor.next = cursor.next.max(self.taken);
            }
            cursor.next = cursor.next.max(self.first);
            let place = usize::try_from(cursor.next - self.first).unwrap_or(usize::MAX);
            if let Some(event) = self.events.get(place) {
                let number = cursor.next;
                cursor.next += 1;
                self.taken = self.taken.max(cursor.next);
                return NextEvent::Event(number, Arc::clone(event));
            }
        }
        match self.ended {
            Some(_) => NextEvent::End,
            None => NextEvent::Wait,
        }
    }

    /// A connection is gone, or has all it wanted.
    pub(super) fn leave(&mut self, cursor: &Cursor) {
        self.readers.retain(|reader| *reader != cursor.reader);
        if self.readers.is_empty() {
            self.answered.clear();
        }
    }

    /// How long ago the stream ended, where nobody reads it any more.
    pub(super) fn is_kept_since(&self) -> Option<Duration> {
        let ended = self.ended.filter(|_| self.readers.is_empty())?;
        Some(ended.elapsed())
    }

    /// The memory of its events.
    pub(super) fn size(&self) -> usize {
        self.events.iter().map(|event| event.len()).sum()
    }

    pub(super) fn has_readers(&self) -> bool {
        !self.readers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(events: &[&str]) -> EventLog {
        let mut log = EventLog::default();
        for event in events {
            log.push((*event).into());
        }
        log
    }

    fn read_all(log: &mut EventLog, cursor: &mut Cursor) -> Vec<String> {
        let mut read = Vec::new();
        while let NextEvent::Event(number, text) = log.next(cursor) {
            read.push(format!("{number}{text}"));
        }
        read
    }

    #[test]
    fn a_cut_stream_is_resumed_after_the_last_event_that_arrived() {
        let mut log = log_of(&["a", "b"]);
        let mut cut = log.read();
        assert_eq!(read_all(&mut log, &mut cut), ["0a", "1b"]);
        log.push("c".into());
        log.end();
        let mut resumed = log.read_after(0).unwrap();
        assert_eq!(log.next(&mut cut), NextEvent::End);
        assert_eq!(read_all(&mut log, &mut resumed), ["1b", "2c"]);
        assert_eq!(log.next(&mut resumed), NextEvent::End);
    }

    #[test]
    fn an_event_goes_to_the_newest_connection_alone() {
        let mut log = log_of(&["a"]);
        let mut older = log.read();
        let mut newer = log.read();
        assert_eq!(log.next(&mut older), NextEvent::Wait);
        assert_eq!(read_all(&mut log, &mut newer), ["0a"]);
        log.leave(&newer);
        log.push("b".into());
        assert_eq!(read_all(&mut log, &mut older), ["1b"]);
    }

    #[test]
    fn what_was_never_sent_or_is_not_kept_cannot_be_resumed_after() {
        let mut log = log_of(&["x"; MAX_EVENTS + 2]);
        for (number, is_kept) in [
            (0, false),
            (1, true),
            (65, true),
            (66, false),
            (u64::MAX, false),
        ] {
            assert_eq!(log.read_after(number).is_some(), is_kept, "{number}");
        }
    }
}
