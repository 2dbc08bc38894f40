//! Verbs and their forms.

use super::features::{Agreement, Form, Kind};

/// A verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verb {
    /// `write`.
    pub lemma: &'static str,
    /// `wrote` and `written`; none if they are regular.
    pub irregular: Option<(&'static str, &'static str)>,
    /// Whether its last consonant is doubled: `stopped`, `stopping`.
    pub doubles: bool,
    /// What its object can be.
    pub objects: &'static [Kind],
}

const PEOPLE: &[Kind] = &[Kind::Person];
const ALIVE: &[Kind] = &[Kind::Person, Kind::Animal];
const THINGS: &[Kind] = &[Kind::Thing, Kind::Text, Kind::Food];
const ANY: &[Kind] = &[Kind::Person, Kind::Animal, Kind::Thing, Kind::Text, Kind::Food];
const TEXTS: &[Kind] = &[Kind::Text];
const FOODS: &[Kind] = &[Kind::Food];
const PLACES: &[Kind] = &[Kind::Place, Kind::Person];
const NONE: &[Kind] = &[];

impl Verb {
    /// A regular verb.
    pub const fn regular(lemma: &'static str, objects: &'static [Kind]) -> Self {
        Self {
            lemma,
            irregular: None,
            doubles: false,
            objects,
        }
    }

    const fn irregular(
        lemma: &'static str,
        past: &'static str,
        participle: &'static str,
        objects: &'static [Kind],
    ) -> Self {
        Self {
            lemma,
            irregular: Some((past, participle)),
            doubles: false,
            objects,
        }
    }

    const fn doubling(self) -> Self {
        Self {
            doubles: true,
            ..self
        }
    }

    /// What all regular forms start with: `lov`, `stud`, `work`.
    pub fn stem(&self) -> &'static str {
        let lemma = self.lemma;
        match lemma.strip_suffix('e').or(lemma.strip_suffix('y')) {
            Some(stem) if stem.len() > 1 && !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => stem,
            _ => lemma,
        }
    }

    /// `stopp`: the stem before a vowel.
    pub fn doubled_stem(&self) -> String {
        let last = self.lemma.chars().last().filter(|_| self.doubles);
        self.stem().chars().chain(last).collect()
    }

    /// The verb in `form`.
    pub fn form(&self, form: Form) -> String {
        let lemma = self.lemma;
        match (form, self.irregular) {
            (Form::Base | Form::Present(Agreement::First | Agreement::Plural), _) => match (lemma, form) {
                ("be", Form::Present(Agreement::First)) => "am".into(),
                ("be", Form::Present(_)) => "are".into(),
                _ => lemma.into(),
            },
            (Form::Present(Agreement::Third), _) => match lemma {
                "be" => "is".into(),
                "have" => "has".into(),
                _ => super::add_s(lemma),
            },
            (Form::Past(Agreement::Plural), _) if lemma == "be" => "were".into(),
            (Form::Past(_), Some((past, _))) => past.into(),
            (Form::PastParticiple, Some((_, participle))) => participle.into(),
            (Form::Past(_) | Form::PastParticiple, None) => {
                let y = if lemma.ends_with('y') && self.stem() != lemma {
                    "i"
                } else {
                    ""
                };
                self.doubled_stem() + y + "ed"
            }
            (Form::PresentParticiple, _) => {
                let y = if lemma.ends_with('y') && self.stem() != lemma {
                    "y"
                } else {
                    ""
                };
                self.doubled_stem() + y + "ing"
            }
        }
    }
}

/// The verb `be`.
pub const BE: Verb = Verb::irregular("be", "was", "been", NONE);
/// The verb `have`.
pub const HAVE: Verb = Verb::irregular("have", "had", "had", ANY);
/// The verb `do`.
pub const DO: Verb = Verb::irregular("do", "did", "done", THINGS);

/// Modal verbs: they have no other form.
pub const MODALS: [Verb; 7] = [
    Verb::regular("can", NONE),
    Verb::regular("could", NONE),
    Verb::regular("will", NONE),
    Verb::regular("would", NONE),
    Verb::regular("should", NONE),
    Verb::regular("must", NONE),
    Verb::regular("may", NONE),
];

/// Verbs that take no object.
pub const INTRANSITIVE: &[Verb] = &[
    Verb::irregular("sleep", "slept", "slept", NONE),
    Verb::regular("work", NONE),
    Verb::regular("laugh", NONE),
    Verb::regular("smile", NONE),
    Verb::regular("wait", NONE),
    Verb::irregular("sit", "sat", "sat", NONE).doubling(),
    Verb::irregular("fall", "fell", "fallen", NONE),
    Verb::regular("live", NONE),
    Verb::regular("bark", NONE),
    Verb::regular("talk", NONE),
    Verb::regular("cry", NONE),
    Verb::regular("arrive", NONE),
    Verb::regular("yawn", NONE),
    Verb::regular("faint", NONE),
    Verb::regular("vanish", NONE),
    Verb::regular("sneeze", NONE),
    Verb::regular("disappear", NONE),
    Verb::regular("complain", NONE),
    Verb::regular("cough", NONE),
    Verb::regular("limp", NONE),
    Verb::regular("wander", NONE),
    Verb::regular("snore", NONE),
    Verb::regular("listen", NONE),
    Verb::regular("rest", NONE),
];

/// Verbs that need an object.
pub const TRANSITIVE: &[Verb] = &[
    Verb::regular("love", ANY),
    Verb::regular("like", ANY),
    Verb::regular("admire", ALIVE),
    Verb::regular("chase", ALIVE),
    Verb::regular("want", ANY),
    HAVE,
    Verb::regular("need", ANY),
    Verb::regular("praise", PEOPLE),
    Verb::irregular("find", "found", "found", ANY),
    Verb::regular("greet", PEOPLE),
    Verb::regular("carry", ANY),
    Verb::irregular("buy", "bought", "bought", THINGS),
    Verb::irregular("make", "made", "made", THINGS),
    Verb::regular("thank", PEOPLE),
    Verb::regular("blame", PEOPLE),
    Verb::regular("invite", PEOPLE),
    Verb::regular("hug", ALIVE).doubling(),
    Verb::regular("trust", PEOPLE),
    Verb::regular("hate", ANY),
    Verb::regular("avoid", ANY),
    Verb::regular("mention", ANY),
    Verb::regular("obtain", THINGS),
    Verb::regular("inspect", ANY),
    Verb::regular("repair", THINGS),
    Verb::regular("enjoy", THINGS),
    Verb::regular("reject", ANY),
    Verb::regular("select", ANY),
    Verb::regular("protect", ANY),
    Verb::regular("touch", ANY),
    Verb::regular("describe", ANY),
    Verb::regular("own", THINGS),
    Verb::regular("fix", THINGS),
    Verb::regular("destroy", THINGS),
    Verb::regular("finish", THINGS),
    Verb::irregular("hold", "held", "held", ANY),
    Verb::irregular("take", "took", "taken", ANY),
    Verb::irregular("bring", "brought", "brought", ANY),
    Verb::irregular("catch", "caught", "caught", ANY),
    Verb::irregular("build", "built", "built", THINGS),
    Verb::irregular("wear", "wore", "worn", THINGS),
    Verb::irregular("lose", "lost", "lost", THINGS),
];

/// Verbs with or without an object.
pub const EITHER: &[Verb] = &[
    Verb::irregular("see", "saw", "seen", ANY),
    Verb::irregular("eat", "ate", "eaten", FOODS),
    Verb::irregular("sing", "sang", "sung", TEXTS),
    Verb::irregular("read", "read", "read", TEXTS),
    Verb::regular("play", &[Kind::Thing]),
    Verb::irregular("run", "ran", "run", NONE).doubling(),
    Verb::irregular("go", "went", "gone", NONE),
    Verb::irregular("swim", "swam", "swum", NONE).doubling(),
    Verb::regular("dance", NONE),
    Verb::irregular("write", "wrote", "written", TEXTS),
    Verb::regular("study", TEXTS),
    Verb::regular("walk", NONE),
    Verb::irregular("come", "came", "come", NONE),
    Verb::irregular("know", "knew", "known", ANY),
    Verb::regular("help", PEOPLE),
    Verb::irregular("drink", "drank", "drunk", FOODS),
    Verb::regular("watch", ANY),
    Verb::regular("visit", PLACES),
    Verb::irregular("fly", "flew", "flown", NONE),
    Verb::regular("cook", FOODS),
    Verb::regular("paint", ANY),
    Verb::irregular("meet", "met", "met", PEOPLE),
    Verb::regular("open", THINGS),
    Verb::regular("clean", THINGS),
    Verb::irregular("hear", "heard", "heard", ALIVE),
    Verb::irregular("drive", "drove", "driven", THINGS),
    Verb::irregular("draw", "drew", "drawn", ANY),
    Verb::irregular("win", "won", "won", THINGS).doubling(),
    Verb::irregular("leave", "left", "left", PLACES),
    Verb::irregular("understand", "understood", "understood", ANY),
    Verb::irregular("forget", "forgot", "forgotten", ANY).doubling(),
    Verb::irregular("teach", "taught", "taught", PEOPLE),
    Verb::irregular("break", "broke", "broken", THINGS),
    Verb::regular("jump", NONE),
    Verb::regular("travel", NONE),
    Verb::regular("shout", NONE),
    Verb::regular("follow", ALIVE),
    Verb::regular("call", PEOPLE),
    Verb::regular("push", ANY),
    Verb::regular("pull", ANY),
    Verb::regular("close", THINGS),
    Verb::regular("wash", ANY),
    Verb::regular("remember", ANY),
];

/// Verbs whose subject can be a thing.
pub const OF_THINGS: &[Verb] = &[
    Verb::irregular("fall", "fell", "fallen", NONE),
    Verb::irregular("break", "broke", "broken", NONE),
    Verb::regular("vanish", NONE),
    Verb::regular("disappear", NONE),
    Verb::regular("arrive", NONE),
];

/// Verbs that are rarely progressive: nobody is knowing something.
pub const STATES: &[&str] = &[
    "love",
    "like",
    "hate",
    "need",
    "want",
    "own",
    "know",
    "understand",
    "believe",
    "remember",
    "forget",
    "trust",
    "hear",
    "see",
    "think",
    "hope",
    "have",
];

/// Verbs whose base form is also a noun or an adjective: `she has work`, `they are plans`, `it is open`.
pub const ALSO_NOUNS: &[&str] = &[
    "work", "laugh", "smile", "wait", "fall", "talk", "cry", "cough", "limp", "rest", "bark", "yawn",
    "sneeze", "play", "run", "swim", "dance", "walk", "help", "drink", "watch", "visit", "cook", "paint",
    "call", "push", "pull", "jump", "travel", "shout", "love", "need", "hope", "plan", "try", "study",
    "touch", "hug", "trust", "hate", "praise", "blame", "want", "open", "clean", "close", "like", "own",
    "break", "drive", "draw", "win", "wear", "catch", "wash", "show", "offer", "rain", "snow",
];

/// Verbs of movement, which `to` can follow.
pub const MOVEMENT: &[&str] = &["go", "come", "run", "walk", "travel"];

/// `go` in `going to`.
pub const GOING_TO: Verb = Verb::irregular("go", "went", "gone", NONE);

/// Verbs with the preposition of their object.
pub const WITH_PREPOSITION: &[(&str, &str)] = &[
    ("listen", "to"),
    ("talk", "to"),
    ("wait", "for"),
    ("laugh", "at"),
    ("smile", "at"),
    ("complain", "about"),
];

/// Verbs that take two objects.
pub const DITRANSITIVE: &[Verb] = &[
    Verb::irregular("give", "gave", "given", THINGS),
    Verb::irregular("send", "sent", "sent", THINGS),
    Verb::irregular("buy", "bought", "bought", THINGS),
    Verb::regular("show", THINGS),
    Verb::regular("offer", THINGS),
];

/// Verbs followed by `to` and a verb.
pub const WITH_INFINITIVE: &[Verb] = &[
    HAVE,
    GOING_TO,
    Verb::regular("want", NONE),
    Verb::regular("try", NONE),
    Verb::regular("hope", NONE),
    Verb::regular("need", NONE),
    Verb::regular("decide", NONE),
    Verb::regular("plan", NONE).doubling(),
    Verb::regular("refuse", NONE),
    Verb::regular("like", NONE),
];

/// Verbs followed by a sentence, with or without `that`.
pub const WITH_SENTENCE: &[Verb] = &[
    Verb::irregular("think", "thought", "thought", NONE),
    Verb::irregular("say", "said", "said", NONE),
    Verb::irregular("know", "knew", "known", NONE),
    Verb::regular("believe", NONE),
    Verb::regular("hope", NONE),
];

/// Verbs that praise.
pub const PRAISING: &[Verb] = &[
    Verb::regular("love", ANY),
    Verb::regular("like", ANY),
    Verb::regular("enjoy", THINGS),
    Verb::regular("adore", ANY),
    Verb::regular("admire", ALIVE),
    Verb::regular("recommend", THINGS),
];

/// Verbs that blame.
pub const BLAMING: &[Verb] = &[
    Verb::regular("hate", ANY),
    Verb::regular("dislike", ANY),
    Verb::regular("regret", THINGS).doubling(),
    Verb::regular("despise", ANY),
    Verb::regular("detest", ANY),
];

/// Verbs among [`TRANSITIVE`] that are English without an object.
pub const OBJECT_OPTIONAL: &[&str] = &[
    "finish", "lose", "hug", "build", "carry", "want", "need", "buy", "touch",
];

/// Verbs among [`INTRANSITIVE`] that are English with an object.
pub const OBJECT_POSSIBLE: &[&str] = &["sit", "rest", "work"];

/// Verbs that could take a second object: `What did the king bring the nun?`
pub const TWO_OBJECTS_POSSIBLE: &[&str] = &[
    "teach", "call", "bring", "leave", "draw", "paint", "make", "find", "take", "win", "buy", "read", "sing",
    "write", "cook", "build", "catch", "play",
];

/// Verbs of the weather.
pub const WEATHER: &[Verb] = &[Verb::regular("rain", NONE), Verb::regular("snow", NONE)];

/// All verbs but the auxiliaries.
pub fn all() -> impl Iterator<Item = &'static Verb> {
    [
        INTRANSITIVE,
        TRANSITIVE,
        EITHER,
        DITRANSITIVE,
        WITH_INFINITIVE,
        WITH_SENTENCE,
        WEATHER,
        PRAISING,
        BLAMING,
    ]
    .into_iter()
    .flatten()
}
