//! News, and queries that share few words with the article that they look for.
//!
//! ```
//! use datasets::demo::{DemoConfig, news};
//! let news = news::generate(&DemoConfig { train: 60, dev: 30, ..DemoConfig::default() });
//! assert_eq!(news.dev.len(), 60 + 30);
//! ```
//!
//! An article reports one event: what happened to what, where and when. The words are drawn from lists of words with the same
//! meaning, and so are those of a query: `Swedish lender sheds posts` looks for `Bank in Stockholm lays off staff`. Of several ways
//! to ask, a query is the one that shares the fewest words with its article.
//!
//! Six articles are near misses of each other: the same happened to something else, or something else to the same, or elsewhere, or
//! at another time. Half of the dev articles have a query. Every query fits exactly one article of its collection. What happened to
//! something in a country is in train or in dev, never in both. Places are real; people, companies and events are invented.

mod article;
mod days;
mod event;
mod names;
mod places;
mod query;
mod topics;
mod vocabulary;

use std::collections::{HashMap, HashSet};
use std::path::Path;

pub use vocabulary::vocabulary;

use self::event::{Core, Event};
use super::{DemoConfig, DemoCorpus, MAX_REPEATS};
use crate::examples::{Article, JudgedQuery, Query, RetrievalDataset, RetrievalExample};
use crate::random::Random;
use crate::source::Source;

/// An event and its near misses.
const GROUP: usize = 6;

/// Generates articles with `config.train` queries, one for each, and others with `config.dev` queries, one for every second
/// article; both numbers of articles are rounded up to whole groups of near misses.
///
/// # Panics
/// If there are not enough different events (some tens of thousands).
pub fn generate(config: &DemoConfig) -> DemoCorpus<RetrievalExample> {
    let mut random = Random::new(config.seed ^ 0x2e35);
    let mut used = HashSet::new();
    let mut split = |name, queries: usize, share: usize| {
        let groups = (queries.max(1) * share).div_ceil(GROUP);
        let collection = Collection::draw(groups, &used, &mut random);
        used.extend(collection.days.keys().copied());
        collection.examples(name, queries.max(1), &mut random)
    };
    let dev = split("news dev", config.dev, 2);
    let train = split("news train", config.train, 1);
    DemoCorpus { train, dev }
}

/// The events that the articles of a collection report.
struct Collection {
    groups: Vec<[Event; GROUP]>,
    /// The days on which the same happened.
    days: HashMap<Core, Vec<Event>>,
}

impl Collection {
    /// Draws `groups` groups of events, none of them `used` elsewhere. No two can be confused.
    fn draw(groups: usize, used: &HashSet<Core>, random: &mut Random) -> Self {
        let mut all = Self {
            groups: vec![],
            days: HashMap::new(),
        };
        let mut repeats = 0;
        while all.groups.len() < groups {
            let event = Event::draw(random);
            let dated = if random.once_in(2) { 3 } else { 1 };
            let others = [0, 1, 2, dated, 0].map(|part| event.near_miss(part, random));
            let mut group = [event; GROUP];
            group[1..].copy_from_slice(&others);
            if all.can_have(&group, used) {
                for event in group {
                    all.days.entry(event.core()).or_default().push(event);
                }
                all.groups.push(group);
                repeats = 0;
            } else {
                repeats += 1;
                assert!(repeats < MAX_REPEATS, "there are no {groups} groups of events");
            }
        }
        all
    }

    fn can_have(&self, group: &[Event; GROUP], used: &HashSet<Core>) -> bool {
        group.iter().enumerate().all(|(at, event)| {
            let known = self.days.get(&event.core()).into_iter().flatten();
            let mut others = known.chain(&group[..at]);
            !used.contains(&event.core()) && !others.any(|other| event.is_confused_with(other))
        })
    }

    /// The articles, and `queries` queries, in random order.
    fn examples(self, name: &str, queries: usize, random: &mut Random) -> RetrievalDataset {
        let source = Source::file(Path::new(name));
        let asked = queries.div_ceil(self.groups.len()).min(GROUP);
        let mut order: Vec<usize> = (0..self.groups.len() * GROUP).collect();
        random.shuffle(&mut order);
        let mut numbers = vec![0; order.len()];
        for (number, place) in order.iter().enumerate() {
            numbers[*place] = number as u32;
        }
        let mut articles: Vec<Option<Article>> = vec![None; order.len()];
        let mut judged = vec![];
        for (group, events) in self.groups.iter().enumerate() {
            let own = &numbers[group * GROUP..][..GROUP];
            for (at, event) in events.iter().enumerate() {
                let (title, text) = article::write(event, random);
                if at < asked {
                    let dated = self.days[&event.core()].len() > 1;
                    let query = query::write(event, &format!("{title} {text}"), dated, random);
                    let others = own.iter().filter(|other| **other != own[at]);
                    judged.push((query, own[at], others.copied().collect()));
                }
                articles[own[at] as usize] = Some(Article {
                    id: format!("news-{}", own[at] + 1),
                    title: Some(title),
                    text,
                    source: source.line(own[at] as usize + 1),
                });
            }
        }
        random.shuffle(&mut judged);
        judged.truncate(queries);
        let count = articles.len();
        let articles = articles.into_iter().flatten().map(RetrievalExample::Article);
        let judged = judged
            .into_iter()
            .enumerate()
            .map(|(at, (text, article, negatives))| {
                RetrievalExample::Query(JudgedQuery {
                    query: Query {
                        id: format!("query-{}", at + 1),
                        text,
                        source: source.line(count + at + 1),
                    },
                    grades: vec![(article, 1)],
                    negatives,
                })
            });
        RetrievalDataset::new(&source.file, articles.chain(judged).collect()).expect("a demo has examples")
    }
}
