//! An event as an article.

use super::days::DAYS;
use super::event::Event;
use super::names::{FIRMS, FIRST, LAST};
use super::places::COUNTRIES;
use crate::demo::grammar::capitalised;
use crate::random::Random;

/// Title and text.
pub(super) fn write(event: &Event, random: &mut Random) -> (String, String) {
    let mut writer = Writer {
        event,
        person: person(random),
        firm: random.pick(&FIRMS),
        random,
    };
    let title = writer.title();
    let happening = event.happening();
    let mut sentences = vec![writer.draw(happening.leads)];
    sentences.push(writer.draw(happening.details));
    let background = event.topic().background;
    sentences.push(writer.draw(background));
    if writer.random.once_in(3) {
        let another = writer.draw(background);
        if !sentences.contains(&another) {
            sentences.push(another);
        }
    }
    (title, sentences.join(" "))
}

fn person(random: &mut Random) -> String {
    format!("{} {}", random.pick(&FIRST), random.pick(&LAST))
}

/// Fills the gaps of sentences; a person or a company stays the same throughout an article.
struct Writer<'a> {
    event: &'a Event,
    person: String,
    firm: &'static str,
    random: &'a mut Random,
}

impl Writer<'_> {
    fn title(&mut self) -> String {
        let verb = self.random.pick(self.event.happening().verbs);
        let subject = self.random.pick(self.event.subject());
        let country = self.event.country();
        let title = match self.random.below(3) {
            0 => format!("{} {subject} {verb}", country.adjective),
            1 => format!("{subject} {verb} in {}", country.name),
            _ => format!("{subject} {verb} in {}", self.event.city()),
        };
        capitalised(&title)
    }

    fn draw(&mut self, sentences: &[&str]) -> String {
        let mut sentence = self.random.pick(sentences).to_owned();
        while let Some(start) = sentence.find('{') {
            let end = start + sentence[start..].find('}').expect("gaps have an end") + 1;
            let words = self.gap(&sentence[start..end]);
            sentence.replace_range(start..end, &words);
        }
        for (wrong, right) in [
            ("rom on ", "rom "),
            ("rom in ", "rom "),
            ("ince on ", "ince "),
            ("ince in ", "ince "),
        ] {
            sentence = sentence.replace(wrong, right);
        }
        capitalised(&with_article(&sentence))
    }

    fn gap(&mut self, name: &str) -> String {
        let country = self.event.country();
        match name {
            "{s}" => self.random.pick(self.event.subject()).into(),
            "{nat}" => country.adjective.into(),
            "{city}" => self.event.city().into(),
            "{other}" => {
                let other = 1 + self.random.below(COUNTRIES.len() - 1);
                let other = (self.event.country + other) % COUNTRIES.len();
                COUNTRIES[other].name.into()
            }
            "{time}" => self.random.pick(DAYS[self.event.day].written).into(),
            "{n}" => (11 + self.random.below(38)).to_string(),
            "{person}" => self.person.clone(),
            "{witness}" => person(self.random),
            "{firm}" => self.firm.into(),
            _ => unreachable!("the lists have no other gaps"),
        }
    }
}

/// `an` instead of `a` before a vowel.
fn with_article(sentence: &str) -> String {
    let mut words: Vec<&str> = sentence.split(' ').collect();
    for at in 1..words.len() {
        let next = words[at].to_lowercase();
        let vowel = next.starts_with(['a', 'e', 'i', 'o', 'u']) && !next.starts_with("uni");
        if vowel && !next.starts_with("eu") {
            words[at - 1] = match words[at - 1] {
                "a" => "an",
                "A" => "An",
                other => other,
            };
        }
    }
    words.join(" ")
}
