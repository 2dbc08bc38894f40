//! Roads, lines and harbours.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["ferry", "passenger boat"],
        &["tram line", "streetcar"],
        &["metro", "underground", "subway"],
        &["bus route", "coach service"],
        &["airport", "airfield"],
        &["night train", "sleeper"],
        &["bridge", "river crossing", "viaduct"],
        &["motorway", "highway", "freeway"],
        &["tunnel", "underpass"],
        &["cycle path", "bike lane"],
        &["cable car", "gondola"],
        &["railway station", "train terminal"],
        &["car park", "garage"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "is shut for repairs",
                "closes for maintenance",
                "is out of service",
                "cannot be used for weeks",
            ],
            nouns: &[
                "{s} closed",
                "repair of {s}",
                "maintenance of {s}",
                "how long is {s} shut",
            ],
            leads: &[
                "The {s} in {city} was shut for repairs {time}.",
                "Nobody can use the {s} of {city} for {n} days from {time}.",
            ],
            details: &[
                "Engineers had found cracks.",
                "Passengers have to make a long detour.",
            ],
        },
        Happening {
            verbs: &[
                "opens to the public",
                "is ready",
                "starts operating",
                "is finished after years",
            ],
            nouns: &["new {s}", "opening of {s}", "start of {s}", "first users of {s}"],
            leads: &[
                "A new {s} opened in {city} {time}.",
                "The {s} of {city} went into operation {time}, {n} months late.",
            ],
            details: &[
                "A band played, and there was free soup.",
                "It shortens the way to work for many.",
            ],
        },
        Happening {
            verbs: &[
                "gets more expensive",
                "raises its charges",
                "costs users more",
                "becomes dearer",
            ],
            nouns: &[
                "higher charges for {s}",
                "{s} dearer",
                "price of {s} goes up",
                "why is {s} so expensive",
            ],
            leads: &[
                "Those who use the {s} in {city} pay {n} percent more from {time}.",
                "The operator of the {s} in {city} raised its prices {time}.",
            ],
            details: &[
                "Higher wages are given as the reason.",
                "A passengers' club protested.",
            ],
        },
        Happening {
            verbs: &[
                "is free",
                "costs nothing from now on",
                "can be used without paying",
                "abolishes its charges",
            ],
            nouns: &[
                "free {s}",
                "{s} without charge",
                "no charges for {s}",
                "{s} costs nothing",
            ],
            leads: &[
                "The {s} in {city} can be used free of charge from {time}.",
                "The council of {city} abolished all charges for the {s} {time}.",
            ],
            details: &[
                "It hopes for fewer cars.",
                "The plan costs {n} million euros a year.",
            ],
        },
        Happening {
            verbs: &[
                "is the scene of an accident",
                "sees a crash",
                "witnesses a collision",
                "has a serious mishap",
            ],
            nouns: &[
                "accident at {s}",
                "crash at {s}",
                "collision at {s}",
                "what went wrong at {s}",
            ],
            leads: &[
                "{n} people were hurt in an accident at the {s} of {city} {time}.",
                "Two vehicles crashed at the {s} in {city} {time}.",
            ],
            details: &[
                "A technical fault cannot be ruled out.",
                "Ambulances were there within minutes.",
            ],
        },
        Happening {
            verbs: &[
                "is blocked by protesters",
                "is occupied by activists",
                "is at a standstill after a sit-in",
                "is taken over by demonstrators",
            ],
            nouns: &[
                "protest at {s}",
                "activists block {s}",
                "demonstrators occupy {s}",
                "sit-in at {s}",
            ],
            leads: &[
                "{n} activists blocked the {s} of {city} {time}.",
                "Demonstrators sat down at the {s} in {city} {time} and sang.",
            ],
            details: &["Police carried them away one by one.", "They demand better air."],
        },
        Happening {
            verbs: &[
                "will not be built",
                "is cancelled",
                "fails in a vote",
                "remains a dream",
            ],
            nouns: &[
                "no {s}",
                "plan for {s} cancelled",
                "vote against {s}",
                "{s} never built",
            ],
            leads: &[
                "Voters in {city} rejected the plan for a {s} {time}.",
                "The council of {city} gave up the plan for a {s} {time}, after {n} years.",
            ],
            details: &[
                "It would have been too costly.",
                "Those in favour were disappointed.",
            ],
        },
        Happening {
            verbs: &[
                "is named after a singer",
                "gets a famous name",
                "honours a musician",
                "is christened",
            ],
            nouns: &[
                "new name for {s}",
                "{s} named after singer",
                "who gives {s} its name",
                "musician honoured with {s}",
            ],
            leads: &[
                "The {s} of {city} bears the name of the singer {person} since {time}.",
                "A sign with a new name was put up at the {s} in {city} {time}.",
            ],
            details: &["{n} other names had been suggested.", "Fans brought guitars."],
        },
    ],
    background: &[
        "{n} thousand people use it every day.",
        "A similar one in {other} served as a model.",
        "\"We have got used to surprises,\" said {witness}, who comes by every day.",
        "Shops nearby watch with interest.",
        "The weather was fine.",
    ],
};
