//! What the news are about.
//!
//! In the texts, `{s}` is a subject, `{nat}` the adjective of a country, `{country}` its name, `{city}` the city, `{other}` another
//! country, `{time}` a date, `{n}` a number, `{person}` and `{witness}` names of
//! people, and `{firm}` that of a company.

mod animals;
mod buildings;
mod companies;
mod crime;
mod disasters;
mod health;
mod politics;
mod prices;
mod sport;
mod transport;
mod workers;

/// Subjects of one kind, and what can happen to each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// For each subject, nouns of the same meaning.
    pub subjects: &'static [&'static [&'static str]],
    /// What can happen.
    pub happenings: &'static [Happening],
    /// Sentences that fit every article of the topic.
    pub background: &'static [&'static str],
}

/// Something that can happen, in words of the same meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// What a headline says of the subject.
    pub verbs: &'static [&'static str],
    /// How somebody asks for it; a place can follow.
    pub nouns: &'static [&'static str],
    /// Sentences with the subject, the place and the date.
    pub leads: &'static [&'static str],
    /// Sentences that may follow.
    pub details: &'static [&'static str],
}

/// All topics.
pub const TOPICS: [Topic; 11] = [
    prices::TOPIC,
    companies::TOPIC,
    disasters::TOPIC,
    politics::TOPIC,
    sport::TOPIC,
    crime::TOPIC,
    health::TOPIC,
    animals::TOPIC,
    buildings::TOPIC,
    transport::TOPIC,
    workers::TOPIC,
];
