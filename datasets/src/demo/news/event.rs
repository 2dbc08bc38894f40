//! What articles report.

use super::days::{DAYS, overlap};
use super::places::{COUNTRIES, Country};
use super::topics::{Happening, TOPICS, Topic};
use crate::random::Random;

/// What happened to what, where and when: numbers of entries in the lists of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) topic: usize,
    pub(super) subject: usize,
    pub(super) happening: usize,
    pub(super) country: usize,
    /// Whether it happened in the capital.
    pub(super) capital: bool,
    pub(super) day: usize,
}

/// All of an event but the city and the day.
pub(super) type Core = [usize; 4];

impl Event {
    pub(super) fn draw(random: &mut Random) -> Self {
        // Each happening is as frequent as any other.
        let all: usize = TOPICS.iter().map(|topic| topic.happenings.len()).sum();
        let (mut topic, mut happening) = (0, random.below(all));
        while happening >= TOPICS[topic].happenings.len() {
            happening -= TOPICS[topic].happenings.len();
            topic += 1;
        }
        Self {
            topic,
            subject: random.below(TOPICS[topic].subjects.len()),
            happening,
            country: random.below(COUNTRIES.len()),
            capital: random.once_in(2),
            day: random.below(DAYS.len()),
        }
    }

    pub(super) fn core(&self) -> Core {
        [self.topic, self.subject, self.happening, self.country]
    }

    /// Whether somebody who asks for one of them, with its day, may mean the other.
    pub(super) fn is_confused_with(&self, other: &Self) -> bool {
        self.core() == other.core() && overlap(self.day, other.day)
    }

    /// The same with another subject (`part` 0), happening (1), country (2) or day (3).
    pub(super) fn near_miss(&self, part: usize, random: &mut Random) -> Self {
        let mut other = *self;
        let (of, count) = match part {
            0 => (&mut other.subject, self.topic().subjects.len()),
            1 => (&mut other.happening, self.topic().happenings.len()),
            2 => (&mut other.country, COUNTRIES.len()),
            _ => (&mut other.day, DAYS.len()),
        };
        *of = (*of + 1 + random.below(count - 1)) % count;
        other
    }

    pub(super) fn topic(&self) -> &'static Topic {
        &TOPICS[self.topic]
    }

    pub(super) fn subject(&self) -> &'static [&'static str] {
        self.topic().subjects[self.subject]
    }

    pub(super) fn happening(&self) -> &'static Happening {
        &self.topic().happenings[self.happening]
    }

    pub(super) fn country(&self) -> &'static Country {
        &COUNTRIES[self.country]
    }

    pub(super) fn city(&self) -> &'static str {
        match self.capital {
            true => self.country().capital,
            false => self.country().city,
        }
    }
}
