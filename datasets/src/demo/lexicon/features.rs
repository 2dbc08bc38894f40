//! The features that words of a sentence share.

/// One or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// One.
    Singular,
    /// Several.
    Plural,
}

impl Number {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Number::Singular => Number::Plural,
            Number::Plural => Number::Singular,
        }
    }
}

/// What a verb agrees with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// `I`.
    First,
    /// `he`, `the cat`.
    Third,
    /// `we`, `you`, `they`, `the cats`.
    Plural,
}

impl Agreement {
    /// That of the other number.
    pub fn other(self) -> Self {
        match self {
            Agreement::First | Agreement::Third => Agreement::Plural,
            Agreement::Plural => Agreement::Third,
        }
    }
}

impl From<Number> for Agreement {
    fn from(number: Number) -> Self {
        match number {
            Number::Singular => Agreement::Third,
            Number::Plural => Agreement::Plural,
        }
    }
}

/// Which reflexive pronoun refers to a noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gender {
    /// `himself`.
    He,
    /// `herself`.
    She,
    /// `itself`.
    It,
    /// `himself` or `herself`.
    Any,
}

/// What a noun stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A person.
    Person,
    /// An animal.
    Animal,
    /// A thing.
    Thing,
    /// Something to read.
    Text,
    /// Something to eat or drink.
    Food,
    /// A place.
    Place,
}

/// The role of a pronoun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// `she`.
    Subject,
    /// `her`.
    Object,
}

/// A form of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `write`.
    Base,
    /// `writes`, or `write`.
    Present(Agreement),
    /// `wrote`; `was` or `were`.
    Past(Agreement),
    /// `written`.
    PastParticiple,
    /// `writing`.
    PresentParticiple,
}
