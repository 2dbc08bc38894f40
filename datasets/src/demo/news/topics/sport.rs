//! Athletes.

use super::{Happening, Topic};

pub(super) const TOPIC: Topic = Topic {
    subjects: &[
        &["footballer", "soccer player", "striker"],
        &["swimmer", "freestyle champion"],
        &["sprinter", "runner", "track star"],
        &["cyclist", "bike racer"],
        &["boxer", "heavyweight"],
        &["rower", "oarsman"],
        &["golfer", "player of golf"],
        &["sailor", "yachtsman"],
        &["jockey", "horse rider"],
        &["grandmaster", "chess player"],
        &["tennis player", "racket ace"],
        &["racing driver", "rally pilot"],
    ],
    happenings: &[
        Happening {
            verbs: &[
                "wins the title",
                "becomes champion",
                "takes gold",
                "claims the trophy",
                "triumphs in the final",
            ],
            nouns: &[
                "victory of {s}",
                "{s} gold medal",
                "{s} champion",
                "who beat everyone as {s}",
            ],
            leads: &[
                "The {s} {person} won the championship in {city} {time}.",
                "{person}, a {nat} {s}, came first in {city} {time} and lifted the cup.",
            ],
            details: &[
                "It is title number {n} of a long career.",
                "The crowd sang until midnight.",
            ],
        },
        Happening {
            verbs: &[
                "loses the final",
                "is beaten",
                "suffers a defeat",
                "is knocked out early",
            ],
            nouns: &[
                "defeat of {s}",
                "{s} loses",
                "bitter loss for {s}",
                "{s} out of tournament",
            ],
            leads: &[
                "The {s} {person} lost the decisive round in {city} {time}.",
                "{person}, a {nat} {s}, was clearly beaten in {city} {time}.",
            ],
            details: &[
                "Tears ran down many faces.",
                "The opponent was ten years younger.",
            ],
        },
        Happening {
            verbs: &[
                "is injured",
                "breaks a leg",
                "hurts a knee",
                "is out for months",
                "has an accident in training",
            ],
            nouns: &[
                "injury of {s}",
                "{s} hurt",
                "{s} knee trouble",
                "how long is {s} out",
            ],
            leads: &[
                "The {s} {person} broke a bone in {city} {time}.",
                "{person}, a {nat} {s}, fell in training in {city} {time} and cannot compete for {n} weeks.",
            ],
            details: &[
                "An operation is necessary.",
                "\"The pain was terrible,\" the patient wrote.",
            ],
        },
        Happening {
            verbs: &[
                "is banned for doping",
                "fails a drugs test",
                "is suspended",
                "used forbidden substances",
            ],
            nouns: &[
                "doping case of {s}",
                "{s} suspended over drugs",
                "positive sample of {s}",
                "why may {s} not compete",
            ],
            leads: &[
                "The {s} {person} may not compete for {n} months after a positive test in {city} {time}.",
                "{person}, a {nat} {s}, was banned in {city} {time} because of doping.",
            ],
            details: &[
                "A second sample confirmed the result.",
                "The laboratory found a hormone.",
            ],
        },
        Happening {
            verbs: &[
                "retires",
                "ends career",
                "says goodbye to fans",
                "will not compete again",
            ],
            nouns: &[
                "retirement of {s}",
                "farewell of {s}",
                "last match of {s}",
                "end of career for {s}",
            ],
            leads: &[
                "The {nat} {s} {person} is giving up sport after {n} years, it was announced in {city} {time}.",
                "{person}, a {nat} {s}, said farewell to the public in {city} {time}.",
            ],
            details: &[
                "A job as a coach could follow.",
                "\"My body needs a rest,\" the statement said.",
            ],
        },
        Happening {
            verbs: &[
                "breaks a record",
                "sets a best mark",
                "is better than anyone before",
                "enters the history books",
            ],
            nouns: &[
                "record of {s}",
                "best mark ever by {s}",
                "{s} makes history",
                "historic result of {s}",
            ],
            leads: &[
                "The {s} {person} set a world record in {city} {time}.",
                "Nobody was ever as good as {person}, a {nat} {s}, in {city} {time}.",
            ],
            details: &[
                "The old mark had stood for {n} years.",
                "Judges checked the result twice.",
            ],
        },
        Happening {
            verbs: &[
                "hires a new coach",
                "changes trainer",
                "finds another teacher",
                "works with a new instructor",
            ],
            nouns: &[
                "new trainer of {s}",
                "{s} replaces coach",
                "who trains {s}",
                "instructor for {s}",
            ],
            leads: &[
                "The {nat} {s} {person} presented a new coach in {city} {time}.",
                "{person}, a {nat} {s}, parted with a trainer of {n} years in {city} {time}.",
            ],
            details: &[
                "The two could not agree on methods.",
                "Training starts at six every morning.",
            ],
        },
        Happening {
            verbs: &[
                "signs a sponsor deal",
                "advertises shoes",
                "earns millions from advertising",
                "becomes the face of a brand",
            ],
            nouns: &[
                "sponsor of {s}",
                "{s} in advertisement",
                "advertising contract of {s}",
                "which brand pays {s}",
            ],
            leads: &[
                "The {nat} {s} {person} signed a contract with the shoe company {firm} in {city} {time}.",
                "{firm} pays {person}, a {nat} {s}, {n} million euros for advertisements, it said in {city} {time}.",
            ],
            details: &[
                "Posters will appear all over the country.",
                "Part of the money goes to a children's charity.",
            ],
        },
        Happening {
            verbs: &[
                "makes a comeback",
                "returns after a break",
                "competes again",
                "is back",
            ],
            nouns: &[
                "comeback of {s}",
                "return of {s}",
                "{s} back after pause",
                "{s} starts again",
            ],
            leads: &[
                "The {s} {person} took part in a competition in {city} {time} for the first time in {n} months.",
                "{person}, a {nat} {s}, came back after a long pause in {city} {time}.",
            ],
            details: &[
                "Fans greeted their idol with applause.",
                "The result did not matter much.",
            ],
        },
    ],
    background: &[
        "{n} thousand people watched the event.",
        "The next competition takes place in {other}.",
        "{person} grew up in a village without a sports hall.",
        "Television showed it live.",
        "It was raining most of the time.",
    ],
};
