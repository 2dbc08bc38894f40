//! What somebody types who looks for an article.

use std::collections::HashSet;

use super::days::DAYS;
use super::event::Event;
use crate::random::Random;

/// The length of a query in words.
const WORDS: std::ops::RangeInclusive<usize> = 3..=10;
/// Ways to ask of which the one with the fewest words of the article is chosen.
const DRAWS: usize = 5;

/// A query for the event that `article` reports. It says when, if it must be `dated`.
pub(super) fn write(event: &Event, article: &str, dated: bool, random: &mut Random) -> String {
    let known: HashSet<String> = stems(article).collect();
    let draws = if random.once_in(5) { 1 } else { DRAWS };
    let dated = dated || random.once_in(6);
    let mut best: Option<(usize, String)> = None;
    let asked = (0..20 * DRAWS).map(|_| match dated {
        true => {
            let undated = undated(event, random);
            format!("{undated} {}", random.pick(DAYS[event.day].asked))
        }
        false => undated(event, random),
    });
    let fits = |query: &String| WORDS.contains(&query.split(' ').count());
    for query in asked.filter(fits).take(draws) {
        let shared = stems(&query).filter(|stem| known.contains(stem)).count();
        if best.as_ref().is_none_or(|(least, _)| shared < *least) {
            best = Some((shared, query));
        }
    }
    best.expect("some way to ask is short").1
}

fn undated(event: &Event, random: &mut Random) -> String {
    let subject = random.pick(event.subject());
    let country = event.country();
    let place = match random.below(4) {
        0 if event.capital => format!("the capital of {}", country.name),
        1 if random.once_in(2) => event.city().to_owned(),
        _ => country.name.to_owned(),
    };
    let happening = event.happening();
    if random.once_in(2) {
        let verb = random.pick(happening.verbs);
        match random.below(3) {
            0 => format!("{} {subject} {verb}", country.adjective),
            1 => format!("{subject} in {place} {verb}"),
            _ => format!("{subject} {verb} in {place}"),
        }
    } else {
        let noun = random.pick(happening.nouns);
        match random.below(2) {
            0 => noun.replace("{s}", &format!("{} {subject}", country.adjective)),
            _ => format!("{} in {place}", noun.replace("{s}", subject)),
        }
    }
}

/// The first letters of the words that say something: nearly what a stemmer makes of them.
fn stems(text: &str) -> impl Iterator<Item = String> {
    const COMMON: [&str; 12] = [
        "with", "from", "that", "this", "what", "does", "have", "their", "because", "after", "will", "more",
    ];
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.len() > 2 && !["the", "and", "for", "are", "has"].contains(&word.as_str()))
        .filter(|word| !COMMON.contains(&word.as_str()))
        .map(|word| word.chars().take(4).collect())
}
