//! Nouns and names.

use super::features::{Gender, Kind, Number};

/// A noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Noun {
    /// `book`.
    pub singular: &'static str,
    /// `men`; none if the plural is regular.
    pub irregular_plural: Option<&'static str>,
    /// What it stands for.
    pub kind: Kind,
    /// Which reflexive pronoun it takes.
    pub gender: Gender,
}

impl Noun {
    const fn new(singular: &'static str, kind: Kind, gender: Gender) -> Self {
        Self {
            singular,
            irregular_plural: None,
            kind,
            gender,
        }
    }

    const fn irregular(singular: &'static str, plural: &'static str, kind: Kind, gender: Gender) -> Self {
        Self {
            singular,
            irregular_plural: Some(plural),
            kind,
            gender,
        }
    }

    /// A noun that is not in the lexicon.
    pub const fn invented(singular: &'static str, kind: Kind) -> Self {
        Self::new(singular, kind, Gender::It)
    }

    /// The noun in `number`.
    pub fn form(&self, number: Number) -> String {
        match (number, self.irregular_plural) {
            (Number::Singular, _) => self.singular.to_owned(),
            (Number::Plural, Some(plural)) => plural.to_owned(),
            (Number::Plural, None) => super::add_s(self.singular),
        }
    }
}

/// A person's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// With a capital.
    pub name: &'static str,
    /// Which reflexive pronoun it takes.
    pub gender: Gender,
}

const fn he(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Person, Gender::He)
}

const fn she(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Person, Gender::She)
}

const fn person(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Person, Gender::Any)
}

const fn animal(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Animal, Gender::It)
}

const fn thing(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Thing, Gender::It)
}

const fn text(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Text, Gender::It)
}

const fn food(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Food, Gender::It)
}

const fn place(noun: &'static str) -> Noun {
    Noun::new(noun, Kind::Place, Gender::It)
}

/// People.
pub const PEOPLE: &[Noun] = &[
    he("king"),
    she("queen"),
    he("boy"),
    she("girl"),
    Noun::irregular("man", "men", Kind::Person, Gender::He),
    Noun::irregular("woman", "women", Kind::Person, Gender::She),
    Noun::irregular("child", "children", Kind::Person, Gender::Any),
    person("teacher"),
    person("student"),
    person("doctor"),
    person("painter"),
    person("friend"),
    she("nun"),
    he("brother"),
    she("sister"),
    she("mother"),
    he("father"),
    he("monk"),
    person("farmer"),
    person("singer"),
    Noun::irregular("person", "people", Kind::Person, Gender::Any),
    person("writer"),
    person("author"),
    person("lawyer"),
    he("uncle"),
    he("son"),
    he("prince"),
    he("husband"),
    he("grandfather"),
    she("aunt"),
    she("daughter"),
    she("princess"),
    she("lady"),
    she("grandmother"),
    Noun::irregular("wife", "wives", Kind::Person, Gender::She),
    person("driver"),
    person("dancer"),
    person("baker"),
    person("player"),
    person("worker"),
    person("helper"),
    person("soldier"),
    person("pilot"),
    person("nurse"),
    person("neighbor"),
    person("guest"),
    person("artist"),
    person("actor"),
    person("scientist"),
    person("captain"),
    person("poet"),
    person("tourist"),
    person("parent"),
    person("cousin"),
    person("visitor"),
    person("president"),
    person("manager"),
    person("customer"),
    person("baby"),
];

/// People whom only dev sentences mention.
pub const NEW_PEOPLE: &[Noun] = &[
    person("climber"),
    person("cleaner"),
    person("builder"),
    person("hunter"),
];

/// Animals.
pub const ANIMALS: &[Noun] = &[
    animal("cat"),
    animal("dog"),
    animal("bird"),
    animal("horse"),
    animal("cow"),
    animal("rabbit"),
    animal("lion"),
    animal("tiger"),
    animal("bear"),
    animal("fox"),
    animal("duck"),
    animal("elephant"),
    animal("monkey"),
    animal("pig"),
    animal("frog"),
    animal("snake"),
    animal("goat"),
    animal("spider"),
    animal("puppy"),
    Noun::irregular("mouse", "mice", Kind::Animal, Gender::It),
    Noun::irregular("wolf", "wolves", Kind::Animal, Gender::It),
];

/// Things.
pub const THINGS: &[Noun] = &[
    thing("table"),
    thing("car"),
    thing("key"),
    thing("door"),
    thing("chair"),
    thing("lamp"),
    thing("picture"),
    thing("ball"),
    thing("tree"),
    thing("box"),
    thing("window"),
    thing("flower"),
    thing("ship"),
    thing("cup"),
    thing("phone"),
    thing("sun"),
    thing("moon"),
    thing("star"),
    thing("number"),
    thing("boat"),
    thing("ticket"),
    thing("bottle"),
    thing("basket"),
    thing("hammer"),
    thing("cart"),
    thing("pen"),
    thing("shoe"),
    thing("coat"),
    thing("computer"),
    thing("bike"),
    thing("bus"),
    thing("plate"),
    thing("bag"),
    thing("bed"),
    thing("clock"),
    thing("mirror"),
    thing("toy"),
    thing("cabinet"),
    thing("ring"),
    thing("shirt"),
    thing("dress"),
    thing("idea"),
    thing("problem"),
    thing("game"),
    thing("wall"),
    thing("coin"),
    thing("gift"),
    thing("desk"),
    thing("sofa"),
    thing("map"),
    thing("piano"),
    thing("guitar"),
    Noun::irregular("knife", "knives", Kind::Thing, Gender::It),
];

/// What people read and write.
pub const TEXTS: &[Noun] = &[
    text("book"),
    text("letter"),
    text("story"),
    text("poem"),
    text("newspaper"),
    text("report"),
    text("song"),
    text("question"),
    text("message"),
    text("film"),
    text("movie"),
    text("sentence"),
    text("word"),
];

/// What people eat.
pub const FOODS: &[Noun] = &[
    food("apple"),
    food("cake"),
    food("sandwich"),
    food("pizza"),
    food("egg"),
    food("meal"),
    food("cookie"),
    food("orange"),
    food("carrot"),
    food("banana"),
];

/// Places.
pub const PLACES: &[Noun] = &[
    place("house"),
    place("garden"),
    place("park"),
    place("school"),
    place("kitchen"),
    place("room"),
    place("street"),
    place("city"),
    place("road"),
    place("country"),
    place("village"),
    place("shop"),
    place("forest"),
    place("river"),
    place("lake"),
    place("office"),
    place("church"),
    place("hotel"),
    place("hospital"),
    place("library"),
    place("museum"),
    place("station"),
    place("castle"),
    place("market"),
    place("field"),
    place("farm"),
    place("town"),
    place("restaurant"),
];

/// Nouns without a plural.
pub const MASS: &[Noun] = &[
    food("water"),
    food("milk"),
    food("bread"),
    food("rice"),
    food("coffee"),
    food("tea"),
    food("soup"),
    food("cheese"),
    food("juice"),
    thing("money"),
    thing("music"),
    thing("homework"),
    thing("work"),
    thing("snow"),
];

/// Names.
pub const NAMES: &[Name] = &[
    name("John", Gender::He),
    name("Tom", Gender::He),
    name("Peter", Gender::He),
    name("Paul", Gender::He),
    name("David", Gender::He),
    name("Bob", Gender::He),
    name("James", Gender::He),
    name("Max", Gender::He),
    name("Mary", Gender::She),
    name("Anna", Gender::She),
    name("Susan", Gender::She),
    name("Sarah", Gender::She),
    name("Emma", Gender::She),
    name("Alice", Gender::She),
    name("Lucy", Gender::She),
    name("Julia", Gender::She),
];

const fn name(name: &'static str, gender: Gender) -> Name {
    Name { name, gender }
}

/// All nouns.
pub fn all() -> impl Iterator<Item = &'static Noun> {
    [PEOPLE, NEW_PEOPLE, ANIMALS, THINGS, TEXTS, FOODS, PLACES, MASS]
        .into_iter()
        .flatten()
}
